"""Rewrite the blocks that no longer match, with the digits and the wildcards of their author."""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass

from bookproof.authoring.propose import fence_in
from bookproof.authoring.refused import Refused
from bookproof.judging import match
from bookproof.judging.verdict import Verdict
from bookproof.reading import notebook
from bookproof.reading.block import Expectation, parse
from bookproof.reading.chapter import Cell
from bookproof.reading.scripts import Script


@dataclass(frozen=True)
class Edit:
    """Lines `start` to `end` (0-based, half open) of a chapter become `lines`."""

    start: int
    end: int
    lines: list[str]


def rewritten(name: str, verdict: Verdict) -> Edit:
    """Return the edit that puts a cell's output into the block of a verdict.

    Raises Refused where only the author can do that.
    """
    block, actual = verdict.block, verdict.actual
    place = f"{name}:{block.line}"
    expectation = parse(block.argument)
    if not actual:
        raise Refused(f"{place}: {verdict.message}: remove the block")
    if expectation.shape == "contains":
        raise Refused(f"{place}: only you know which part of the output matters: edit the block")
    expected = verdict.expected.split("\n")
    kept = match.keep_wildcards(expected, actual.split("\n"), verdict.how)
    lines = _body(expected, kept, expectation)
    if match.compare("\n".join(lines), actual, verdict.how):
        raise Refused(f"{place}: the output does not fit the block's wildcards: edit the block")
    if _needs_longer_fence(lines, verdict):
        raise Refused(f"{place}: the output holds a fence as long as the block's: lengthen that")
    return Edit(block.line, block.end - 1, lines)


def _body(expected: list[str], actual: list[str], expectation: Expectation) -> list[str]:
    """Return the new body, with the author's wildcards and digits."""
    if expectation.shape == "lines":
        return _keep_wildcards(expected, actual)
    if not expectation.number:
        return actual
    body = list(actual)
    old, new = ([match.words(line) for line in lines] for lines in (expected, actual))
    for i, k, size in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        for n in range(size):
            body[k + n] = match.with_digits_of(expected[i + n], actual[k + n])
    return body


def _keep_wildcards(expected: list[str], actual: list[str]) -> list[str]:
    body: list[str] = []
    matcher = difflib.SequenceMatcher(None, expected, actual, autojunk=False)
    for operation, i, j, k, end in matcher.get_opcodes():
        wanted, given = expected[i:j], actual[k:end]
        wild = [index for index, line in enumerate(wanted) if line.strip() == match.ANY]
        if operation == "equal":
            body += wanted
        elif wild:
            head, tail = wild[0], len(wanted) - wild[-1] - 1
            rest = given[max(len(given) - tail, head) :] if tail else []
            body += [*given[:head], wanted[wild[0]], *rest]
        elif not (body and body[-1].strip() == match.ANY and operation == "insert"):
            body += given
    return body


def _needs_longer_fence(lines: list[str], verdict: Verdict) -> bool:
    return any(fence_in(mark, line) >= verdict.block.fence for line in lines for mark in "`~")


def in_json(
    name: str, text: str, edits: list[Edit], new: list[tuple[Cell, list[str]]]
) -> list[Edit]:
    """Return edits and new blocks of a notebook as edits of its file's lines."""
    try:
        lines = notebook.Lines(text)
        rewritten = [
            dataclasses.replace(edit, lines=lines.source(edit.start, edit.end, edit.lines))
            for edit in edits
        ]
        added = [lines.below(cell.index, block) for cell, block in new]
    except ValueError as error:
        raise Refused(f"{name}: {error}: open it in Jupyter and save it") from error
    return rewritten + [Edit(line, line + 1, became) for line, became in added]


def in_script(
    name: str, text: str, edits: list[Edit], new: list[tuple[Cell, list[str]]]
) -> list[Edit]:
    """Return edits and new blocks of a format of the book's own as edits of its file's lines."""
    script = Script(text.replace("\r\n", "\n"))
    try:
        added = [Edit(cell.end, cell.end, script.below(cell, lines)) for cell, lines in new]
    except ValueError as error:
        raise Refused(f"{name}: a new block cannot be written: {error}") from error
    lines = [script.source(edit.start, edit.lines) for edit in edits]
    changed = zip(edits, lines, strict=True)
    return [dataclasses.replace(edit, lines=body) for edit, body in changed] + added
