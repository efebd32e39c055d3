"""Let Sphinx read pages while chapters still run: each as soon as what it shows is known.

Sphinx reads the pages one by one, in an order that may be changed until it comes to them. What it
keeps of them is put into its own order afterwards, so that the pages are the same in any case.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import Any, Protocol

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.io import SphinxFileInput
from sphinx.util import FilenameUniqDict, get_filetype

from bookproof.pages import overviews
from bookproof.running.watch import SKIPPED
from bookproof.telling.report import Report
from bookproof.telling.verification import Checked


class Verdicts(Protocol):
    """A check that goes on; `late` are the chapters that fail for what ran after them."""

    late: set[str]

    def knows(self, name: str) -> bool:
        """Tell whether a chapter need not be waited for."""

    def ended(self) -> bool:
        """Tell whether nothing has to be waited for."""

    def wait(self) -> None:
        """Wait until something happens."""

    def checked(self, name: str) -> Checked:
        """Wait for a chapter; return what became of it."""

    def report(self) -> Report:
        """Wait for the end; return the outcome."""


def unseen(app: Sphinx) -> bool:
    """Tell whether nobody who watches the book sees what a build writes while it reads."""
    root = Path(app.srcdir)
    for folder in (Path(app.doctreedir), Path(app.outdir).parent):  # MyST-NB writes beside it
        if folder.is_relative_to(root):
            parts = folder.relative_to(root).parts
            if not any(part in SKIPPED or part.startswith(".") for part in parts):
                return False
    return True


class Turns:
    """The order in which pages are read; `chapters` are those that run, by page."""

    def __init__(self, app: Sphinx, chapters: dict[str, str], verdicts: Verdicts, sources: Sources):
        self._app = app
        self._chapters = chapters
        self._verdicts = verdicts
        self._sources = sources
        self._overviews = set(getattr(app.env, "bookproof_overviews", ()))
        self._overviews |= {page for page in app.env.found_docs if self._is_overview(page)}
        self._pages: list[str] = []
        self._read = 0
        self._labels: dict[str, list[dict]] = {}
        self._handlers = [
            app.connect("env-before-read-docs", self._begin, priority=900),
            app.connect("doctree-read", self._go_on, priority=900),
            app.connect("env-updated", self._end, priority=100),
        ]

    def _is_overview(self, page: str) -> bool:
        text = _QUOTED.sub("", self._sources.text(self._app.env.doc2path(page)))
        return any(mark in text for mark in overviews.MARKS)

    def _begin(self, app: Sphinx, env, docnames: list[str]) -> None:
        self._pages = docnames
        self._choose()

    def _go_on(self, app: Sphinx, doctree: nodes.document) -> None:
        page = app.env.docname
        labels = app.env.get_domain("std").data
        self._labels[page] = [
            {name: label for name, label in labels[kind].items() if label[0] == page}
            for kind in _LABELS
        ]
        self._read += 1
        self._choose()

    def _choose(self) -> None:
        """Put next a page that can be read, and wait until there is one."""
        left = self._pages[self._read :]
        if not left:
            self._verdicts.report()
            late = self._verdicts.late
            self._pages += sorted(page for page, name in self._chapters.items() if name in late)
            late.clear()
            return
        while not (ready := next(filter(self._is_ready, left), None)):
            self._verdicts.wait()
        left.remove(ready)
        self._pages[self._read :] = [ready, *left]

    def _is_ready(self, page: str) -> bool:
        if page in self._overviews:
            return self._verdicts.ended()
        return page not in self._chapters or self._verdicts.knows(self._chapters[page])

    def _end(self, app: Sphinx, env) -> None:
        self._verdicts.report()
        for handler in self._handlers:
            app.disconnect(handler)
        self._sources.close()
        _put_in_order(env)
        _renumber_images(env)
        data = env.get_domain("std").data
        for page in sorted(self._labels):
            for kind, labels in zip(_LABELS, self._labels[page], strict=True):
                data[kind].update(labels)


_QUOTED = re.compile(r"(?<!`)(``?)(?!`).*?(?<!`)\1(?!`)")
"""Code within a line: what a page has of marks in it, it only speaks of."""

_LABELS = ("labels", "anonlabels")
"""What the page that is read last decides, where two have the same."""


def _put_in_order(env) -> None:
    """Put what is kept of each page into the order in which Sphinx would have read them."""
    for holder in (vars(env), *env.domaindata.values()):
        for kept in holder.values():
            if isinstance(kept, dict) and {*map(_page_of, kept)} <= env.found_docs:
                items = sorted(kept.items(), key=lambda item: _page_of(item[0]))
                kept.clear()
                kept.update(items)


def _page_of(key: Any) -> Any:
    """Return the page that a key names: as a whole, or first."""
    return key[0] if isinstance(key, tuple) and key else key


def _renumber_images(env) -> None:
    """Number the images of the same name as if the pages had been read in Sphinx's order."""
    if len({os.path.basename(path) for path in env.images}) == len(env.images):
        return
    images = FilenameUniqDict()
    for page in sorted({page for pages, _ in env.images.values() for page in pages}):
        for image in env.get_doctree(page).findall(nodes.image):
            for path in image.get("candidates", {}).values():
                if path in env.images:
                    images.add_file(page, path)
    for path, (pages, _) in env.images.items():  # those that extensions have added
        for page in sorted(pages - images.get(path, [set()])[0]):
            images.add_file(page, path)
    env.images = images


class Sources:
    """The sources of pages, read before any chapter runs.

    Who watches which files are opened while chapters run would take it for their doing.
    """

    def __init__(self, app: Sphinx):
        paths = {app.env.doc2path(page) for page in app.env.found_docs}
        self._known = {}
        for path in paths:
            with open(path, "rb") as file:
                self._known[path] = _stamp(path), file.read()
        known = self._known

        class Input(SphinxFileInput):
            def __init__(self, *args, **options):
                stamp, content = known.get(options.get("source_path"), (None, b""))
                if stamp and stamp == _stamp(options["source_path"]):
                    buffer = io.BytesIO(content)
                    encoding = options.get("encoding")
                    options["source"] = io.TextIOWrapper(buffer, encoding, errors="sphinx")
                super().__init__(*args, **options)

        types = {get_filetype(app.config.source_suffix, path) for path in paths}
        self._publishers = [app.registry.get_publisher(app, name) for name in types]
        for publisher in self._publishers:
            publisher.source_class = Input

    def text(self, path: str) -> str:
        """Return the text of a source."""
        return self._known[path][1].decode("utf-8", "replace")

    def close(self) -> None:
        """Read files again as ever."""
        for publisher in self._publishers:
            publisher.source_class = SphinxFileInput


def _stamp(path: str) -> tuple[int, int, int]:
    found = os.stat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns
