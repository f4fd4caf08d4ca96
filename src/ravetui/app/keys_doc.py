"""The table of keys in ``docs/keys.md``."""

from ravetui.app.actions import ACTIONS


def keys_markdown() -> str:
    """The whole file, as Markdown."""
    rows = "\n".join(f"| `{item.key_shown}` | {item.label} | {item.description} |" for item in ACTIONS)
    return (
        "# Keys\n\n"
        "Made from `src/ravetui/app/actions.py` by `make docs`. On the screen `?` says the same.\n\n"
        "| key | action | what it does |\n|---|---|---|\n"
        f"{rows}\n\n"
        "`↑` `↓` `home` `end` `pgup` `pgdn` move inside a pane; `esc` closes what is on top; `enter` confirms.\n"
    )
