"""Text set in columns of terminal cells."""

from textual.content import Content


def spread(left: Content, right: Content, width: int) -> Content:
    """``left`` at the left edge, cut with an ellipsis where it must be, ``right`` at the right edge."""
    room = max(width - right.cell_length - (1 if right.cell_length else 0), 0)
    shown = cut(left, room)
    gap = max(width - shown.cell_length - right.cell_length, 0)
    return Content.assemble(shown, " " * gap, right)


def cut(text: Content, width: int) -> Content:
    """At most so many cells, ending in an ellipsis if something was cut."""
    return text if text.cell_length <= width else text.truncate(width, ellipsis=True)


def cell(text: str, width: int, style: str = "") -> Content:
    """One cell of a table, padded to its width."""
    content = cut(Content.styled(text, style) if style else Content(text), width)
    return Content.assemble(content, " " * (width - content.cell_length))
