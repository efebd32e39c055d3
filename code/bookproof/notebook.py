"""Find the lines of an .ipynb file on which the lines of its cells stand."""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}\[\]]')
_CELL = ["", "cells", ""]


def source_lines(text: str) -> list[list[int]]:
    """Return for every cell the 1-based line in the file of each line of its source.

    A cell without source has the line on which it begins.
    """
    cells: list[list[int]] = []
    starts: list[int] = []
    stack: list[str] = []  # the key of each open array and object, empty in an array
    key, line, position = "", 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", position, token.start())
        position = token.start()
        string, colon = token.groups()
        if colon:
            key = json.loads(string)
        elif string:
            if [*stack, key] in ([*_CELL, "source"], [*_CELL, "source", ""]):
                content = json.loads(string)
                count = content.count("\n") + (not content.endswith("\n"))
                cells[-1] += [line] * count
        elif token.group() in "{[":
            stack.append(key)
            key = ""
            if stack == _CELL:
                cells.append([])
                starts.append(line)
        else:
            stack.pop()
            key = ""
    return [lines or [start] for lines, start in zip(cells, starts, strict=True)]
