"""Colours are roles: what a thing means, not what it looks like."""

from textual.theme import Theme

ROLES = {
    "run-live": "#8bd49c",
    "run-waiting": "#e0af68",
    "run-stopped": "#8a93a8",
    "run-finished": "#8bd49c",
    "run-failed": "#f7768e",
    "phase-1": "#7aa2f7",
    "phase-2": "#bb9af7",
    "phase-to-come": "#2f3650",
    "loss-train": "#7aa2f7",
    "loss-validation": "#e0af68",
    "number": "#ffffff",
    "quiet": "#8a93a8",
    "faint": "#5b6478",
    "key": "#7aa2f7",
    "job": "#e0af68",
    "sound": "#8bd49c",
    "cursor": "#7aa2f7",
    "line": "#2f3650",
    "line-focus": "#7aa2f7",
    "bar": "#1d2130",
    "row": "#232a40",
}
"""Textual styles name them as ``$run-live`` and so on."""

THEME = Theme(
    name="ravetui",
    primary="#7aa2f7",
    secondary="#bb9af7",
    warning="#e0af68",
    error="#f7768e",
    success="#8bd49c",
    accent="#7aa2f7",
    foreground="#c8d0e0",
    background="#12141c",
    surface="#171a24",
    panel="#1d2130",
    variables={
        **ROLES,
        "scrollbar": ROLES["line"],
        "scrollbar-hover": ROLES["line"],
        "scrollbar-active": ROLES["line-focus"],
        "scrollbar-background": "#12141c",
        "scrollbar-background-hover": "#12141c",
        "scrollbar-background-active": "#12141c",
        "scrollbar-corner-color": "#12141c",
    },
)
