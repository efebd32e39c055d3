"""Find the values of an .ipynb: in its texts, and those that travel in its cells' metadata.

A notebook that readers download has plain numbers; the metadata of the cell says, as a line of
Markdown each, what they are checked against.
"""

from __future__ import annotations

import dataclasses

from nbformat import NotebookNode

from bookproof.reading.chapter import Problem
from bookproof.reading.line import Line, json_lines
from bookproof.reading.notebook import METADATA, Place
from bookproof.reading.values import REMOVED, Finder, mentions


def find(finder: Finder, node: NotebookNode, place: Place) -> None:
    """Find the values of a cell.

    Raises ValueError where the file does not show on which line each stands.
    """
    finder.removed = any(tag in node.metadata.get("tags", ()) for tag in REMOVED)
    if node.cell_type == "code":
        finder.cell += 1
        for key, string, line_number, column in place.captions:
            for line in json_lines(string, line_number, column):
                finder.text(line, plain=key == "alt")
    elif node.cell_type == "markdown" and mentions(node.source):
        finder.read(place.lines())
    carried = node.metadata.get(METADATA, [])
    if isinstance(carried, list) and mentions("".join(carried)):
        _find_carried(finder, node, carried, place)


def _find_carried(finder: Finder, node: NotebookNode, carried: list[str], place: Place) -> None:
    """Find the values in the metadata; each must still be in the text, in the same order."""
    inner = Finder()
    inner.cell = finder.cell
    texts = "".join(carried).split("\n")
    lines = zip(texts, place.blocks, strict=False)
    inner.read([Line(text, number, range(len(text) + 1)) for text, number in lines])
    finder.problems += inner.problems
    position = 0
    for value in inner.values:
        if node.cell_type == "markdown":
            found = node.source.find(value.text, position)
            if found < 0:
                message = f"{{{value.directive}}} is about `{value.text}`, which the text lacks"
                finder.problems.append(Problem(value.line, message))
                continue
            position = found + len(value.text)
        finder.values.append(dataclasses.replace(value, number=None, plain=True))
