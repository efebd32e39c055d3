"""A small foreign book, made anew for each test: bookproof must not know this one."""

import dataclasses
import importlib.util
import os
import tempfile
import textwrap
from pathlib import Path

import pytest

from bookproof import Book, check
from bookproof.telling.progress import Progress

FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


class SmallBook:
    """Write chapters into a folder and check them."""

    def __init__(self, root: Path):
        self.root = root
        self.write("_config.yml", "title: small\nexecute:\n  timeout: 20\n")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
        return path

    def chapter(self, name: str, body: str) -> Path:
        """Write a chapter; its body starts in line 6."""
        return self.write(name, FRONT + textwrap.dedent(body))

    def load(self) -> Book:
        return Book.load(self.root)

    def check(self, **options):
        """Check the book; options are those of a Book."""
        return check(dataclasses.replace(self.load(), **options))

    def ran(self, **options):
        """Check the book; return the report and the names of the chapters in the order they ran."""
        names = []

        class Names(Progress):
            def running(self, name):
                names.append(name)

        report = check(dataclasses.replace(self.load(), **options), Names())
        return report, names

    def verdicts(self) -> list[tuple[str, int, str]]:
        return [(chapter.name, v.line, str(v.kind)) for chapter, v in self.check()]


@pytest.fixture
def book(tmp_path: Path) -> SmallBook:
    return SmallBook(tmp_path)


@pytest.fixture(scope="session")
def make_book(tmp_path_factory):
    """Make books for more than one test."""
    return lambda: SmallBook(tmp_path_factory.mktemp("book"))


@pytest.fixture(autouse=True, scope="package")
def outside_ci():
    """Let the tests decide whether this is CI, where `accept` refuses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CI", raising=False)
        yield


def installed(cases):
    """Leave out the cases for libraries that are not there: bookproof needs neither of them."""
    absent = [name for name in ("cv2", "torch") if not importlib.util.find_spec(name)]
    return {k: v for k, v in cases.items() if not any(name in f"{k} {v}" for name in absent)}


def processes_below(*folders):
    """Return the commands of the living processes whose working folder is below one of them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd").startswith(tuple(map(str, folders))):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            continue
    return found


@pytest.fixture
def leaves_nothing(book, tmp_path_factory, monkeypatch):
    """After the test: no process in the book, no socket and no temporary file anywhere."""
    scratch = tmp_path_factory.mktemp("t")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("TMPDIR", str(scratch))
    yield
    assert processes_below(book.root, scratch) == []
    assert list(scratch.iterdir()) == []
    assert list(book.root.rglob("*.tmp")) == []
