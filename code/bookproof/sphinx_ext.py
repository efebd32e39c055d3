"""The Sphinx front end: check the book when a build starts, show the verdicts on its pages.

MyST-NB executes nothing itself: it is handed notebooks that hold the outputs of the check. The
check is made at every build, of every chapter, so a build in which nothing changed still fails
if something is wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from myst_nb.core.read import read_myst_markdown_notebook, standard_nb_read
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util import logging

from bookproof import match
from bookproof.book import Book, check
from bookproof.compare import Kind, Verdict
from bookproof.report import Checked, Report
from bookproof.run import Run
from bookproof.scan import Chapter, is_chapter

_LOGGER = logging.getLogger(__name__)

_BADGES = {
    "en": {"verified": "✓ output verified", "unverified": "not verified: {}", "failed": "✗ {}"},
    "zh": {
        "verified": "✓ 输出已核对",
        "unverified": "未核对：{}",
        "failed": "✗ 输出与正文不符：{}",
    },
}


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_directive("expect", _Expect)
    app.add_directive("unverified", _Unverified)
    app.connect("env-get-outdated", _check_book)
    app.connect("build-finished", _finish)
    app.connect("builder-inited", _add_style)
    return {"parallel_read_safe": False, "parallel_write_safe": True, "env_version": 1}


def _check_book(app: Sphinx, env, added: set, changed: set, removed: set) -> list[str]:
    """Check the book; return the pages whose outputs or verdicts differ from the last build's."""
    root = Path(app.srcdir)
    paths = {name: Path(env.doc2path(name)).resolve() for name in env.found_docs}
    docs = {path.relative_to(root).as_posix(): name for name, path in paths.items()}
    chapters = tuple(sorted(name for name in docs if is_chapter(root / name)))
    book = Book(root, chapters, app.config.nb_execution_timeout)
    app.bookproof_report = report = check(book, _progress)
    app.bookproof_pages = {docs[c.chapter.name]: _Page(c) for c in report.chapters}
    reader = f"{__name__}.{read_checked.__name__}"
    readers = {
        str(c.chapter.path): (reader, {"checked": c, "config": env.myst_config}, False)
        for c in report.chapters
        if c.chapter.notebook is not None
    }
    # MyST-NB chooses a reader by how the path ends: here, one reader for each chapter.
    env.mystnb_config = env.mystnb_config.copy(
        execution_mode="off", custom_formats=env.mystnb_config.custom_formats | readers
    )
    digests = {name: page.digest for name, page in app.bookproof_pages.items()}
    known, env.bookproof_digests = getattr(env, "bookproof_digests", {}), digests
    return [name for name, digest in digests.items() if known.get(name) != digest]


def read_checked(text: str, checked: Checked, config) -> NotebookNode:
    """Read a chapter for MyST-NB, with the outputs that were checked."""
    if checked.chapter.path.suffix == ".ipynb":
        notebook = standard_nb_read(text)
    else:
        notebook = read_myst_markdown_notebook(
            text, config, add_source_map=True, path=checked.chapter.path
        )
    kernel = notebook.metadata.setdefault("kernelspec", {})
    kernel.setdefault("language", "python")  # MyST-NB would learn it from a run: for the colours
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    for cell, outputs in zip(code, checked.run.outputs, strict=True):
        cell.outputs = outputs or []
    return notebook


class _Page:
    """What a page needs to know of its check: the verdict on each of its blocks, in order."""

    def __init__(self, checked: Checked):
        self._verdicts = defaultdict(list)
        for verdict in checked.verdicts:
            if verdict.block is not None:
                self._verdicts[_key(verdict.block.directive, verdict.block.body)].append(verdict)
        content = json.dumps(
            [checked.run.outputs, [(v.line, v.kind, v.message) for v in checked.verdicts]]
        )
        self.digest = hashlib.sha256(content.encode()).hexdigest()

    def verdict(self, directive: str, body: str) -> Verdict | None:
        """Return the verdict on the next block with this body, None where there is none."""
        verdicts = self._verdicts[_key(directive, body)]
        return verdicts.pop(0) if verdicts else None


def _key(directive: str, body: str) -> tuple[str, ...]:
    # MyST hands a directive its body without blank lines around it.
    return directive, *match.normalise(body).split("\n")


class _Block(Directive):
    """Show what became of the output above."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = None  # the body is literal, whatever it starts with

    def run(self) -> list[nodes.Node]:
        """Return the badge."""
        env = self.state.document.settings.env
        page = env.app.bookproof_pages.get(env.docname)
        verdict = page and page.verdict(self.name, "\n".join(self.content))
        texts = _BADGES.get((env.config.language or "en")[:2], _BADGES["en"])
        if verdict is None:
            state, text = "failed", texts["failed"].format(Kind.MALFORMED)
        elif verdict.kind.failed:
            state, text = "failed", texts["failed"].format(verdict.message or verdict.kind)
        elif verdict.kind is Kind.UNVERIFIED:
            state, text = "unverified", texts["unverified"].format(verdict.message)
        else:
            state, text = "verified", texts["verified"]
        return [nodes.paragraph("", text, classes=["bookproof", f"bookproof-{state}"])]


class _Expect(_Block):
    pass


class _Unverified(_Block):
    pass


def _progress(chapter: Chapter, run: Run) -> None:
    _LOGGER.info("bookproof: ran %s in %.1f s", chapter.name, run.seconds)


def _add_style(app: Sphinx) -> None:
    app.config.html_static_path.append(str(Path(__file__).with_name("static")))
    app.add_css_file("bookproof.css")


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """Write verification.json and let the build fail where the book is not green."""
    report: Report | None = getattr(app, "bookproof_report", None)
    if report is None:
        return
    Path(app.outdir, "verification.json").write_text(report.as_json(), "utf-8")
    if not report.green:
        # With -W and no --keep-going Sphinx turns an error into an exception, with a traceback.
        level = "INFO" if app.warningiserror and not app.keep_going else "ERROR"
        _LOGGER.log(level, "bookproof: the book is not as it says\n\n%s\n", report.failures())
        app.statuscode = 1
    _LOGGER.info("bookproof: %s", report.summary())
