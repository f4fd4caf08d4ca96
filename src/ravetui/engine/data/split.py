"""Which files are kept for validation."""

from collections.abc import Mapping


def choose_validation(frames: Mapping[str, int], fraction: float) -> frozenset[str]:
    """Choose validation files by their content, whatever their names and order.

    The files are walked in the order of their content hashes, which is random but fixed. A file is taken when that
    brings the validation split closer to ``fraction`` of all the audio. So the choice does not depend on names, folders
    or the order of sources, and an added file moves others only by its own share: it is somewhere in the order, and
    the others keep theirs.

    Args:
        frames: Length of each file by its content hash; at least two files.
        fraction: Wanted share of validation, above 0 and at most 0.5.

    Returns:
        The hashes of the validation files: at least one and never all.
    """
    wanted = fraction * sum(frames.values())
    chosen: set[str] = set()
    have = 0
    for content in sorted(frames):
        if abs(have + frames[content] - wanted) < abs(have - wanted):
            chosen.add(content)
            have += frames[content]
    # Every file may be longer than twice the wanted share: the shortest is then the closest.
    return frozenset(chosen or {min(frames, key=lambda content: (frames[content], content))})
