"""What pages show of the values in their text: the roles `{expect}`, `{unverified}`, `{eval}`."""

from __future__ import annotations

from collections.abc import Callable

from docutils import nodes
from myst_nb.core.render import NbElementRenderer
from myst_nb.ext.eval import EvalDirectiveAny, EvalFigureDirective, EvalRoleAny
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookproof.judging.verdict import Kind, Verdict
from bookproof.pages.export import shown
from bookproof.pages.orphans import note
from bookproof.pages.page import Page, badge
from bookproof.reading.value import SHOWN, Place, split, unnumbered
from bookproof.telling.texts import Texts, texts_for

UNSEEN = "{{{}}} was not checked: it stands in no text of a chapter that the check reads"
_BUILDERS = ("html", "dirhtml", "singlehtml")


class value(nodes.inline):  # noqa: N801 (docutils names visitors after it)
    """A value in a text; where its page is written, `tip` says what became of it."""


def setup(app: Sphinx) -> None:
    """Register the roles, also in the place of MyST-NB's for `{eval}`, which need a kernel."""
    app.setup_extension("myst_nb")
    app.add_node(value, html=(_visit, _depart))
    for name in ("expect", "unverified"):
        app.add_role(name, ValueRole())
    app.add_role(SHOWN, ShownRole(), override=True)
    app.add_directive(SHOWN, ShownDirective, override=True)
    app.add_directive_to_domain(SHOWN, "figure", ShownFigure, override=True)
    app.connect("doctree-resolved", _tell)


class ValueRole(SphinxRole):
    """Show what the author wrote, and remember what became of it."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return the text."""
        found = split(self.text)
        text, (target, number) = (found[0], unnumbered(found[1])) if found else (self.text, ("", None))
        verdict = _verdict(self.env, number, target)
        if verdict is None:
            note(self.env, *self.get_source_info(), UNSEEN.format(self.name))
        return [_node(self.env, verdict, nodes.Text(text))], []


def _verdict(env, number: int | None, target: str) -> Verdict | None:
    page: Page | None = env.app.bookproof_pages.get(env.docname)
    return page.value(number, target) if page and number is not None else None


def _node(env, verdict: Verdict | None, *shown: nodes.Node) -> value:
    texts = texts_for(env.config.language)
    node = value("", "", *shown)
    node["state"], node["tip"] = state(verdict, texts)
    if verdict:
        node["anchor"] = anchor(verdict)
    return node


def state(verdict: Verdict | None, texts: Texts) -> tuple[str, str]:
    """Return what became of a value, as the word of a class and as a text for people."""
    if verdict is None or verdict.kind.failed:
        kind = Kind.MALFORMED if verdict is None else verdict.kind
        message = verdict.message if verdict else texts.kinds.get(kind, kind)
        return "failed", texts.failed.format(message)
    if verdict.value.directive == SHOWN:
        return "unverified", texts.inserted
    if verdict.kind is Kind.UNVERIFIED:
        return "unverified", texts.unverified.format(verdict.message)
    return "verified", texts.value.format(verdict.value.target)


def anchor(verdict: Verdict) -> str:
    """Return the id of a value on its page."""
    return f"bookproof-line-{verdict.line}-{verdict.value.column}"


def _tell(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the page itself tell what became of its values; copies elsewhere, say in menus, do not."""
    for node in doctree.findall(value):
        node["tells"] = app.builder.name in _BUILDERS


def _visit(self, node: value) -> None:
    if not node.get("tells"):
        self.body.append(self.starttag(node, "span", ""))
        return
    attributes = {"title": node["tip"], "tabindex": "0"}
    if "anchor" in node:
        attributes["ids"] = [node["anchor"]]
    classes = ["bookproof-value", f"bookproof-{node['state']}"]
    self.body.append(self.starttag(node, "span", "", CLASS=" ".join(classes), **attributes))


def _depart(self, node: value) -> None:
    self.body.append("</span>")


class _Shown:
    """What MyST-NB's role and directives for `{eval}` lack: what the run gave."""

    def hand_over(self, env, key: str) -> tuple[str, Verdict | None]:
        """Let MyST-NB find what an expression is worth; return the expression and its verdict."""
        target, number = unnumbered(key)
        verdict = _verdict(env, number, target)
        if verdict is None:
            note(env, self.source, self.line, UNSEEN.format(SHOWN))
        elif not verdict.kind.failed:
            page: Page = env.app.bookproof_pages[env.docname]
            element: NbElementRenderer = self.document["nb_renderer"]
            element.renderer.nb_client.eval_variable = _outputs(page.answer(number))
        return target, verdict


def _outputs(answer: dict) -> Callable[[str], list[NotebookNode]]:
    output = NotebookNode(output_type="display_data", **answer)
    output.data = NotebookNode(output.data)
    return lambda _: [shown(output)]
