"""What an editor shows of a block, a value or a cell under the pointer, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from bookproof.authoring.propose import fence_in
from bookproof.authoring.refused import Refused
from bookproof.authoring.rewrite import rewritten
from bookproof.authoring.targets import code_lines
from bookproof.judging.rewrite import like
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.chapter import Cell
from bookproof.reading.value import Place
from bookproof.telling.language import Words
from bookproof.telling.report import parted
from bookproof.telling.verification import Checked


def hover(checked: Checked, place: Place, words: Words = str) -> str:
    """Return what is known of what stands at a place of a chapter, empty where nothing is."""
    for verdict in checked.verdicts:
        value = verdict.value
        if value and value.start <= place <= value.end:
            return _value(verdict, words)
    for verdict in checked.verdicts:
        block = verdict.block
        if block and block.line <= place.line <= block.end:
            return _block(verdict, checked.chapter.name, words)
    for cell in checked.chapter.cells:
        if place.line in code_lines(cell):
            return _cell(cell, checked, words)
    return ""


def _value(verdict: Verdict, words: Words) -> str:
    parts = [_head(verdict, words)]
    if verdict.actual is not None:
        parts.append(words(f"`{verdict.value.target}` gives:"))
        parts.append(_fenced(verdict.actual.split("\n")))
    if verdict.kind is Kind.MISMATCH:
        text = like(verdict.value.text, verdict.actual)
        parts.append(words(f"Accepting it writes {_code(text)}." if text else "Write it yourself."))
    return "\n\n".join(parts)


def _block(verdict: Verdict, name: str, words: Words) -> str:
    """Return the verdict and the output, in the way in which it would be accepted."""
    parts = [_head(verdict, words)]
    if not verdict.actual:
        return parts[0]
    lines = verdict.actual.split("\n")
    if verdict.kind is Kind.MISMATCH:
        try:
            lines = rewritten(name, verdict).lines
        except Refused as reason:
            parts.append(words(f"It cannot be accepted: {reason}"))
    parts += [words(f"The cell at line {verdict.cell} gives:"), _fenced(lines)]
    return "\n\n".join(parts)


def _cell(cell: Cell, checked: Checked, words: Words) -> str:
    """Return what became of a cell, how long its chapter took, and what is said of the cell."""
    lines = [_head(verdict, words) for verdict in checked.verdicts if _is_on(verdict, cell)]
    for verdict in checked.verdicts:
        if verdict.cell == cell.line and (verdict.block or verdict.value):
            what = verdict.block.directive if verdict.block else verdict.value.directive
            how = verdict.block.argument if verdict.block else verdict.value.target
            said = f"`{{{what}}} {how}`" if how else f"`{{{what}}}`"
            lines.append(words(f"- line {verdict.line}, {said}: {verdict.kind}"))
    if not checked.run.recorded:
        took = f"The cells of {checked.chapter.name} took {checked.run.seconds:.1f} s."
        lines += ["", words(took)]
    return "\n".join(lines)


def _is_on(verdict: Verdict, cell: Cell) -> bool:
    return verdict.cell == cell.line and not verdict.block and not verdict.value


def _head(verdict: Verdict, words: Words) -> str:
    kind, message = parted(verdict, words)
    return f"**{kind}**" + f": {message}" * bool(message)


def _fenced(lines: Sequence[str]) -> str:
    mark = "`" * max(3, 1 + max(fence_in("`", line) for line in lines))
    return "\n".join([f"{mark}text", *lines, mark])


def _code(text: str) -> str:
    return f"``{text}``" if "`" in text else f"`{text}`"
