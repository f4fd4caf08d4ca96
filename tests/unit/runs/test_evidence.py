"""A run's curves, reduced to what advice is given from."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from ravetui.runs.evidence import LONGEST_WINDOW, Evidence, gather
from ravetui.runs.spec import ParentRef, write_spec
from ravetui.runs.summary import RunWatcher
from tests.run_maker import MadeRun, workspace_in


def look(made: MadeRun) -> tuple[Evidence, RunWatcher]:
    watcher = RunWatcher(made.folder)
    summary = watcher.summary()
    watcher.history.poll()
    return gather(watcher.spec, summary.progress, watcher.history), watcher


def test_training_is_the_mean_between_validations_as_far_back_as_advice_looks(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz", phase_1_steps=5000, total_steps=9000).begin()
    for _ in range(LONGEST_WINDOW + 20):
        made.train(10)
        made.validate(samples=0, save=False)
    found, watcher = look(made)
    made.release()
    losses = watcher.history.records("reconstruction")["fullband_spectral_distance"].astype(float)
    means = losses.reshape(-1, 10).mean(axis=1)
    assert np.isnan(found.training[:20]).all()
    assert found.training[20:] == pytest.approx(means[20:], rel=1e-6)


def test_phase_2_is_told_apart_from_what_came_before(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin()
    for _ in range(3):
        made.train(50)
        made.validate(samples=0, save=False)
    made.go_adversarial()
    made.train(110)
    made.validate(samples=0, save=False)
    found, watcher = look(made)
    made.release()
    assert (len(found.before), len(found.validation), found.phase_2_step) == (3, 1, 150)
    losses = watcher.history.records("discriminator")
    assert found.discriminator_loss == pytest.approx(float(losses["loss_dis"][losses["step"] > 160].mean()), rel=1e-6)


def test_the_newest_count_of_codes_is_found(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin().train(10)
    assert look(made)[0].codebook_perplexity is None
    made.count_codes(0.5, 300.0).train(10).count_codes(0.25, 9.5)
    found, _ = look(made)
    made.release()
    assert (found.codebook_usage, found.codebook_perplexity) == (0.25, 9.5)
    assert found.codebook_size == 0, "of this model's latent: it is not discrete"


def test_a_fork_with_other_batches_counts_its_epochs_as_the_header_does(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz")
    # 100 steps of 25 an epoch before the fork, 50 an epoch since.
    spec = dataclasses.replace(made.spec, parent=ParentRef("parent", "parent", 100, 4.0, 3600.0))
    made.folder.spec_path.unlink()
    write_spec(made.folder.spec_path, spec)
    made.step = 100
    made.begin()
    for _ in range(3):
        made.train(50)
        made.validate(samples=0, save=False)
    found, watcher = look(made)
    made.release()
    assert found.validation_step.tolist() == [150, 200, 250]
    assert found.validation_epoch.tolist() == [5.0, 6.0, 7.0]
    assert watcher.summary().progress.epoch == found.validation_epoch[-1]


def test_nothing_trained_is_nothing_found(tmp_path: Path) -> None:
    found, _ = look(MadeRun(workspace_in(tmp_path), "graz"))
    assert (len(found.validation), found.discriminator_loss, found.latent_dimensions) == (0, None, None)
