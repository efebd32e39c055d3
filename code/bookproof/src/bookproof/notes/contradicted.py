"""Tell which outputs in the comments of a chapter's cells are not what the cells give."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from bookproof.notes.checking import check
from bookproof.notes.findings import Verdict
from bookproof.notes.note import PYTHON
from bookproof.notes.reading import read
from bookproof.notes.report import brief


def contradicted(root: Path, names: Sequence[str]) -> list[str]:
    """Run the Markdown chapters that type outputs into their code; return what is false in them.

    `names` are paths relative to `root`, the folder of the book.
    """
    notes = []
    for name in names:
        if not name.endswith(".md"):
            continue
        note = read(root / name, name)
        fences = tuple(dataclasses.replace(f, claims=_inside(f)) for f in note.fences)
        if any(fence.claims for fence in fences):
            notes.append((dataclasses.replace(note, fences=fences), (root / name).parent))
    return [
        f"{checked.note.name}:{finding.claim.line}: the comment says "
        f"{brief(finding.claim.claimed)}, the code gives {brief(finding.actual)}"
        for checked in (check(notes) if notes else [])
        for finding in checked.findings
        if finding.verdict is Verdict.FALSE
    ]


def _inside(fence) -> tuple:
    """Return the claims that stand in the code of a cell itself."""
    if fence.role != PYTHON or not fence.info.startswith("{code-cell}"):
        return ()
    return tuple(claim for claim in fence.claims if fence.line < claim.line < fence.end)
