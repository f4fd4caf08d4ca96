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
    "advice": "#e0af68",
    "series-1": "#7aa2f7",
    "series-2": "#e0af68",
    "series-3": "#8bd49c",
    "series-4": "#bb9af7",
    "series-5": "#f7768e",
    "series-6": "#7dcfff",
    "series-7": "#e6e9f2",
    "series-8": "#ff9e64",
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
    "picture-soft": "#363a78",
    "picture-middle": "#8c468c",
    "picture-loud": "#f0825a",
    "picture-loudest": "#fff0b4",
    "less": "#5aa0ff",
    "less-a-little": "#284682",
    "more-a-little": "#823c32",
    "more": "#ff785a",
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


def loudness_roles(*, dark: bool) -> tuple[str, ...]:
    """From nothing, which looks like the ground it is on, to the loudest; colours between two are mixed of them.

    Args:
        dark: Whether the theme is: on a light one the loudest is the darkest.
    """
    if dark:
        return ("background", "picture-soft", "picture-middle", "picture-loud", "picture-loudest")
    return ("background", "picture-loud", "picture-middle", "picture-soft")


def difference_roles(*, dark: bool) -> tuple[str, ...]:
    """From less over alike, which looks like the ground, to more."""
    if dark:
        return ("less", "less-a-little", "background", "more-a-little", "more")
    return ("less-a-little", "less", "background", "more", "more-a-little")
