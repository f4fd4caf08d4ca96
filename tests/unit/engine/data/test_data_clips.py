from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ravetui.engine.data.clips import read_clip, spread_clips, validation_clips
from ravetui.engine.data.dataset import Dataset

Build = Callable[..., Dataset]


def test_every_file_gives_one_before_any_gives_two(build: Build) -> None:
    dataset = build([("train", [9000]), ("validation", [8000]), ("validation", [4000]), ("validation", [1000])])
    one_each = validation_clips(dataset, 3, seconds=0.1)
    assert [clip.segment for clip in one_each] == [1, 2, 3]
    five = validation_clips(dataset, 5, seconds=0.1)
    assert [clip.segment for clip in five] == [1, 1, 2, 2, 3]


def test_clips_lie_evenly_in_a_file(build: Build) -> None:
    dataset = build([("train", [10]), ("validation", [8000])])
    assert [(clip.start, clip.frames) for clip in validation_clips(dataset, 2, seconds=0.25)] == [
        (1000, 2000),
        (5000, 2000),
    ]
    assert [clip.start for clip in validation_clips(dataset, 1, seconds=0.25)] == [3000]


def test_names_come_from_the_files_and_are_unique(build: Build) -> None:
    dataset = build([("train", [10]), ("validation", [8000]), ("validation", [8000, 8000])])
    names = [clip.name for clip in validation_clips(dataset, 4, seconds=0.5)]
    assert names == ["take0", "take0-2", "take0-3", "take1"]


def test_a_short_file_borrows_from_its_neighbour(build: Build) -> None:
    dataset = build([("train", [10]), ("validation", [300, 400, 500, 600])])
    clips = validation_clips(dataset, 8, seconds=0.1)
    assert [(clip.name, clip.start, clip.frames) for clip in clips] == [("take0", 0, 800), ("take2", 800, 800)]


def test_only_a_short_segment_gives_a_short_clip(build: Build) -> None:
    dataset = build([("train", [10]), ("validation", [300])])
    (clip,) = validation_clips(dataset, 8, seconds=0.1)
    assert (clip.start, clip.frames) == (0, 300)
    assert read_clip(dataset, clip).shape == (1, 300)


def test_read_clip_is_the_audio(build: Build) -> None:
    dataset = build([("train", [1000]), ("validation", [8000])])
    (clip,) = validation_clips(dataset, 1, seconds=0.01)
    np.testing.assert_array_equal(read_clip(dataset, clip)[0] * 32768, 1000 + clip.start + np.arange(80))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(
    st.lists(st.lists(st.integers(80, 3000), min_size=1, max_size=5), min_size=1, max_size=5),
    st.integers(1, 40),
    st.integers(1, 400),
)
def test_clips_never_overlap_nor_leave_their_segment(
    build: Build, files: list[list[int]], count: int, milliseconds: int
) -> None:
    dataset = build([("train", [10]), *(("validation", lengths) for lengths in files)])
    frames = milliseconds * 8
    clips = spread_clips(dataset, "validation", count, milliseconds / 1000)
    assert 1 <= len(clips) <= count
    assert len({clip.name for clip in clips}) == len(clips)
    ends: dict[int, int] = {}
    for clip in clips:
        whole = dataset.index.segments[clip.segment]
        assert whole.split == "validation"
        assert clip.frames == min(frames, whole.frames)
        assert ends.get(clip.segment, 0) <= clip.start <= whole.frames - clip.frames
        ends[clip.segment] = clip.start + clip.frames
    if len(clips) < count:
        # No long file could have given another one, but for what a short one before it has borrowed.
        for number, lengths in enumerate(files, 1):
            here = sum(clip.segment == number for clip in clips)
            assert here >= max(1, *(length // frames for length in lengths))
    assert clips == spread_clips(dataset, "validation", count, milliseconds / 1000)
