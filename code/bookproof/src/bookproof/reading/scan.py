"""Scan a chapter: its cells, and the blocks that say what the cells must give.

Cells are the ones that MyST-NB would execute, in the same order, read by MyST-NB's own reader.
A block stands directly under its cell, with nothing but blank lines or other blocks between. In
an .ipynb it stands in the Markdown cell after the code cell, or in the code cell's metadata.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
import yaml
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat import NotebookNode

from bookproof.reading import carried, dialect, formats, mystmd
from bookproof.reading.after import declared
from bookproof.reading.chapter import SKIP, Chapter, Problem
from bookproof.reading.dialect import Dialect
from bookproof.reading.encoding import decode, line_of_fault
from bookproof.reading.fences import block_of, fences, is_closed, source_line
from bookproof.reading.hidden import BLOCKS, HIDDEN_CELL, hidden
from bookproof.reading.line import plain_lines
from bookproof.reading.mystmd_syntax import runs
from bookproof.reading.notebook import METADATA, SETUP, Place, places
from bookproof.reading.scanner import Scanner
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.reading.values import has_any, mentions

_LINE_END = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def is_chapter(path: Path, settings: Settings = DEFAULT) -> bool:
    """Tell whether a file is one to be checked: a notebook, or a .md with code cells.

    A file that cannot be read, or that has code cells, blocks or broken front matter without
    being a notebook to MyST-NB, counts too, so that `scan` reports it.
    """
    if path.suffix == ".ipynb" or formats.format_of(path, settings):
        return True
    if path.suffix != ".md":
        return False
    try:
        text = decode(path.read_bytes())
        if settings.project is not None:
            return runs(text) or has_any(text, settings.dialect)
        return _has_code(text, settings.dialect)
    except (OSError, ValueError):
        return True


@functools.lru_cache(4096)  # a process that lives asks again and again
def _has_code(text: str, spoken: Dialect) -> bool:
    """Tell whether a file of Markdown is a notebook, or should be one."""
    if is_myst_markdown_notebook(text) or "mystnb" in _head(text):
        return True
    blocks = any(directive in text for directive in ("{code-cell}", *BLOCKS)) and any(
        token.info.startswith(BLOCKS) or (token.info.startswith("{code-cell}") and not nested)
        for token, nested in fences(text, spoken)
    )
    return blocks or has_any(text, spoken)


def scan(
    root: Path, name: str, content: bytes | None = None, settings: Settings = DEFAULT
) -> Chapter:
    """Read chapter `name` (a path relative to `root`) into cells, blocks and problems.

    `content` is what the file holds, where the caller has read it; `settings` are the book's.
    Never raises for what an author can write: what is wrong is in `problems`.
    """
    path = root / name
    try:
        # Line ends stay as they are in `path`; here they must not matter.
        data = path.read_bytes() if content is None else content
        text = decode(data)
    except OSError as error:
        return Chapter(name, path, problems=(Problem(1, f"cannot be read: {error.strerror}"),))
    except ValueError as error:
        return Chapter(name, path, problems=(Problem(line_of_fault(data), str(error)),))
    try:
        scanner, settings = _scanned(path, text, settings)
        return declared(scanner.chapter(name, path, settings), scanner.head, text)
    except Exception as error:  # the readers raise many kinds; each means the same here
        found = Problem(_line_of(error), f"cannot be read as a notebook: {_one_line(error)}")
    return Chapter(name, path, problems=(found,))


def _scanned(path: Path, text: str, settings: Settings) -> tuple[Scanner, Settings]:
    """Return what is in a chapter, and the settings of the book as the chapter has them."""
    if settings.project is not None and path.suffix != ".ipynb":
        return mystmd.scan(path, text, settings)
    if settings.project is not None:
        notebook = nbformat.reads(text, as_version=4)
        settings = mystmd.prepare(notebook, settings)
        return _scan_cells(notebook, places(text), settings), settings
    if own := formats.format_of(path, settings):
        return _scan_format(own, text, settings), settings
    if path.suffix == ".ipynb":
        return _scan_notebook(text, settings), settings
    return _scan_markdown(path, text, settings), settings


def _scan_markdown(path: Path, text: str, settings: Settings) -> Scanner:
    head = yaml.load(_head(text), yaml.BaseLoader)  # a name like 01 is no number
    if not is_myst_markdown_notebook(text):  # MyST-NB would take it for text and run nothing
        raise ValueError("there are code cells or blocks, but no `file_format: mystnb` on top")
    notebook = read_myst_markdown_notebook(text, dialect.config_of(settings.dialect), path=path)
    lines = text.split("\n")
    scanner = Scanner(notebook, settings)
    scanner.head = head
    for number, line in enumerate(lines, start=1):
        if found := _LINE_END.search(line):
            message = f"U+{ord(found[0]):04X} ends a line for MyST-NB, not for Markdown: remove it"
            scanner.problems.append(Problem(number, message))
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    free = None  # the line after the last cell or block: a block here belongs to that cell
    for token, nested in fences(text, scanner.dialect):
        start, end = token.map
        directive = token.info.strip().partition(" ")[0]
        is_cell = token.info.startswith("{code-cell}")
        if is_cell and (nested or token.type != "fence"):
            scanner.problems.append(Problem(start + 1, HIDDEN_CELL))
        elif is_cell:
            node = next(code)
            scanner.add_cell(node, start + 1, source_line(token, node.source), end)
            free = end
        elif directive in BLOCKS:
            block = block_of(token, range(1, len(lines) + 2))
            attached = free is not None and not nested and not "".join(lines[free:start]).strip()
            scanner.add_block(block, attached, is_closed(token, lines))
            free = end if attached else free
        else:
            scanner.problems += hidden(token, start + 1, scanner.dialect)
    if next(code, None) is not None:
        raise ValueError("MyST-NB would run a cell that bookproof does not see")
    if mentions(text):
        scanner.finder.read(plain_lines(text), top=True)
        if scanner.finder.cell != len(scanner.cells) - 1:
            raise ValueError("the values in the text cannot be told to their cells")
    return scanner


def _scan_notebook(text: str, settings: Settings) -> Scanner:
    return _scan_cells(nbformat.reads(text, as_version=4), places(text), settings)


def _scan_format(own: formats.Format, text: str, settings: Settings) -> Scanner:
    notebook = own.read(text)
    return _scan_cells(notebook, formats.places(text, notebook), settings)


def _scan_cells(notebook: NotebookNode, found: Sequence[Place], settings: Settings) -> Scanner:
    """Scan cells, of which it is known where each stands."""
    scanner = Scanner(notebook, settings)
    open_cell = False
    for node, place in zip(notebook.cells, found, strict=True):
        if node.cell_type == "code":
            blocks = node.metadata.get(METADATA, [])
            if blocks == SETUP:
                node.metadata.tags = [*node.metadata.get("tags", ()), SKIP]
                blocks = []
            if not isinstance(blocks, list) or len(blocks) != len(place.blocks):
                raise ValueError(f"metadata.{METADATA} must be a list of lines")
            scanner.add_cell(node, place.source[0], place.source[0], place.source[-1])
            scanner.add_blocks("".join(blocks), place.blocks, attached=True)
            open_cell = True
        elif node.cell_type == "markdown":
            rest = scanner.add_blocks(node.source, place.source, open_cell)
            open_cell = open_cell and not rest
        carried.find(scanner.finder, node, place)
    return scanner


def _head(text: str) -> str:
    """Return the front matter, empty where there is none."""
    return text.split("\n---", 1)[0].removeprefix("---") if text.startswith("---") else ""


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
