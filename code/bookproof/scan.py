"""Scan a chapter: its cells, and the blocks that say what the cells must print.

A block is a fence whose info line starts with `{expect}` or `{unverified}`; it stands directly
under its cell. Its body is literal. Cells are the ones that MyST-NB would execute, in the same
order, read by MyST-NB's own reader.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml
from markdown_it.renderer import RendererHTML
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode

MODES = ("exact", "number")
"""How the body of an `{expect}` can be compared; the first is the default."""


@dataclass(frozen=True)
class Block:
    """An `{expect}` or `{unverified}` block; lines are 1-based, `end` is the closing fence's."""

    directive: str
    line: int
    end: int
    argument: str
    body: str

    @property
    def mode(self) -> str:
        """Return how an `{expect}` is compared."""
        return self.argument or MODES[0]


@dataclass(frozen=True)
class Cell:
    """A code cell; `line` is its opening fence, `source_line` the first line of its code."""

    index: int
    line: int
    source_line: int
    source: str
    tags: frozenset[str] = frozenset()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Something in a chapter's source that keeps it from being checked."""

    line: int
    message: str


@dataclass(frozen=True)
class Chapter:
    """A scanned chapter; `notebook` has the code cells of `cells` in order, without outputs."""

    name: str
    path: Path
    cells: tuple[Cell, ...] = ()
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()
    notebook: NotebookNode | None = None


def is_chapter(path: Path) -> bool:
    """Tell whether a file is one to be checked: an .ipynb, or a .md with code cells.

    A file that cannot be decoded, or that has code cells or broken front matter without being a
    notebook to MyST-NB, counts too, so that `scan` reports it.
    """
    if path.suffix != ".md":
        return path.suffix == ".ipynb"
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return True
    if is_myst_markdown_notebook(text) or "mystnb" in _head(text):
        return True
    return "{code-cell}" in text and any(
        token.info.startswith("{code-cell}") for token, nested in _fences(text) if not nested
    )


def scan(root: Path, name: str) -> Chapter:
    """Read chapter `name` (a path relative to `root`) into cells, blocks and problems.

    Never raises for what an author can write: what is wrong is in `problems`.
    """
    path = root / name
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".ipynb":
            return _scan_notebook(name, path, text)
        return _scan_markdown(name, path, text)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problem = Problem(line, f"not UTF-8: byte 0x{error.object[error.start]:02x}")
    except OSError as error:
        problem = Problem(1, f"cannot be read: {error.strerror}")
    except Exception as error:  # the readers raise many kinds; each means the same here
        problem = Problem(_line_of(error), f"cannot be read as a notebook: {_one_line(error)}")
    return Chapter(name, path, problems=(problem,))


def _scan_markdown(name: str, path: Path, text: str) -> Chapter:
    _require_notebook(text)
    notebook = read_myst_markdown_notebook(text, path=path)
    lines = text.splitlines()
    cells: list[Cell] = []
    blocks: list[Block] = []
    problems: list[Problem] = []
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    free = None  # the line after the last cell or block: a block here belongs to that cell
    for token, nested in _fences(text):
        start, end = token.map
        directive, _, argument = token.info.strip().partition(" ")
        if directive == "{code-cell}":
            if nested:
                problems.append(Problem(start + 1, "code cell inside another block: never runs"))
                continue
            node = next(code)
            source_line = end - len(node.source.splitlines())
            tags = frozenset(node.metadata.get("tags", ()))
            cells.append(Cell(len(cells), start + 1, source_line, node.source, tags))
            free = end
        elif directive in ("{expect}", "{unverified}"):
            block = Block(directive.strip("{}"), start + 1, end, argument.strip(), token.content)
            blocks.append(block)
            attached = free is not None and not nested and not "".join(lines[free:start]).strip()
            problem = _problem(block, attached, closed=_is_closed(token, lines))
            if problem:
                problems.append(Problem(block.line, problem))
            if attached:
                if problem is None:
                    cell = cells[-1]
                    problem = _second(block, cell)
                    if problem:
                        problems.append(Problem(block.line, problem))
                    else:
                        cells[-1] = dataclasses.replace(cell, blocks=(*cell.blocks, block))
                free = end
    return Chapter(name, path, tuple(cells), tuple(blocks), tuple(problems), notebook)


def _scan_notebook(name: str, path: Path, text: str) -> Chapter:
    notebook = nbformat.reads(text, as_version=4)
    cells = tuple(
        Cell(i, 1, 1, node.source, frozenset(node.metadata.get("tags", ())))
        for i, node in enumerate(c for c in notebook.cells if c.cell_type == "code")
    )
    return Chapter(name, path, cells, notebook=notebook)


def _head(text: str) -> str:
    """Return the front matter, empty where there is none."""
    return text.split("\n---", 1)[0].removeprefix("---") if text.startswith("---") else ""


def _require_notebook(text: str) -> None:
    """Raise where MyST-NB would take the text for plain Markdown and run nothing."""
    yaml.safe_load(_head(text))
    if not is_myst_markdown_notebook(text):
        raise ValueError("there are code cells, but no `file_format: mystnb` on top")


def _fences(text: str):
    """Yield every fence of the text with whether it is nested in a list, quote or directive."""
    config = MdParserConfig(disable_syntax=["inline"])
    level = 0
    for token in create_md_parser(config, RendererHTML).parse(text + "\n"):
        level += token.nesting
        if token.type == "fence":
            yield token, level != 0


def _is_closed(token, lines: list[str]) -> bool:
    start, end = token.map
    last = lines[min(end, len(lines)) - 1].strip()
    return end - start > 1 and last.startswith(token.markup) and not last.strip(token.markup[0])


def _problem(block: Block, attached: bool, closed: bool) -> str | None:
    name = "{" + block.directive + "}"
    if not closed:
        return f"{name} is never closed"
    if not attached:
        return f"{name} without a cell: it must stand directly under a code cell"
    if block.directive == "expect" and block.mode not in MODES:
        return f"{name} has an unknown mode {block.mode!r}; known: {', '.join(MODES)}"
    if block.directive == "expect" and not block.body.strip():
        return f"{name} is empty: write what the cell prints, or remove the block"
    if block.directive == "unverified" and not (block.argument or block.body.strip()):
        return f"{name} needs a reason on its first line"
    return None


def _second(block: Block, cell: Cell) -> str | None:
    if any(other.directive == block.directive for other in cell.blocks):
        return f"a second {{{block.directive}}} under the cell at line {cell.line}"
    return None


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
