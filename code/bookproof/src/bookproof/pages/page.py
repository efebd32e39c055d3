"""What a page knows of its check, and the badges that it shows of it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from bookproof.judging.verdict import Kind, Verdict
from bookproof.pages.builders import BADGE
from bookproof.reading.screen import normalise
from bookproof.reading.value import SHOWN, Value
from bookproof.telling.texts import Texts, texts_for
from bookproof.telling.verification import Checked, dump

_UNSEEN = "malformed block: it does not stand under a code cell of a chapter"
_UNSHOWN = "{} was checked, but the page does not show it: no role can stand there"


class Page:
    """What a page needs to know of its check: the verdict on each of its blocks, in order.

    `unseen` are the values in its text that it has not shown so far, and should. `digest` changes
    with what the page shows, `told` with what overviews show of it.
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
        # Also what was read of the chapter: the file may be another by now, and not look newer.
        text = checked.chapter.notebook
        self.digest = digest(json.dumps([*shown, frozen, text], default=str))
        self.told = digest(dump([checked]))

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
        return "unverified", texts.unverified.format(verdict.message) + waived(verdict, texts)
    if verdict.value:
        return "verified", texts.value.format(verdict.value.target)
    return "verified", texts.verified_frozen if frozen else texts.verified


def waived(verdict: Verdict, texts: Texts) -> str:
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
