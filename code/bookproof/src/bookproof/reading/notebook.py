"""Find the lines of an .ipynb file on which its cells stand, and write new cells between them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from nbformat.v4 import new_markdown_cell

from bookproof.reading.line import Line, json_lines

METADATA = "bookproof"
"""Where the metadata of a code cell has its blocks, as lines of Markdown, or `SETUP`."""

SETUP = "setup"
"""What marks a cell that only readies the machine of a reader: it is not run by the check."""

CAPTIONS = ("alt", "caption")
"""What MyST-NB is told of the pictures of a cell, in words."""

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}\[\]]')
_CELL = ["", "cells", ""]
_NOT_LINES = "the source of a cell has not a line in each line"


@dataclass
class Place:
    """Where a cell stands in the file: 1-based lines, one for each line of its source.

    A cell without source has its first line there. `blocks` has the lines of those blocks that
    its metadata holds. `strings` are those that make its source, `captions` what its metadata
    says of its pictures, each with the line and the 0-based column of its opening quote.
    """

    start: int
    end: int = 0
    source: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    strings: list[tuple[str, int, int]] = field(default_factory=list)
    captions: list[tuple[str, str, int, int]] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """Return the lines of its source.

        Raises ValueError where the file does not begin a line with each of its strings.
        """
        found = [line for string in self.strings for line in json_lines(*string)]
        if any(not json.loads(literal).endswith("\n") for literal, *_ in self.strings[:-1]):
            raise ValueError(_NOT_LINES)
        return found


def places(text: str) -> list[Place]:
    """Return for every cell of a notebook's text where it stands."""
    found: list[Place] = []
    stack: list[str] = []  # the key of each open array and object, empty in an array
    key, line, position = "", 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", position, token.start())
        position = token.start()
        column = position - text.rfind("\n", 0, position) - 1
        string, colon = token.groups()
        if colon:
            key = json.loads(string)
        elif string:
            if [*stack, key] == [*_CELL, "metadata", METADATA, ""]:
                found[-1].blocks.append(line)
            elif key in CAPTIONS and stack[:4] == [*_CELL, "metadata"]:
                found[-1].captions.append((key, string, line, column))
            elif [*stack, key] in ([*_CELL, "source"], [*_CELL, "source", ""]):
                content = json.loads(string)
                found[-1].strings.append((string, line, column))
                count = content.count("\n") + (not content.endswith("\n"))
                found[-1].source += [line] * count
        elif token.group() in "{[":
            stack.append(key)
            key = ""
            if stack == _CELL:
                found.append(Place(line))
        else:
            if stack == _CELL:
                found[-1].end = line
                found[-1].source = found[-1].source or [found[-1].start]
            stack.pop()
            key = ""
    return found


class Lines:
    """The lines of a notebook's file, to be rewritten one by one.

    Lines are 0-based and ranges half open here. Raises ValueError where the file has not a line
    for each line of a cell's source, as Jupyter writes it.
    """

    def __init__(self, text: str):
        content = json.loads(text)
        self._lines = [line.rstrip("\r") for line in text.split("\n")]
        cells = zip(places(text), content["cells"], strict=True)
        self._ends = [place.end for place, cell in cells if cell["cell_type"] == "code"]
        self._has_ids = (content["nbformat"], content["nbformat_minor"]) >= (4, 5)
        self._escape = text.isascii() and "\\u" in text

    def source(self, start: int, end: int, lines: list[str]) -> list[str]:
        """Return what the lines `start` to `end` of a source become."""
        old = self._lines[start:end]
        if not old or not all(isinstance(_item(line), str) for line in old):
            raise ValueError(_NOT_LINES)
        return [f"{_indent(old[0])}{self._dump(line + chr(10))}," for line in lines]

    def below(self, index: int, lines: list[str]) -> tuple[int, list[str]]:
        """Return the last line of the `index`-th code cell, and what it becomes.

        A Markdown cell that holds `lines` follows it then.
        """
        end = self._ends[index] - 1
        last = self._lines[end]
        if last.strip() not in ("}", "},"):
            raise ValueError(_NOT_LINES)
        cell = new_markdown_cell([f"{line}\n" for line in lines[:-1]] + lines[-1:])
        if not self._has_ids:
            del cell["id"]
        step = len(_indent(self._lines[end - 1])) - len(_indent(last))
        text = self._dump(cell, indent=step, sort_keys=True) + "," * last.endswith(",")
        return end, [_indent(last) + line for line in ["},", *text.split("\n")]]

    def _dump(self, value: object, **layout) -> str:
        return json.dumps(value, ensure_ascii=self._escape, **layout)


def in_string(text: str, around: str) -> str:
    """Return a text as it stands in a JSON string, escaped like what is around it."""
    ascii_only = around.isascii() and "\\u" in around
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _item(line: str) -> object:
    """Return the value of a line that holds an item of an array, else None."""
    try:
        return json.loads(line.strip().removesuffix(","))
    except ValueError:
        return None
