"""Notebooks in formats of a book's own: pages that `nb_custom_formats` names a reader for.

Their reader gives cells, not the lines on which they stand; those are found by their text.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from nbformat import NotebookNode
from nbformat.v4 import upgrade

from bookproof.reading.line import Line
from bookproof.reading.notebook import METADATA, Place
from bookproof.reading.settings import Settings

_MARK = re.compile(r"[^\w\s]*\s?")  # what makes a line a comment: `# `, `// `, `-- `


@dataclass(frozen=True)
class Format:
    """How a page is read: by a function of this name, with these options."""

    reader: str
    options: Mapping[str, object] = field(default_factory=dict)
    commonmark: bool = False

    def read(self, text: str) -> NotebookNode:
        """Return the notebook that a text is; raise ValueError where it cannot be read."""
        try:
            read = pkgutil.resolve_name(self.reader)
        except (AttributeError, ImportError, ValueError) as error:
            message = f"its reader {self.reader!r}, from nb_custom_formats, cannot be imported"
            raise ValueError(f"{message}: {error}") from error
        notebook = read(text, **self.options)
        if not isinstance(notebook, NotebookNode):
            given = type(notebook).__name__
            message = f"its reader {self.reader!r} gives {given}, wanted a notebook (NotebookNode)"
            raise ValueError(message)
        return notebook if notebook.get("nbformat") == 4 else upgrade(notebook)


def format_of(path: PurePath, settings: Settings) -> Format | None:
    """Return how a page is read, None where MyST-NB itself reads it.

    The longest suffix decides, as in MyST-NB.
    """
    known = sorted({".ipynb", *settings.custom_formats}, key=len, reverse=True)
    suffix = next((suffix for suffix in known if str(path).endswith(suffix)), None)
    return Format(*settings.custom_formats[suffix]) if suffix in settings.custom_formats else None


@dataclass
class Commented(Place):
    """Where a cell stands in a file whose lines are those of the cell, or comments of them."""

    found: list[Line] | None = None

    def lines(self) -> list[Line]:
        """Return the lines of its source.

        Raises ValueError where they are not in the file.
        """
        if self.found is None:
            raise ValueError("the lines of a cell are not in the file as its reader gives them")
        return self.found


def places(text: str, notebook: NotebookNode) -> list[Place]:
    """Return for each cell where its source stands in the text.

    A cell whose source is not in the text, line by line, is said to stand on one line: the first
    that no cell before it has. So do the blocks that its metadata holds, on its last line.
    """
    lines, free = text.split("\n"), 0
    found: list[Place] = []
    for cell in notebook.cells:
        source = cell.source.split("\n")
        start = _find(source, lines, free)
        if cell.source.strip() and start is not None:
            numbers = [*range(start + 1, start + len(source) + 1)]
            known = [_line(lines[n - 1], n, line) for n, line in zip(numbers, source, strict=True)]
            free = start + len(source)
        else:
            numbers, known = [min(free, len(lines) - 1) + 1] * len(source), None
        carried = cell.metadata.get(METADATA, [])
        blocks = [numbers[-1]] * len(carried) if isinstance(carried, list) else []
        found.append(Commented(numbers[0], numbers[-1], numbers, blocks, found=known))
    return found


def _line(text: str, number: int, source: str) -> Line:
    """Return a line of a cell's source that stands at the end of a line of the file."""
    bare = source.rstrip()
    start = len(text.rstrip()) - len(bare)
    return Line(bare, number, range(start, start + len(bare) + 1))


def _find(source: Sequence[str], lines: Sequence[str], free: int) -> int | None:
    """Return the first line from which on a source stands, as it is or commented out."""
    for same in (str.__eq__, _is_commented):
        for start in range(free, len(lines) - len(source) + 1):
            if all(same(lines[start + i].rstrip(), line.rstrip()) for i, line in enumerate(source)):
                return start
    return None


def _is_commented(line: str, source: str) -> bool:
    return line.endswith(source) and bool(_MARK.fullmatch(line.removesuffix(source)))
