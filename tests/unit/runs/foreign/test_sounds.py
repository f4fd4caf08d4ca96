"""The sounds in event files are heard as they were logged, original and reconstruction apart."""

import io
import wave
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ravetui.runs.foreign.folder import ACIDS_RAVE, ForeignFolder
from ravetui.runs.foreign.sounds import CROP, as_samples, items_in, read_clip
from ravetui.runs.foreign.watcher import ForeignWatcher
from tests.event_files import PIANO, STRINGS, copied, event_file_of, fingerprint


def watch(source: Path, kept: Path) -> ForeignWatcher:
    watcher = ForeignWatcher(ForeignFolder(kept, source, ACIDS_RAVE))
    watcher.summary()
    return watcher


def frames(content: bytes) -> bytes:
    with wave.open(io.BytesIO(content)) as file:
        audio: bytes = file.readframes(file.getnframes())
        return audio


def test_a_clip_is_the_wav_file_of_its_event(tmp_path: Path) -> None:
    theirs = EventAccumulator(str(event_file_of(PIANO, 1)), {"audio": 0}).Reload().Audio("audio_val")
    watcher = watch(PIANO, tmp_path)
    clips = watcher.history.attempts[1][0].clips
    assert [read_clip(clip) for clip in clips] == [sound.encoded_audio_string for sound in theirs]


def test_each_is_found_at_its_validation_and_at_the_checkpoint_of_that() -> None:
    sounds = watch(PIANO, Path("/nowhere")).sounds()
    assert [step for step in sounds if step < 640] == [58, 116, 174, 232, 290, 348, 406, 464, 522, 580, 638]
    assert {697, 871} <= set(sounds)
    assert [clip.number for clip in sounds[871]] == [4]


def test_pairs_are_taken_apart_so_that_each_original_lies_beside_its_reconstruction(tmp_path: Path) -> None:
    watcher = watch(PIANO, tmp_path)
    clips = watcher.sounds()[871]
    samples = as_samples(clips, watcher.run.sounds, 871, 2, paired=True)
    assert [sample.name for sample in samples] == ["audio_val 1", "audio_val 2"]
    parts = [frames(path.read_bytes()) for sample in samples for path in (sample.original, sample.reconstruction)]
    assert b"".join(parts) == frames(read_clip(clips[0]))
    assert {len(part) for part in parts} == {2 * 16384}
    assert all((sample.step, sample.phase) == (871, 2) for sample in samples)
    before = fingerprint(tmp_path)
    assert as_samples(clips, watcher.run.sounds, 871, 2, paired=True) == samples
    assert fingerprint(tmp_path) == before


def test_how_many_pairs_there_are_is_told_by_the_length_or_by_how_alike_they_sound() -> None:
    assert items_in(np.zeros(16 * CROP, np.int16)) == 8
    assert items_in(np.zeros(2 * CROP, np.int16)) == 1
    drawn = np.random.default_rng(0)
    for items in (1, 2, 3, 5):
        sounds = []
        for _ in range(items):
            loud = np.repeat(drawn.uniform(0.05, 1.0, 20), 1024)
            sounds += [loud * drawn.normal(size=loud.size), 0.8 * loud * drawn.normal(size=loud.size)]
        audio = (3000 * np.concatenate(sounds)).astype(np.int16)
        assert items_in(audio) == items


def test_a_crop_half_as_long_as_the_default_is_told_from_it() -> None:
    drawn = np.random.default_rng(1)
    sounds = []
    for _ in range(8):
        loud = np.repeat(drawn.uniform(0.05, 1.0, 16), 4096)
        sounds += [loud * drawn.normal(size=loud.size), 0.8 * loud * drawn.normal(size=loud.size)]
    assert items_in((3000 * np.concatenate(sounds)).astype(np.int16)) == 8


def test_a_damaged_sound_is_left_out(tmp_path: Path) -> None:
    run = copied(STRINGS, tmp_path)
    path = event_file_of(run)
    watcher = watch(run, tmp_path / "kept")
    clips = watcher.sounds()[79]
    content = bytearray(path.read_bytes())
    content[clips[0].record + 12 + clips[0].start + 5000] ^= 4
    path.write_bytes(content)
    assert as_samples(clips, watcher.run.sounds, 79, 2, paired=True) == []
