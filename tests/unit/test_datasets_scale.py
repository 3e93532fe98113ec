import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ricci_flow.datasets.scale import scale_features
from ricci_flow.errors import InputError

TRAIN = np.array([[0, 5, 1], [2, 5, 3], [4, 5, 5]], dtype=np.float32)
TEST = np.array([[6, 9, 3]], dtype=np.float32)


def test_none_keeps_values() -> None:
    scaled = scale_features(TEST.astype(np.uint8), "none", 255.0, TRAIN)
    assert scaled.dtype == np.float32
    assert scaled.tolist() == [[6, 9, 3]]


def test_unit_divides() -> None:
    assert scale_features(TEST, "unit", 2.0, TRAIN).tolist() == [[3, 4.5, 1.5]]


def test_standard_uses_the_training_rows_and_zeroes_constants() -> None:
    deviation = np.sqrt(8 / 3)
    scaled = scale_features(TEST, "standard", 1.0, TRAIN)
    assert scaled.dtype == np.float32
    assert scaled[0] == pytest.approx([4 / deviation, 0, 0])


@given(
    arrays(np.float32, (6, 3), elements=st.floats(-1000, 1000, width=32)),
    st.floats(-1e6, 1e6, width=32),
)
def test_standard_has_mean_0_and_deviation_1(X: np.ndarray, constant: float) -> None:
    X[:, 2] = constant
    scaled = scale_features(X, "standard", 1.0, X).astype(np.float64)
    assert np.all(scaled[:, 2] == 0)
    assert np.isfinite(scaled).all()
    for column in range(2):
        if np.ptp(X[:, column]) > 1:
            assert scaled[:, column].mean() == pytest.approx(0, abs=1e-5)
            assert scaled[:, column].std() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize(
    ("scale", "unit", "text"),
    [
        ("zscore", 1.0, "zscore"),
        ("unit", 0.0, "unit is 0.0"),
        ("unit", float("nan"), "unit is nan"),
        ("unit", 1e-40, "beyond 32-bit"),
    ],
)
def test_errors(scale: str, unit: float, text: str) -> None:
    with pytest.raises(InputError, match=text):
        scale_features(TEST, scale, unit, TRAIN)
