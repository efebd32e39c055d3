"""The Sphinx front end: check the book when a build starts, show the verdicts on its pages.

MyST-NB executes nothing itself: it is handed notebooks that hold the outputs of the check. The
check is made at every build, of every chapter, so a build in which nothing changed still fails
if something is wrong.
"""

from __future__ import annotations

import functools
import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path

from myst_nb.core.config import NbParserConfig
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util import get_filetype, logging

from bookproof import ahead
from bookproof.authoring import early, waiting
from bookproof.authoring.gate import Gate
from bookproof.book import CORES, Book, check, plan
from bookproof.configuration import PARSER, preloaded, settings_of
from bookproof.pages import (
    additions,
    builders,
    downloads,
    numbering,
    overviews,
    page,
    turns,
    values,
    whole,
    writing,
)
from bookproof.pages.awaited import AwaitedReport, Pages
from bookproof.pages.handed import Handed, read_checked
from bookproof.reading.formats import format_of
from bookproof.reading.scan import is_chapter
from bookproof.running import apart, files
from bookproof.stream import Stream
from bookproof.telling.language import each, words
from bookproof.telling.progress import Spoken
from bookproof.telling.report import Report
from bookproof.telling.verification import SEAL, Checked

_LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.bookproof_gate = Gate.reach()
    app.add_config_value("bookproof_preload", [], "", [list, tuple])
    app.add_config_value("bookproof_not_run", {}, "", [dict])
    app.add_config_value("bookproof_filters", {}, "", [dict])
    downloads.setup(app)
    values.setup(app)
    whole.setup(app)
    numbering.setup()
    app.add_directive("expect", page.BlockDirective)
    app.add_directive("unverified", page.BlockDirective)
    app.add_directive("verification-ledger", overviews.Ledger)
    app.add_role("verification", overviews.Total())
    app.add_post_transform(overviews.WriteLedger)
    app.add_post_transform(builders.ForBuilder)
    app.connect("config-inited", waiting.wait_for_others)
    app.connect("config-inited", lambda *_: gc.disable(), priority=900)  # loading leaves no waste
    app.connect("builder-inited", ahead.work_ahead, priority=-1)
    app.connect("builder-inited", ahead.collect, priority=0)
    app.connect("builder-inited", waiting.wait_at_gate, priority=1)  # others may read pages then
    app.connect("builder-inited", _add_style)
    if app.bookproof_gate:
        early.setup(app, app.bookproof_gate)
    app.connect("env-get-outdated", _check_book)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", overviews.merge)
    app.connect("env-updated", _drop_readers)
    app.connect("env-check-consistency", _begin_to_write, priority=900)
    app.connect("doctree-read", additions.complete)
    app.connect("build-finished", _finish)
    app.connect("build-finished", lambda app, _: app.bookproof_lock.release(), priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 6}


def _check_book(app: Sphinx, env, added: set, changed: set, removed: set) -> list[str]:
    """Check the book; return the pages whose outputs or verdicts differ from the last build's.

    Where all pages are to be read anyway, they are while chapters still run.
    """
    env.bookproof_orphans = getattr(env, "bookproof_orphans", {})
    docs = {Path(env.doc2path(name, False)).as_posix(): name for name in env.found_docs}
    # Where a build reads twice, as for PDFs of single pages, there are readers of ours by now.
    own = getattr(app, "bookproof_formats", env.mystnb_config.custom_formats)
    app.bookproof_formats = own
    nb = env.mystnb_config.copy(custom_formats=own)
    book = _book(app, nb, sorted(docs))
    gate = app.bookproof_gate
    means = gate.means(book.root, book.store.folder) if gate else {}
    schedule = plan(book, means.get("store", book.store))
    chapters = {docs[chapter.name]: chapter for chapter in schedule.asked}
    names = {page: chapter.name for page, chapter in chapters.items()}
    app.bookproof_anew = env.found_docs <= added | changed
    early = app.bookproof_anew and app.parallel < 2 and turns.unseen(app)
    if early and not means and apart.possible() and schedule.due():
        sources = turns.Sources(app)
        gc.freeze()
        stream = Stream(book, schedule, _Progress(app))
        turns.Turns(app, names, stream, sources)
        app.bookproof_report = AwaitedReport(stream.report)
        checked: Callable[[str], Checked] = stream.checked
    else:
        app.bookproof_report = report = check(book, _Begun(app), schedule=schedule, **means)
        checked = {c.chapter.name: c for c in report.chapters}.__getitem__
    app.bookproof_pages = pages = Pages(names, checked, app.bookproof_ahead)
    reader = f"{read_checked.__module__}.{read_checked.__name__}"
    readers = {}
    for name, chapter in chapters.items():
        form = format_of(chapter.path, book.settings)
        options = {"handed": Handed(functools.partial(pages.__getitem__, name), env.myst_config)}
        readers[str(chapter.path)] = (reader, options, bool(form and form.commonmark))
    # MyST-NB chooses a reader by how the path ends: here, one reader for each chapter.
    env.mystnb_config = nb.copy(
        execution_mode="off",
        merge_streams=False,  # it would move what is printed before what is displayed
        custom_formats=own | readers,
    )
    if isinstance(app.bookproof_report, AwaitedReport):
        return []
    # What there is by now stays to the end. It is much, and Python's collector would go through
    # all of it again and again while pages are read: half the time of a short build.
    gc.freeze()
    known = _read_digests(app)
    return [name for name, digest in _digests(app).items() if known.get(name) != digest]


def _digests(app: Sphinx) -> dict[str, str]:
    """Return what pages show of the check: chapters their own part, overviews all of it."""
    digests = {name: shown.digest for name, shown in app.bookproof_pages.items()}
    if overviews := getattr(app.env, "bookproof_overviews", ()):
        told = page.digest("".join(shown.told for shown in app.bookproof_pages.values()))
        digests |= dict.fromkeys(overviews, told)
    return digests


def _book(app: Sphinx, nb: NbParserConfig, names: list[str]) -> Book:
    """Return the book as this build is configured; `names` are the files of its pages."""
    root = Path(app.srcdir)
    try:
        settings = settings_of(nb, app.config)
        preload = preloaded(app.config.bookproof_preload)
    except ValueError as error:  # Sphinx tells it without a traceback
        raise ConfigError(words()(f"bookproof: {error}")) from error
    chapters = tuple(
        name
        for name in names
        if get_filetype(app.config.source_suffix, name) == PARSER
        and is_chapter(root / name, settings)
    )
    return Book(root, chapters, preload=preload, settings=settings)


def _digests_path(app: Sphinx) -> Path:
    return Path(app.doctreedir, f"bookproof-{app.builder.name}.json")


def _read_digests(app: Sphinx) -> dict[str, str]:
    """Return what the pages showed when they were last written to the end.

    Not kept in the environment, which is saved before the pages are written: a build that is
    interrupted in between would leave old pages behind.
    """
    try:
        return dict(json.loads(_digests_path(app).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _drop_readers(app: Sphinx, env) -> None:
    """Give back MyST-NB's own readers: the environment is about to be stored, with all it holds."""
    env.mystnb_config = env.mystnb_config.copy(custom_formats=app.bookproof_formats)


def _begin_to_write(app: Sphinx, env) -> None:
    """Use all cores where all pages are to be written."""
    if app.bookproof_anew:
        downloads.begin(app)
        writing.spread(app, CORES)


def _forget(app: Sphinx, env, docname: str) -> None:
    """Forget what a page had that is about to be read again, or is gone."""
    getattr(env, "bookproof_orphans", {}).pop(docname, None)


class _Progress(Spoken):
    """Say it through Sphinx."""

    def __init__(self, app: Sphinx):
        shown = not app.quiet and sys.stdout.isatty()
        super().__init__(_LOGGER.info, sys.stdout if shown else None)


class _Begun(_Progress):
    """Say it where Sphinx has begun a line of its own."""

    def begin(self, due: int) -> None:
        _LOGGER.info("")
        super().begin(due)


def _add_style(app: Sphinx) -> None:
    if not builders.has_pages(app.builder):
        return
    app.config.html_static_path.append(str(Path(page.__file__).with_name("static")))
    app.add_css_file("bookproof.css")


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """Write verification.json and let the build fail where the book is not green."""
    if exception is not None:
        downloads.stop(app)
    try:  # the verdicts are told also where Sphinx has failed before all were known
        report: Report | None = getattr(app, "bookproof_report", None)
        if report is None or report.chapters is None:
            return
    except Exception:
        if exception is None:
            raise
        return  # this is why it has failed
    if exception is None:
        files.write(_digests_path(app), json.dumps(_digests(app)))
        downloads.write(app)
    for note in report.notes:  # no warnings to Sphinx: the build shall not fail for them
        _LOGGER.info(words()(f"bookproof: {note}"))
    failures = report.failures(words())
    if report.green:  # a block that the check did not see: from an included file, say
        orphans = [found for page in app.env.bookproof_orphans.values() for found in page]
        failures = each("\n".join(sorted(orphans)), words())
    verification = Path(app.outdir, "verification.json")
    if failures and report.green:
        verification.unlink(missing_ok=True)  # it would say that all is well
    else:
        files.write(verification, report.as_json())
    Path(app.outdir, SEAL).unlink(missing_ok=True)  # of another build
    if failures:
        # With -W and no --keep-going Sphinx turns an error into an exception, with a traceback.
        level = "INFO" if app.warningiserror and not app.keep_going else "ERROR"
        head = words()("bookproof: the book is not as it says")
        _LOGGER.log(level, "%s\n\n%s\n", head, failures)
        app.statuscode = 1
    _LOGGER.info(words()(f"bookproof: {report.summary()}"))
