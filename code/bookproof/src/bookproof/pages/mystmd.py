"""Hand mystmd what was checked: the outputs that were compared, and what became of each.

mystmd is written in JavaScript, so a plugin of it puts them on its pages. It shows a verdict only
where cells, blocks and values are those that were checked, letter by letter.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from bookproof.judging import mime
from bookproof.judging.verdict import Kind, Verdict
from bookproof.pages.additions import foot
from bookproof.pages.export import shown
from bookproof.pages.overviews import claim, compared
from bookproof.pages.page import state, waived
from bookproof.reading.block import Block
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.fences import fences
from bookproof.reading.hidden import BLOCKS
from bookproof.reading.mystmd_syntax import lifted
from bookproof.reading.notebook import METADATA
from bookproof.reading.settings import Settings
from bookproof.reading.value import SHOWN, Value
from bookproof.running import files
from bookproof.telling.report import Report
from bookproof.telling.texts import Texts, texts_for
from bookproof.telling.verification import Checked

FOLDER = "_build/bookproof"
"""Where the plugin is, below the root of the project."""

PLUGIN = f"{FOLDER}/bookproof.mjs"
_SHIPPED = {"bookproof.mjs": "mystmd.mjs", "bookproof.css": "static/bookproof.css"}


def write(root: Path, report: Report, language: str) -> None:
    """Write the plugin, its style, and what it is to show, for the project at `root`."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    texts = texts_for(language)
    content = json.dumps(handed(report, texts), ensure_ascii=False, indent=1, sort_keys=True)
    files.write(folder / "bookproof.json", content + "\n")
    for name, source in _SHIPPED.items():
        shutil.copyfile(Path(__file__).parent / source, folder / name)


def handed(report: Report, texts: Texts) -> dict[str, Any]:
    """Return what the plugin is told of a check."""
    return {
        "failed": texts.failed.format(texts.kinds.get(Kind.MALFORMED, str(Kind.MALFORMED))),
        "totals": {"frozen": 0} | report.totals,
        "summary": texts.totals(report.totals),
        "columns": texts.columns,
        "ledger": [_listed(c, texts) for c in report.chapters if c.verdicts],
        "pages": {c.chapter.name: _page(c, texts) for c in report.chapters},
    }


def _listed(checked: Checked, texts: Texts) -> dict[str, Any]:
    """Return what the ledger says of a chapter."""
    rows = [
        (
            str(v.line),
            compared(v),
            texts.kinds.get(v.kind, str(v.kind)) + waived(v, texts),
            claim(v, texts),
        )
        for v in checked.verdicts
    ]
    told = [texts.versions(checked.versions)]
    told += [texts.frozen(checked.run.frozen)] if checked.run.frozen else []
    return {"page": checked.chapter.name, "told": told, "rows": rows}


def _page(checked: Checked, texts: Texts) -> dict[str, Any]:
    chapter = checked.chapter
    placed = {v.block.line for v in checked.verdicts if v.block}
    placed |= {block.line for cell in chapter.cells for block in cell.blocks}
    lines = {cell.line for cell in chapter.cells}
    loose = [v for v in checked.verdicts if not (v.block or v.value or v.line in placed)]
    told = foot(checked, texts) if checked.verdicts else ""
    return {
        "cells": [_cell(cell, checked, loose, texts) for cell in chapter.cells],
        "errors": [f"{v.place}: {v.kind}: {v.message}" for v in checked.verdicts if v.kind.failed],
        "foot": [t for t in (told, checked.run.frozen and texts.frozen(checked.run.frozen)) if t],
        "notes": [_badge(v, texts) for v in loose if v.cell not in lines],
        "values": list(_values(checked, texts)),
    }


def _badge(verdict: Verdict, texts: Texts, frozen: bool = False) -> dict[str, str]:
    name, text = state(verdict, texts, frozen)
    return {"state": name, "text": text}


def _cell(cell: Cell, checked: Checked, loose: list[Verdict], texts: Texts) -> dict[str, Any]:
    chapter, run = checked.chapter, checked.run
    node = _nodes(chapter)[cell.index]
    outputs = None  # as the file has them
    if not (run.recorded or cell.skipped):
        given = run.outputs[cell.index] or []
        outputs = [_reduced(shown(output), chapter.settings) for output in given]
    carried = node.metadata.get(METADATA, [])
    inside = fences("".join(carried) if isinstance(carried, list) else "")
    return {
        "blocks": [_block(block, checked, texts) for block in cell.blocks],
        "carried": sum(token.info.startswith(BLOCKS) for token, _ in inside),
        "notes": [_badge(v, texts) for v in loose if v.cell == cell.line],
        "outputs": outputs,
        "source": lifted(node.source)[1].strip(),
    }


def _nodes(chapter: Chapter) -> list[NotebookNode]:
    return [node for node in chapter.notebook.cells if node.cell_type == "code"]


def _reduced(output: NotebookNode, settings: Settings) -> NotebookNode:
    """Return an output with the one type that was compared, so that a theme has no choice."""
    if "data" not in output:
        return output
    chosen = mime.shown_type(output.data, settings.mime_priority_overrides)
    if chosen in (None, "text/plain", mime.WIDGET):
        return output
    return NotebookNode(output, data=NotebookNode({chosen: output.data[chosen]}))


def _block(block: Block, checked: Checked, texts: Texts) -> dict[str, Any]:
    verdict = next((v for v in checked.verdicts if v.block == block), None)
    found = {"argument": block.argument, "body": block.body, "directive": block.directive}
    if verdict is not None:
        return found | _badge(verdict, texts, bool(checked.run.frozen))
    failure = checked.run.failure
    kind = Kind(failure.kind) if failure else Kind.MALFORMED
    text = texts.failed.format(texts.kinds.get(kind, str(kind)))
    return found | {"state": "failed", "text": text}


def _values(checked: Checked, texts: Texts) -> Iterator[dict[str, Any]]:
    verdicts = {v.value: v for v in checked.verdicts if v.value}
    chapter = checked.chapter
    answers = dict(zip(chapter.questions, checked.run.values, strict=False))
    for value in chapter.values:
        name, tip = state(verdicts[value], texts)
        found = _value(value) | {"state": name, "tip": tip}
        answer = answers.get(value.question)
        if value.directive == SHOWN and answer and "data" in answer:
            found["result"] = {"status": "ok", "data": answer["data"], "metadata": {}}
        yield found


def _value(value: Value) -> dict[str, Any]:
    return {
        "directive": value.directive,
        "plain": value.plain,
        "target": value.target,
        "text": value.text,
    }
