"""Writes what is generated.

``config.toml``, ``docs/keys.md``, the tables of ``docs/knobs.md``, ``docs/slurm.md`` and the README, its tree, the
screenshots.

``--pictures`` also makes the screenshots: it trains the demo's tiny run, which takes a minute or two.
"""

import ast
import asyncio
import dataclasses
import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from ravetui.app.actions import ACTIONS
from ravetui.app.keys_doc import keys_markdown
from ravetui.config import SlurmSettings, default_config

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "ravetui"


def texts() -> dict[Path, str]:
    """Every generated text by its file, as it should be now."""
    readme = (ROOT / "README.md").read_text("utf-8")
    readme = between(readme, "keys", key_table())
    readme = between(readme, "tree", f"```\n{tree()}\n```")
    slurm = ROOT / "docs" / "slurm.md"
    return {
        slurm: between(slurm.read_text("utf-8"), "settings", slurm_table()),
        ROOT / "config.toml": default_config(),
        ROOT / "docs" / "keys.md": keys_markdown(),
        ROOT / "docs" / "knobs.md": between((ROOT / "docs" / "knobs.md").read_text("utf-8"), "knobs", knob_tables()),
        ROOT / "README.md": readme,
    }


def between(text: str, name: str, content: str) -> str:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    before, _, rest = text.partition(start)
    _, mark, after = rest.partition(end)
    if not mark:
        raise SystemExit(f"A text has no {start.strip()} … {end.strip()}")
    return f"{before}{start}{content}{end}{after}"


def key_table() -> str:
    """The README's short table: the keys of the footer."""
    rows = (f"| `{item.key_shown}` | {item.description} |" for item in ACTIONS if item.footer)
    return "\n".join(["| key | what it does |", "|---|---|", *rows])


def slurm_table() -> str:
    """Every setting of ``[slurm]``."""
    fields = dataclasses.fields(SlurmSettings)
    rows = (f"| `{item.name}` | `{item.default!r}` | {item.metadata['comment']} |" for item in fields)
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def knob_tables() -> str:
    """Every field of a run's spec with its default and its docstring, a table for each part."""
    parts = {"model_spec.py": ("ModelSpec",), "training_spec.py": ("LossSpec", "TrainingSpec", "AugmentSpec")}
    tables = [_knob_table(SOURCE / "runs" / file, name) for file, names in parts.items() for name in names]
    return "\n\n".join(tables)


def _knob_table(path: Path, name: str) -> str:
    parts = [part for part in ast.parse(path.read_text("utf-8")).body if isinstance(part, ast.ClassDef)]
    body = next(part.body for part in parts if part.name == name)
    rows = [f"## {name.removesuffix('Spec')}", "", "| setting | default | what it is |", "|---|---|---|"]
    for field, words in pairwise(body):
        if isinstance(field, ast.AnnAssign) and field.value and isinstance(words, ast.Expr):
            text = " ".join(ast.literal_eval(words.value).split()).replace("``", "`").replace("|", "\\|")
            rows.append(f"| `{ast.unparse(field.target)}` | `{ast.unparse(field.value)}` | {text} |")
    return "\n".join(rows)


def tree() -> str:
    """Every source file with the first line of its docstring."""
    lines: list[str] = ["src/ravetui/"]
    _branch(SOURCE, 1, lines)
    return "\n".join(lines)


def _branch(folder: Path, depth: int, lines: list[str]) -> None:
    files = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
    for path in files:
        purpose = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0].replace("``", "`")
        lines.append(f"{'  ' * depth}{path.name:<{26 - 2 * depth}} {purpose}")
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and (path / "__init__.py").exists()):
        lines.append(f"{'  ' * depth}{inner.name}/")
        _branch(inner, depth + 1, lines)


async def pictures() -> None:
    """Screenshots of a real run in its second phase, with a scored checkpoint."""
    from ravetui.app.app import RavetuiApp
    from ravetui.engine.launch.score import start_score
    from ravetui.engine.launch.stop import stop_run
    from ravetui.jobs.demo import make_demo
    from ravetui.runs.checkpoints import list_checkpoints
    from ravetui.runs.scores import list_scores
    from ravetui.runs.summary import summarise
    from ravetui.runs.workspace import Workspace

    with tempfile.TemporaryDirectory(prefix="ravetui-") as folder:
        # The status line then says ~/rave.
        os.environ["HOME"] = folder
        root = Path(folder) / "rave"
        run = make_demo(root, lambda _done, _note: None)
        while not any(item.step >= 600 for item in list_checkpoints(run)):
            await asyncio.sleep(0.5)
        settings = Workspace(root).config.score
        start_score(run, 600, settings.embedder, settings.reference, settings.seconds)
        while not list_scores(run) or summarise(run).progress.step < 760:
            await asyncio.sleep(0.2)
        for name, size in {"main": (120, 34), "small": (80, 24)}.items():
            app = RavetuiApp(Workspace(root))
            async with app.run_test(size=size) as pilot:
                while app.looks == 0:
                    await pilot.pause(0.2)
                await pilot.pause(1.0)
                (ROOT / "docs" / "img" / f"{name}.svg").write_text(app.export_screenshot(title="ravetui"), "utf-8")
        if summarise(run).status.state.is_live:
            stop_run(run)
            while summarise(run).status.state.is_live:
                await asyncio.sleep(0.2)


if __name__ == "__main__":
    for path, text in texts().items():
        path.write_text(text, "utf-8")
    if "--pictures" in sys.argv:
        asyncio.run(pictures())
