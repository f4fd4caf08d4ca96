"""Numbers as a person reads them: durations, steps, sizes."""

import math
import time


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units: ``4 min 52 s``, ``3 h 02 min``, ``3 d 4 h``.

    Args:
        seconds: Seconds; None, or a number that is not finite, is ``unknown``.
    """
    if seconds is None or not math.isfinite(seconds):
        return "unknown"
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, hours = whole // 60, round(whole / 3600)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{minutes} min {whole % 60:02d} s"
    minutes = round(whole / 60)
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{hours // 24} d {hours % 24} h"


def round_duration(seconds: float) -> str:
    """A length of time as a margin, in one unit and without false precision: ``20 min``, ``3 h``."""
    size, unit = next(
        ((s, u) for s, u in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")) if seconds >= 2 * s), (1.0, "s")
    )
    number = seconds / size
    return f"{int(round(number, -1 if number >= 20 else 0))} {unit}"


def steps(number: int) -> str:
    """A count with its digits in groups of three: ``131 400``.

    The space is the one a keyboard has, so that what is on a screen can be searched for and typed back.
    """
    return f"{number:,}".replace(",", " ")


def bytes_(number: int) -> str:
    """A size in decimal units, three digits or fewer: ``512 B``, ``3.1 MB``, ``204 MB``."""
    size = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.1f} {unit}" if unit != "B" and size < 9.95 else f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB" if size < 99.95 else f"{size:.0f} TB"


def quantity(value: float | None) -> str:
    """A measured value with four significant digits, or a dash when there is none: ``3.912``, ``1.2e-05``."""
    return "–" if value is None else f"{value:.4g}"


def clock(seconds: float) -> str:
    """A place in a sound, as ``1:07``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def moment(unix: float) -> str:
    """A Unix time as local date and time: ``2026-11-24 03:10``."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix))


def typed(value: object) -> str:
    """A setting's value as it is typed: a tuple as ``4,4,2``, one of tuples as ``1 1,3 1``."""
    if not isinstance(value, tuple):
        return str(value)
    return ",".join(" ".join(map(str, item)) if isinstance(item, tuple) else str(item) for item in value)
