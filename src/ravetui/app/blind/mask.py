"""Names that tell nothing for the files of a blind round."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ravetui.errors import SoundError
from ravetui.runs.blind.shuffle import Stimulus


class Mask:
    """Links to the stimuli, named by their place in the order.

    What plays is named in messages, on the browser's page and at the laptop's end; a checkpoint's folder has its step
    in its name.

    Args:
        order: The stimuli.
        files: Where they lie; one that is missing has no link.
    """

    def __init__(self, order: Sequence[Stimulus], files: Mapping[Stimulus, Path]) -> None:
        self._order = order
        self._files = files
        self._folder = tempfile.TemporaryDirectory(prefix="ravetui-blind-")

    def path(self, place: int) -> Path:
        """A link to the stimulus at a place of the order, counted from 0.

        Raises:
            SoundError: There is no such file, or no link can be made.
        """
        file = self._files.get(self._order[place])
        if file is None:
            raise SoundError("No file", f"The file of number {place + 1} is gone.", "0 leaves it out.")
        link = Path(self._folder.name) / f"{place + 1:03d}{file.suffix}"
        try:
            if not link.is_symlink():
                link.symlink_to(file)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SoundError("No link", f"{link} cannot be made: {reason}.", "Free some space.") from None
        return link

    def after(self, place: int) -> Path | None:
        """A link to the next stimulus; None: there is none."""
        there = place + 1 < len(self._order) and self._order[place + 1] in self._files
        return self.path(place + 1) if there else None

    def place_of(self, path: Path) -> int | None:
        """The place that a link is of; None: it is none of these."""
        mine = path.parent == Path(self._folder.name) and path.stem.isdigit()
        return int(path.stem) - 1 if mine else None

    def beside(self, place: int) -> tuple[Path, ...]:
        """Links to every version of the clip at that place."""
        clip = self._order[place].clip
        same = [number for number, one in enumerate(self._order) if one.clip == clip and one in self._files]
        return tuple(self.path(number) for number in same)

    def coming(self, place: int) -> tuple[Path, ...]:
        """Links to every version of the clip that comes after the one at that place."""
        clip, later = self._order[place].clip, range(place, len(self._order))
        return next((self.beside(number) for number in later if self._order[number].clip != clip), ())

    def close(self) -> None:
        """Remove the links."""
        self._folder.cleanup()
