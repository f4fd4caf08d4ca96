"""What is advised upon a run of another program: the evidence as for our own, and no key, since none acts on it."""

from pathlib import Path

import numpy as np

from ravetui.app.foreign_detail import foreign_advice
from ravetui.runs.foreign.folder import ACIDS_RAVE, ForeignFolder
from ravetui.runs.foreign.watcher import ForeignWatcher
from tests.event_files import NAME, write_events


def test_a_plateau_is_said_without_the_key_for_phase_2(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    numbers: list[tuple[str, int, float]] = []
    for step in range(0, 4500, 50):
        numbers.append(("fullband_spectral_distance", step + 49, 6.0 * 0.9999**step))
        if step % 100 == 50:
            numbers.append(("epoch", step + 49, float(step // 100)))
            numbers.append(("validation", step + 49, 5.0 + 0.01 * random.standard_normal()))
    write_events(tmp_path / "run" / "version_0" / NAME, numbers)
    (tmp_path / "run" / "config.gin").write_text("")
    watcher = ForeignWatcher(ForeignFolder(tmp_path / "kept", tmp_path / "run", ACIDS_RAVE))
    said = [item.text for item in foreign_advice(watcher, watcher.summary().progress)]
    assert any("validation flat for " in text and text.endswith(": phase 1 has little left") for text in said), said
