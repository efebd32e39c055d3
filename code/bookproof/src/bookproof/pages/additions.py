"""What stands on the page of a chapter without that a directive puts it there."""

from __future__ import annotations

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx

from bookproof.judging.verdict import Kind
from bookproof.pages.builders import FOOT, FROZEN
from bookproof.pages.page import anchor, badge, badge_for, note_unshown, state
from bookproof.telling.texts import Texts, texts_for
from bookproof.telling.verification import Checked


def complete(app: Sphinx, doctree: nodes.document) -> None:
    """Add to the page of a chapter what no directive adds."""
    page = app.bookproof_pages.get(app.env.docname)
    if page is None:
        return
    run = page.checked.run
    if not run.recorded:  # for MyST-NB's table of when what was run
        failure = str(run.failure.kind) if run.failure else None
        data = {"mtime": run.started, "runtime": run.seconds, "method": "bookproof"}
        data |= {"succeeded": not failure, "error": failure, "traceback": None}
        NbMetadataCollector.set_exec_data(app.env, app.env.docname, data)
    _show_literal_blocks(app, doctree)
    note_unshown(app, page)
    if page.checked.verdicts:
        section = next(iter(doctree.findall(nodes.section)), doctree)
        texts = texts_for(app.config.language)
        _show_unrun(page.checked, doctree, section, texts)
        section += nodes.paragraph("", foot(page.checked, texts), classes=[FOOT])
        if run.frozen:
            section += nodes.paragraph("", texts.frozen(run.frozen), classes=[FROZEN])


def _show_literal_blocks(app: Sphinx, doctree: nodes.document) -> None:
    """Show badges where a page knows no directives, as it is of a format read as CommonMark."""
    for node in list(doctree.findall(nodes.literal_block)):
        if node.get("language") in ("{expect}", "{unverified}"):
            name = node["language"].strip("{}")
            node.replace_self(badge_for(app.env, name, node.astext(), doctree["source"], node.line))


def _show_unrun(
    checked: Checked, doctree: nodes.document, section: nodes.Element, texts: Texts
) -> None:
    """Show under each output that is not verified for the whole chapter's reason that it is not."""
    nodes_read = checked.chapter.notebook.cells if checked.chapter.notebook else ()
    codes = [place for place, node in enumerate(nodes_read) if node.cell_type == "code"]
    places = {cell.line: place for cell, place in zip(checked.chapter.cells, codes, strict=True)}
    shown = {
        node["cell_index"]: node
        for node in doctree.findall(nodes.container)
        if node.get("nb_element") == "cell_code"
    }
    for verdict in checked.verdicts:
        if verdict.kind is Kind.UNVERIFIED and not (verdict.block or verdict.value):
            reason = badge(*state(verdict, texts), anchor(verdict))
            cell = shown.get(places.get(verdict.cell))
            if cell is None:
                section += reason
            else:
                cell.parent.insert(cell.parent.index(cell) + 1, reason)


def foot(checked: Checked, texts: Texts) -> str:
    """Return what the foot of a chapter says: how many outputs were verified, with what."""
    if checked.run.recorded:
        return texts.unrun
    kinds = [verdict.kind for verdict in checked.verdicts]
    counts = kinds.count(Kind.VERIFIED), kinds.count(Kind.UNVERIFIED)
    return texts.foot(*counts, checked.versions)
