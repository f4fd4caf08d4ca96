import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.engine.data.fold import fold_matrix


def gains(source: int, wanted: int) -> NDArray[np.float32]:
    found = fold_matrix(source, wanted)
    assert found is not None
    return found


def test_known_folds() -> None:
    assert fold_matrix(2, 2) is None
    np.testing.assert_allclose(gains(2, 1), np.array([[0.5], [0.5]]))
    np.testing.assert_allclose(gains(1, 2), np.array([[1, 1]]))
    np.testing.assert_allclose(gains(6, 1), np.full((6, 1), 1 / 6), rtol=1e-6)
    np.testing.assert_allclose(gains(2, 4), np.array([[1, 0, 1, 0], [0, 1, 0, 1]]))
    np.testing.assert_allclose(gains(10, 5), np.vstack([np.eye(5) / 2] * 2))


def test_five_point_one_to_stereo_is_the_downmix_of_bs_775() -> None:
    root = np.sqrt(0.5)
    left = np.array([1, 0, root, 0, root, 0])
    right = np.array([0, 1, root, 0, 0, root])
    expected = np.stack([left, right], axis=1) / (1 + 2 * root)
    np.testing.assert_allclose(gains(6, 2), expected, rtol=1e-6)


@given(st.integers(1, 16), st.integers(1, 16))
def test_folding_never_clips_and_loses_no_output(source: int, wanted: int) -> None:
    found = fold_matrix(source, wanted)
    if found is None:
        assert source == wanted
        return
    assert found.shape == (source, wanted)
    assert (found >= 0).all()
    assert found.sum(axis=0) == pytest.approx(1)
