"""The overviews of a book's verification that a page may show: the ledger, and totals."""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

from bookproof.judging.values import INSERTED
from bookproof.judging.verdict import Verdict
from bookproof.pages.builders import PAGE, PLACE
from bookproof.pages.page import anchor, waived
from bookproof.running.inside import describe
from bookproof.telling.language import words
from bookproof.telling.texts import Texts, texts_for
from bookproof.telling.verification import Checked

MARKS = {"{verification}", ":verification:", "verification-ledger"}
"""What shows in a source that its page needs all verdicts; other extensions may add theirs.

Such pages are read last. Others that ask for verdicts of other chapters wait for them.
"""


def merge(app: Sphinx, env, docnames: set[str], other) -> None:
    """Take over what another process knows of the pages that it has read."""
    for name in docnames:
        if name in other.bookproof_orphans:
            env.bookproof_orphans[name] = other.bookproof_orphans[name]
        if name in getattr(other, "bookproof_overviews", ()):
            _remember(env, name)


def _remember(env, docname: str) -> None:
    """Let the page be read again whenever a verdict of any chapter changes."""
    if not hasattr(env, "bookproof_overviews"):
        env.bookproof_overviews = set()
    env.bookproof_overviews.add(docname)


class Total(SphinxRole):
    """Give a total of the whole book: `verified`, `unverified`, `failed`, `chapters`, `frozen`."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return the number."""
        _remember(self.env, self.env.docname)
        totals = {"frozen": 0} | self.env.app.bookproof_report.totals
        if self.text not in totals:
            message = f"{{verification}} knows no {self.text!r}; known: {', '.join(totals)}"
            return [], [self.inliner.reporter.error(words()(message), line=self.lineno)]
        return [nodes.Text(str(totals[self.text]))], []


class Ledger(Directive):
    """List every verdict of the book, chapter by chapter, with totals and versions."""

    def run(self) -> list[nodes.Node]:
        """Return the place of the list."""
        env = self.state.document.settings.env
        _remember(env, env.docname)
        return [_Place(page=env.docname)]


class _Place(nodes.General, nodes.Element):
    """Where the ledger is on a page.

    It has so many nodes that reading and storing them would be a good part of a short build.
    """


class WriteLedger(SphinxPostTransform):
    """Put the ledger in its place when its page is written: a section for each chapter."""

    default_priority = 4  # it has links for others to lead

    def run(self, **options) -> None:
        """Change the document."""
        for place in list(self.document.findall(_Place)):
            place.replace_self(_sections(self.env, place["page"]))


def _sections(env, page: str) -> list[nodes.Node]:
    report, texts = env.app.bookproof_report, texts_for(env.config.language)
    pages = {page.checked.chapter.name: doc for doc, page in env.app.bookproof_pages.items()}
    shown: list[nodes.Node] = [nodes.paragraph("", texts.totals(report.totals))]
    for checked in report.chapters:
        if not checked.verdicts:
            continue
        doc = pages[checked.chapter.name]
        title = nodes.rubric("", "", _link(page, doc, "", explicit=False), classes=["ledger"])
        shown += [title, nodes.paragraph("", texts.versions(checked.versions))]
        if checked.run.frozen:
            shown.append(nodes.paragraph("", texts.frozen(checked.run.frozen)))
        shown.append(_table(page, doc, checked, texts))
    return shown


def _table(page: str, doc: str, checked: Checked, texts: Texts) -> nodes.table:
    rows = [
        (
            _link(page, doc, anchor(v), str(v.line)),
            nodes.literal("", how) if (how := compared(v)) else nodes.Text("—"),
            nodes.Text(texts.kinds.get(v.kind, str(v.kind)) + waived(v, texts)),
            nodes.Text(claim(v, texts)),
        )
        for v in checked.verdicts
    ]
    group = nodes.tgroup("", cols=4)
    group += [nodes.colspec(colwidth=width) for width in (8, 12, 12, 60)]
    group += nodes.thead("", _row([nodes.Text(text) for text in texts.columns]))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group, classes=["bookproof-ledger"])


def compared(verdict: Verdict) -> str:
    """Return how an output is compared, of a value in the text its expression."""
    if verdict.value:
        return verdict.value.target if verdict.value.question else ""
    return verdict.mode if verdict.expected is not None else ""


def _row(cells) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def claim(verdict: Verdict, texts: Texts) -> str:
    """Return what is said of a verdict, or the first telling line of what the author claims."""
    if verdict.message:
        return texts.inserted if verdict.message == INSERTED else verdict.message
    lines = (verdict.expected or "").split("\n")
    if describe.is_description(lines[0]):
        lines = [line for line in lines if '"' in line] or lines
    return f"{lines[0].strip()} …" if len(lines) > 1 else lines[0]


def _link(page: str, doc: str, anchor: str, text: str = "", explicit: bool = True) -> nodes.Node:
    if anchor:
        where = {PAGE: doc, PLACE: anchor}
        return nodes.reference("", text, internal=True, refuri="", **where)
    link = pending_xref(
        "",
        refdomain="std",
        reftype="doc",
        reftarget=f"/{doc}",
        refexplicit=explicit,
        refdoc=page,
    )
    link += nodes.inline("", text)
    return link
