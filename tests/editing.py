"""An editor that speaks the Language Server Protocol, and `bookproof lsp` behind it."""

import asyncio
import functools
import os
import re
import sys
import time

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 120  # seconds, on a busy machine

CAPABLE = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
            dynamic_registration=True
        ),
    ),
    text_document=types.TextDocumentClientCapabilities(
        code_action=types.CodeActionClientCapabilities(
            code_action_literal_support=types.ClientCodeActionLiteralOptions(
                types.ClientCodeActionKindOptions([types.CodeActionKind.QuickFix])
            ),
            data_support=True,
            disabled_support=True,
            resolve_support=types.ClientCodeActionResolveOptions(["edit"]),
        ),
        hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown]),
        completion=types.CompletionClientCapabilities(),
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(version_support=True),
    ),
)


class Client(LanguageClient):
    """A client that remembers what went wrong between it and the server."""

    def __init__(self):
        super().__init__("editor", "1")
        self.errors = []

    def report_server_error(self, error, source):
        self.errors.append(f"{source.__name__}: {error}")


class Editor:
    """An editor without a screen: what it has open, and what it is told."""

    def __init__(self, root, capabilities=CAPABLE, locale=None):
        self.root = root
        self.diagnostics = {}
        self.heard = []  # the URIs of which diagnostics came
        self.watched = []
        self._texts = {}
        self._versions = {}
        self._opened = {}
        self._runner = asyncio.Runner()
        self.messages = []
        self.log = []
        self.client = Client()
        for name, function in (
            (types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, self._published),
            (types.CLIENT_REGISTER_CAPABILITY, self.watched.append),
            (types.WINDOW_SHOW_MESSAGE, lambda params: self.messages.append(params.message)),
            (types.WINDOW_LOG_MESSAGE, lambda params: self.log.append(params.message)),
        ):
            self.client.feature(name)(functools.partial(function))
        self.run(self.client.start_io(sys.executable, "-m", "bookproof", "lsp"))
        opening = types.InitializeParams(
            capabilities, os.getpid(), root_uri=root.as_uri(), locale=locale
        )
        self.answer = self.run(self.client.initialize_async(opening))
        self.client.initialized(types.InitializedParams())

    @property
    def process(self):
        return self.client._server

    def run(self, coroutine):
        """Return the result of a coroutine."""
        return self._runner.run(asyncio.wait_for(coroutine, PATIENCE))

    def until(self, true):
        """Listen until a function gives something true; return it."""

        async def wait():
            deadline = time.monotonic() + PATIENCE
            while not (found := true()):
                assert time.monotonic() < deadline, (self.messages, self.log, self.client.errors)
                await asyncio.sleep(0.01)
            return found

        return self.run(wait())

    def close(self):
        """End the server as the protocol wants it; return its exit status."""
        self.run(self.client.shutdown_async(None))
        self.client.exit(None)
        return self.ended()

    def ended(self):
        """Wait until the server has ended; return its exit status."""
        status = self.run(self.process.wait())
        self.run(self.client.stop())
        self._runner.close()
        return status

    def _published(self, params):
        self.diagnostics[params.uri] = params.diagnostics
        self.heard.append(params.uri)

    def uri(self, name):
        return (self.root / name).as_uri()

    def open(self, name, text=None):
        """Open a file; where it is a chapter, wait for what is wrong with it."""
        text = (self.root / name).read_bytes().decode("utf-8-sig") if text is None else text
        self._texts[name], self._versions[name] = text, 1
        self._opened[name] = self.heard.count(self.uri(name))
        document = types.TextDocumentItem(self.uri(name), "markdown", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def opened(self, name):
        """Open a chapter; return what is wrong with it."""
        before = self.heard.count(self.uri(name))
        self.open(name)
        return self.told(name, before)

    def type(self, name, text):
        """Change a text without saving it."""
        self._texts[name] = text
        self._versions[name] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._versions[name], self.uri(name)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, name, text=None):
        """Save a text; return what is wrong with it then."""
        before = self.heard.count(self.uri(name))
        self.write(name, text)
        return self.told(name, before)

    def write(self, name, text=None):
        """Save a text, and do not wait."""
        if text is not None:
            self.type(name, text)
        path = self.root / name
        mark = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
        path.write_bytes((mark + self._texts[name]).encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self._named(name)))

    def told(self, name, before):
        """Wait for the diagnostics of a file after so many."""
        uri = self.uri(name)
        self.until(lambda: self.heard.count(uri) > before)
        return self.diagnostics[uri]

    def shut_all(self):
        """Close all files."""
        for name in list(self._texts):
            self.shut(name)

    def shut(self, name):
        """Close a file; what was said of it is taken back."""
        del self._texts[name]
        before = self.heard.count(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self._named(name)))
        if before > self._opened[name]:
            assert self.told(name, before) == ()

    def _named(self, name):
        return types.TextDocumentIdentifier(self.uri(name))

    def lines(self, name):
        return re.split("\r\n|\n", self._texts[name])

    def position(self, name, line, word=""):
        """Return the position of a word in a line (1-based), as UTF-16."""
        text = self.lines(name)[line - 1]
        return types.Position(line - 1, len(text[: text.index(word)].encode("utf-16-le")) // 2)

    def whole(self, name):
        """Return the range of a whole text."""
        return types.Range(types.Position(0, 0), types.Position(len(self.lines(name)), 0))

    def line_of(self, name, word, nth=0):
        """Return the 1-based number of the n-th line that begins with a word."""
        return [n for n, line in enumerate(self.lines(name), 1) if line.startswith(word)][nth]

    def marked(self, name, diagnostic):
        """Return the text that a diagnostic marks."""
        start, end = diagnostic.range.start, diagnostic.range.end
        assert start.line == end.line
        line = self.lines(name)[start.line].encode("utf-16-le")
        return line[2 * start.character : 2 * end.character].decode("utf-16-le")

    def hover(self, name, line, word=""):
        found = self.run(
            self.client.text_document_hover_async(
                types.HoverParams(self._named(name), self.position(name, line, word))
            )
        )
        return found and found.contents.value

    def definition(self, name, line, word=""):
        """Return the 1-based line to which an editor goes."""
        found = self.run(
            self.client.text_document_definition_async(
                types.DefinitionParams(self._named(name), self.position(name, line, word))
            )
        )
        return found and found.range.start.line + 1

    def references(self, name, line, word=""):
        parameters = types.ReferenceParams(
            types.ReferenceContext(False), self._named(name), self.position(name, line, word)
        )
        found = self.run(self.client.text_document_references_async(parameters))
        return [location.range.start.line + 1 for location in found]

    def completion(self, name, position):
        return self.run(
            self.client.text_document_completion_async(
                types.CompletionParams(self._named(name), position)
            )
        )

    def actions(self, name, range, only=None):
        context = types.CodeActionContext(self.diagnostics.get(self.uri(name), []), only)
        parameters = types.CodeActionParams(self._named(name), range, context)
        return self.run(self.client.text_document_code_action_async(parameters))

    def resolved(self, action):
        return self.run(self.client.code_action_resolve_async(action))

    def apply(self, name, edit):
        """Return the text after a workspace edit, which must be for the text as it is."""
        if edit.document_changes:
            [change] = edit.document_changes
            assert change.text_document.version == self._versions[name]
            uri, edits = change.text_document.uri, change.edits
        else:
            [(uri, edits)] = edit.changes.items()
        assert uri == self.uri(name)
        return applied(self._texts[name], edits)


def applied(text, edits):
    """Return a text after edits whose positions are UTF-16."""
    lines = [line.encode("utf-16-le") for line in re.split("(?<=\n)", text)]
    data = b"".join(lines)

    def offset(position):
        return sum(map(len, lines[: position.line])) + 2 * position.character

    for edit in sorted(edits, key=lambda edit: offset(edit.range.start), reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        data = data[:start] + edit.new_text.encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")
