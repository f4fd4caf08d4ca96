"""A blind round's result in words, for the screen and the command alike."""

from ravetui.metrics.blind.agreement import Agreement
from ravetui.metrics.blind.preference import EQUAL
from ravetui.metrics.blind.result import DECIDED, BlindResult, VersionResult
from ravetui.metrics.catalogue import METRICS
from ravetui.runs.format import steps

HEADERS = ("version", "stars, 95 %", "preferred, 95 %", "below the best checkpoint")


def version_words(step: int | None) -> str:
    """Name of a version."""
    return "original" if step is None else f"step {steps(step)}"


def row_words(item: VersionResult) -> tuple[str, str, str, str]:
    """A line of the table, under :data:`HEADERS`."""
    stars = f"{item.stars:.1f}{_ends(item.stars_low, item.stars_high, 1.0, '.1f')}"
    preferred = f"{100 * item.preferred:3.0f} %{_ends(item.preferred_low, item.preferred_high, 100.0, '.0f')}"
    return version_words(item.step), stars, preferred, _verdict(item)


def sentences(result: BlindResult) -> list[str]:
    """What has to be known before the table is read: how much counts, and whether the listener knew the original."""
    told = []
    if result.said < result.stimuli:
        whole = f"{_clips(result.clips)} in every version, and only such count"
        told.append(f"{result.said} of {result.stimuli} were rated: {whole}.")
    if not result.versions:
        return [*told, "A comparison takes one clip that was rated in every version, so there is no table."]
    if result.clips == 1:
        told.append("One clip tells no interval, and nothing of other clips.")
    return [*told, original_words(result)]


def original_words(result: BlindResult) -> str:
    """What the hidden original says about the listener."""
    original, others = result.original, result.checkpoints
    assert original is not None
    best = others[0]
    mark, against = f"{original.stars:.1f}", f"{version_words(best.step)} ({best.stars:.1f})"
    above = sum(item.stars > original.stars + EQUAL for item in others)
    if above:
        which = against if above == 1 else f"{above} of {len(others)} checkpoints, {against} the highest"
        return f"You rated the hidden original {mark}, below {which}: this round says little."
    if best.stars > original.stars - EQUAL:
        return f"You rated the hidden original {mark}, no higher than {against}: you did not tell the two apart."
    return f"You preferred the hidden original ({mark}) to every checkpoint: {against} comes next."


def few_words(result: BlindResult) -> list[str]:
    """Why some differences are not told, if any are not."""
    if all(item.verdict != "cannot tell" for item in result.versions):
        return []
    return [f"cannot tell: at this n, {_clips(result.clips)}, chance alone often makes such a difference."]


def agreement_words(result: BlindResult) -> list[str]:
    """What FAD and KID say to it, a sentence each."""
    if not result.versions:
        return []
    if not result.agreements:
        return ["FAD and KID: none of these checkpoints is scored: * marks them, e scores them."]
    without = {(item.embedder, item.reference, item.reason) for item in result.agreements}
    if len(without) == 1 and (first := result.agreements[0]).tau is None:
        names = " and ".join(METRICS[item.metric].label for item in result.agreements)
        return [f"{names} ({_kind(first)}): no number, since {first.reason}."]
    return [_agreement(item) for item in result.agreements]


def _agreement(item: Agreement) -> str:
    if item.tau is None or item.p is None:
        return f"{METRICS[item.metric].label} ({_kind(item)}): no number, since {item.reason}."
    label = METRICS[item.metric].label
    how = "agrees with your ears" if item.tau > 0 else "contradicts your ears"
    if item.p >= DECIDED:
        how = "cannot be told to agree or not"
    number = f"tau-b {item.tau:+.2f}".replace("-0.", "−0.").replace("-1.", "−1.")
    return f"{label} {how}: {number}, {_chance(item.p)}, {item.count} checkpoints ({_kind(item)})."


def _kind(item: Agreement) -> str:
    return f"{item.embedder} against {item.reference}"


def _verdict(item: VersionResult) -> str:
    if item.behind is None or item.p is None:
        return "hidden to check the listener"
    if item.verdict == "only":
        return "the only one"
    if item.verdict == "best":
        return "best"
    return f"−{item.behind:.1f}  {item.verdict}, {_chance(item.p)}"


def _chance(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}" if p < 0.1 else f"p {p:.2f}"


def _ends(low: float | None, high: float | None, factor: float, form: str) -> str:
    if low is None or high is None:
        return ""
    return f"  {factor * low:{form}} to {factor * high:{form}}"


def _clips(count: int) -> str:
    return "1 clip" if count == 1 else f"{count} clips"
