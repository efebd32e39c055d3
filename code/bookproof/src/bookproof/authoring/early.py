"""Show a page that an author has changed while the build goes on.

Much of a build is not about the page that was changed: overviews are read again, the state of all
pages is stored. So as soon as the changed pages are read, a fork of the build writes them as they
are to be, and the browser has them; the build itself goes on beside it and writes all of the site.
"""

from __future__ import annotations

import filecmp
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.build_phase import BuildPhase

from bookproof.authoring.gate import Gate
from bookproof.pages import numbering
from bookproof.pages.builders import has_pages
from bookproof.running import apart

_FEW = 4
"""Of so many changed pages at most an author wants to see each at once."""


def setup(app: Sphinx, gate: Gate) -> None:
    """Let the gate know what is written, and write what was changed before the rest."""
    last: list[str] = []
    own = os.getpid()

    def tell(app: Sphinx, *page) -> Iterable[tuple]:
        """Tell of the page before this one; others that write pages have no line of their own."""
        while last and os.getpid() == own:
            _tell(app, gate, last.pop())
        if page and page[0] in app.env.found_docs and _has_pictures(app, page[0]):
            last.append(page[0])
        return ()

    app.connect("html-page-context", tell, priority=-1)
    app.connect("html-collect-pages", tell, priority=-1)  # after the last one
    _Changed(app, gate)


class _Changed:
    """The pages whose own source has changed: read first, and written by a fork."""

    def __init__(self, app: Sphinx, gate: Gate):
        self._gate = gate
        self._left: list[str] = []
        self._pages: list[str] = []
        self._fork: apart.Apart | None = None
        app.connect("env-before-read-docs", self._begin, priority=950)
        app.connect("env-purge-doc", self._go_on, priority=-1)
        app.connect("env-updated", self._go_on, priority=-1)
        app.connect("write-started", self._end)

    def _begin(self, app: Sphinx, env, docnames: list[str]) -> None:
        changed = [name for name in docnames if _is_newer(env, name)]
        if app.bookproof_anew or len(changed) > _FEW or not has_pages(app.builder):
            return
        docnames.sort(key=lambda name: name not in changed)
        self._pages = list(changed)
        self._left = changed

    def _go_on(self, app: Sphinx, env, page: str = "") -> None:
        """Write the changed pages when the last of them has been read."""
        if page in self._left:
            self._left.remove(page)
        elif self._pages and not self._left and apart.possible():
            pages, self._pages = self._pages, []
            self._fork = apart.Apart(lambda _: _write(app, self._gate, pages))

    def _end(self, app: Sphinx, builder) -> None:
        """Wait for the fork: what it writes is about to be written here."""
        if self._fork:
            try:
                while not self._fork.ended:
                    self._fork.hear()
            except Exception as error:  # the build itself will tell it, if it is one
                logging.getLogger(__name__).debug("not shown early: %s", error)


def _is_newer(env, page: str) -> bool:
    """Tell whether a source has changed since it was read."""
    return Path(env.doc2path(page)).stat().st_mtime_ns // 1000 > env.all_docs.get(page, 0)


def _write(app: Sphinx, gate: Gate, pages: list[str]) -> None:
    """Write pages as they are with what is known by now, and let the gate know."""
    logging.disable()  # the build itself says it
    builder, env = app.builder, app.env
    builder.load_indexer = builder.index_page = lambda *_: None
    numbering.settle(env, pages)  # the build itself goes on to read them
    app.emit("env-updated", env)
    list(env.check_dependents(app, set(pages)))
    app.phase = BuildPhase.RESOLVING
    builder.prepare_writing(set(pages))
    builder.create_pygments_style_file()  # pages have a digest of it
    for page in pages:
        app.phase = BuildPhase.RESOLVING
        doctree = env.get_and_resolve_doctree(page, builder)
        app.phase = BuildPhase.WRITING
        builder.write_doc_serialized(page, doctree)
        builder.write_doc(page, doctree)
        builder.copy_image_files()
        _tell(app, gate, page)


def _tell(app: Sphinx, gate: Gate, page: str) -> None:
    file = Path(app.builder.get_outfilename(page))
    gate.tell_written(file.relative_to(app.outdir).as_posix(), file.read_bytes())


def _has_pictures(app: Sphinx, page: str) -> bool:
    """Tell whether the pictures of a page are in the site; Sphinx copies them after all pages."""
    folder = Path(app.outdir, app.builder.imagedir)
    pictures = [(path, name) for path, (pages, name) in app.env.images.items() if page in pages]
    try:
        return all(
            filecmp.cmp(Path(app.srcdir, path), folder / name, shallow=False)
            for path, name in pictures
        )
    except OSError:
        return False
