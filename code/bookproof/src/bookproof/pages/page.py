"""What the pages of a book show of its verification: badges, a foot line, the ledger, totals."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookproof.judging.values import INSERTED
from bookproof.judging.verdict import Kind, Verdict
from bookproof.pages.builders import BADGE, PAGE, PLACE
from bookproof.reading.screen import normalise
from bookproof.reading.value import SHOWN, Value
from bookproof.running.inside import describe
from bookproof.telling.texts import Texts, texts_for
from bookproof.telling.verification import Checked

_UNSEEN = "malformed block: it does not stand under a code cell of a chapter"
_UNSHOWN = "{} was checked, but the page does not show it: no role can stand there"


class Page:
    """What a page needs to know of its check: the verdict on each of its blocks, in order.

    `unseen` are the values in its text that it has not shown so far, and should.
    """

    def __init__(self, checked: Checked):
        self.checked = checked
        self._verdicts = defaultdict(list)
        for verdict in checked.verdicts:
            if verdict.block is not None:
                self._verdicts[_key(verdict.block.directive, verdict.block.body)].append(verdict)
        self._values = {v.value: v for v in checked.verdicts if v.value}
        self.unseen: list[Value] = [value for value in self._values if not value.plain]
        verdicts = [(v.line, v.kind, v.message) for v in checked.verdicts]
        run = checked.run
        frozen = run.frozen and asdict(run.frozen)
        shown = [run.outputs, run.widgets, run.language, run.values, verdicts, checked.versions]
        self.digest = digest(json.dumps([*shown, frozen]))

    @property
    def failure(self) -> str | None:
        """Return the kind of what stopped the run, None where nothing did."""
        failure = self.checked.run.failure
        return failure.kind if failure else None

    def verdict(self, directive: str, body: str) -> Verdict | None:
        """Return the verdict on the next block with this body, None where there is none."""
        verdicts = self._verdicts[_key(directive, body)]
        return verdicts.pop(0) if verdicts else None

    def value(self, number: int, text: str, target: str) -> Verdict | None:
        """Return the verdict on a value of the chapter by its number, None where it is another."""
        values = self.checked.chapter.values
        found = values[number] if number < len(values) else None
        if found is None or (found.text, found.target) != (text, target):
            return None
        if found in self.unseen:
            self.unseen.remove(found)
        return self._values.get(found)

    def answer(self, number: int) -> dict | None:
        """Return what the run answered to a value of the chapter."""
        chapter, run = self.checked.chapter, self.checked.run
        return run.values[chapter.questions.index(chapter.values[number].question)]


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
        body = "\n".join(self.content)
        return [badge_for(env, self.name, body, self.state_machine.get_source(), self.lineno)]


def badge_for(env, directive: str, body: str, source: str, line: int) -> nodes.paragraph:
    """Return the badge of the next block with this body on a page, and where it stands."""
    texts = texts_for(env.config.language)
    page = env.app.bookproof_pages.get(env.docname)
    verdict = page and page.verdict(directive, body)
    if verdict is None:
        note_orphan(env, source, line, _UNSEEN)
        kind = page.failure if page and page.failure else Kind.MALFORMED
        return badge("failed", texts.failed.format(texts.kinds.get(kind, kind)))
    return badge(*state(verdict, texts, bool(page.checked.run.frozen)), anchor(verdict))


def badge(state: str, text: str, anchor: str = "") -> nodes.paragraph:
    """Return a line below an output that tells what became of it."""
    shown = nodes.paragraph("", text, classes=[BADGE, f"bookproof-{state}"])
    shown["ids"] += [anchor] * bool(anchor)
    return shown


def state(verdict: Verdict, texts: Texts, frozen: bool = False) -> tuple[str, str]:
    """Return what became of an output, as the word of a class and as a text for people."""
    if verdict.kind.failed:
        return "failed", texts.failed.format(verdict.message)
    if verdict.value and verdict.value.directive == SHOWN:
        return "unverified", texts.inserted
    if verdict.kind is Kind.UNVERIFIED:
        return "unverified", texts.unverified.format(verdict.message) + _waived(verdict, texts)
    if verdict.value:
        return "verified", texts.value.format(verdict.value.target)
    return "verified", texts.verified_frozen if frozen else texts.verified


def _waived(verdict: Verdict, texts: Texts) -> str:
    """Return which failures an author lets pass, empty where there is none."""
    kinds = [texts.kinds.get(kind, kind) for kind in verdict.waived]
    return texts.waived.format(", ".join(kinds)) if kinds else ""


def anchor(verdict: Verdict) -> str:
    """Return the id of what a verdict is on; empty where its page has none."""
    if value := verdict.value:
        return "" if value.plain else f"bookproof-line-{value.line}-{value.column}"
    if verdict.block:
        return f"bookproof-line-{verdict.block.line}"
    return f"bookproof-line-{verdict.line}" if verdict.kind is Kind.UNVERIFIED else ""


def note_orphan(env, source: str, line: int, message: str) -> None:
    """Remember what the check did not see, or a page does not show: it fails every build."""
    env.bookproof_orphans.setdefault(env.docname, []).append(f"{source}:{line}: {message}")


def note_unshown(app: Sphinx, page: Page) -> None:
    """Remember the values of a page that was read and that it does not show."""
    for value in page.unseen:
        message = _UNSHOWN.format(f"{{{value.directive}}}")
        note_orphan(app.env, str(page.checked.chapter.path), value.line, message)


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
    """Give a total of the whole book: `verified`, `unverified`, `failed`, `chapters`, `frozen`."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return the number."""
        _remember_overview(self.env.app, self.env, self.env.docname)
        totals = {"frozen": 0} | self.env.app.bookproof_report.totals
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
            if checked.run.frozen:
                shown.append(nodes.paragraph("", texts.frozen(checked.run.frozen)))
            shown.append(_table(env, doc, checked, texts))
        return shown


def _table(env, doc: str, checked: Checked, texts: Texts) -> nodes.table:
    rows = [
        (
            _link(env, doc, anchor(v), str(v.line)),
            nodes.literal("", compared) if (compared := _compared(v)) else nodes.Text("—"),
            nodes.Text(texts.kinds.get(v.kind, str(v.kind)) + _waived(v, texts)),
            nodes.Text(texts.inserted if v.message == INSERTED else v.message or _claim(v)),
        )
        for v in checked.verdicts
    ]
    group = nodes.tgroup("", cols=4)
    group += [nodes.colspec(colwidth=width) for width in (8, 12, 12, 60)]
    group += nodes.thead("", _row([nodes.Text(text) for text in texts.columns]))
    group += nodes.tbody("", *(_row(row) for row in rows))
    return nodes.table("", group, classes=["bookproof-ledger"])


def _compared(verdict: Verdict) -> str:
    """Return how an output is compared, of a value in the text its expression."""
    if verdict.value:
        return verdict.value.target if verdict.value.question else ""
    return verdict.mode if verdict.expected is not None else ""


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
