"""Kinds of folders as downloads leave them: IDX, CIFAR, Parquet; and files for data_dir."""

import gzip
import hashlib
import io
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from ricci_flow.api.command import main
from ricci_flow.datasets.make import make_data_set
from ricci_flow.errors import InputError
from tests.unit.files import make, request, write

ROOT = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(7)
IMAGES = {
    "train": RNG.integers(0, 256, (60, 5, 4), dtype=np.uint8),
    "test": RNG.integers(0, 256, (30, 5, 4), dtype=np.uint8),
}
LABELS = {"train": np.arange(60, dtype=np.uint8) % 3, "test": np.arange(30, dtype=np.uint8) % 3}
KEYS: dict[str, Any] = {"classes": ("2", "0", "1")}
# MD5 of the unpacked files, as many programs that download MNIST check them.
PUBLISHED = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def idx(array: np.ndarray, code: int = 8) -> bytes:
    """Return the bytes of a file, after its description by LeCun."""
    head = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}i", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def idx_folder(folder: Path, images: dict = IMAGES, labels: dict = LABELS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for part, name in (("train", "train"), ("test", "t10k")):
        write(folder / f"{name}-images-idx3-ubyte", idx(images[part]))
        write(folder / f"{name}-labels-idx1-ubyte", idx(labels[part]))
    return folder


def png(image: np.ndarray) -> dict[str, Any]:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "png")
    return {"bytes": file.getvalue(), "path": "a.png"}


def parquet_folder(folder: Path, column: Any) -> Path:
    """Write two files of `train`, one of `test` and one of `validation`."""
    (folder / "data").mkdir(parents=True)
    rows = {"train-0": ("train", 0, 25), "train-1": ("train", 25, 60), "test-0": ("test", 0, 30)}
    for name, (part, begin, end) in {**rows, "validation-0": ("test", 0, 5)}.items():
        images, labels = IMAGES[part][begin:end], LABELS[part][begin:end].astype(np.int64)
        frame = pl.DataFrame({"label": labels, "image": column(images)})
        frame.write_parquet(folder / "data" / f"{name}.parquet")
    return folder


def same(found: tuple[dict, dict], other: tuple[dict, dict]) -> bool:
    return all(np.array_equal(found[0][name], other[0][name]) for name in other[0])


def test_idx_files_are_the_rows_that_were_written(tmp_path: Path) -> None:
    tensors, facts = make(idx_folder(tmp_path), "idx", **KEYS)
    assert (facts["n_train"], facts["n_test"], facts["image_shape"]) == (60, 30, [5, 4])
    assert (facts["classes"], facts["unit"], facts["scale"]) == (["2", "0", "1"], 255.0, "unit")
    for part in ("train", "test"):
        order = [row for label in (2, 0, 1) for row in np.flatnonzero(LABELS[part] == label)]
        assert np.array_equal(tensors[f"X_{part}"], IMAGES[part].reshape(-1, 20)[order])
        assert tensors[f"y_{part}"].tolist() == sorted(tensors[f"y_{part}"].tolist())
    _, two = make(tmp_path, "idx", classes=("0", "2"))
    assert two["counts_train"] == [20, 20]
    assert make(tmp_path, "idx")[1]["classes"] == ["0", "1", "2"]
    with pytest.raises(InputError, match="split already"):
        make(tmp_path, "idx", test_fraction=0.3, **KEYS)


def test_packed_files_and_the_folders_of_torchvision(tmp_path: Path) -> None:
    plain = make(idx_folder(tmp_path / "plain"), "idx", **KEYS)
    raw = idx_folder(tmp_path / "torchvision/MNIST/raw")
    for file in list(raw.iterdir()):
        write(raw / f"{file.name}.gz", gzip.compress(file.read_bytes()))
    assert same(make(raw.parent, "idx", **KEYS), plain)  # torchvision keeps both
    for file in raw.glob("*ubyte"):
        file.unlink()
    assert same(make(raw, "idx", **KEYS), plain)
    (raw / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(InputError, match="no file of its images; put it there"):
        make(raw, "idx", **KEYS)
    (raw / "t10k-labels-idx1-ubyte.gz").unlink()
    _, facts = make(raw, "idx", test_fraction=0.25, **KEYS)  # one part alone is split
    assert (facts["counts_train"], facts["counts_test"]) == ([15] * 3, [5] * 3)
    write(raw / "digits-train-images-idx3-ubyte", idx(IMAGES["train"]))
    with pytest.raises(InputError, match="are images; name a folder with the files of one"):
        make(raw, "idx", **KEYS)


@pytest.mark.parametrize(
    ("code", "kind"), [(9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")]
)
def test_all_types_of_idx(tmp_path: Path, code: int, kind: str) -> None:
    values = RNG.integers(-100, 100, (60, 5, 4)).astype(kind)
    folder = idx_folder(tmp_path)
    write(folder / "train-images-idx3-ubyte", idx(values, code))
    tensors, _ = make(folder, "idx", **KEYS)
    order = np.argsort([(1, 2, 0)[label] for label in LABELS["train"]], kind="stable")
    assert np.array_equal(tensors["X_train"], values.reshape(-1, 20)[order])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be read"),
        (b"PNG and so on", "does not begin as an IDX file does"),
        (idx(IMAGES["train"])[:-1], "shorter than its header says"),
        (idx(IMAGES["train"]) + b"0", "longer than its header says"),
        (bytes([0, 0, 8, 3]) + b"\xff" * 12, "more than max_bytes"),
        (idx(IMAGES["train"][:50]), "needs one label per row"),
        (idx(IMAGES["train"][:, 0, 0]), "has 1 axes"),
    ],
)
def test_damaged_idx_files_are_named(tmp_path: Path, content: bytes, says: str) -> None:
    write(idx_folder(tmp_path) / "train-images-idx3-ubyte", content)
    with pytest.raises(InputError, match=says) as error:
        make(tmp_path, "idx", **KEYS)
    assert "train-" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "column",
    [
        lambda images: [png(image) for image in images],
        lambda images: [png(image)["bytes"] for image in images],
        lambda images: images.tolist(),
        lambda images: pl.Series(images, dtype=pl.Array(pl.UInt8, (5, 4))),
    ],
    ids=["pictures", "bytes", "lists", "arrays"],
)
def test_parquet_folders_hold_what_idx_files_hold(tmp_path: Path, column: Any) -> None:
    plain = make(idx_folder(tmp_path / "idx"), "idx", **KEYS)
    found = make(parquet_folder(tmp_path / "parquet", column), "hugging_face", **KEYS)
    assert same(found, plain)
    assert found[1]["image_shape"] == [5, 4]
    assert found[1]["notes"] == ["files of no part were left out: 'validation-0.parquet'"]
    assert found[1]["parameters"]["sha256"] == plain[1]["parameters"]["sha256"]


def cifar_folder(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Write rows byte by byte, as the page of CIFAR-10 says; return pictures and classes."""
    folder.mkdir(parents=True)
    pictures = RNG.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    classes = np.arange(60) % 10
    names = [*(f"data_batch_{batch}" for batch in range(1, 6)), "test_batch"]
    for place, name in enumerate(names):
        content = bytearray()
        for row in range(10 * place, 10 * place + 10):
            content.append(classes[row])
            for colour in range(3):
                for line in pictures[row, :, :, colour]:
                    content += line.tobytes()
        write(folder / f"{name}.bin", bytes(content))
    return pictures, classes


def test_cifar_is_the_rows_that_were_written(tmp_path: Path) -> None:
    pictures, classes = cifar_folder(tmp_path / "cifar-10-batches-bin")
    tensors, facts = make(tmp_path, "cifar_binary", classes=("3", "1"))
    assert (facts["n_train"], facts["n_test"], facts["features"]) == (10, 2, 3072)
    assert (facts["unit"], facts["scale"], facts["image_shape"]) == (255.0, "unit", None)
    for part, rows in (("train", np.arange(50)), ("test", np.arange(50, 60))):
        order = [row for label in (3, 1) for row in rows[classes[rows] == label]]
        assert np.array_equal(tensors[f"X_{part}"], pictures[order].reshape(-1, 3072))
    assert same(make(tmp_path / "cifar-10-batches-bin", "cifar_binary", classes=(3, 1)),
                (tensors, facts))  # fmt: skip
    assert make(tmp_path, "cifar_binary")[1]["classes"] == list("0123456789")
    # The same pictures in Parquet files are the same data.
    for part, rows in (("train", range(50)), ("test", range(50, 60))):
        frame = {"image": [png(pictures[row]) for row in rows], "label": classes[list(rows)]}
        pl.DataFrame(frame).write_parquet(tmp_path / f"{part}.parquet")
    found = make(tmp_path, "hugging_face", classes=("3", "1"))
    assert same(found, (tensors, facts))
    assert found[1]["parameters"]["sha256"] == facts["parameters"]["sha256"]


def test_damaged_cifar_files_are_named(tmp_path: Path) -> None:
    def said(path: Path = tmp_path) -> str:
        with pytest.raises(InputError) as error:
            make(path, "cifar_binary")
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "no such folder" in said(tmp_path / "none")
    assert "holds no data_batch_1.bin; take the binary version" in said()
    (tmp_path / "cifar-10-batches-py").mkdir()
    write(tmp_path / "cifar-10-batches-py/data_batch_1", b"pickle")
    for path in (tmp_path, tmp_path / "cifar-10-batches-py"):
        line = said(path)
        assert "as Python pickles, which could run any code and are never read" in line
        assert "cifar-10-binary.tar.gz" in line
    folder = tmp_path / "cifar-10-batches-bin"
    cifar_folder(folder)
    file = folder / "data_batch_3.bin"
    content = file.read_bytes()
    for damaged in (b"", content[:-1]):
        write(file, damaged)
        line = f"{file}: has {len(damaged)} bytes, no whole number of rows of 3073"
        assert line in said()
    write(file, content[:3073] + b"\x0a" + content[3074:])
    assert f"{file}: row 2 is of class 10, and classes are 0 to 9" in said()
    file.unlink()
    assert f"{folder}: lacks data_batch_3.bin of CIFAR-10; put it there" in said()


def test_cifar_becomes_a_file_for_data_dir(tmp_path: Path) -> None:
    cifar_folder(tmp_path / "cifar")
    entry = "kind: openml, openml_name: CIFAR_10, classes: ['0', '1'], train_rows: 50"
    known = write(tmp_path / "datasets.yaml", f"pair: {{{entry}}}\n")
    command = ["data", str(tmp_path / "cifar"), "--output", str(tmp_path), "--catalogue"]
    assert main([*command, str(known), "--data-sets", "pair"]) == 0
    plain = make(tmp_path / "cifar", "cifar_binary", classes=("0", "1"))
    keys = {"classes": ("0", "1"), "train_rows": 50, "data_dir": tmp_path}
    asked = request("pair", "openml", openml_name="CIFAR_10", **keys)
    assert same(make_data_set(asked, lambda line: None), plain)


def test_pictures_in_colour_are_plain_features(tmp_path: Path) -> None:
    colours = RNG.integers(0, 256, (12, 3, 2, 3), dtype=np.uint8)
    frame = pl.DataFrame({"img": [png(image) for image in colours], "fine": ["cat", "dog"] * 6})
    frame.write_parquet(tmp_path / "0000.parquet")
    tensors, facts = make(tmp_path, "hugging_face", image="img", label="fine")
    assert (facts["features"], facts["image_shape"], facts["scale"]) == (18, None, "unit")
    assert facts["classes"] == ["cat", "dog"]
    rows = np.concatenate([tensors["X_train"], tensors["X_test"]])
    assert {row.tobytes() for row in rows} == {
        row.tobytes() for row in colours.reshape(12, 18).astype(np.float32)
    }


@pytest.mark.parametrize(
    ("images", "says"),
    [
        ([png(IMAGES["train"][0]), png(IMAGES["train"][0, :4])] * 2, "in row 2, and one of"),
        ([png(IMAGES["train"][0]), {"bytes": b"no", "path": ""}] * 2, "damaged picture in row 2"),
        ([{"bytes": None, "path": "/etc/passwd"}] * 4, "has no bytes in row 1, only a path"),
        ([[1, 2], [1]] * 2, "arrays of several sizes"),
        ([["a"], ["b"]] * 2, "images are pictures or arrays"),
        ([[1.0, None]] * 4, "missing values"),
        ([[1.0], None] * 2, "no image in row 2"),
    ],
)
def test_wrong_images_are_named(tmp_path: Path, images: list, says: str) -> None:
    pl.DataFrame({"image": images, "label": [0, 1, 0, 1]}, strict=False).write_parquet(
        tmp_path / "train.parquet"
    )
    with pytest.raises(InputError, match=says) as error:
        make(tmp_path, "hugging_face")
    assert "train.parquet" in str(error.value)


def test_wrong_folders_are_named(tmp_path: Path) -> None:
    for kind, says in (("idx", "holds no IDX files"), ("hugging_face", "holds no .parquet file")):
        with pytest.raises(InputError, match=says):
            make(tmp_path, kind)
        with pytest.raises(InputError, match="no such folder"):
            make(tmp_path / "none", kind)
    for name in ("one", "two"):
        parquet_folder(tmp_path / name, lambda images: images.tolist())
    with pytest.raises(InputError, match="in two folders"):
        make(tmp_path, "hugging_face", **KEYS)
    with pytest.raises(InputError, match="no column 'picture'"):
        make(tmp_path / "one", "hugging_face", image="picture", **KEYS)


def catalogue(folder: Path, sha256: str) -> Path:
    entry = "kind: openml, openml_name: tiny, classes: ['2', '0'], train_rows: 60"
    text = f"tiny: {{{entry}, sha256: '{sha256}'}}\nother: {{{entry}}}\n"
    text += "rolls: {kind: synthetic, generator: crossing_sheets}\n"
    return write(folder / "datasets.yaml", text)


def test_downloads_become_files_for_data_dir(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    plain = make(idx_folder(tmp_path / "idx"), "idx", classes=("2", "0"))
    parquet_folder(tmp_path / "parquet", lambda images: [png(image) for image in images])
    known = catalogue(tmp_path, plain[1]["parameters"]["sha256"])
    for source in ("idx", "parquet"):
        output = tmp_path / f"of_{source}"
        command = [
            "data",
            str(tmp_path / source),
            "--output",
            str(output),
            "--catalogue",
            str(known),
        ]
        assert main(command) == 0
        assert [file.name for file in output.iterdir()] == ["tiny.npz"]  # by its sha256
        assert main([*command, "--data-sets", "other"]) == 0
        for name in ("tiny", "other"):
            keys = {"classes": ("2", "0"), "train_rows": 60, "image_shape": (5, 4)}
            asked = request(name, "openml", openml_name="tiny", data_dir=output, **keys)
            assert same(make_data_set(asked, lambda line: None), plain)
    capsys.readouterr()
    assert main([*command, "--data-sets", "rolls"]) == 1
    assert "no data set 'rolls' of kind openml" in capsys.readouterr().err
    catalogue(tmp_path, "0" * 64)
    assert main(command) == 1
    assert "is of none of the data sets whose sha256 is known (tiny)" in capsys.readouterr().err
    assert main([*command, "--data-sets", "tiny"]) == 1
    assert "the data have sha256" in capsys.readouterr().err


def test_mnist_is_the_published_one(tmp_path: Path) -> None:
    folder = os.environ.get("RICCI_FLOW_DATA_DIR")
    if folder is None or not (Path(folder) / "mnist.npz").is_file():
        pytest.skip("RICCI_FLOW_DATA_DIR is not set to a folder with mnist.npz (all ten classes)")
    with np.load(Path(folder) / "mnist.npz", allow_pickle=False) as arrays:
        images = {part: arrays[f"X_{part}"].reshape(-1, 28, 28) for part in ("train", "test")}
        labels = {part: arrays[f"y_{part}"] for part in ("train", "test")}
    idx_folder(tmp_path / "mnist", images, labels)
    for name, md5 in PUBLISHED.items():
        assert hashlib.md5((tmp_path / "mnist" / name).read_bytes()).hexdigest() == md5
    # The checksums in the shipped catalogue are of these bytes.
    command = ["data", str(tmp_path / "mnist"), "--output", str(tmp_path / "files")]
    assert main([*command, "--catalogue", str(ROOT / "config/datasets.yaml")]) == 0
    assert sorted(file.name for file in (tmp_path / "files").iterdir()) == [
        "mnist_1v7.npz",
        "mnist_6v8.npz",
    ]
    _, facts = make(tmp_path / "mnist", "idx", classes=tuple("0123456789"))
    assert (facts["n_train"], facts["n_test"], facts["image_shape"]) == (60000, 10000, [28, 28])
