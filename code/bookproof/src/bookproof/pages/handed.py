"""Hand MyST-NB the chapters as notebooks that hold what was checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from myst_nb.core.read import read_myst_markdown_notebook, standard_nb_read
from nbformat import NotebookNode

from bookproof.pages.export import shown
from bookproof.pages.page import Page
from bookproof.reading.formats import format_of
from bookproof.reading.value import numbered
from bookproof.running.outputs import all_widgets


@dataclass
class Handed:
    """What the reader of a chapter is handed: what gives its page, and MyST's configuration."""

    page: Callable[[], Page] | None = None
    config: object = None

    def __reduce__(self) -> tuple:
        """Keep it out of the environment, which is sent back by each process that reads pages."""
        return Handed, ()


def read_checked(text: str, handed: Handed) -> NotebookNode:
    """Read a chapter for MyST-NB, with the outputs that were checked."""
    checked = handed.page().checked
    chapter = checked.chapter
    if chapter.notebook is None:
        name = nbformat.v4.new_markdown_cell(f"# {Path(chapter.name).stem}")
        return nbformat.v4.new_notebook(cells=[name])
    text = numbered(text, chapter.values)
    if own := format_of(chapter.path, chapter.settings):
        notebook = own.read(text)
    elif chapter.path.suffix == ".ipynb":
        notebook = standard_nb_read(text)
    else:
        notebook = read_myst_markdown_notebook(
            text, handed.config, add_source_map=True, path=chapter.path
        )
    if widgets := all_widgets(notebook, checked.run.widgets):
        notebook.metadata.widgets = widgets
    # MyST-NB would learn it from a run, and colours the code by it.
    known = checked.run.language or notebook.metadata.get("language_info")
    if known or "language" not in notebook.metadata.get("kernelspec", {}):
        default = {"name": "python", "pygments_lexer": "ipython3"}
        notebook.metadata["language_info"] = known or default
    settings = notebook.metadata.get(chapter.settings.metadata_key)
    if isinstance(settings, dict):
        settings.pop("execution_mode", None)  # or MyST-NB would run the chapter once more
        settings.pop("merge_streams", None)
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    # A reported problem may be that MyST-NB sees other cells than the check did.
    strict = not chapter.problems
    for cell, outputs in zip(code, checked.run.outputs, strict=strict):
        cell.outputs = [shown(output) for output in outputs or []]
    return notebook
