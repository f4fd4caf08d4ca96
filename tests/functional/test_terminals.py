"""Terminals with few colours or none, and keys over a slow line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.run_maker import MadeRun, workspace_in
from tests.terminal import RAVETUI, Terminal

TERMINALS = {
    "no-color": {"NO_COLOR": "1"},
    "linux": {"TERM": "linux", "COLORTERM": ""},
    "16 colours": {"TERM": "xterm-16color", "COLORTERM": ""},
    "vt100": {"TERM": "vt100", "COLORTERM": ""},
    "tmux": {"TERM": "tmux-256color", "COLORTERM": ""},
}
_QUESTIONS = re.compile(rb"\x1b\[[0-9;>?=]*[cn]|\x1b\[\?[0-9;]+\$p|\x1b\]1[0-9];\?|\x1b\[\?u")
"""What a terminal answers: a key that asks one waits a round trip longer."""
_A_SCREEN = 48_000
"""Bytes: 120 × 34 cells, a third of them with a colour of their own."""


@pytest.fixture
def both(tmp_path: Path) -> Iterator[MadeRun]:
    """A stopped run of two phases whose sum of losses jumped."""
    made = MadeRun(workspace_in(tmp_path), "graz", phase_1_steps=600, total_steps=1200).begin()
    for _ in range(3):
        made.train(200)
        made.validate(samples=0)
        made.score(made.step)
    made.go_adversarial()
    made.raised = 55.0
    made.train(400)
    made.validate(samples=0)
    made.end("stopped", "asked")
    yield made
    made.release()


@pytest.mark.parametrize("environment", TERMINALS.values(), ids=TERMINALS.keys())
def test_what_matters_is_seen_without_its_colour(both: MadeRun, environment: dict[str, str]) -> None:
    argv = [RAVETUI, "-w", str(both.workspace.root)]
    with Terminal(argv, columns=80, rows=24, environment=environment) as terminal:
        terminal.wait_for("━ train  • validation")
        text = terminal.wait_for("┊")
        assert "▸■ graz" in text and "┏━ runs" in text, "the state, the cursor, the focus"
        terminal.press(",")
        terminal.wait_for(lambda text: "│" in _chart(text), 30)
        terminal.press("0", *["\x1b[C"] * 4)
        text = terminal.wait_for("║ phases on scales of their own")
        terminal.press("j")
        terminal.wait_for("loss · only phase 1")
        terminal.press("j", "j", "g")
        # One of four small charts is under the cursor.
        terminal.wait_for(lambda text: "┏━ loss" in text and text.count("┏") == 1 and text.count("╭") == 3)
        terminal.press("\x1b[C", "\x1b[C", "\x1b[C")
        terminal.wait_for("1━ loss  2━ real  3━ fake")
        terminal.press("k")
        terminal.wait_for("▲ discriminator")
        terminal.press("q")
        terminal.wait_for("runs")


def _chart(text: str) -> str:
    """The inside of the chart's rows."""
    rows = [row[2:-2] for row in text.splitlines() if row.startswith("│") and row.rstrip().endswith("│")]
    return "\n".join(row for row in rows if any("\u2800" < letter <= "\u28ff" for letter in row))


def test_no_key_asks_the_terminal_anything_nor_paints_again_and_again(both: MadeRun) -> None:
    argv = [RAVETUI, "-w", str(both.workspace.root)]
    with Terminal(argv, columns=120, rows=34) as terminal:
        terminal.wait_for("━ train  • validation")
        steps = [
            ("\x1b[C", "multiband_spectral_distance"),
            ("l", "log · ema 0.9"),
            ("w", "log · ema 0.99"),
            ("j", "only phase 1"),
            ("j", "only phase 2"),
            ("j", "2 of "),
            ("+", "zoomed"),
            (",", "step "),
            ("g", "all curves"),
            ("\x1b[C", "┏━ regularization"),
            ("h", "by epoch"),
            ("k", "▲ regularization"),
            ("\r", "1 of "),
        ]
        for key, seen in steps:
            terminal.wait_for_quiet()
            terminal.written.clear()
            terminal.press(key)
            terminal.wait_for(seen)
            terminal.wait_for_quiet()
            assert not _QUESTIONS.search(bytes(terminal.written)), f"{key!r} asks the terminal something"
            # Where all is laid out anew it is painted whole, and again when its series have been read.
            most = _A_SCREEN * (3 if key in ("g", "k", "\r") else 1)
            assert len(terminal.written) <= most, f"{key!r} writes {len(terminal.written)} bytes"
