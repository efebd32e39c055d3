"""What the pages of a book show of its verification: badges, a foot line, the ledger, totals."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookproof.judging.verdict import Kind, Verdict
from bookproof.pages.builders import BADGE, PAGE, PLACE
from bookproof.reading.screen import normalise
from bookproof.running.inside import describe
from bookproof.telling.texts import Texts, texts_for
from bookproof.telling.verification import Checked


class Page:
    """What a page needs to know of its check: the verdict on each of its blocks, in order."""

    def __init__(self, checked: Checked):
        self.checked = checked
        self._verdicts = defaultdict(list)
        for verdict in checked.verdicts:
            if verdict.block is not None:
                self._verdicts[_key(verdict.block.directive, verdict.block.body)].append(verdict)
        verdicts = [(v.line, v.kind, v.message) for v in checked.verdicts]
        run = checked.run
        self.digest = digest(json.dumps([run.outputs, run.language, verdicts, checked.versions]))

    @property
    def failure(self) -> str | None:
        """Return the kind of what stopped the run, None where nothing did."""
        failure = self.checked.run.failure
        return failure.kind if failure else None

    def verdict(self, directive: str, body: str) -> Verdict | None:
        """Return the verdict on the next block with this body, None where there is none."""
        verdicts = self._verdicts[_key(directive, body)]
        return verdicts.pop(0) if verdicts else None


def _key(directive: str, body: str) -> tuple[str, ...]:
    # MyST hands a directive its body without blank lines around it.
    return directive, *normalise(body).split("\n")


def digest(text: str) -> str:
    """Return a digest that tells whether what a page shows has changed."""
    return hashlib.sha256(text.encode()).hexdigest()


class BlockDirective(Directive):
    """Show what became of the output above."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = None  # the body is literal, whatever it starts with

    def run(self) -> list[nodes.Node]:
        """Return the badge."""
        env = self.state.document.settings.env
        place = f"{self.state_machine.get_source()}:{self.lineno}"
        return [badge_for(env, self.name, "\n".join(self.content), place)]


def badge_for(env, directive: str, body: str, place: str) -> nodes.paragraph:
    """Return the badge of the next block with this body on a page; `place` is where it stands."""
    texts = texts_for(env.config.language)
    page = env.app.bookproof_pages.get(env.docname)
    verdict = page and page.verdict(directive, body)
    if verdict is None:
        env.bookproof_orphans.setdefault(env.docname, []).append(place)
        kind = page.failure if page and page.failure else Kind.MALFORMED
        return badge("failed", texts.failed.format(texts.kinds.get(kind, kind)))
    if verdict.kind.failed:
        shown = badge("failed", texts.failed.format(verdict.message))
    elif verdict.kind is Kind.UNVERIFIED:
        shown = badge("unverified", texts.unverified.format(verdict.message))
    else:
        shown = badge("verified", texts.verified)
    shown["ids"].append(anchor(verdict))
    return shown


def badge(state: str, text: str) -> nodes.paragraph:
    """Return a badge: what became of an output, in words."""
    return nodes.paragraph("", text, classes=[BADGE, f"bookproof-{state}"])


def anchor(verdict: Verdict) -> str:
    """Return the place on a page where the badge of a verdict stands."""
    return f"bookproof-line-{verdict.block.line if verdict.block else verdict.line}"


def merge(app: Sphinx, env, docnames: set[str], other) -> None:
    """Take over what another process knows of the pages that it has read."""
    for name in docnames:
        if name in other.bookproof_orphans:
            env.bookproof_orphans[name] = other.bookproof_orphans[name]
        if name in getattr(other, "bookproof_overviews", ()):
            _remember_overview(app, env, name)


def _remember_overview(app: Sphinx, env, docname: str) -> None:
    """Let the page be read again whenever a verdict of any chapter changes."""
    if not hasattr(env, "bookproof_overviews"):
        env.bookproof_overviews = set()
    env.bookproof_overviews.add(docname)
    app.bookproof_digests[docname] = digest(app.bookproof_report.as_json())


class Total(SphinxRole):
    """Give a total of the whole book: `verified`, `unverified`, `failed` or `chapters`."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return the number."""
        _remember_overview(self.env.app, self.env, self.env.docname)
        totals = self.env.app.bookproof_report.totals
        if self.text not in totals:
            message = f"{{verification}} knows no {self.text!r}; known: {', '.join(totals)}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        return [nodes.Text(str(totals[self.text]))], []


class Ledger(Directive):
    """List every verdict of the book, chapter by chapter, with totals and versions."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each chapter."""
        env = self.state.document.settings.env
        _remember_overview(env.app, env, env.docname)
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
            _link(env, doc, anchor(v) if _has_badge(v) else "", str(v.line)),
            nodes.literal("", v.mode) if v.expected is not None else nodes.Text("—"),
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


def _has_badge(verdict: Verdict) -> bool:
    return verdict.block is not None or verdict.kind is Kind.UNVERIFIED


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
        where = {PAGE: doc, PLACE: anchor}
        return nodes.reference("", text, internal=True, refuri="", **where)
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
