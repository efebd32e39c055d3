"""Where each character of a text that was taken out of a file stands in that file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|[^\"\\]", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line of a text, or a piece of one, and its place.

    `number` is the 1-based line of the file, `columns` has the 0-based column there of each
    character, and of what follows the last.
    """

    text: str
    number: int
    columns: Sequence[int]

    def rest(self, start: int) -> Line:
        """Return what stands from a position on."""
        return Line(self.text[start:], self.number, self.columns[start:])

    def tail(self, content: str) -> Line | None:
        """Return the place of `content`, as a parser has it: without what is before it.

        A parser may have made blanks of a tab. None where the line does not have that content.
        """
        bare = content.strip()
        start = len(self.text.rstrip()) - len(bare)
        if start < 0 or not self.text.startswith(bare, start):
            start = self.text.find(bare)
        return self._piece(content, start, start + len(bare)) if start >= 0 else None

    def cell(self, content: str, start: int) -> Line | None:
        """Return the place of a table's cell, looked for from `start` on.

        In the file its vertical bars are escaped.
        """
        pattern = "".join(r"\\?\|" if c == "|" else re.escape(c) for c in content)
        found = re.compile(pattern).search(self.text, start)
        if found is None:
            return None
        places = [
            i
            for i in range(found.start(), found.end())
            if not self.text.startswith("\\|", i) or i + 1 == found.end()
        ]
        columns = [*(self.columns[i] for i in places), self.columns[found.end()]]
        return Line(content, self.number, columns)

    def _piece(self, content: str, start: int, end: int) -> Line:
        before = len(content) - len(content.lstrip())
        after = len(content) - before - (end - start)
        columns = self.columns[start : end + 1]
        padded = [columns[0]] * before + [*columns] + [columns[-1]] * after
        return Line(content, self.number, padded)


def plain_lines(text: str) -> list[Line]:
    """Return the lines of a file's text."""
    return [
        Line(line, number, range(len(line) + 1))
        for number, line in enumerate(text.split("\n"), start=1)
    ]


def json_lines(literal: str, number: int, column: int) -> list[Line]:
    """Return the lines of a JSON string, whose opening quote stands in this line and column."""
    lines, text, columns, place = [], "", [], column + 1
    for found in _CHARACTER.finditer(literal[1:-1]):
        character = json.loads(f'"{found[0]}"')
        if character == "\n":
            lines.append(Line(text, number, [*columns, place]))
            text, columns = "", []
        else:
            text += character
            columns.append(place)
        place += len(found[0])
    if text or not lines:
        lines.append(Line(text, number, [*columns, place]))
    return lines
