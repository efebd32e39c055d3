"""A language server: an editor learns, as a chapter is saved, whether it holds.

It speaks the Language Server Protocol over its standard input and output. Nothing else may use
those: whatever anybody prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import signal
import threading
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInternalError
from pygls.io_ import run_async
from pygls.lsp.server import LanguageServer

from bookproof.authoring import columns, targets
from bookproof.authoring.actions import KINDS, Actions
from bookproof.authoring.desk import Desk, Page, path_of
from bookproof.authoring.findings import Moved, whole
from bookproof.authoring.hovers import hover
from bookproof.authoring.shelf import Means
from bookproof.authoring.words import complete
from bookproof.reading.chapter import Chapter
from bookproof.reading.scan import scan
from bookproof.reading.settings import DEFAULT
from bookproof.reading.value import Place

_WATCHED = "**/*.{cfg,csv,ini,ipynb,json,md,py,toml,txt,yaml,yml}"


def serve(means: Means) -> None:
    """Serve an editor until it says so, or is gone; raises KeyboardInterrupt by a signal."""
    source, sink = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    try:
        asyncio.run(_serve(source, sink, means))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _serve(source: int, sink: int, means: Means) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):  # Ctrl-C cancels this task as it is
        with contextlib.suppress(NotImplementedError, AttributeError):  # Windows
            loop.add_signal_handler(getattr(signal, name), asyncio.current_task().cancel)
    reader = asyncio.StreamReader()
    threading.Thread(target=_feed, args=[source, loop, reader], daemon=True).start()
    server = _Server("bookproof", version("bookproof"), types.TextDocumentSyncKind.Full)
    server.protocol.set_writer(_Writer(sink))
    desk = Desk(server, means)
    _register(server, desk)
    try:
        with contextlib.suppress(asyncio.IncompleteReadError):  # the editor is gone
            await run_async(threading.Event(), reader, server.protocol)
    finally:
        desk.close()


Position = types.DefinitionParams | types.ReferenceParams | types.CompletionParams


class _Server(LanguageServer):
    def report_server_error(self, error: Exception, source: Any) -> None:
        """Show an error, but for one that kept something from being shown."""
        if source is not JsonRpcInternalError:
            super().report_server_error(error, source)


class _Writer:
    """Writes to the editor as long as that listens."""

    def __init__(self, descriptor: int):
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        if not self._file.closed:
            self._file.write(data)
            self._file.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


def _feed(source: int, loop: asyncio.AbstractEventLoop, reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: the loop has ended
        while piece := os.read(source, 1 << 16):
            loop.call_soon_threadsafe(reader.feed_data, piece)
        loop.call_soon_threadsafe(reader.feed_eof)


def _register(server: LanguageServer, desk: Desk) -> None:
    """Let the server answer with what the desk knows."""
    answers, actions = _Answers(desk), Actions(desk)

    def on(name: str, function: Callable, options: object = None) -> None:
        server.feature(name, options)(functools.partial(function))

    on(types.INITIALIZE, lambda params: desk.speak(params.locale))
    on(types.TEXT_DOCUMENT_DID_OPEN, lambda params: desk.open(params.text_document.uri))
    on(types.TEXT_DOCUMENT_DID_SAVE, lambda params: desk.saved(params.text_document.uri))
    on(types.TEXT_DOCUMENT_DID_CLOSE, lambda params: desk.shut(params.text_document.uri))
    on(types.TEXT_DOCUMENT_HOVER, answers.hover)
    on(types.TEXT_DOCUMENT_DEFINITION, answers.definition)
    on(types.TEXT_DOCUMENT_REFERENCES, answers.references)
    triggers = types.CompletionOptions(trigger_characters=["{", " ", "=", ","])
    on(types.TEXT_DOCUMENT_COMPLETION, answers.completion, triggers)
    kinds = types.CodeActionOptions(code_action_kinds=KINDS, resolve_provider=True)
    on(types.TEXT_DOCUMENT_CODE_ACTION, actions.offered, kinds)
    on(types.CODE_ACTION_RESOLVE, actions.resolved)

    async def watch(_: types.InitializedParams) -> None:
        if desk.has("workspace.did_change_watched_files.dynamic_registration"):
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(_WATCHED)]
            )
            watched = types.Registration(
                "watched", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options
            )
            await server.client_register_capability_async(types.RegistrationParams([watched]))

    def changed(params: types.DidChangeWatchedFilesParams) -> None:
        paths = (path_of(event.uri) for event in params.changes)
        desk.changed([path for path in paths if path])

    on(types.INITIALIZED, watch)
    on(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, changed)


class _Answers:
    """Answers what an editor asks of a place."""

    def __init__(self, desk: Desk):
        self._desk = desk

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """Return what the check found at a position; nothing where the text is another now."""
        page = self._desk.page(params.text_document.uri)
        if not page or not page.outcome or not page.outcome.checked:
            return None
        lines = self._desk.lines(page)
        place = columns.place(params.position, lines, self._desk.count)
        line = Moved(page.outcome.lines, lines).back(place.line)
        words = self._desk.words
        text = line and hover(page.outcome.checked, Place(line, place.column), words)
        if not text:
            return None
        if self._desk.checking(page):
            head = words("*It is being checked again; the last check found:*")
            text = f"{head}\n\n{text}"
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Return the cell that a block or a value is about."""
        page, place = self._place(params)
        chapter = page and self._chapter(page)
        cell = chapter and targets.cell_of(chapter, place)
        return self._location(page, cell.line) if cell else None

    def references(self, params: types.ReferenceParams) -> list[types.Location]:
        """Return all that is said of a cell."""
        page, place = self._place(params)
        chapter = page and self._chapter(page)
        lines = targets.claims_on(chapter, place) if chapter else ()
        return [self._location(page, line) for line in lines]

    def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        """Return the words that can stand at a position."""
        page, place = self._place(params)
        if not page:
            return []
        lines = self._desk.lines(page)
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        found = complete(line, place.column, _settings(page).filters)
        if not found:
            return []
        places = Place(place.line, found.start), Place(place.line, found.end)
        where = columns.span(places, lines, self._desk.count)
        return [
            types.CompletionItem(
                word.text,
                kind=types.CompletionItemKind.Keyword,
                documentation=self._desk.words(word.meaning),
                sort_text=f"{number:03}",
                filter_text=word.text,
                text_edit=types.TextEdit(where, word.text),
            )
            for number, word in enumerate(found.words)
        ]

    def _place(self, params: Position) -> tuple[Page | None, Place | None]:
        page = self._desk.page(params.text_document.uri)
        if not page:
            return None, None
        return page, columns.place(params.position, self._desk.lines(page), self._desk.count)

    def _chapter(self, page: Page) -> Chapter:
        """Return the chapter as the editor has it, saved or not."""
        text = "\n".join(self._desk.lines(page)).encode("utf-8", "replace")
        return scan(page.root, page.path.relative_to(page.root).as_posix(), text, _settings(page))

    def _location(self, page: Page, line: int) -> types.Location:
        lines = self._desk.lines(page)
        return types.Location(page.uri, columns.span(whole(line, lines), lines, self._desk.count))


def _settings(page: Page):
    """Return the settings of a page's book, as far as they are known."""
    checked = page.outcome and page.outcome.checked
    return checked.chapter.settings if checked else DEFAULT
