"""Write blocks into files of other formats, whose lines may be comments: percent scripts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from bookproof.authoring.rewrite import Edit
from bookproof.reading.chapter import Cell

_CELL = re.compile(r"^(\S+) %%(?: |$)")
_FENCE = re.compile("`{3,}|~{3,}")


def written(
    before: Sequence[str], edits: Sequence[Edit], new: Sequence[tuple[Cell, list[str]]]
) -> list[Edit]:
    """Return edits and new blocks as edits of the lines of a file that they stand in.

    A rewritten block keeps what is before its fence; in a percent script a new one stands in a
    cell of its own.
    """
    mark = next((found[1] for line in before if (found := _CELL.match(line))), "")
    found = [
        dataclasses.replace(edit, lines=_after(_prefix(before[edit.start - 1]), edit.lines))
        for edit in edits
    ]
    for cell, lines in new:
        block = ["", f"{mark} %% [markdown]", *_after(f"{mark} ", lines)] if mark else lines
        found.append(Edit(cell.end, cell.end, block))
    return found


def _prefix(line: str) -> str:
    fence = _FENCE.search(line)
    return line[: fence.start()] if fence else ""


def _after(prefix: str, lines: Sequence[str]) -> list[str]:
    return [f"{prefix}{line}".rstrip() for line in lines]
