"""Raw values that float32 cannot tell apart are kept until they are centred, or it is said."""

from pathlib import Path

import numpy as np
import pytest

from ricci_flow.datasets.make import make_data_set
from ricci_flow.datasets.precision import check_raw, examine
from ricci_flow.datasets.stored import read_data_set, read_scaled
from ricci_flow.errors import InputError
from ricci_flow.figures.clouds import draw_clouds, read_cloud
from ricci_flow.labels import labels_of
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.ensemble import Data, train_ensemble
from ricci_flow.networks.recipe import Recipe
from ricci_flow.storage import write_json, write_tensors
from tests.unit.files import make, request, save, write

RNG = np.random.default_rng(5)
Y = np.arange(200) % 2
# Multiples of 2^-10, so that float64 holds them exactly behind an offset of 10^9. Classes are five
# standard deviations apart.
SIGNAL = np.round((RNG.normal(size=200) + 5 * Y) * 1024) / 1024
NOISE = RNG.normal(size=200).round(3)


def offset_csv(folder: Path, offset: float = 1e9) -> Path:
    rows = zip((offset + SIGNAL).tolist(), NOISE, Y, strict=True)
    text = "t,noise,label\n" + "".join(f"{t!r},{noise},{'ab'[y]}\n" for t, noise, y in rows)
    return write(folder / "mine.csv", text)


def stored(folder: Path, path: Path, **keys: str) -> tuple[Path, Path]:
    tensors, facts = make(path, **keys)
    files = folder / "mine.safetensors", folder / "mine.json"
    write_tensors(files[0], tensors)
    write_json(files[1], facts)
    return files


def test_an_offset_does_not_eat_the_column(tmp_path: Path) -> None:
    far, near = tmp_path / "far", tmp_path / "near"
    scaled = []
    for folder, offset in ((far, 1e9), (near, 0.0)):
        folder.mkdir()
        files = stored(folder, offset_csv(folder, offset))
        scaled.append(read_scaled(*files, "catalogue"))
    for name in ("X_train", "X_test"):
        assert scaled[0][name].dtype == np.float32
        np.testing.assert_allclose(scaled[0][name], scaled[1][name], atol=1e-6)
    raw, _ = read_data_set(far / "mine.safetensors", far / "mine.json")
    assert raw["X_test"].dtype == np.float64
    rows = np.concatenate([raw["X_train"], raw["X_test"]])
    np.testing.assert_array_equal(np.sort(rows[:, 0]) - 1e9, np.sort(SIGNAL))


def test_networks_learn_from_a_column_behind_an_offset(tmp_path: Path) -> None:
    scaled = read_scaled(*stored(tmp_path, offset_csv(tmp_path)), "catalogue")
    ensemble = train_ensemble(
        Data(scaled["X_train"], scaled["y_train"], scaled["X_test"], scaled["y_test"]),
        Streams("s", "mine", "a"),
        range(1),
        Architecture.dense(8, 8),
        Recipe(epochs=30, batch_size=10, learning_rate=0.01),
        device="cpu",
        say=lambda *_, **__: None,
    )
    assert ensemble.test.accuracy[0] > 0.95


def test_later_stages_read_float64(tmp_path: Path) -> None:
    files = stored(tmp_path, offset_csv(tmp_path))
    points = read_scaled(*files, "catalogue", ("X_test",))["X_test"]
    assert points.dtype == np.float32
    assert len(np.unique(points[:, 0])) > 90
    cloud = read_cloud(*files, labels_of({}))
    assert cloud.points.dtype == np.float64
    draw_clouds([cloud])


@pytest.mark.parametrize("scale", ["none", "unit"])
def test_raw_values_that_float32_spoils_are_refused(tmp_path: Path, scale: str) -> None:
    files = stored(tmp_path, offset_csv(tmp_path))
    with pytest.raises(InputError) as caught:
        read_scaled(*files, scale)
    message = str(caught.value)
    for part in ("'mine'", "'t'", f"'{scale}'", "scale: standard", "tell 1 of the "):
        assert part in message
    assert "'noise'" not in message


def test_a_column_is_named_when_the_data_set_is_made(tmp_path: Path) -> None:
    said: list[str] = []
    asked = request("mine", "file", path=str(offset_csv(tmp_path)))
    _, facts = make_data_set(asked, said.append)
    (note,) = facts["notes"]
    assert "column 't'" in note
    assert "scale 'standard'" in note
    assert f"warning: {note}" in said
    (column,) = facts["beyond_float32"]
    assert (column["column"], column["kept"]) == ("t", 1)
    assert column["distinct"] == len(np.unique(SIGNAL))
    assert column["moved"] > 1


def test_a_little_lost_is_a_warning() -> None:
    # Every minute of a week, in seconds since 1970: steps of 128 s in float32.
    X = (1.7e9 + 60.0 * np.arange(10080))[:, None]
    kind, (column,) = examine(X, ["seconds"])
    assert kind is np.float64
    assert column["distinct"] == 10080
    assert column["kept"] == len(np.unique(X.astype(np.float32))) < 6000
    facts = {"data_set": "mine", "beyond_float32": [column]}
    assert "'seconds'" in str(check_raw(facts, "none"))
    assert check_raw(facts, "standard") is None


def test_what_float32_holds_stays_float32(tmp_path: Path) -> None:
    for X in (
        RNG.integers(0, 256, (200, 3)).astype(np.uint8),
        np.arange(600).reshape(200, 3) + 2**23,
        (RNG.normal(size=(200, 3)) * [1, 1e-30, 1e30]).round(40),
        np.full((200, 3), 0.1) + np.eye(200, 3),
    ):
        assert examine(X, "abc")[0] is np.float32
    tensors, facts = make(None, "sklearn", table="breast_cancer")
    assert tensors["X_train"].dtype == np.float32
    assert facts["notes"] == facts["beyond_float32"] == []


def test_equals_by_chance_are_no_news() -> None:
    X = np.random.default_rng(1).normal(size=(30_000, 1))
    assert len(np.unique(X.astype(np.float32))) < len(X)
    assert examine(X, ["x"]) == (np.float64, [])


def test_tiny_values_are_told_apart(tmp_path: Path) -> None:
    X = np.random.default_rng(2).normal(size=(40, 1)) * 1e-60
    tensors, _ = make(save(tmp_path / "a.npz", X=X, y=np.arange(40) % 2))
    assert len(np.unique(np.r_[tensors["X_train"], tensors["X_test"]])) == 40


def test_whole_numbers_beyond_float64_are_refused(tmp_path: Path) -> None:
    nanoseconds = 1_700_000_000_000_000_000 + np.arange(40)
    even = 1_700_000_000_000_000_000 + 512 * np.arange(40)
    y = np.arange(40) % 2
    with pytest.raises(InputError, match=r"column 1, holds whole numbers beyond 2\^53.*; subtract"):
        make(save(tmp_path / "a.npz", X=nanoseconds[:, None], y=y))
    rows = "".join(f"{t},{label}\n" for t, label in zip(nanoseconds, y, strict=True))
    with pytest.raises(InputError, match=r"column 'ns' holds whole numbers beyond 2\^53"):
        make(write(tmp_path / "a.csv", "ns,label\n" + rows))
    tensors, _ = make(save(tmp_path / "b.npz", X=even[:, None], y=y))
    assert len(np.unique(np.r_[tensors["X_train"], tensors["X_test"]])) == 40


def test_checksum_sees_what_float32_does_not(tmp_path: Path) -> None:
    y = np.arange(40) % 2
    X = (1e9 + np.arange(40) ** 1.5)[:, None]
    found = [
        make(save(tmp_path / f"{i}.npz", X=X + shift * (np.arange(40) == 3)[:, None], y=y))[1]
        for i, shift in enumerate((0.0, 0.25))
    ]
    assert found[0]["parameters"]["sha256"] != found[1]["parameters"]["sha256"]
