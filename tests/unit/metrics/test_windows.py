import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.metrics.windows import cut_windows, filled, window_starts


def test_windows_of_a_clip_that_divides_evenly_are_its_pieces() -> None:
    audio = np.arange(12, dtype=np.float32)
    assert np.stack(cut_windows(audio, 4, 4)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


def test_last_window_is_aligned_to_the_end_and_holds_no_padding() -> None:
    audio = np.arange(10, dtype=np.float32)
    assert np.stack(cut_windows(audio, 4, 4)).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [6, 7, 8, 9]]


def test_short_clip_is_repeated() -> None:
    assert cut_windows(np.array([1, 2, 3], dtype=np.float32), 8, 8)[0].tolist() == [1, 2, 3, 1, 2, 3, 1, 2]


@given(samples=st.integers(1, 300), window=st.integers(1, 50), hop=st.integers(1, 50))
def test_every_window_is_a_piece_of_the_clip_and_the_end_is_heard(samples: int, window: int, hop: int) -> None:
    audio = np.arange(samples, dtype=np.float32)
    windows = np.stack(cut_windows(audio, window, hop))
    assert windows.shape[1] == window
    assert len({tuple(row) for row in windows}) == len(windows)
    if samples >= window:
        assert (np.diff(windows, axis=1) == 1).all()
        assert windows[0, 0] == 0
        assert windows[-1, -1] == samples - 1
        assert (np.diff(windows[:, 0]) <= hop).all()


def test_a_short_clip_is_repeated_whole_and_followed_by_zeros_where_asked() -> None:
    audio = np.array([1, 2, 3], dtype=np.float32)
    assert filled(audio, 8, "zeros").tolist() == [1, 2, 3, 1, 2, 3, 0, 0]
    assert filled(audio, 9, "zeros").tolist() == [1, 2, 3] * 3
    assert filled(audio, 3, "zeros") is audio
    assert filled(audio, 5, "wrap").tolist() == [1, 2, 3, 1, 2]


def test_starts_of_a_clip_as_long_as_its_window() -> None:
    assert window_starts(8, 8, 4) == [0]


@pytest.mark.parametrize("shape", [(0,), (2, 100)])
def test_audio_that_is_not_mono_or_is_empty_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="mono"):
        cut_windows(np.zeros(shape, dtype=np.float32), 10, 10)
