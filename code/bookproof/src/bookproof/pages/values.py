"""What pages show of the values in their text: the roles `{expect}`, `{unverified}`, `{eval}`."""

from __future__ import annotations

from docutils import nodes
from myst_nb.ext.eval import EvalDirectiveAny, EvalFigureDirective, EvalRoleAny
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from bookproof.judging.verdict import Kind, Verdict
from bookproof.pages.export import shown
from bookproof.pages.page import anchor, badge, note_orphan, state
from bookproof.reading.value import SHOWN, split, unnumbered
from bookproof.telling.texts import texts_for

_UNSEEN = "{{{}}} was not checked: it comes from a file or a place where the check finds none"
_BUILDERS = ("html", "dirhtml")


class value(nodes.inline):
    """A value in a text; where its page is written, its `tip` says what became of it."""


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
        text, key = split(self.text) or (self.text, "")
        verdict = _verdict(self.env, key, text)
        if verdict is None:
            note_orphan(self.env, *self.get_source_info(), _UNSEEN.format(self.name))
        return [_value(self.env, verdict, nodes.Text(text))], []


class _Shown:
    """What MyST-NB's role and directives for `{eval}` lack: what the run gave."""

    def find(self, key: str) -> tuple[str, Verdict | None]:
        """Return the expression and its verdict; let MyST-NB find what it is worth."""
        env = self.document.settings.env
        verdict = _verdict(env, key)
        target, number = unnumbered(key)
        if verdict is None:
            note_orphan(env, self.source, self.line, _UNSEEN.format(SHOWN))
        elif not verdict.kind.failed:
            output = _output(env.app.bookproof_pages[env.docname].answer(number))
            client = self.document["nb_renderer"].renderer.nb_client
            client.eval_variable = lambda _: [output]
        return target, verdict


def _output(answer: dict) -> NotebookNode:
    """Return what an expression is worth as the output of a cell."""
    data, metadata = (NotebookNode(answer[key]) for key in ("data", "metadata"))
    return shown(NotebookNode(output_type="display_data", data=data, metadata=metadata))


class ShownRole(_Shown, EvalRoleAny):
    """Show what an expression is worth, in a line."""

    def run(self) -> tuple[list[nodes.Node], list]:
        """Return what MyST-NB makes of it."""
        env = self.document.settings.env
        self.text, verdict = self.find(self.text)
        if verdict is None or verdict.kind.failed:
            return [_value(env, verdict, nodes.Text(self.text))], []
        made, messages = super().run()
        return [_value(env, verdict, *made)], messages


class _ShownBlock(_Shown):
    def run(self) -> list[nodes.Node]:
        """Return what MyST-NB makes of it, and what became of it."""
        texts = texts_for(self.document.settings.env.config.language)
        self.arguments[0], verdict = self.find(self.arguments[0])
        if verdict is None:
            return [badge("failed", texts.failed.format(self.arguments[0]))]
        told = badge(*state(verdict, texts), anchor(verdict))
        if verdict.kind.failed:
            return [told]
        return [*super().run(), told]  # type: ignore[misc]  # MyST-NB's


class ShownDirective(_ShownBlock, EvalDirectiveAny):
    """Show what an expression is worth, on lines of its own."""


class ShownFigure(_ShownBlock, EvalFigureDirective):
    """Show the picture that an expression is worth, with a caption."""


def _verdict(env, key: str, text: str = "") -> Verdict | None:
    """Return the verdict on a value by its target, as it was numbered, and its text."""
    page = env.app.bookproof_pages.get(env.docname)
    target, number = unnumbered(key)
    return page.value(number, text, target) if page and number is not None else None


def _value(env, verdict: Verdict | None, *made: nodes.Node) -> value:
    texts = texts_for(env.config.language)
    unknown = "failed", texts.failed.format(texts.kinds.get(Kind.MALFORMED, Kind.MALFORMED))
    where = anchor(verdict) if verdict else ""
    node = value("", "", *made, anchor=where, page=env.docname)
    node["state"], node["tip"] = state(verdict, texts) if verdict else unknown
    return node


def _tell(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the page itself tell what became of its values; copies elsewhere, in menus, do not."""
    for node in doctree.findall(value):
        node["tells"] = node["page"] == docname and app.builder.name in _BUILDERS


def _visit(self, node: value) -> None:
    if not node.get("tells"):
        self.body.append(self.starttag(node, "span", ""))
        return
    attributes = {
        "CLASS": f"bookproof-value bookproof-{node['state']}",
        "ids": [node["anchor"]] * bool(node["anchor"]),
        "title": node["tip"],
        "tabindex": "0",
    }
    self.body.append(self.starttag(node, "span", "", **attributes))


def _depart(self, node: value) -> None:
    self.body.append("</span>")
