"""Turn checked chapters into notebooks: text that any front end shows, outputs, expectations.

What only MyST understands becomes plain Markdown. The blocks under a cell do not show; they
travel in its metadata, where `scan` finds them, so that the notebook can be checked anywhere.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import zipfile
from collections.abc import Mapping

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from bookproof.judging.verdict import Kind
from bookproof.pages.inserted import Inserted
from bookproof.pages.plain import Plain, Surroundings
from bookproof.reading.block import Block
from bookproof.reading.machine import even_out
from bookproof.reading.notebook import METADATA, SETUP
from bookproof.running import packages
from bookproof.running.failure import cell_frames
from bookproof.running.inside import describe
from bookproof.running.outputs import all_widgets
from bookproof.telling.texts import Texts
from bookproof.telling.verification import Checked

_HIDING = {
    "input": ({"hide-input", "hide-cell", "remove-input", "remove-cell"}, "source_hidden"),
    "output": ({"hide-output", "hide-cell", "remove-output", "remove-cell"}, "outputs_hidden"),
}
_COLLAPSED: dict[str, dict] = {  # Colab's words
    "input": {"cellView": "form"},
    "output": {"collapsed": True},
}
_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)
_GLUE = "application/papermill.record/"  # what MyST-NB keeps for other places


def export(checked: Checked, around: Surroundings, sources: Mapping[str, str]) -> str:
    """Return the .ipynb of a checked chapter: the same bytes for the same chapter and outputs.

    Before all cells stands one that installs what the chapter imports and what is missing;
    `sources` has what pip installs, by module, for those that PyPI has not, empty where nobody
    knows from where. Behind them stands what the chapter cites, and with what it was run.
    """
    chapter, texts = checked.chapter, around.texts
    plain = Plain(chapter.name, around, Inserted(checked).next)
    language = checked.run.language.get("name", "python")
    python = language == "python"
    cells = [_setup(checked, sources, texts)] if python else []
    number = 0
    for node in chapter.notebook.cells:
        if node.cell_type == "code":
            outputs = checked.run.outputs[number] or []
            blocks = chapter.cells[number].blocks
            cells.append(_code(node, blocks, outputs, number + 1, plain))
            cells.append(_text(plain.caption(_mystnb(node, "figure")), plain))
            number += 1
        elif node.cell_type == "markdown":
            cells.append(_text(plain.text(node.source), plain))
    kinds = [verdict.kind for verdict in checked.verdicts]
    verified, unverified = kinds.count(Kind.VERIFIED), kinds.count(Kind.UNVERIFIED)
    cells.append(_cell("markdown", plain.references()))
    cells.append(_cell("markdown", texts.foot(verified, unverified, checked.versions)))
    if checked.run.frozen:
        cells.append(_cell("markdown", texts.frozen(checked.run.frozen)))
    cells = [cell for cell in cells if cell.source or cell.cell_type == "code"]
    for index, cell in enumerate(cells):
        content = f"{index}\n{cell.cell_type}\n{cell.source}"
        cell.id = hashlib.sha256(content.encode()).hexdigest()[:12]
    title = "Python 3" if python else chapter.kernel
    kernel = {"display_name": title, "language": language, "name": chapter.kernel}
    metadata: dict[str, object] = {"kernelspec": kernel, "language_info": {"name": language}}
    if widgets := all_widgets(chapter.notebook, checked.run.widgets):
        metadata["widgets"] = widgets
    return nbformat.writes(new_notebook(cells=cells, metadata=metadata)) + "\n"


def _cell(kind: str, source: str, metadata: Mapping | None = None, **more) -> NotebookNode:
    """Return a cell; nbformat's own functions validate each, and then all of them once more."""
    metadata = nbformat.from_dict(metadata or {})
    return NotebookNode(cell_type=kind, source=source, metadata=metadata, **more)


def _code_cell(source: str, metadata: Mapping, number: int | None = None) -> NotebookNode:
    return _cell("code", source, metadata, execution_count=number, outputs=[])


def archive(notebooks: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by path, in a folder of its own; the same bytes for the same files."""
    top = posixpath.commonpath([posixpath.dirname(name) for name in notebooks] or [""])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(notebooks):
            entry = zipfile.ZipInfo(f"notebooks/{posixpath.relpath(name, top or '.')}")
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as on Unix, everywhere
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, notebooks[name])
    return buffer.getvalue()


def shown(output: NotebookNode) -> NotebookNode:
    """Return an output without what only the check needs, and what only its machine has.

    Of a traceback the frames in files are left out: their paths and sources are not in the book.
    """
    if output.output_type == "error":
        frames = [even_out(frame) for frame in cell_frames(output.traceback)]
        return NotebookNode(output, traceback=frames, evalue=even_out(output.evalue))
    if output.output_type == "stream":
        return NotebookNode(output, text=even_out(output.text))
    if "text/plain" in output.data:
        plain = {"text/plain": even_out(output.data["text/plain"])}
        output = NotebookNode(output, data=NotebookNode(output.data | plain))
    if describe.MIME not in output.data:
        return output
    data = {mime: content for mime, content in output.data.items() if mime != describe.MIME}
    return NotebookNode(output, data=NotebookNode(data))


def _setup(checked: Checked, sources: Mapping[str, str], texts: Texts) -> NotebookNode:
    """Return the cell that installs what is missing, at the versions of the run."""
    needed, unknown, versions = {}, [], checked.run.versions
    for module, names in packages.imported(c.source for c in checked.chapter.cells).items():
        pinned = [f"{name}=={versions[name]}" for name in names if name in versions]
        if module in sources and not sources[module]:
            unknown.append(module)
        elif module in sources:
            needed[module] = sources[module]
        elif pinned:
            needed[module] = " ".join(pinned)
    lines = [f"# {texts.setup}", "import importlib.util", "", "needed = {"]
    lines += [f'    "{module}": "{wanted}",' for module, wanted in needed.items()]
    lines += [
        "}",
        "if missing := [needed[name] for name in needed if not importlib.util.find_spec(name)]:",
        '    %pip install --quiet {" ".join(missing)}',
        "    importlib.invalidate_caches()",
    ]
    for module in unknown:
        lines.append(f'if not importlib.util.find_spec("{module}"):')
        lines.append(f'    print("{texts.install.format(module)}")')
    return _code_cell("\n".join(lines), {METADATA: SETUP})


def _text(source: str, plain: Plain) -> NotebookNode:
    """Return a text cell; the roles of its values are in its metadata."""
    checks = plain.checks()
    return _cell("markdown", source, {METADATA: _lines(checks)} if checks else {})


def _lines(parts: list[str]) -> list[str]:
    lines = "\n".join(parts).split("\n")
    return [f"{line}\n" for line in lines[:-1]] + lines[-1:]


def _code(
    node: NotebookNode,
    blocks: tuple[Block, ...],
    outputs: list[NotebookNode],
    number: int,
    plain: Plain,
) -> NotebookNode:
    """Return a code cell with its outputs, folded where the page has it so."""
    tags = list(map(str, node.metadata.get("tags", ())))
    metadata: dict = {"tags": tags} if tags else {}
    for part, (hiding, word) in _HIDING.items():
        if hiding.intersection(tags):
            metadata |= _COLLAPSED[part]
            metadata.setdefault("jupyter", {})[word] = True
    alt = plain.option(str(_mystnb(node, "image").get("alt") or ""))
    if carried := [*map(_source, blocks), *plain.checks()]:
        metadata[METADATA] = _lines(carried)
    cell = _code_cell(node.source, metadata, number)
    for output in map(shown, outputs):
        data = output.get("data", {})
        if any(mime.startswith(_GLUE) for mime in data):
            continue
        if output.output_type == "stream":  # blanks at a line's end are not the same at every run
            output = NotebookNode(output, text=_BLANKS.sub("", output.text))
        elif output.output_type == "execute_result":
            output = NotebookNode(output, execution_count=number)
        pictures = [mime for mime in data if mime.startswith("image/")]
        if alt and pictures:
            output = NotebookNode(output, metadata={mime: {"alt": alt} for mime in pictures})
        cell.outputs.append(output)
    return cell


def _mystnb(node: NotebookNode, key: str) -> Mapping[str, str]:
    """Return what MyST-NB is told of the outputs of a cell."""
    settings = node.metadata.get("mystnb")
    found = settings.get(key) if isinstance(settings, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _source(block: Block) -> str:
    """Return a block as an author writes it."""
    fence = "`" * (1 + max([2, *map(len, re.findall("`+", block.body))]))
    head = f"{fence}{{{block.directive}}} {block.argument}".rstrip()
    return f"{head}\n{block.body}{fence}"
