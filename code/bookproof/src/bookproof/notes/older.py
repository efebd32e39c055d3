"""Tell outputs apart from what older versions, and tables typed in Markdown, make of the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bookproof.judging.numbers import numbers_match

_KEYWORD = re.compile(r",\s*(\w+)=(?:'[^']*'|\([^()]*\)|[^,()]+)(?=[,)])")
_NAME = re.compile(r"\bName: \w+, (?=dtype:)")


def is_older(wanted: Sequence[str], given: Sequence[str]) -> bool:
    """Tell whether all that is claimed is there, in order, and keyword arguments were added.

    >>> is_older(["Norm(3)"], ["Norm(3, bias=True)"]), is_older(["Norm(3)"], ["Norm(4, b=1)"])
    (True, False)
    """
    if len(wanted) != len(given) or list(wanted) == list(given):
        return False
    return all(
        one == other or one == _without_added(one, other)
        for one, other in zip(wanted, given, strict=True)
    )


def _without_added(wanted: str, given: str) -> str:
    said = {found[1] for found in re.finditer(r"(\w+)=", wanted)}
    given = _KEYWORD.sub(lambda found: found[0] if found[1] in said else "", given)
    return given if "Name:" in wanted else _NAME.sub("", given)


def same_table(claimed: str, actual: str) -> bool:
    r"""Tell whether a Markdown table has the cells of one that pandas prints.

    The rows may lack the column of the index.

    >>> same_table("| | a |\n| 0 | 7 |", "   a\n0  7"), same_table("| a |\n| 7 |", "   a\n0  8")
    (True, False)
    """
    lines = [line.strip() for line in claimed.strip().split("\n")]
    if not all(line.startswith("|") and line.endswith("|") for line in lines):
        return False
    rows = [line.replace("|", " ").split() for line in lines if not re.fullmatch(r"[\s|:-]+", line)]
    shown = [line.split() for line in actual.strip("\n").split("\n") if line.strip()]
    if len(rows) != len(shown) or not rows:
        return False
    bare = [shown[0], *(row[1:] for row in shown[1:])]
    return any(
        all(
            numbers_match(" ".join(row), " ".join(have))
            for row, have in zip(rows, way, strict=True)
        )
        for way in (shown, bare)
    )
