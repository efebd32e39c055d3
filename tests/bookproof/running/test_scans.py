"""What chapters were scanned into is kept, and never outlives a change."""

import dataclasses
import pickle

import pytest

from bookproof.reading.scan import scan
from bookproof.reading.settings import DEFAULT
from bookproof.running import scans
from bookproof.running.scans import kept_scan

CELL = "```{code-cell}\nprint(1)\n```\n```{expect}\n1\n```\n"


@pytest.fixture
def scanned(monkeypatch):
    """Return the names that were really scanned, in order."""
    names = []

    def spy(root, name, content=None, settings=DEFAULT):
        names.append(name)
        return scan(root, name, content, settings)

    monkeypatch.setattr(scans, "scan", spy)
    return names


def folder(book):
    return book.root / "_build" / ".bookproof"


def kept(book, name="a.md", settings=DEFAULT):
    return kept_scan(book.root, name, folder(book), settings)


def parts(chapter):
    """Return a scan without its notebook, whose cells have new names each time."""
    return chapter.path, chapter.cells, chapter.blocks, chapter.problems


def test_a_chapter_is_scanned_once_and_again_when_it_changes(book, scanned):
    path = book.chapter("a.md", CELL)
    first, again = kept(book), kept(book)
    assert scanned == ["a.md"]
    assert first == again
    assert parts(first) == parts(scan(book.root, "a.md"))
    path.write_text(path.read_text("utf-8").replace("print(1)", "print(2)"), "utf-8")
    assert kept(book).cells[0].source == "print(2)"
    path.write_text("```{expect}\n", "utf-8")
    for _ in range(2):
        assert kept(book).problems == scan(book.root, "a.md").problems != ()
    path.unlink()
    assert "cannot be read" in kept(book).problems[0].message


def test_a_kept_scan_has_no_outputs_of_a_run(book, scanned):
    book.chapter("a.md", CELL)
    assert book.check().green
    again = kept(book, settings=book.load().settings)
    assert [cell.outputs for cell in again.notebook.cells if "outputs" in cell] == [[]]
    assert scanned == ["a.md"]


def test_a_scan_of_other_readers_counts_for_nothing(book, scanned, monkeypatch):
    book.chapter("a.md", CELL)
    kept(book)
    monkeypatch.setattr(scans, "readers", lambda: "newer")
    kept(book)
    assert scanned == ["a.md"] * 2


def test_a_moved_book_is_scanned_anew(book, scanned, tmp_path):
    book.chapter("a.md", CELL)
    kept(book)
    moved = book.root.rename(tmp_path.with_name(tmp_path.name + "-moved"))
    found = kept(type(book)(moved))
    assert found.path == moved / "a.md"


def test_a_scan_with_other_settings_counts_for_nothing(book, scanned):
    book.chapter("a.md", CELL)
    slow = dataclasses.replace(DEFAULT, execution_timeout=90)
    assert kept(book).settings == DEFAULT
    assert kept(book, settings=slow).settings == slow
    assert scanned == ["a.md", "a.md"]


def test_a_damaged_file_is_not_unpickled(book, scanned):
    book.chapter("a.md", CELL)
    chapter = kept(book)
    [path] = folder(book).glob("*.scan")
    content = path.read_bytes()
    evil = pickle.dumps(Evil())
    for damaged in (b"", content[:40], content[:-1], content[:64] + evil, evil):
        path.write_bytes(damaged)
        assert parts(kept(book)) == parts(chapter)
    assert len(scanned) == 6
    assert kept(book) == kept(book)


class Evil:
    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


def test_code_from_another_file_is_read_each_time(book, scanned):
    code = book.write("code.py", "print(1)\n")
    book.chapter("a.md", "```{code-cell}\n:load: code.py\n```\n```{expect}\n1\n```\n")
    assert kept(book).cells[0].source.strip() == "print(1)"
    code.write_text("print(2)\n", "utf-8")
    assert kept(book).cells[0].source.strip() == "print(2)"
    assert len(scanned) == 2


def test_a_folder_that_cannot_be_written_costs_only_time(book, scanned):
    book.chapter("a.md", CELL)
    book.write("_build", "a file where a folder is wanted")
    assert parts(kept(book)) == parts(kept(book)) == parts(scan(book.root, "a.md"))
    assert len(scanned) == 2
