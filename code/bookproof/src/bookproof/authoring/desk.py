"""What an editor has open, what is known of it, and how it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from bookproof.authoring import columns
from bookproof.authoring.checks import Checks
from bookproof.authoring.findings import UNCHECKABLE, Finding, Moved, findings, whole
from bookproof.authoring.shelf import Means, Outcome, book_of
from bookproof.judging.verdict import Kind
from bookproof.reading.value import Place
from bookproof.running.result import Run
from bookproof.telling.language import current, each, words_for

SOURCE = "bookproof"


@dataclass
class Page:
    """A file that an editor has open, within the book at `root`.

    `number` counts the outcomes of its checks, `busy` says that one is being made, `told` that the
    editor was told of one.
    """

    uri: str
    path: Path
    root: Path
    outcome: Outcome | None = None
    number: int = 0
    busy: bool = False
    told: bool = False

    @property
    def run(self) -> Run | None:
        """Return the run that was compared, None where there was none."""
        return self.outcome.checked.run if self.outcome and self.outcome.checked else None


class Desk:
    """The open files of an editor, each with the outcome of its last check."""

    def __init__(self, server: LanguageServer, means: Means):
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._pages: dict[Path, Page] = {}
        self._closed = False
        self.words = words_for(current())
        self.checks = Checks(self, means)

    def speak(self, locale: str | None) -> None:
        """Speak the language of the editor, where it says which and nobody has chosen another."""
        self.words = words_for(current(locale))

    def close(self) -> None:
        """End all that was started."""
        self._closed = True
        self.checks.close()

    def open(self, uri: str) -> None:
        """Check a file that was opened, where it is a chapter."""
        path = path_of(uri)
        root = path and book_of(path)
        if root:
            self._pages[path] = Page(uri, path, root)
            self.checks.ask(root, path, saved=False)

    def saved(self, uri: str) -> None:
        """Check a chapter that was saved, and what may depend on what was saved."""
        path = path_of(uri)
        page = self._pages.get(path)
        if path:
            is_chapter = bool(page and page.outcome and page.outcome.checked)
            self._changed([path], lambda other, run: not is_chapter or _reads(other, run, path))
        if page:
            self.checks.ask(page.root, path)

    def changed(self, paths: list[Path]) -> None:
        """Check again what may depend on files that somebody has changed.

        Not for what a chapter has written itself, which it may do whenever it is run.
        """
        written = {
            page.root / name
            for page in self._pages.values()
            if (run := page.run)
            for name in run.made
        }
        paths = [path for path in paths if path not in written]
        self._changed(paths, lambda _, run: not (run and run.unkept))

    def _changed(self, paths: list[Path], matters: Callable[[Page, Run | None], bool]) -> None:
        for page in self._pages.values():
            if any(_counts(path, page.root) for path in paths) and matters(page, page.run):
                self.checks.ask(page.root, page.path, saved=False)

    def shut(self, uri: str) -> None:
        """Forget a file that was closed."""
        page = self._pages.pop(path_of(uri), None)
        if page:
            self.checks.forget(page.path)
            if page.told:
                self._publish(page, [])

    def page(self, uri: str) -> Page | None:
        """Return what is known of a file, None where it belongs to no book."""
        return self._pages.get(path_of(uri))

    def document(self, page: Page) -> TextDocument:
        """Return the text as the editor has it."""
        return self._server.workspace.get_text_document(page.uri)

    def lines(self, page: Page) -> list[str]:
        """Return the lines of the text as the editor has it."""
        return columns.lines_of(self.document(page).source)

    @property
    def count(self) -> columns.Count:
        """Return what counts code units as the editor does."""
        return self._server.workspace.position_codec.client_num_units

    def checking(self, page: Page) -> bool:
        """Tell whether a chapter is being checked, or is to be."""
        return page.busy or self.checks.pending(page.path)

    def unfit(self, page: Page) -> str:
        """Tell why no output can be accepted now, empty where it can."""
        if not page.outcome or self.checking(page):
            return "the chapter is being checked: try again when that has ended"
        try:
            saved = page.path.read_bytes()
        except OSError as error:
            return f"{page.path.name} cannot be read: {error.strerror}"
        if saved != page.outcome.data or self.lines(page) != page.outcome.lines:
            return "the text is not the one that was checked: save it first"
        return ""

    def found(self, page: Page) -> Iterator[tuple[Finding, types.Diagnostic]]:
        """Yield every failure of a chapter, and how the editor shows it."""
        outcome = page.outcome
        if not outcome:
            return
        lines, edited = outcome.lines, self.lines(page)
        moved = Moved(lines, edited)
        known: Iterable[Finding] = findings(outcome.checked, lines) if outcome.checked else ()
        if outcome.problem:
            known = [Finding(*whole(1, lines), UNCHECKABLE, outcome.problem)]
        for finding in known:
            start, end = (
                Place(moved.forth(p.line), p.column) for p in (finding.start, finding.end)
            )
            yield (
                finding,
                types.Diagnostic(
                    columns.span((start, end), edited, self.count),
                    self.words(f"{finding.kind}: {finding.message}"),
                    types.DiagnosticSeverity.Warning
                    if finding.secondary
                    else types.DiagnosticSeverity.Error,
                    code=finding.kind,
                    source=SOURCE,
                ),
            )

    def has(self, capability: str) -> bool:
        """Tell whether the editor is capable of something."""
        return bool(get_capability(self._server.client_capabilities, capability))

    def begun(self, path: Path) -> None:
        """Hear that a chapter is being checked, in the thread that does it."""
        self._later(self._begin, path)

    def ended(self, path: Path, outcome: Outcome | None) -> None:
        """Hear what was found, in the thread that checks."""
        self._later(self._end, path, outcome)

    def say(self, text: str, kind: types.MessageType) -> None:
        """Show a message to the author."""
        if not self._closed:
            text = each(f"{SOURCE}: {text}", self.words)
            self._server.window_show_message(types.ShowMessageParams(kind, text))

    def log(self, text: str) -> None:
        """Write a line into the log of the editor."""
        if not self._closed:
            text = each(text, self.words)
            parameters = types.LogMessageParams(types.MessageType.Info, text)
            self._server.window_log_message(parameters)

    def _later(self, function, *arguments) -> None:
        with contextlib.suppress(RuntimeError):  # all is over
            self._loop.call_soon_threadsafe(function, *arguments)

    def _begin(self, path: Path) -> None:
        if page := self._pages.get(path):
            page.busy = True
            self.log(f"{path.relative_to(page.root)}: checking")

    def _end(self, path: Path, outcome: Outcome | None) -> None:
        page = self._pages.get(path)
        if page is None or self._closed:
            return
        page.busy = False
        if outcome is None:
            return
        page.outcome, page.number = outcome, page.number + 1
        found = [diagnostic for _, diagnostic in self.found(page)]
        if outcome.checked or outcome.problem or page.told:
            self._publish(page, found)
            self.log(f"{path.relative_to(page.root)}: {_told(outcome, found)}")

    def _publish(self, page: Page, found: list[types.Diagnostic]) -> None:
        page.told = True
        version = self.document(page).version if page.path in self._pages else None
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(page.uri, found, version)
        )


def _told(outcome: Outcome, found: list[types.Diagnostic]) -> str:
    if found:
        return f"{len(found)} wrong"
    verdicts = outcome.checked.verdicts if outcome.checked else ()
    return f"ok, {sum(v.kind is Kind.VERIFIED for v in verdicts)} verified"


def _reads(page: Page, run: Run | None, path: Path) -> bool:
    """Tell whether a chapter has read a file, or runs after the chapter that it is."""
    name = path.relative_to(page.root).as_posix()
    return run is None or name in run.opened or name in page.outcome.checked.chapter.after


def _counts(path: Path, root: Path) -> bool:
    """Tell whether a book may depend on a file."""
    if not path.is_relative_to(root):
        return False
    parts = path.relative_to(root).parts
    return parts[:1] != ("_build",) and not any(part.startswith(".") for part in parts)


def path_of(uri: str) -> Path | None:
    """Return the path that a URI stands for, None where it is of no file."""
    name = to_fs_path(uri)
    if not name:
        return None
    path = Path(name)
    return path.parent.resolve() / path.name
