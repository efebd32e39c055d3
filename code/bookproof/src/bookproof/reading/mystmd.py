"""Read the pages of a MyST project as mystmd reads them: which cells run, and how.

What is a directive, an option or a tag there is not quite what it is to MyST-NB.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import yaml
from markdown_it.token import Token
from nbformat import NotebookNode

from bookproof.reading.chapter import SKIP, Problem
from bookproof.reading.fences import block_of, fences, is_closed, source_line
from bookproof.reading.hidden import BLOCKS, hidden
from bookproof.reading.line import plain_lines
from bookproof.reading.mystmd_syntax import DIALECT, directive, lifted, options, runs, tags_of
from bookproof.reading.notebook import METADATA
from bookproof.reading.scanner import Scanner
from bookproof.reading.settings import Settings
from bookproof.reading.values import mentions

HIDDEN_CELL = "a code cell inside another block is not checked: move it out of the block"
_NO_KERNEL = (
    "there are code cells or blocks, but no `kernelspec` on top of the page, nor under `project:` "
    "in myst.yml: write `kernelspec: {name: python3, display_name: Python 3}`"
)
_IN_BRACES = (
    "a code cell that begins in another way than `{code-cell} LANGUAGE`: write its options in "
    "lines below, as `:tags: …`"
)

_ALIASES = {"stderr_output": "output_stderr", "stdout_output": "output_stdout"}
_REMOVING = ("remove", "remove-warn", "remove-error")
_BEARING = ("raises-exception", SKIP)


def of_page(settings: Settings, head: Mapping) -> tuple[Settings, NotebookNode, list[str]]:
    """Return the settings of a page with this front matter, its metadata, and tags for all cells.

    Raises ValueError where something in it is not what it should be.
    """
    project = settings.project or {}
    kernel = _section(head.get("jupyter"), "kernelspec") or _section(head, "kernelspec")
    kernel = kernel or project.get("kernelspec") or {}
    own = _section(_section(head, "options"), "bookproof") | _section(head, "bookproof")
    metadata = {METADATA: own} if own else {}
    if kernel:
        name = str(kernel.get("name") or "python3")
        metadata["kernelspec"] = {"name": name, "display_name": kernel.get("display_name") or name}
    skip = _section(head, "execute").get("skip", head.get("skip_execution"))
    if str(skip).lower() == "true":
        settings = replace(settings, execution_mode="off")
    shown = _named(project.get("settings")) | _named(head.get("settings"))
    settings = replace(
        settings, matplotlib_strings=str(shown.get("output_matplotlib_strings", "remove-warn"))
    )
    streams = ("stdout", "stderr")
    tags = [f"remove-{n}" for n in streams if shown.get(f"output_{n}") in _REMOVING]
    return settings, nbformat.from_dict(metadata), tags


def _section(content: object, name: str) -> dict:
    found = content.get(name) if isinstance(content, Mapping) else None
    if found is not None and not isinstance(found, Mapping):
        raise ValueError(f"`{name}` is {found!r}, wanted settings by name")
    return dict(found or {})


def _named(settings: object) -> dict[str, Any]:
    given = settings if isinstance(settings, Mapping) else {}
    return {_ALIASES.get(name, name): value for name, value in given.items()}


def head_of(text: str) -> dict:
    """Return the front matter of a page; raise ValueError where it is none."""
    found = re.match(r"---[ \t]*\n(.*?)^---[ \t]*$", text, re.DOTALL | re.MULTILINE)
    head = yaml.load(found[1], yaml.BaseLoader) if found else {}  # a name like 01 is no number
    if head and not isinstance(head, Mapping):
        raise ValueError("the front matter is no list of settings by name")
    return dict(head or {})


def scan(path: Path, text: str, settings: Settings) -> tuple[Scanner, Settings]:
    """Gather what is on a page of Markdown; return it with the settings in force."""
    settings, metadata, tags = of_page(settings, head_of(text))
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    scanner = Scanner(notebook, settings)
    scanner.finder.colons = True
    lines, free = text.split("\n"), None
    numbers = range(1, len(lines) + 2)
    for token, nested in fences(text, DIALECT):
        start, end = token.map
        found = directive(token)
        exact = token.info.startswith("{code-cell}")
        if found.name == "code-cell" and (nested or not exact):
            message = HIDDEN_CELL if nested else _IN_BRACES
            scanner.problems.append(Problem(start + 1, message))
        elif found.name == "code-cell":
            node = _cell(token, tags)
            notebook.cells.append(node)
            scanner.add_cell(node, start + 1, source_line(token, node.source), end)
            free = end
        elif f"{{{found.name}}}" in BLOCKS:
            token.info = f"{{{found.name}}} {found.argument}"
            attached = free is not None and not nested and not "".join(lines[free:start]).strip()
            scanner.add_block(block_of(token, numbers), attached, is_closed(token, lines))
            free = end if attached else free
        else:
            scanner.problems += hidden(token, start + 1, DIALECT, HIDDEN_CELL)
            scanner.problems += _included(token, path)
    if mentions(text):
        scanner.finder.read(plain_lines(text), top=True)
        if scanner.finder.cell != len(scanner.cells) - 1:
            raise ValueError("the values in the text cannot be told to their cells")
    if not metadata.get("kernelspec") and (
        scanner.cells or scanner.blocks or scanner.finder.values
    ):
        scanner.problems.append(Problem(1, _NO_KERNEL))
    return scanner, settings


def _cell(token: Token, more: Sequence[str]) -> NotebookNode:
    """Return the code cell of a fence."""
    given, body = options(token.content)
    while body and not body[0].strip():
        body = body[1:]
    said, source = lifted("\n".join(body).rstrip())
    tags = tags_of(said["tags"] if "tags" in said else given.get("tags", given.get("tag")))
    node = nbformat.v4.new_code_cell(source)
    node.metadata["tags"] = [*tags, *more]
    return node


def _included(token: Token, path: Path) -> Sequence[Problem]:
    """Tell of a file that a page includes, and of which it would run or show something."""
    found = directive(token)
    given = options(token.content)[0] if found.name == "include" else {}
    if found.name != "include" or {"literal", "lang", "language", "code"} & given.keys():
        return ()
    file = path.parent / found.argument
    try:
        text = file.read_text("utf-8")
    except (OSError, ValueError):
        return ()  # mystmd tells of it
    if file.suffix == ".ipynb" or runs(text) or mentions(text) or "{include}" in text:
        message = (
            f"{{include}} of {found.argument}, which has code cells, blocks or values: mystmd runs "
            "and shows them here, and nothing would check them; make it a page of its own, or show "
            "it with {literalinclude}"
        )
        return [Problem(token.map[0] + 1, message)]
    return ()


def prepare(notebook: NotebookNode, settings: Settings) -> Settings:
    """Leave of a notebook's metadata what counts for mystmd; return the settings in force."""
    head = dict(notebook.metadata)
    first = notebook.cells[0] if notebook.cells else None
    if first is not None and first.cell_type == "markdown":
        head |= head_of(first.source)
    settings, metadata, tags = of_page(settings, head)
    kept = ("language_info", "widgets")
    metadata |= {name: notebook.metadata[name] for name in kept if name in notebook.metadata}
    notebook.metadata = metadata
    for node in notebook.cells:
        said = lifted(node.source)[0] if node.cell_type == "code" else {}
        given = tags_of(said.get("tags", node.metadata.get("tags")))
        carried = {name: node.metadata[name] for name in (METADATA,) if name in node.metadata}
        more = tags if node.cell_type == "code" else ()
        node.metadata = nbformat.from_dict({"tags": [*given, *more], **carried})
    return settings
