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

from bookproof.judging.values import INSERTED
from bookproof.judging.verdict import Kind, Verdict
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
        self.digest = digest(json.dumps([run.outputs, run.values, verdicts, checked.versions]))

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
        texts = texts_for(env.config.language)
        page = env.app.bookproof_pages.get(env.docname)
        verdict = page and page.verdict(self.name, "\n".join(self.content))
        if verdict is None:
            note_orphan(env, self.state_machine.get_source(), self.lineno, _UNSEEN)
            kind = page.failure if page and page.failure else Kind.MALFORMED
            return [badge("failed", texts.failed.format(texts.kinds.get(kind, kind)))]
        return [badge(*state(verdict, texts), anchor(verdict))]


def badge(state: str, text: str, anchor: str = "") -> nodes.paragraph:
    """Return a line below an output that tells what became of it."""
    shown = nodes.paragraph("", text, classes=["bookproof", f"bookproof-{state}"])
    shown["ids"] += [anchor] * bool(anchor)
    return shown


def state(verdict: Verdict, texts: Texts) -> tuple[str, str]:
    """Return what became of an output, as the word of a class and as a text for people."""
    if verdict.kind.failed:
        return "failed", texts.failed.format(verdict.message)
    if verdict.value and verdict.value.directive == SHOWN:
        return "unverified", texts.inserted
    if verdict.kind is Kind.UNVERIFIED:
        return "unverified", texts.unverified.format(verdict.message)
    return "verified", texts.value.format(verdict.value.target) if verdict.value else texts.verified


def anchor(verdict: Verdict) -> str:
    """Return the id of what a verdict is on; empty where its page has none."""
    if value := verdict.value:
        return "" if value.plain else f"bookproof-line-{value.line}-{value.column}"
    return f"bookproof-line-{verdict.block.line}" if verdict.block else ""


def note_orphan(env, source: str, line: int, message: str) -> None:
    """Remember what the check did not see, or a page does not show: it fails every build."""
    env.bookproof_orphans.setdefault(env.docname, []).append(f"{source}:{line}: {message}")


def add_foot(app: Sphinx, doctree: nodes.document) -> None:
    """Say at the foot of a chapter how many of its outputs were verified, with what."""
    page = app.bookproof_pages.get(app.env.docname)
    if page is None or not page.checked.verdicts:
        return
    for value in page.unseen:
        message = _UNSHOWN.format(f"{{{value.directive}}}")
        note_orphan(app.env, str(page.checked.chapter.path), value.line, message)
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
    env.app.bookproof_digests[env.docname] = digest(env.app.bookproof_report.as_json())


class Total(SphinxRole):
    """Give a total of the whole book: `verified`, `unverified`, `failed` or `chapters`."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return the number."""
        _remember_overview(self.env)
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
            _link(env, doc, anchor(v), str(v.line)),
            nodes.literal("", compared) if (compared := _compared(v)) else nodes.Text("—"),
            nodes.Text(texts.kinds.get(v.kind, str(v.kind))),
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
