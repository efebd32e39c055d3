"""A value in a text: `{expect}` in Sphinx's `text <target>` form, `{unverified}`, `{eval}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

CHECKED = ("expect", "unverified")
"""The roles that show what their author wrote."""

SHOWN = "eval"
"""The role, and directive, of MyST-NB that shows what the code gives."""

_EXPLICIT = re.compile(r"\s*(?P<text>[^<]*?)\s*<\s*(?P<target>.*?)\s*>\s*", re.DOTALL)
_MARK = re.compile(r"#(\d+)\Z")


class Question(NamedTuple):
    """An expression that a chapter asks for after the cell of an index.

    `shown` says that it is for a page to show, in all its forms.
    """

    cell: int
    expression: str
    shown: bool = False


class Place(NamedTuple):
    """A place in a file: a 1-based line and a 0-based column."""

    line: int
    column: int


@dataclass(frozen=True)
class Value:
    """A value in the text of a chapter, below the code cell of index `cell`.

    `text` is what its author wrote, `target` the expression, or the reason why nothing compares
    it. `start` to `end` is the whole of it in the file; `number` where its text begins and ends,
    None where it cannot be rewritten; `mark` where a page may number it. `plain` says that no
    role can stand there, so that the page has its text alone.
    """

    directive: str
    text: str
    target: str
    cell: int
    start: Place
    end: Place
    number: tuple[Place, Place] | None
    mark: Place
    plain: bool = False

    @property
    def line(self) -> int:
        """Return the 1-based line of the file."""
        return self.start.line

    @property
    def column(self) -> int:
        """Return the 1-based column of the file."""
        return self.start.column + 1

    @property
    def question(self) -> Question | None:
        """Return what has to be asked of the kernel, None where nothing compares it."""
        if self.directive == "unverified":
            return None
        return Question(self.cell, self.target, self.directive == SHOWN)


def split(body: str) -> tuple[str, str] | None:
    """Return the text and the target of what stands between a role's backticks.

    >>> split("0.93 <acc>")
    ('0.93', 'acc')
    """
    found = _EXPLICIT.fullmatch(body)
    if found is None or not found["text"] or not found["target"]:
        return None
    return one_line(found["text"]), one_line(found["target"])


def spans(body: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where the text and the target of a body, which `split` can read, begin and end."""
    found = _EXPLICIT.fullmatch(body)
    return found.span("text"), found.span("target")


def one_line(text: str) -> str:
    """Return a text with the ends of its lines as blanks."""
    return re.sub(r"\s*\n\s*", " ", text)


def numbered(text: str, values: tuple[Value, ...]) -> str:
    """Return a chapter's file with each value numbered, and plain text where no role can stand.

    The number stands at the end of the target, as `#3`: in Python a comment. A value that does
    not stand where it was found, because something has changed the text, gets none.
    """
    lines = text.split("\n")
    for index, value in sorted(enumerate(values), key=lambda item: item[1].start, reverse=True):
        place = value.end if value.plain else value.mark
        if place.line > len(lines) or not _stands(lines, value):
            continue
        line = lines[place.line - 1]
        if not value.plain:
            line = f"{line[: place.column]}#{index}{line[place.column :]}"
        elif value.number:
            first, last = (place.column for place in value.number)
            line = line[: value.start.column] + line[first:last] + line[value.end.column :]
        lines[place.line - 1] = line
    return "\n".join(lines)


def _stands(lines: list[str], value: Value) -> bool:
    return lines[value.line - 1].startswith(f"{{{value.directive}", value.start.column)


def unnumbered(target: str) -> tuple[str, int | None]:
    """Return a target without the number that `numbered` gave it, and that."""
    found = _MARK.search(target)
    return (target[: found.start()], int(found[1])) if found else (target, None)
