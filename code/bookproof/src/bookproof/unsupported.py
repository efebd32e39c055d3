"""Say by name what is not supported, and what to do about it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bookproof.configuration import FILES


class Format(NamedTuple):
    """Pages that are no chapters: what they are, and how they become chapters."""

    name: str
    remedy: str


_CONVERT = "convert each with `jupytext --to md:myst {0}`"

FORMATS = {
    ".qmd": Format("Quarto", "convert each with `quarto convert {0}`, which makes a notebook"),
    ".rmd": Format("R Markdown", _CONVERT),
    ".rst": Format(
        "reStructuredText",
        "convert each with `rst2myst convert {0}`, and make cells of the code to be run",
    ),
    ".py": Format("Python", f"{_CONVERT} if they are notebooks"),
    ".r": Format("R", f"{_CONVERT} if they are notebooks"),
    ".jl": Format("Julia", f"{_CONVERT} if they are notebooks"),
}
"""What is not read, by how its files end in lower case, what says most of a folder first."""

PROJECTS = {
    "_quarto.yml": Format("a Quarto project", FORMATS[".qmd"].remedy),
    "_quarto.yaml": Format("a Quarto project", FORMATS[".qmd"].remedy),
    "_bookdown.yml": Format("an R bookdown project", FORMATS[".rmd"].remedy),
}
"""What configures other tools, where none of our own files is there."""

_EXAMPLES = {"_bookdown.yml": ".rmd", "_quarto.yml": ".qmd", "_quarto.yaml": ".qmd"}
_NEVER = ("_build", "_site", "_book", "node_modules", "__pycache__")
_ENOUGH = 20000


def project(root: Path) -> str:
    """Tell of which other tool the project at `root` is, and what to do; empty where of none."""
    if not _is_configured(root):
        for name, form in PROJECTS.items():
            if (root / name).is_file():
                suffix = _EXAMPLES.get(name, ".ipynb")
                example = next((n for n in _files(root) if _suffix(n) == suffix), f"FILE{suffix}")
                remedy = form.remedy.format(example)
                return f"{root} is {form.name}, as {name} says; that is not supported: {remedy}"
    return ""


def below(root: Path, names: Iterable[str]) -> str:
    """Tell that chapters found from above their book are to be read by its own configuration.

    Empty where `root` is configured, or a chapter is of no book below it.
    """
    books = {_book_of(root, name) for name in names}
    if root in books or _is_configured(root):
        return ""
    there = min(books)
    file = next(name for name in FILES if (there / name).is_file())
    return f"the book is in {there}, as its {file} says: use --root {there.relative_to(root)}"


def _book_of(root: Path, name: str) -> Path:
    """Return the innermost folder of a chapter that is configured, or the root."""
    inside = (root / parent for parent in Path(name).parents)
    return next(filter(_is_configured, inside), root)


def _is_configured(folder: Path) -> bool:
    return any((folder / name).is_file() for name in FILES)


def page(path: Path) -> str:
    """Tell what a file is that is no chapter, and what to do; empty where it may become one."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        return ""
    return f"{path} is {form.name}, which is not supported: {form.remedy.format(path)}"


def nothing(root: Path) -> str:
    """Tell what is in a folder that has no chapter, and what to do."""
    if not root.is_dir():
        return f"{root} is {'not a folder' if root.exists() else 'not there'}"
    told = f"there is no chapter with code cells in {root}"
    files = sorted(_files(root))
    counts = Counter(map(_suffix, files))
    for suffix, form in FORMATS.items():
        if counts[suffix] and not (suffix in (".py", ".r", ".jl") and counts[".md"]):
            example = next(name for name in files if _suffix(name) == suffix)
            remedy = form.remedy.format(example)
            found = _counted(counts[suffix], f"file of {form.name}", f"files of {form.name}")
            return f"{told}, but {found}, which is not supported: {remedy}"
    if counts[".md"]:
        found = _counted(counts[".md"], "file of Markdown", "files of Markdown")
        example = next(name for name in files if _suffix(name) == ".md")
        return (
            f"{told}: {found}, without a {{code-cell}}, or left out by the configuration; "
            f"outputs in notes are checked by `bookproof notes check {example}`"
        )
    if counts[".ipynb"]:
        found = _counted(counts[".ipynb"], "notebook", "notebooks")
        return f"{told}, but {found} that the configuration leaves out"
    found = "it has no page" if files else "it is empty"
    return f"{told}: {found}; `bookproof new FOLDER` makes a book"


def _files(root: Path) -> Iterator[str]:
    """Yield the files of a folder that may be a book's, as paths relative to it."""
    count = 0
    for place, folders, names in os.walk(root):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _NEVER)
        for name in sorted(names):
            count += 1
            if count > _ENOUGH:
                return
            yield Path(place, name).relative_to(root).as_posix()


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
