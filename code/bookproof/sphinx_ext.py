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
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from bookproof import describe, match
from bookproof.book import Book, check
from bookproof.compare import Kind, Verdict
from bookproof.page_texts import Texts, texts_for
from bookproof.report import Checked, Report, mode
from bookproof.run import Run
from bookproof.scan import Chapter, is_chapter

_LOGGER = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    app.add_directive("expect", _BlockDirective)
    app.add_directive("unverified", _BlockDirective)
    app.add_directive("verification-ledger", _Ledger)
    app.add_role("verification", _Total())
    app.connect("builder-inited", _add_style)
    app.connect("env-get-outdated", _check_book)
    app.connect("doctree-read", _add_foot)
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": False, "parallel_write_safe": True, "env_version": 2}


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
    whole = _digest(report.as_json())
    digests |= dict.fromkeys(getattr(env, "bookproof_overviews", ()), whole)
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
        cell.outputs = [_shown(output) for output in outputs or []]
    return notebook


def _shown(output: NotebookNode) -> NotebookNode:
    """Return an output without what only the check needs."""
    if describe.MIME not in output.get("data", {}):
        return output
    data = {mime: content for mime, content in output.data.items() if mime != describe.MIME}
    return NotebookNode(output, data=NotebookNode(data))


class _Page:
    """What a page needs to know of its check: the verdict on each of its blocks, in order."""

    def __init__(self, checked: Checked):
        self.checked = checked
        self._verdicts = defaultdict(list)
        for verdict in checked.verdicts:
            if verdict.block is not None:
                self._verdicts[_key(verdict.block.directive, verdict.block.body)].append(verdict)
        verdicts = [(v.line, v.kind, v.message) for v in checked.verdicts]
        self.digest = _digest(json.dumps([checked.run.outputs, verdicts, checked.versions]))

    def verdict(self, directive: str, body: str) -> Verdict | None:
        """Return the verdict on the next block with this body, None where there is none."""
        verdicts = self._verdicts[_key(directive, body)]
        return verdicts.pop(0) if verdicts else None


def _key(directive: str, body: str) -> tuple[str, ...]:
    # MyST hands a directive its body without blank lines around it.
    return directive, *match.normalise(body).split("\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class _BlockDirective(Directive):
    """Show what became of the output above."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = None  # the body is literal, whatever it starts with

    def run(self) -> list[nodes.Node]:
        """Return the badge."""
        env = self.state.document.settings.env
        texts = texts_for(env.config.language)
        page = env.app.bookproof_pages.get(env.docname)
        verdict = page and page.verdict(self.name, "\n".join(self.content))
        if verdict is None:
            return [_badge("failed", texts.failed.format(Kind.MALFORMED))]
        if verdict.kind.failed:
            badge = _badge("failed", texts.failed.format(verdict.message))
        elif verdict.kind is Kind.UNVERIFIED:
            badge = _badge("unverified", texts.unverified.format(verdict.message))
        else:
            badge = _badge("verified", texts.verified)
        badge["ids"].append(_anchor(verdict))
        return [badge]


def _badge(state: str, text: str) -> nodes.paragraph:
    return nodes.paragraph("", text, classes=["bookproof", f"bookproof-{state}"])


def _anchor(verdict: Verdict) -> str:
    return f"bookproof-line-{verdict.block.line}"


def _add_foot(app: Sphinx, doctree: nodes.document) -> None:
    """Say at the foot of a chapter how many of its outputs were verified, with what."""
    page = app.bookproof_pages.get(app.env.docname)
    if page is None or not page.checked.verdicts:
        return
    kinds = [verdict.kind for verdict in page.checked.verdicts]
    text = texts_for(app.config.language).foot(
        kinds.count(Kind.VERIFIED), kinds.count(Kind.UNVERIFIED), page.checked.versions
    )
    section = next(iter(doctree.findall(nodes.section)), doctree)
    section += nodes.paragraph("", text, classes=["bookproof-foot"])


def _remember_overview(env) -> None:
    """Let the page be read again whenever a verdict of any chapter changes."""
    if not hasattr(env, "bookproof_overviews"):
        env.bookproof_overviews = set()
    env.bookproof_overviews.add(env.docname)
    env.bookproof_digests[env.docname] = _digest(env.app.bookproof_report.as_json())


class _Total(SphinxRole):
    """Give a total of the whole book: `verified`, `unverified`, `failed` or `chapters`."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return the number."""
        _remember_overview(self.env)
        totals = self.env.app.bookproof_report.totals
        if self.text not in totals:
            message = f"{{verification}} knows no {self.text!r}; known: {', '.join(totals)}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        return [nodes.Text(str(totals[self.text]))], []


class _Ledger(Directive):
    """List every verdict of the book, chapter by chapter, with totals and versions."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each chapter."""
        env = self.state.document.settings.env
        _remember_overview(env)
        report, texts = env.app.bookproof_report, texts_for(env.config.language)
        pages = {page.checked.chapter.name: doc for doc, page in env.app.bookproof_pages.items()}
        shown: list[nodes.Node] = [nodes.paragraph("", texts.totals(report.totals))]
        for checked in report.chapters:
            if not checked.verdicts:
                continue
            doc = pages[checked.chapter.name]
            title = nodes.rubric("", "", _link(env, doc, "", explicit=False), classes=["ledger"])
            shown += [title, nodes.paragraph("", texts.versions(checked.versions))]
            shown.append(_table(env, doc, checked, texts))
        return shown


def _table(env, doc: str, checked: Checked, texts: Texts) -> nodes.table:
    rows = [
        (
            _link(env, doc, _anchor(v) if v.block else "", str(v.line)),
            nodes.literal("", mode(v.block)) if v.expected is not None else nodes.Text("—"),
            nodes.Text(texts.kinds.get(v.kind, str(v.kind))),
            nodes.Text(v.message or _claim(v)),
        )
        for v in checked.verdicts
    ]
    group = nodes.tgroup("", cols=4)
    group += [nodes.colspec(colwidth=width) for width in (8, 12, 12, 60)]
    group += nodes.thead("", _row([nodes.Text(text) for text in texts.columns]))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group, classes=["bookproof-ledger"])


def _row(cells) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _claim(verdict: Verdict) -> str:
    """Return the first telling line of what the author claims."""
    lines = (verdict.expected or "").split("\n")
    if describe.is_description(lines[0]):
        lines = [line for line in lines if '"' in line] or lines
    return f"{lines[0].strip()} …" if len(lines) > 1 else lines[0]


def _link(env, doc: str, anchor: str, text: str = "", explicit: bool = True) -> nodes.Node:
    if anchor:
        return nodes.reference(
            "",
            text,
            internal=True,
            refuri=f"{env.app.builder.get_relative_uri(env.docname, doc)}#{anchor}",
        )
    link = pending_xref(
        "",
        refdomain="std",
        reftype="doc",
        reftarget=f"/{doc}",
        refexplicit=explicit,
        refdoc=env.docname,
    )
    link += nodes.inline("", text)
    return link


def _progress(chapter: Chapter, run: Run, done: int, due: int) -> None:
    if done == 1:
        _LOGGER.info("")  # Sphinx has begun a line of its own
    _LOGGER.info("bookproof: [%d/%d] ran %s in %.1f s", done, due, chapter.name, run.seconds)


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
