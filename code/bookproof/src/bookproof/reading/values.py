"""Find the values in a text of MyST Markdown, wherever MyST would see a role.

MyST's own parser tells where that is: not in code, nor behind a backslash, but in the body of a
directive, in a table, a heading, a footnote. In an option of a directive, or of a code cell, a
role does not work; there a value is found too, for the sake of alternative texts.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence

from markdown_it.token import Token

from bookproof.reading.chapter import Problem
from bookproof.reading.dialect import JUPYTER_BOOK, Dialect
from bookproof.reading.line import Line, plain_lines
from bookproof.reading.syntax import parser, roles
from bookproof.reading.value import CHECKED, SHOWN, Place, Value, one_line, spans, split

_HINT = re.compile(r"\{(?:expect|unverified|eval)\}`|\{eval(?::figure)?\} ")
_CELL = "{code-cell}"
_SHOWING = (f"{{{SHOWN}}}", f"{{{SHOWN}:figure}}")
_LOST = "cannot be found in the file: write it in one line"
_BLOCKS = ("{expect}", "{unverified}")
_LITERAL = (
    *("{code-block}", "{code}", "{sourcecode}", "{literalinclude}", "{raw}", "{math}"),
    *("{raw-cell}", "{eval-rst}", "{mermaid}", "{graphviz}", "{toctree}"),
)
_DIRECTIVE = re.compile(r"\{[\w:+-]+\}\Z")
_OPTION = re.compile(r"\s*:[\w-]+:(?:\s|\Z)")
_KEY = re.compile(r"([\w-]+):(?=\s|\Z)")
REMOVED = ("remove-cell", "remove_cell")
"""The tags of a cell, also one of text, that is not on the page."""


def mentions(text: str) -> bool:
    """Tell whether a text may have a value in it: quickly, and rather too often."""
    return _HINT.search(text) is not None


def has_any(text: str, dialect: Dialect) -> bool:
    """Tell whether a file of Markdown has a value in it, be it a wrong one."""
    finder = Finder(dialect)
    if mentions(text):
        finder.read(plain_lines(text))
    return bool(finder.values or finder.problems)


class Finder:
    """Find values, and what is wrong with them, in text after text.

    `cell` is the index of the last code cell above, `removed` says that the page does not show it,
    `colons` that a fence of colons may be a cell, too.
    """

    def __init__(self, dialect: Dialect = JUPYTER_BOOK):
        self.values: list[Value] = []
        self.problems: list[Problem] = []
        self.cell = -1
        self._parser = parser(dialect)
        self.removed = False
        self.colons = False

    def read(self, lines: Sequence[Line], top: bool = False) -> None:
        """Find the values in these lines; on `top` level there may be code cells among them."""
        ends: dict[int, int] = {}  # in a row of a table
        in_table = False
        for token in self._parser.parse("\n".join(line.text for line in lines) + "\n"):
            if token.type in ("td_open", "th_open"):
                in_table = True
            elif token.type == "inline" and in_table:
                row = token.map[0]
                found = lines[row].cell(token.content, ends.get(row, 0))
                if found:
                    ends[row] = lines[row].columns.index(found.columns[-1])
                self._roles(token, [found])
                in_table = False
            elif token.type == "inline" and mentions(token.content):
                around = zip(lines[token.map[0] :], token.content.split("\n"), strict=False)
                self._roles(token, [line.tail(content) for line, content in around])
            elif token.type in ("fence", "colon_fence"):
                self._fence(token, lines[token.map[0] : token.map[1]], top and token.level == 0)
            elif token.type == "myst_block_break" and top:
                self.removed = _is_removed(token.content)

    def text(self, line: Line, plain: bool = False) -> None:
        """Find the values in a text of one line without blocks, say a title."""
        if mentions(line.text):
            [token] = self._parser.parseInline(line.text)
            self._roles(token, [line], plain)

    def options(self, lines: Sequence[Line]) -> int:
        """Find the values in the options on top of a directive's body; return how many lines."""
        count = _options(lines)
        key = ""
        for line in lines[:count]:
            found = _KEY.search(line.text)
            key = found[1] if found else key
            self.text(line, plain=key != "caption")
        return count

    def _fence(self, token: Token, lines: Sequence[Line], top: bool) -> None:
        name, _, argument = token.info.strip().partition(" ")
        if top and (self.colons or token.type == "fence") and token.info.startswith(_CELL):
            self.cell += 1
            self.removed, name = False, _CELL
        if not _DIRECTIVE.match(name) or name in _BLOCKS:
            return
        if name in _SHOWING:
            self._shown(lines[0], name, argument.strip())
        elif name not in (_CELL, *_LITERAL) and mentions(argument):
            self.text(lines[0].tail(argument))
        if not mentions(token.content):
            return
        content = token.content.split("\n")[:-1]
        body = [line.tail(text) for line, text in zip(lines[1:], content, strict=False)]
        if None in body:
            self._wrong(lines[0].number, name.strip("{}"), _LOST)
            return
        count = self.options(body)
        if name not in (_CELL, *_LITERAL):
            self.read(body[count:])

    def _roles(self, token: Token, lines: Sequence[Line | None], plain: bool = False) -> None:
        for name, start, end, in_picture in roles(token.children or ()):
            if name not in (*CHECKED, SHOWN) or (name == SHOWN and (plain or in_picture)):
                continue  # MyST-NB shows none in there
            if None in lines:
                line = next((line.number for line in lines if line), 1)
                self._wrong(line, name, _LOST)
                continue
            raw = token.content[start:end]
            self._role(name, raw, functools.partial(_place, lines, start), plain or in_picture)

    def _role(self, name: str, raw: str, place, plain: bool) -> None:
        """Add the value of a role; `place` gives the place in the file by that in `raw`."""
        ticks = re.match(r"\{\w+\}(`+)", raw)
        body = raw[ticks.end() : -len(ticks[1])]
        start, end, shift = place(0), place(len(raw) - 1), ticks.end()
        end = Place(end.line, end.column + 1)
        if self.removed:
            return
        if name == SHOWN:
            mark = place(shift + len(body.rstrip()))
            self._add(Value(name, "", one_line(body.strip()), self.cell, start, end, None, mark))
        elif (found := split(body)) is None:
            target = "expression" if name == "expect" else "reason"
            self._wrong(start.line, name, f"`{body}` needs the form `text <{target}>`")
        else:
            text, (_, last) = spans(body)
            number = place(shift + text[0]), place(shift + text[1])
            number = number if number[0].line == number[1].line else None
            mark = place(shift + last)
            if plain and start.line != end.line:
                self._wrong(start.line, name, "must stand in one line here")
                return
            self._add(Value(name, *found, self.cell, start, end, number, mark, plain))

    def _shown(self, line: Line, name: str, expression: str) -> None:
        """Add the value of a directive that shows one."""
        found = line.tail(expression)
        opening = line.text.find(name)
        if self.removed or not expression or found is None:
            return
        start, end = (Place(line.number, at) for at in (line.columns[opening], found.columns[-1]))
        self._add(Value(SHOWN, "", expression, self.cell, start, end, None, end))

    def _add(self, value: Value) -> None:
        if value.question and value.cell < 0:
            what = f"`{value.target}` stands above all cells: there is nothing to evaluate it in"
            self._wrong(value.line, value.directive, what)
        else:
            self.values.append(value)

    def _wrong(self, line: int, name: str, what: str) -> None:
        self.problems.append(Problem(line, f"{{{name}}} {what}"))


def _place(lines: Sequence[Line], start: int, offset: int) -> Place:
    """Return the place in the file of a character of the text that these lines make."""
    offset += start
    for line in lines:
        if offset <= len(line.text):
            return Place(line.number, line.columns[offset])
        offset -= len(line.text) + 1
    raise AssertionError("a role ends within its text")


def _options(lines: Sequence[Line]) -> int:
    """Return how many of the lines of a directive's body are its options."""
    texts = [line.text for line in lines]
    if texts and texts[0].startswith("---"):
        ends = (n for n, text in enumerate(texts[1:], start=2) if text.startswith("---"))
        return next(ends, len(texts))
    return next((n for n, text in enumerate(texts) if not _OPTION.match(text)), len(texts))


def _is_removed(metadata: str) -> bool:
    """Tell whether a block break says that the text below it is not on the page."""
    try:
        tags = json.loads(metadata or "{}").get("tags", ())
    except (ValueError, AttributeError):
        return False
    return any(tag in tags for tag in REMOVED)
