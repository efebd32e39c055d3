"""Find the chapters for pytest, and check them: once, whoever asks for how many of their outputs.

Chapters are found as the command finds them. All that are selected are checked together when the
first of their outputs is asked for; with `-x` and the like each by itself, so that the first
failure is the end. With pytest-xdist one process checks for all.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import pickle
import tempfile
import warnings
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from bookproof import unsupported
from bookproof.authoring.shelf import book_of
from bookproof.book import Book, check
from bookproof.configuration import FILES, Configuration, configuration
from bookproof.pytest_outputs import REASON, UNVERIFIED, VERIFIED, ChapterFile, Output, Unreadable
from bookproof.reading.chapter import Chapter
from bookproof.reading.counted import counted
from bookproof.reading.scan import is_chapter
from bookproof.telling.language import words
from bookproof.telling.verification import Checked

_SHARED = "bookproof_shared"
_PAGES = (".qmd", ".rmd")
"""What nobody else collects: asked for by name, it is refused by name."""


class Books:
    """The books that a run of pytest meets; a plugin of it."""

    def __init__(self, config: pytest.Config):
        self._config = config
        self._found: dict[Path, Configuration | ValueError] = {}
        self._places: dict[Path, frozenset[Path]] = {}
        self._checked: dict[tuple[Path, str], Checked] = {}
        given = getattr(config, "workerinput", {}).get(_SHARED)
        self._shared = Path(given) if given else None
        self._own: tempfile.TemporaryDirectory | None = None

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect a chapter."""
        place = file_path.parent.resolve() / file_path.name
        root = self._root(place)
        found = self._configuration(root)
        given = parent.session.isinitpath(file_path)
        why = ""
        with _unheard():
            if isinstance(found, ValueError):
                why = str(found) if is_chapter(place) else ""
            elif is_chapter(place, found.settings):
                why = "" if given else unsupported.project(root)
                if not why and place not in self._chapters(root):
                    return None
            elif given and place.suffix.lower() in _PAGES:
                why = unsupported.page(file_path)
            else:
                return None
        if why:
            return Unreadable.from_parent(parent, path=file_path, why=why)
        if isinstance(found, ValueError):
            return None
        name = place.relative_to(root).as_posix()
        return ChapterFile.from_parent(parent, path=file_path, books=self, root=root, chapter=name)

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(
        self, collection_path: Path
    ) -> Generator[None, bool | None, bool | None]:
        """Go also into a folder with chapters that pytest passes by for its name, say `build`."""
        ignored = yield
        if ignored and self._is_passed_by(collection_path):
            place = collection_path.resolve()
            root = self._root(place / "any")
            if not isinstance(self._configuration(root), ValueError):
                with _unheard():
                    if any(place in chapter.parents for chapter in self._chapters(root)):
                        return False
        return ignored

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist where all of them share what one has found."""
        if self._own is None:
            self._own = tempfile.TemporaryDirectory(prefix="bookproof-")
        node.workerinput[_SHARED] = self._own.name

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind."""
        if self._own:
            self._own.cleanup()

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Count what is not verified as that: it has not passed, and nobody has skipped it."""
        if report.skipped and UNVERIFIED in getattr(report, "user_properties", ()):
            return "unverified", "u", ("UNVERIFIED", {"yellow": True})
        return None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell how much was verified, and with `-ra`, `-rs` or `-v` why the rest was not."""
        stats = terminalreporter.stats
        verified = sum(VERIFIED in report.user_properties for report in stats.get("passed", ()))
        unverified = stats.get("unverified", [])
        asked = terminalreporter.hasopt("skipped") or terminalreporter.verbosity > 0
        for report in unverified if asked else ():
            reason = report.longrepr[2].partition(REASON)[2]
            terminalreporter.write_line(f"UNVERIFIED {report.nodeid} - {reason}")
        if verified or unverified:
            why = "" if asked or not unverified else " (-rs tells why)"
            told = f"{counted(verified, 'output')} verified, {len(unverified)} unverified{why}"
            terminalreporter.write_line(words()(f"bookproof: {told}"))

    def scanned(self, root: Path, name: str) -> Chapter:
        """Return a chapter as it is written."""
        with _unheard():
            return self._book(root, [name]).scanned()[0]

    def checked(self, root: Path, name: str, session: pytest.Session) -> Checked:
        """Return what became of a chapter."""
        if (root, name) not in self._checked:
            items = [item for item in session.items if isinstance(item, Output)]
            selected = {item.chapter for item in items if item.root == root}
            alone = session.config.getvalue("maxfail")
            with _unheard():
                found = self._check(root, [name] if alone else sorted(selected))
            self._checked |= {(root, one.chapter.name): one for one in found}
        return self._checked[root, name]

    def _check(self, root: Path, names: Sequence[str]) -> Sequence[Checked]:
        """Check chapters, or take over what another process of this run has found."""
        if self._shared is None:
            return check(self._book(root, names)).chapters
        key = hashlib.sha256("\n".join([str(root), *names]).encode()).hexdigest()
        place = self._shared / key
        with FileLock(f"{place}.lock"):
            if not place.exists():
                place.write_bytes(pickle.dumps(check(self._book(root, names)).chapters))
            return pickle.loads(place.read_bytes())

    def _book(self, root: Path, names: Sequence[str]) -> Book:
        found = self._configuration(root)
        if isinstance(found, ValueError):
            raise found
        return Book(root, tuple(names), preload=found.preload, settings=found.settings)

    def _configuration(self, root: Path) -> Configuration | ValueError:
        if root not in self._found:
            try:
                with _unheard():
                    self._found[root] = configuration(root)
            except ValueError as error:
                self._found[root] = error
        return self._found[root]

    def _chapters(self, root: Path) -> frozenset[Path]:
        """Return where the chapters of a book are."""
        if root not in self._places:
            found = self._configuration(root)
            names = [] if isinstance(found, ValueError) else found.chapters()
            self._places[root] = frozenset(root / name for name in names)
        return self._places[root]

    def _root(self, place: Path) -> Path:
        """Return the folder of the book that a file is in.

        Without a configuration, that is where pytest was started, as for the command.
        """
        here = self._config.invocation_params.dir.resolve()
        return book_of(place, FILES) or (here if here in place.parents else place.parent)

    def _is_passed_by(self, path: Path) -> bool:
        """Tell whether only the name of a folder keeps pytest from going into it."""
        if not path.is_dir() or (path / "pyvenv.cfg").exists() or path.name == "__pycache__":
            return False
        options = self._config.option
        if any(Path(given).absolute() == path for given in options.ignore or ()):
            return False
        if any(fnmatch.fnmatch(str(path), glob) for glob in options.ignore_glob or ()):
            return False
        return any(fnmatch.fnmatch(path.name, p) for p in self._config.getini("norecursedirs"))


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Keep warnings of libraries from becoming errors, as a book's tests may want of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
