"""The synthetic clouds against their geometric definitions, checked independently."""

import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid
from scipy.stats import kstest
from sklearn.datasets import make_circles

from ricci_flow.datasets import generators
from ricci_flow.datasets.generators import GENERATORS, Generator
from ricci_flow.datasets.make import make_data_set
from ricci_flow.errors import InputError
from tests.unit.files import request

# A Boolean function is the same points every time (test_occam.py).
NAMES = sorted(GENERATORS.keys() - {"boolean_function"})
COUNT = 20_000
# The draws are fixed, so a p this small means a wrong law, not bad luck.
SMALLEST_P = 1e-3


def draw(name: str, count: int = COUNT, **parameters: float) -> tuple[np.ndarray, np.ndarray]:
    return GENERATORS[name].sample(np.random.default_rng(7), count, count, **parameters)


def make(generator: str, **keys: object) -> tuple[dict, dict]:
    asked: dict[str, Any] = {"generator": generator, "name": "cloud", **keys}
    return make_data_set(request(kind="synthetic", **asked), lambda line: None)


def assert_uniform(sample: np.ndarray, low: float, high: float) -> None:
    assert kstest((sample - low) / (high - low), "uniform").pvalue > SMALLEST_P


def test_rolls_lie_on_their_spirals() -> None:
    start, end, height = 0.6, 1.3, 4.0
    rolls = draw("double_swiss_roll", start_turns=start, end_turns=end, height=height)
    for points, turn in zip(rolls, (0.0, math.pi), strict=True):
        x, h, z = points.T
        t = np.hypot(x, z)
        assert t.min() >= 2 * math.pi * start - 1e-9
        assert t.max() <= 2 * math.pi * end + 1e-9
        assert np.allclose(np.cos(np.arctan2(z, x) - t - turn), 1.0)
        assert h.min() >= 0
        assert h.max() <= height


@pytest.mark.parametrize("turns", [(0.75, 1.5), (0.0, 0.2)])
def test_rolls_are_uniform_by_area(turns: tuple[float, float]) -> None:
    # The element of area of (t cos t, h, t sin t) is sqrt(1 + t^2) dt dh; integrated numerically.
    t = np.linspace(2 * math.pi * turns[0], 2 * math.pi * turns[1], 20_001)
    law = cumulative_trapezoid(np.sqrt(1 + t**2), t, initial=0)
    rolls = draw("double_swiss_roll", start_turns=turns[0], end_turns=turns[1], height=2.0)
    for points in rolls:
        angle = np.hypot(points[:, 0], points[:, 2])
        assert_uniform(np.interp(angle, t, law), 0.0, law[-1])
        assert_uniform(points[:, 1], 0.0, 2.0)
        assert abs(np.corrcoef(angle, points[:, 1])[0, 1]) < 0.03


def ellipsoid_level(points: np.ndarray, z: float, radius: float, half_height: float) -> np.ndarray:
    """Return the left side of the ellipsoid's equation; 1 is its surface."""
    x, y, height = points.T
    return (x**2 + y**2) / radius**2 + (height - z) ** 2 / half_height**2


def test_box_leaves_out_the_shell_and_ellipsoids_do_not_meet() -> None:
    box, inner = draw("box_with_ellipsoids")
    assert np.abs(box).max() <= 1.0
    for z in (-0.5, 0.5):
        assert ellipsoid_level(box, z, 0.6, 0.5).min() > 1
    levels = [ellipsoid_level(inner, z, 0.4, 0.3) for z in (-0.5, 0.5)]
    assert np.all((levels[0] <= 1) ^ (levels[1] <= 1))
    assert abs(np.mean(levels[0] <= 1) - 0.5) < 0.02


def test_box_is_uniform_in_volume() -> None:
    # At height x, the holes are ellipses: each of area pi * 0.6 * 0.5 * (1 - x^2 / 0.36).
    box, _ = draw("box_with_ellipsoids")

    def volume_below(x: np.ndarray) -> np.ndarray:
        u = np.clip(x, -0.6, 0.6)
        holes = 2 * math.pi * 0.6 * 0.5 * (u - u**3 / (3 * 0.36) + 0.4)
        return 4 * (x + 1) - holes

    for axis in (0, 1):
        law = volume_below(box[:, axis]) / volume_below(np.array(1.0))
        assert kstest(law, "uniform").pvalue > SMALLEST_P


def test_ellipsoids_are_uniform_in_volume() -> None:
    _, inner = draw("box_with_ellipsoids")
    centred = inner - np.outer(np.where(inner[:, 2] > 0, 0.5, -0.5), [0, 0, 1])
    for axis, length in enumerate((0.4, 0.4, 0.3)):
        u = centred[:, axis] / length
        assert kstest((2 + 3 * u - u**3) / 4, "uniform").pvalue > SMALLEST_P


def test_sheets_follow_their_surfaces() -> None:
    wave, flat = draw("crossing_sheets", waves=1.5, amplitude=0.8, thickness=0.3)
    residual = wave[:, 2] - 0.8 * np.sin(1.5 * math.pi * wave[:, 0])
    for points, z in ((wave, residual), (flat, flat[:, 2])):
        assert_uniform(z, -0.15, 0.15)
        assert_uniform(points[:, 0], -1.0, 1.0)
        assert_uniform(points[:, 1], -1.0, 1.0)
        assert abs(np.corrcoef(z, points[:, 0])[0, 1]) < 0.03


def test_sheets_overlap_as_the_docstring_says() -> None:
    # A point of one class that lies within the other sheet is a coin toss; all others are certain.
    wave, flat = draw("crossing_sheets")
    half = 0.35 / 2
    shared = np.mean(np.abs(wave[:, 2]) < half)
    shared += np.mean(np.abs(flat[:, 2] - np.sin(math.pi * flat[:, 0])) < half)
    assert shared / 4 == pytest.approx(0.35 / (2 * math.pi), abs=0.004)


EQUAL = [name for name in NAMES if GENERATORS[name].shares is None]
FLAT = ("concentric_circles", "discs_in_disc", "nine_discs")
OBJECTS = ("ellipsoids_or_boxes", "cylinders_or_cones")
DIMENSIONS = {
    "linear_teacher": 80,
    "matrix_teacher": 64,
    **dict.fromkeys(FLAT, 2),
    **dict.fromkeys(OBJECTS, 144),
}


@pytest.mark.parametrize("name", EQUAL)
def test_files_hold_two_equal_classes_in_order(name: str) -> None:
    tensors, facts = make(name, n_train=101, n_test=60)
    assert tensors["X_train"].shape == (101, DIMENSIONS.get(name, 3))
    assert tensors["X_test"].dtype == np.float32
    assert tensors["y_train"].tolist() == [0] * 51 + [1] * 50
    assert tensors["y_test"].tolist() == [0] * 30 + [1] * 30
    assert facts["counts_train"] == [51, 50]
    assert (facts["scale"], facts["image_shape"]) == ("none", None)
    assert facts["unit"] == np.abs(tensors["X_train"]).max()
    assert set(GENERATORS[name].defaults) < set(facts["parameters"])


@pytest.mark.parametrize("name", NAMES)
def test_names_decide_the_draw(name: str) -> None:
    first, facts = make(name)
    again, _ = make(name)
    for key in first:
        assert first[key].tobytes() == again[key].tobytes()
    others = [make(name, seed_name="else")[0], make(name, name="other")[0]]
    for other in others:
        assert np.isin(first["X_train"][:, 0], other["X_train"][:, 0]).mean() < 0.01
    assert facts["seed"] != make(name, seed_name="else")[1]["seed"]


@pytest.mark.parametrize("name", NAMES)
def test_train_and_test_are_apart(name: str) -> None:
    tensors, _ = make(name)
    rows = {row.tobytes() for row in tensors["X_train"]}
    assert len(rows) == 1000
    assert not rows & {row.tobytes() for row in tensors["X_test"]}
    shorter, _ = make(name, n_train=10)
    assert np.array_equal(shorter["X_test"], tensors["X_test"])


def test_parameters_change_the_cloud_and_are_recorded() -> None:
    tensors, facts = make("double_swiss_roll", parameters={"height": 3.0})
    assert tensors["X_train"][:, 1].max() <= 3
    assert facts["parameters"]["height"] == 3
    assert facts["parameters"]["end_turns"] == GENERATORS["double_swiss_roll"].defaults["end_turns"]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("double_swiss_roll", {"start_turns": 2.0}),
        ("double_swiss_roll", {"start_turns": -1.0}),
        ("double_swiss_roll", {"height": 0.0}),
        ("box_with_ellipsoids", {"half_height": 0.45}),
        ("box_with_ellipsoids", {"radius": 1.0}),
        ("box_with_ellipsoids", {"centre": 0.7}),
        ("box_with_ellipsoids", {"shell": -0.1}),
        ("box_with_ellipsoids", {"radius": 0.0}),
        ("crossing_sheets", {"thickness": 0.0}),
        ("crossing_sheets", {"waves": -1.0}),
        ("crossing_sheets", {"turns": 1.0}),
        ("crossing_sheets", {"waves": math.nan}),
    ],
)
def test_impossible_parameters(name: str, parameters: dict[str, float]) -> None:
    with pytest.raises(InputError) as caught:
        make(name, parameters=parameters)
    assert name in str(caught.value) or next(iter(parameters)) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_adding_a_generator_is_one_function(monkeypatch: pytest.MonkeyPatch) -> None:
    def two_points(rng, count_0, count_1, *, gap: float = 1.0):  # type: ignore[no-untyped-def]
        return rng.random((count_0, 2)), gap + rng.random((count_1, 2))

    monkeypatch.setitem(generators.GENERATORS, "two", Generator(two_points, ("left", "right")))
    tensors, facts = make("two", parameters={"gap": 5.0}, n_train=6, n_test=4)
    assert tensors["X_train"][3:].min() >= 5
    assert facts["classes"] == ["left", "right"]
    assert facts["parameters"] == {"generator": "two", "gap": 5.0}


def test_drawing_imports_nothing_heavy() -> None:
    program = (
        "import sys; from ricci_flow.datasets.make import make_data_set as make; "
        "from ricci_flow.datasets.request import Request, Synthetic; "
        "entry = Synthetic(kind='synthetic', generator='crossing_sheets'); "
        "make(Request('A', entry), print); "
        "heavy = {'sklearn', 'polars', 'torch', 'scipy', 'pandas'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_circles_are_those_of_scikit_learn() -> None:
    outer, inner = draw("concentric_circles", 500, noise=0.0)
    expected, labels = make_circles(1000, shuffle=False, noise=0.0, factor=0.8)
    np.testing.assert_allclose(outer, expected[labels == 0], atol=1e-12)
    np.testing.assert_allclose(inner, expected[labels == 1], atol=1e-12)
    noisy, _ = draw("concentric_circles")
    clear, _ = draw("concentric_circles", noise=0.0)
    assert kstest((noisy - clear).ravel() / 0.03, "norm").pvalue > SMALLEST_P


def test_discs_are_uniform_by_area_and_apart() -> None:
    around, inside = draw("discs_in_disc")
    centres = np.array([[0, 0.5], [0, -0.5], [0.5, 0], [-0.5, 0]])
    near = np.linalg.norm(around[:, None] - centres, axis=2).min(axis=1)
    assert near.min() > 0.2
    assert np.linalg.norm(around, axis=1).max() <= 1
    distance = np.linalg.norm(inside[:, None] - centres, axis=2)
    assert np.bincount(distance.argmin(axis=1)) / COUNT == pytest.approx([0.25] * 4, abs=0.02)
    assert_uniform(distance.min(axis=1) ** 2, 0.0, 0.04)
    # With the discs put back, in their share of the area, the whole disc is uniform.
    whole = np.concatenate([around[: round(0.84 * COUNT)], inside[: round(0.16 * COUNT)]])
    assert_uniform((whole**2).sum(axis=1), 0.0, 1.0)


def test_a_generator_may_have_classes_of_unequal_size() -> None:
    tensors, _ = make("discs_in_disc", n_test=1000, n_train=101)
    assert np.bincount(tensors["y_test"]).tolist() == [840, 160]
    assert np.bincount(tensors["y_train"]).tolist() == [85, 16]


def test_cylinders_are_shells_around_the_second_axis() -> None:
    for points, radius in zip(draw("cylinder_shells"), (1.0, 0.8), strict=True):
        assert_uniform(np.hypot(points[:, 0], points[:, 2]), radius - 0.1, radius + 0.1)
        assert_uniform(points[:, 1], 0.0, 1.0)
        assert_uniform(np.arctan2(points[:, 2], points[:, 0]), -math.pi, math.pi)


def test_tori_are_solid_and_linked() -> None:
    first, second = draw("linked_tori", minor_radius=0.5)
    for points, axis, centre in ((first, 2, 0.0), (second, 1, 2.0)):
        moved = points - [centre, 0, 0]
        flat = [a for a in (0, 1, 2) if a != axis]
        from_core = np.hypot(*moved[:, flat].T) - 2.0
        across = np.hypot(from_core, moved[:, axis])
        assert_uniform(across, 0.0, 0.5)
        assert_uniform(np.arctan2(moved[:, axis], from_core), -math.pi, math.pi)
    # The core of the second, of radius 2 around (2, 0, 0), goes through the middle of the first.
    assert np.linalg.norm(second, axis=1).min() < 0.05
    assert np.linalg.norm(first - [2, 0, 0], axis=1).min() < 0.05


def test_nine_discs_are_uniform_and_apart_from_the_square() -> None:
    discs, square = draw("nine_discs")
    centres = 7 * np.exp(2j * math.pi * np.arange(8) / 8)
    centres = np.array([[z.real, z.imag] for z in [*centres, 0]])
    distance = np.linalg.norm(discs[:, None] - centres, axis=2)
    assert np.ptp(np.bincount(distance.argmin(axis=1))) <= 1
    assert_uniform(distance.min(axis=1) ** 2, 0.0, 1.3**2)
    assert np.linalg.norm(square[:, None] - centres, axis=2).min() > 1.8
    assert np.abs(square).max() <= 10
    # Away from the discs it is uniform.
    edge = square[np.abs(square[:, 0]) > 9]
    assert_uniform(edge[:, 1], -10.0, 10.0)


def test_linked_rings_are_solid_and_linked() -> None:
    places = np.array([[4.0 * x, 4.0 * y, 0] for x in (-1, 0, 1) for y in (-1, 0, 1)])
    for points, axis, centre in zip(draw("linked_rings"), (2, 1), (0, 1), strict=True):
        places_of = places + np.array([centre, 0, 0])
        near = np.linalg.norm(points[:, None] - places_of, axis=2).argmin(axis=1)
        moved = points - places_of[near]
        flat = [a for a in (0, 1, 2) if a != axis]
        from_core = np.hypot(*moved[:, flat].T) - 1.0
        across = np.hypot(from_core, moved[:, axis])
        assert np.ptp(np.bincount(near)) <= 1
        # By Pappus the volume within r of the core grows as r squared.
        assert_uniform(across**2, 0.0, 0.15**2)
        # The core of one ring passes through the middle of the other, whose hole is empty.
        assert np.linalg.norm(moved, axis=1).min() > 0.8


def test_nested_spheres_are_even_and_one_in_another() -> None:
    centres = [[3.0 * x, 3.0 * y, 3.0 * z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    centres = np.array([*centres, [0.0, 0.0, 0.0]])
    for points, radii in zip(draw("nested_spheres"), ((1.0,), (0.5, 2.0)), strict=True):
        distance = np.linalg.norm(points[:, None] - centres, axis=2)
        near = distance.argmin(axis=1)
        assert np.ptp(np.bincount(near)) <= 1
        within = distance.min(axis=1)
        for radius in radii:
            thickness = 0.05 if radius > 0.5 else 1e-12
            chosen = (within > radius - 1e-12) & (within < radius + thickness)
            # Even: the mean of a whole sphere is its centre.
            moved = (points - centres[near])[chosen]
            assert np.abs(moved.mean(axis=0)).max() < 0.02 * radius
            if radius > 0.5:
                assert_uniform(within[chosen] ** 3, radius**3, (radius + thickness) ** 3)
            within = within[~chosen]
            points, near = points[~chosen], near[~chosen]
        assert not len(within)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("concentric_circles", {"inner_radius": 1.0}),
        ("discs_in_disc", {"radius": 0.4}),
        ("cylinder_shells", {"noise": -0.1}),
        ("linked_tori", {"distance": 0.0}),
        ("nine_discs", {"radius": 3.0}),
        ("nine_discs", {"half_side": 8.0}),
        ("linked_rings", {"thickness": 0.5}),
        ("linked_rings", {"distance": 3.0}),
        ("nested_spheres", {"inner": 1.0}),
        ("nested_spheres", {"corner": 2.0}),
    ],
)
def test_parameters_that_make_no_cloud_are_refused(name: str, parameters: dict) -> None:
    with pytest.raises(InputError, match=f"parameters of {name}: "):
        draw(name, **parameters)
