"""A line of words that is painted only when it says something else."""

from textual.content import Content
from textual.widgets import Static


def tell(line: Static, words: Content, *, layout: bool = True) -> None:
    """Put words on a line that does not say them yet.

    Args:
        line: Where.
        words: Compared as text: colours alone paint nothing.
        layout: Whether they may take another number of rows.
    """
    if not isinstance(line.content, Content) or line.content.plain != words.plain:
        line.update(words, layout=layout)
