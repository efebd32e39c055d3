"""Read comments above code: outputs, where a note puts them there as a habit."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Mapping, Sequence

from bookproof.notes import conventions as how
from bookproof.notes.code import Code
from bookproof.notes.comments import bare, is_comment
from bookproof.notes.note import Claim, Fence
from bookproof.notes.remarks import led
from bookproof.notes.values import opening_value, reads_as_value

HABIT = 3
"""How many values above code make it a habit; counting numbers, as `# 2`, are none of them."""

_NAMED = re.compile(r"[^:：'\"\[{]{1,20}[:：]\s*(?=[\[{(\"'])")
_NUMBERED = re.compile(r"\d{1,2}[.)]?")
_COLON = re.compile(r"(?P<value>[+-]?\d[\d.]*)\s*[:：]\s*[^\W\d_]")


def comments_above(code: Code) -> list[Claim]:
    """Return what comments right above bare expressions and prints would claim."""
    taken = {n for claim in code.found.claims for n in range(claim.line, claim.end + 1)}
    found = []
    for number, piece in enumerate(code.bound):
        line = piece.first - 1
        alone = (
            line >= 0
            and is_comment(code.lines[line])
            and not (line and code.lines[line - 1].strip())
        )
        if not alone or not isinstance(piece.node, ast.Expr) or code.first + line in taken:
            continue
        value = _value(bare(code.lines[line]).strip())
        if value:
            at = code.first + line
            found.append(Claim(at, at, at + 1, number, how.ABOVE, value, None, number))
    return found


def _value(text: str) -> str:
    if reads_as_value(text):
        return text
    colon = _COLON.match(text)
    named = _NAMED.match(text)
    rest = text[named.end() :] if named else ""
    opened, left = opening_value(rest)
    if opened is not None and not left.strip():
        return rest
    return led(text) or (colon["value"] if colon else "")


def with_habit(fences: Sequence[Fence], above: Mapping[int, Sequence[Claim]]) -> list[Fence]:
    """Return the fences with the claims above code, where that is a habit of the note."""
    free: dict[int, list[Claim]] = {}
    for index, claims in above.items():
        claimed = {claim.statement for claim in fences[index].claims}
        free[index] = [claim for claim in claims if claim.statement not in claimed]
    habit = [c for claims in free.values() for c in claims if not _NUMBERED.fullmatch(c.claimed)]
    if len(habit) < HABIT:
        return list(fences)
    return [
        dataclasses.replace(
            fence,
            claims=tuple(sorted((*fence.claims, *free.get(index, ())), key=lambda c: c.line)),
        )
        for index, fence in enumerate(fences)
    ]
