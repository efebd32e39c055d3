"""Count the lines and columns of a text as an editor does that speaks the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lsprotocol.types import Position, Range, TextEdit

from bookproof.authoring.edits import Change
from bookproof.reading.value import Place

Count = Callable[[str], int]
"""What tells how many code units a text has, in the encoding that was agreed upon."""

_END = re.compile("\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, which only line feeds and carriage returns end."""
    return _END.split(text.removeprefix("\ufeff"))


def position(place: Place, lines: Sequence[str], count: Count) -> Position:
    """Return the position of a place in these lines, of one that they lack the nearest."""
    number = min(max(place.line, 1), len(lines))
    return Position(number - 1, count(lines[number - 1][: place.column]))


def span(places: tuple[Place, Place], lines: Sequence[str], count: Count) -> Range:
    """Return the range from a place to another."""
    start, end = places
    return Range(position(start, lines, count), position(end, lines, count))


def edit(change: Change, lines: Sequence[str], count: Count) -> TextEdit:
    """Return a change of these lines as an editor takes it."""
    return TextEdit(span((change.start, change.end), lines, count), change.text)


def place(position: Position, lines: Sequence[str], count: Count) -> Place:
    """Return the place of a position in these lines."""
    line = lines[position.line] if position.line < len(lines) else ""
    units = 0
    for column, character in enumerate(line):
        if units >= position.character:
            return Place(position.line + 1, column)
        units += count(character)
    return Place(position.line + 1, len(line))
