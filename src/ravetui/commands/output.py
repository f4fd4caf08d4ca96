"""What a command prints: one JSON document, or text for a person."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def json_option(command: F) -> F:
    """Add ``--json`` to a command, as the argument ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")(command)


def emit(document: Any, text: str, *, as_json: bool) -> None:
    """Print the document as JSON, or else the text; standard output gets nothing else."""
    print(json.dumps(document, ensure_ascii=False, allow_nan=False) if as_json else text)


def say(line: str) -> None:
    """Print a line of progress or advice on standard error."""
    print(line, file=sys.stderr, flush=True)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as their widest cell, the header underlined by nothing but its position."""
    cells = [list(map(str, headers)), *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)
    return "\n".join(lines)


class ProgressLine:
    """One line on standard error that is rewritten on a terminal and sparse in a log."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._live = sys.stderr.isatty()
        self._shown = -1

    def update(self, fraction: float, note: str = "") -> None:
        """Show how far it is, 0 to 1; a log gets a line every tenth."""
        percent = int(100 * fraction)
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{f'{self._label} {percent:3d} %  {note}'[:width]:<{width}}", end="", file=sys.stderr, flush=True)
        elif percent // 10 != self._shown // 10:
            say(f"{self._label} {percent} % {note}".rstrip())
        self._shown = percent

    def close(self) -> None:
        """End the line."""
        if self._live:
            print(file=sys.stderr, flush=True)
