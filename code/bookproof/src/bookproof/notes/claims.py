"""Find the outputs that are claimed within a fence of plain code: in comments, strings, lines."""

from __future__ import annotations

import dataclasses

from bookproof.notes.above import comments_above
from bookproof.notes.bare import quoted, region
from bookproof.notes.behind import comments_behind
from bookproof.notes.below import comments_below
from bookproof.notes.code import Code, Found
from bookproof.notes.comments import is_comment
from bookproof.notes.note import Claim


def read_code(text: str, first: int, known: list[str]) -> Found:
    """Return the statements and claims of a fence; the arguments are those of `Code`."""
    code = Code(text, first, known)
    place = 0
    while place < len(code.lines):
        here = code.at.get(place)
        line = code.lines[place]
        if not line.strip():
            place += 1
        elif is_comment(line):
            place = comments_below(code, place)
        elif here and here[0].is_text and code.bound:
            quoted(code, here[0])
            place = here[0].last + 1
        elif (end := region(code, place, here)) > place:
            place = end
        elif here:
            for piece in here:
                code.add(piece)
            place = comments_behind(code, here[-1])
        else:
            code.found.foreign.append(place)
            place += 1
    code.found.above = comments_above(code)
    return code.found


def moved(claim: Claim, by: int) -> Claim:
    """Return a claim whose code stands behind so many other statements of its fence."""
    statement, since = (None if n is None else n + by for n in (claim.statement, claim.since))
    return dataclasses.replace(claim, statement=statement, since=since)
