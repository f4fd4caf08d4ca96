"""Round numbers along an axis, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ravetui.app.chart.axis import Scale

_UNITS = {0: "", 3: " k", 6: " M", 9: " G", 12: " T"}


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    value: float
    label: str


def linear_ticks(low: float, high: float, most: int, *, whole: bool = False) -> list[Tick]:
    """The densest multiples of 1, 2 or 5 × 10^k between low and high, both inclusive, that are at most `most`.

    Where that would leave fewer than two, the next denser ones: one number alone is no scale. low < high, most ≥ 1.
    With `whole` only whole numbers.
    """
    mantissa, exponent = _step_below((high - low) / most)
    if whole and exponent < 0:
        mantissa, exponent = 1, 0
    values = _multiples(low, high, mantissa, exponent)
    while len(values) > most:
        coarser = {1: (2, exponent), 2: (5, exponent), 5: (1, exponent + 1)}[mantissa]
        fewer = _multiples(low, high, *coarser)
        if len(fewer) < 2:
            break
        (mantissa, exponent), values = coarser, fewer
    return [Tick(value, label) for value, label in zip(values, _labels(values, exponent), strict=True)]


def log_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Round numbers between low and high, 0 < low < high: decades, some with 2 and 5, or as on a linear axis."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for mantissas in ((1, 2, 5), (1, 3), (1,)):
        values = [m * _power(k) for k in range(first, last + 1) for m in mantissas]
        values = [value for value in values if low <= value <= high]
        if len(values) <= most:
            break
    if len(values) < 3:
        return linear_ticks(low, high, most)
    stride = -(-len(values) // most)
    return [Tick(value, _plain(value)) for value in values[::stride]]


def y_ticks(scale: Scale, most: int) -> list[Tick]:
    """At most `most` ticks of a vertical axis."""
    return (log_ticks if scale.log else linear_ticks)(scale.low, scale.high, most)


def format_step(value: float) -> str:
    """A step the way the screens write it: `213 400`."""
    return f"{value:,.0f}".replace(",", " ")


def _step_below(largest: float) -> tuple[int, int]:
    """The largest 1, 2 or 5 × 10^k that is not above `largest`, as (mantissa, k)."""
    exponent = math.floor(math.log10(largest))
    while _power(exponent) > largest:
        exponent -= 1
    return max(mantissa for mantissa in (1, 2, 5) if mantissa * _power(exponent) <= largest), exponent


def _power(exponent: int) -> float:
    """10^exponent, correctly rounded: by the parser, which `10.0 ** k` is not."""
    return float(f"1e{exponent}")


def _multiples(low: float, high: float, mantissa: int, exponent: int) -> list[float]:
    step = mantissa * _power(exponent)
    slack = 1e-9 * (high - low) / step
    counts = range(math.ceil(low / step - slack), math.floor(high / step + slack) + 1)
    return [float(f"{count * mantissa}e{exponent}") for count in counts]


def _labels(values: list[float], exponent: int) -> list[str]:
    """The values in one unit and with the same number of decimals, as many as a step of 10^exponent needs."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0.0:
        return ["0"] * len(values)
    digits = math.floor(math.log10(largest))
    if digits >= 15 or digits < -4:
        return ["0" if value == 0.0 else _scientific(value, max(0, digits - exponent)) for value in values]
    unit = digits // 3 * 3 if digits >= 4 else 0
    decimals = max(0, unit - exponent)
    written = ["0" if value == 0.0 else f"{value / _power(unit):.{decimals}f}{_UNITS[unit]}" for value in values]
    if not unit:
        return written
    in_full = [format_step(value) if exponent >= 0 else f"{value:.{-exponent}f}" for value in values]
    return min(written, in_full, key=lambda labels: max(map(len, labels)))


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _plain(value: float) -> str:
    """One number of one digit on a logarithmic axis."""
    exponent = math.floor(math.log10(value) + 1e-9)
    if exponent >= 15 or exponent < -4:
        return _scientific(value, 0)
    unit = exponent // 3 * 3 if exponent >= 4 else 0
    return f"{value / _power(unit):.{max(0, -exponent)}f}{_UNITS[unit]}"
