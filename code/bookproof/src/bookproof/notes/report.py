"""Tell people and programs what became of the claims of notes."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections import Counter
from collections.abc import Sequence

from bookproof.notes.findings import Checked, Finding, Verdict
from bookproof.notes.note import PYTHON, Note
from bookproof.telling.language import Words

_MOST_LINES = 12
_WIDTH = 38


def listing(note: Note, words: Words = str) -> str:
    """Return the claims of a note, one a line, for somebody who wants nothing run."""
    lines = [words(f"{note.name}:{p.line}: {p.message}") for p in note.problems]
    for fence in note.fences:
        for claim in fence.claims:
            first, *more = claim.claimed.strip("\n").split("\n")
            text = first + (words(f" … ({len(more) + 1} lines)") if more else "")
            what = f"{note.name}:{claim.line}: {claim.convention}, about line {claim.about}"
            lines.append(f"{words(what)}: {text}")
    return "\n".join(lines)


def told(checked: Checked, everything: bool = False, words: Words = str) -> str:
    """Return what should be told of a note: problems, and what is not plainly true."""
    note = checked.note
    parts = [words(f"{note.name}:{p.line}: {p.message}") for p in note.problems]
    if checked.supplied:
        parts.append(words(f"{note.name}: supplied what it lacks: {'; '.join(checked.supplied)}"))
    quiet = () if everything else (Verdict.TRUE, Verdict.DIGITS)
    worth = (finding for finding in checked.findings if finding.verdict not in quiet)
    return "\n".join([*parts, *(_told(note, finding, words) for finding in worth)])


def _told(note: Note, finding: Finding, words: Words) -> str:
    claim = finding.claim
    head = f"{note.name}:{claim.line}: {finding.verdict}"
    if finding.why and finding.verdict is not Verdict.STYLE:
        head += f": {finding.why}"
    if claim.about != claim.line:
        head += f" (about line {claim.about})"
    head = words(head)
    if finding.verdict not in (Verdict.FALSE, Verdict.STYLE):
        return head
    return head + "\n" + "\n".join(_beside(claim.claimed, finding.actual or "", words))


def _beside(claimed: str, actual: str, words: Words) -> list[str]:
    """Return two texts side by side, or one below the other where they are wide."""
    left, right = (_lines(text, words) for text in (claimed, actual))
    heads = words("claimed"), words("actual")
    width = max(map(_columns, left), default=0)
    if width <= _WIDTH and max(map(_columns, right), default=0) <= _WIDTH:
        width = max(width, _columns(heads[0]))
        rows = [heads, *itertools.zip_longest(left, right, fillvalue="")]
        return [f"    {_padded(one, width)} | {other}".rstrip() for one, other in rows]
    width = max(map(_columns, heads))
    return [
        f"    {_padded(head if not number else '', width)} {line}"
        for head, lines in zip(heads, (left, right), strict=True)
        for number, line in enumerate(lines)
    ]


def _columns(text: str) -> int:
    """Return how wide a text is on a terminal."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _lines(text: str, words: Words) -> list[str]:
    lines = text.strip("\n").split("\n") or [""]
    if len(lines) <= _MOST_LINES:
        return lines
    return [*lines[: _MOST_LINES - 1], words(f"… {len(lines) - _MOST_LINES + 1} more lines")]


def brief(text: str | None) -> str:
    """Return the first line of an output, with dots where there are more."""
    lines = (text or "nothing").strip().splitlines() or [""]
    return lines[0] + (" …" if len(lines) > 1 else "")


def summary(checked: Sequence[Checked]) -> str:
    """Return one line that says how many claims came out how."""
    counts = Counter(finding.verdict for one in checked for finding in one.findings)
    total = sum(counts.values())
    notes = f"{len(checked)} note{'s'[: len(checked) != 1]}"
    if not total:
        code = any(fence.role == PYTHON for one in checked for fence in one.note.fences)
        return f"{notes}: no claimed output" if code else f"{notes}: no Python code in them"
    parts = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
    return f"{notes}, {total} claimed output{'s'[: total != 1]}: {', '.join(parts)}"


def as_json(checked: Sequence[Checked], unread: Sequence[str] = ()) -> str:
    """Return all claims with their verdicts, the notes' problems and what could not be read."""
    content = {
        "schema": 1,
        "claims": [_entry(one.note, finding) for one in checked for finding in one.findings],
        "notes": [
            {
                "file": one.note.name,
                "supplied": list(one.supplied),
                "problems": [
                    {"line": problem.line, "message": problem.message}
                    for problem in one.note.problems
                ],
            }
            for one in checked
        ],
        "unread": list(unread),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _entry(note: Note, finding: Finding) -> dict:
    claim = finding.claim
    return {
        "file": note.name,
        "line": claim.line,
        "end": claim.end,
        "about": claim.about,
        "convention": claim.convention,
        "claimed": claim.claimed,
        "actual": finding.actual,
        "verdict": str(finding.verdict),
        "why": finding.why,
    }
