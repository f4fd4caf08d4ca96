"""Which part of the horizontal axis is looked at."""

from __future__ import annotations

from dataclasses import dataclass

Window = tuple[float, float]
"""First and last x, first < last."""

NARROWEST = 2.0**-30
"""The smallest part of the whole that can be looked at: beyond it, neighbouring points share one float."""


@dataclass(frozen=True)
class View:
    """A window that somebody chose."""

    start: float
    end: float
    follows: bool
    """Whether it goes on with the newest point."""

    @property
    def width(self) -> float:
        """Its length on the axis."""
        return self.end - self.start


def seen(whole: Window, view: View | None) -> Window:
    """The window that is drawn: all of it without a view; a view that follows ends where the whole does."""
    if view is None:
        return whole
    return (max(whole[1] - view.width, whole[0]), whole[1]) if view.follows else (view.start, view.end)


def zoomed(whole: Window, view: View | None, factor: float, about: float | None = None) -> View | None:
    """A view ``factor`` times as wide; None when that is the whole.

    Args:
        whole: All there is.
        view: What is looked at now.
        factor: Below 1 looks closer.
        about: The x that stays where it is, if it is in the window. Without one that is the newest end while it is in
            sight, else the middle.
    """
    start, end = seen(whole, view)
    width = max((end - start) * factor, (whole[1] - whole[0]) * NARROWEST)
    if width >= whole[1] - whole[0]:
        return None
    if about is not None and start <= about <= end:
        start = about - (about - start) / (end - start) * width
    elif end >= whole[1]:
        start = end - width
    else:
        start = (start + end - width) / 2
    return _inside(whole, start, width)


def panned(whole: Window, view: View | None, part: float) -> View | None:
    """The view moved by ``part`` of its own width, to later x if positive; never beyond the ends."""
    if view is None:
        return None
    start, end = seen(whole, view)
    return _inside(whole, start + (end - start) * part, end - start)


def _inside(whole: Window, start: float, width: float) -> View:
    start = min(max(start, whole[0]), whole[1] - width)
    return View(start, start + width, follows=start + width >= whole[1])
