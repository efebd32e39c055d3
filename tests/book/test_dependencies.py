"""Whoever changes a module of the book runs exactly the chapters that use it again."""

import ast
import functools
import re
import shutil
from pathlib import Path

import pytest

from bookproof import Book
from bookproof.reading.scan import scan

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "code" / "dlnotes").glob("[!_]*.py"))


def imported(source):
    """Return the modules of dlnotes that a source imports, by reading it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dlnotes"):
            parts = node.module.split(".")
            found |= {parts[1]} if parts[1:] else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {name[1] for name in names if name[0] == "dlnotes" and name[1:]}
    return found & set(MODULES)


def users():
    """Return for each module the chapters that use it, directly or through another one."""
    modules = {
        name: imported((ROOT / "code" / "dlnotes" / f"{name}.py").read_text("utf-8"))
        for name in MODULES
    }
    found = {name: set() for name in MODULES}
    for chapter in Book.load(ROOT).chapters:
        sources = [re.sub(r"(?m)^[%!].*", "", c.source) for c in scan(ROOT, chapter).cells]
        reached, new = set(), set().union(*map(imported, sources))
        while new:
            reached |= new
            new = set().union(*(modules[name] for name in new)) - reached
        for name in reached:
            found[name].add(chapter)
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory, locale_of_the_book):
    """Return a copy of the book with its kept runs, all of them valid."""
    folder = tmp_path_factory.mktemp("copy") / "book"
    ignored = shutil.ignore_patterns(".[!b]*", "html", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=ignored)
    assert due(folder) == {}, "make book comes first"
    return folder


scanned = functools.cache(scan)  # the chapters themselves do not change here


def due(folder):
    """Return the chapters that would run, with the reason."""
    book = Book.load(folder)
    kept = {name: book.store.load(scanned(folder, name)) for name in book.chapters}
    return {name: found.why for name, found in kept.items() if found.why}


def test_exactly_the_chapters_that_use_a_module_run_again(copy):
    expected = users()
    assert sum(map(bool, expected.values())) >= 6
    assert len(set(map(frozenset, expected.values()))) >= 3  # not always the same chapters
    for name, chapters in expected.items():
        path = copy / "code" / "dlnotes" / f"{name}.py"
        before = path.read_text("utf-8")
        path.write_text(before + "# changed\n", "utf-8")
        why = f"code/dlnotes/{name}.py has changed"
        assert due(copy) == dict.fromkeys(chapters, why), name
        path.write_text(before, "utf-8")


def test_what_every_chapter_depends_on_runs_all_again(copy):
    path = copy / "code" / "dlnotes" / "__init__.py"
    path.write_text(path.read_text("utf-8") + "# changed\n", "utf-8")
    chapters = set().union(*users().values())
    assert due(copy) == dict.fromkeys(chapters, "code/dlnotes/__init__.py has changed")
