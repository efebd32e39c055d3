"""Scan a chapter: its cells, and the blocks that say what the cells must give.

Cells are the ones that MyST-NB would execute, in the same order, read by MyST-NB's own reader.
A block stands directly under its cell, with nothing but blank lines or other blocks between. In
an .ipynb it stands in the Markdown cell after the code cell, or in the code cell's metadata.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import yaml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode

from bookproof.reading.after import declared
from bookproof.reading.block import Block, contradiction, problem
from bookproof.reading.chapter import Cell, Chapter, Problem
from bookproof.reading.notebook import METADATA, SETUP, places

_BLOCKS = ("{expect}", "{unverified}")
_LITERAL = ("{code-block}", "{code}", "{sourcecode}", "{parsed-literal}", "{raw}", "{math}")
_SYNTAX = MdParserConfig(enable_extensions={"colon_fence"})  # as jupyter-book has it
_LINE_END = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def is_chapter(path: Path) -> bool:
    """Tell whether a file is one to be checked: an .ipynb, or a .md with code cells.

    A file that cannot be read, or that has code cells, blocks or broken front matter without
    being a notebook to MyST-NB, counts too, so that `scan` reports it.
    """
    if path.suffix != ".md":
        return path.suffix == ".ipynb"
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    if is_myst_markdown_notebook(text) or "mystnb" in _head(text):
        return True
    return any(directive in text for directive in ("{code-cell}", *_BLOCKS)) and any(
        token.info.startswith(_BLOCKS) or (token.info.startswith("{code-cell}") and not nested)
        for token, nested in _fences(text)
    )


def scan(root: Path, name: str, content: bytes | None = None) -> Chapter:
    """Read chapter `name` (a path relative to `root`) into cells, blocks and problems.

    `content` is what the file holds, where the caller has read it.
    Never raises for what an author can write: what is wrong is in `problems`.
    """
    path = root / name
    try:
        # Line ends stay as they are in `path`; here they must not matter.
        data = path.read_bytes() if content is None else content
        text = data.decode("utf-8").replace("\r\n", "\n")
        if path.suffix == ".ipynb":
            return _scan_notebook(name, path, text)
        return _scan_markdown(name, path, text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        found = Problem(line, f"not UTF-8: byte 0x{error.object[error.start]:02x}")
    except OSError as error:
        found = Problem(1, f"cannot be read: {error.strerror}")
    except Exception as error:  # the readers raise many kinds; each means the same here
        found = Problem(_line_of(error), f"cannot be read as a notebook: {_one_line(error)}")
    return Chapter(name, path, problems=(found,))


class _Scanner:
    """Gather cells, blocks and problems in the order of the text."""

    def __init__(self):
        self.cells: list[Cell] = []
        self.blocks: list[Block] = []
        self.problems: list[Problem] = []

    def add_cell(self, node: NotebookNode, line: int, source_line: int, end: int) -> None:
        tags = frozenset(map(str, node.metadata.get("tags", ())))
        index = len(self.cells)
        self.cells.append(Cell(index, line, source_line, end, node.source, tags))

    def add_block(self, block: Block, attached: bool, closed: bool) -> None:
        self.blocks.append(block)
        message = problem(block, attached, closed)
        if attached:
            cell = self.cells[-1]
            cell = dataclasses.replace(cell, end=max(cell.end, block.end))
            message = message or contradiction(block, cell.blocks, cell.line)
            if message is None:
                cell = dataclasses.replace(cell, blocks=(*cell.blocks, block))
            self.cells[-1] = cell
        if message:
            self.problems.append(Problem(block.line, f"{{{block.directive}}} {message}"))

    def add_blocks(self, text: str, places: Sequence[int], attached: bool) -> str:
        """Add the blocks of a cell's text, which stands on these lines of the file.

        `attached` says that those on its top belong to the last code cell. Returns what stands
        below all of them.
        """
        lines, free = text.split("\n"), 0
        for token, nested in _fences(text):
            if token.info.strip().partition(" ")[0] in _BLOCKS:
                between = "".join(lines[free : token.map[0]]).strip()
                on_top = attached and not nested and not between
                self.add_block(_block(token, places), on_top, _is_closed(token, lines))
                free = token.map[1]
        return "".join(lines[free:]).strip()

    def chapter(self, name: str, path: Path, notebook: NotebookNode) -> Chapter:
        kernel = notebook.metadata.get("kernelspec", {})
        if not isinstance(kernel, dict) or not isinstance(kernel.get("name", ""), str):
            raise ValueError("`kernelspec` must have the kernel's `name` below it")
        parts = tuple(self.cells), tuple(self.blocks), tuple(self.problems)
        return Chapter(name, path, *parts, notebook)


def _scan_markdown(name: str, path: Path, text: str) -> Chapter:
    yaml.safe_load(_head(text))
    if not is_myst_markdown_notebook(text):  # MyST-NB would take it for text and run nothing
        raise ValueError("there are code cells or blocks, but no `file_format: mystnb` on top")
    notebook = read_myst_markdown_notebook(text, _SYNTAX, path=path)
    lines = text.split("\n")
    scanner = _Scanner()
    for number, line in enumerate(lines, start=1):
        if found := _LINE_END.search(line):
            message = f"U+{ord(found[0]):04X} ends a line for MyST-NB, not for Markdown: remove it"
            scanner.problems.append(Problem(number, message))
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    free = None  # the line after the last cell or block: a block here belongs to that cell
    for token, nested in _fences(text):
        start, end = token.map
        directive = token.info.strip().partition(" ")[0]
        is_cell = token.info.startswith("{code-cell}")
        if is_cell and (nested or token.type != "fence"):
            scanner.problems.append(Problem(start + 1, _HIDDEN_CELL))
        elif is_cell:
            node = next(code)
            scanner.add_cell(node, start + 1, _source_line(token, node.source), end)
            free = end
        elif directive in _BLOCKS:
            block = _block(token, range(1, len(lines) + 2))
            attached = free is not None and not nested and not "".join(lines[free:start]).strip()
            scanner.add_block(block, attached, _is_closed(token, lines))
            free = end if attached else free
        else:
            scanner.problems += _hidden(token, start + 1)
    if next(code, None) is not None:
        raise ValueError("MyST-NB would run a cell that bookproof does not see")
    head = yaml.load(_head(text), yaml.BaseLoader)  # a name like 01 is no number
    return declared(scanner.chapter(name, path, notebook), head, text)


def _scan_notebook(name: str, path: Path, text: str) -> Chapter:
    notebook = nbformat.reads(text, as_version=4)
    scanner = _Scanner()
    open_cell = False
    for node, place in zip(notebook.cells, places(text), strict=True):
        if node.cell_type == "code":
            carried = node.metadata.get(METADATA, [])
            if carried == SETUP:
                node.metadata.tags = [*node.metadata.get("tags", ()), "skip-execution"]
                carried = []
            if not isinstance(carried, list) or len(carried) != len(place.blocks):
                raise ValueError(f"metadata.{METADATA} must be a list of lines")
            scanner.add_cell(node, place.source[0], place.source[0], place.source[-1])
            scanner.add_blocks("".join(carried), place.blocks, attached=True)
            open_cell = True
        elif node.cell_type == "markdown":
            rest = scanner.add_blocks(node.source, place.source, open_cell)
            open_cell = open_cell and not rest
    return declared(scanner.chapter(name, path, notebook), notebook.metadata, text)


_HIDDEN_CELL = "a code cell inside another block never runs"


def _hidden(token: Token, line: int) -> Iterator[Problem]:
    """Yield a problem for each cell and block within the body of a directive."""
    if not token.info.startswith("{") or token.info.startswith(_LITERAL):
        return
    if not any(directive in token.content for directive in ("{code-cell}", *_BLOCKS)):
        return  # most, and parsing takes time
    for inner, _ in _fences(token.content):
        place = line + 1 + inner.map[0]
        if inner.info.startswith("{code-cell}"):
            yield Problem(place, _HIDDEN_CELL)
        elif inner.info.startswith(_BLOCKS):
            name = inner.info.partition("}")[0] + "}"
            yield Problem(place, f"{name} without a cell: it stands inside another block")
        else:
            yield from _hidden(inner, place)


def _head(text: str) -> str:
    """Return the front matter, empty where there is none."""
    return text.split("\n---", 1)[0].removeprefix("---") if text.startswith("---") else ""


def _fences(text: str) -> Iterator[tuple[Token, bool]]:
    """Yield every fence of the text with whether it is nested in a list, quote or directive."""
    config = dataclasses.replace(_SYNTAX, disable_syntax=["inline"])
    level = 0
    for token in create_md_parser(config, RendererHTML).parse(text + "\n"):
        level += token.nesting
        if token.type in ("fence", "colon_fence"):
            yield token, level != 0


def _source_line(token: Token, source: str) -> int:
    """Return the line on which a cell's code begins, after the options on its top."""
    given, code = (text.rstrip().count("\n") for text in (token.content, source))
    return token.map[0] + 2 + max(given - code, 0)


def _block(token: Token, places: Sequence[int]) -> Block:
    """Return the block of a fence; `places` are the lines in the file of the lines around it."""
    directive, _, argument = token.info.strip().partition(" ")
    start, end = (places[min(index, len(places) - 1)] for index in (token.map[0], token.map[1] - 1))
    return Block(
        directive.strip("{}"), start, end, argument.strip(), token.content, len(token.markup)
    )


def _is_closed(token: Token, lines: list[str]) -> bool:
    start, end = token.map
    last = lines[min(end, len(lines)) - 1].strip()
    return end - start > 1 and last.startswith(token.markup) and not last.strip(token.markup[0])


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
