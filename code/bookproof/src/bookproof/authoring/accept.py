"""Accept new outputs: rewrite the `{expect}` blocks that no longer match.

With `everything`, also propose an expectation for every output that has none.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bookproof.judging import match
from bookproof.judging.compare import observe
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading import notebook
from bookproof.reading.block import Expectation, parse
from bookproof.reading.chapter import Cell
from bookproof.reading.scan import scan
from bookproof.running import files
from bookproof.telling.verification import Checked


class Refused(Exception):
    """Something was not done; the message says why."""


@dataclass(frozen=True)
class Edit:
    """Lines `start` to `end` (0-based, half open) of a chapter become `lines`."""

    start: int
    end: int
    lines: list[str]


def accept(checked: Checked, force: bool = False, everything: bool = False) -> str:
    """Write the actual output into every block that does not match; return the diff.

    The diff is empty, and not a byte is written, where there is nothing to accept. Raises
    Refused where `CI` is set, where a cell failed, where a block cannot be rewritten, and,
    unless `force`, where the file has uncommitted changes.
    """
    name, path = checked.chapter.name, checked.chapter.path
    if os.environ.get("CI"):
        raise Refused("CI is set: expectations are accepted by people, before they are pushed")
    if checked.run.failure:
        raise Refused(f"{name}: {checked.run.failure.kind}: mend the cell first")
    stale = [v for v in checked.verdicts if v.kind in (Kind.MISMATCH, Kind.FIGURE_MISSING)]
    edits = [_edit(name, verdict) for verdict in stale]
    proposed = {c.index: _propose(c, checked) for c in checked.chapter.cells if everything}
    new = [(checked.chapter.cells[index], lines) for index, lines in proposed.items() if lines]
    if not edits and not new:
        return ""
    if not force and _has_changes(path):
        raise Refused(f"{name} has uncommitted changes: commit them, or use --force")
    if scan(path.parents[name.count("/")], name).cells != checked.chapter.cells:
        raise Refused(f"{name} was changed while it ran: try again")
    text = path.read_bytes().decode("utf-8")
    before = re.findall(r"[^\n]*\n|[^\n]+", text)
    if path.suffix == ".ipynb":
        edits = _in_json(name, text, edits, new)
    else:
        edits += [Edit(cell.end, cell.end, lines) for cell, lines in new]
    after = list(before)
    newline = "\r\n" if before[0].endswith("\r\n") else "\n"
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        if not after[edit.start - 1].endswith("\n"):
            after[edit.start - 1] += newline
        after[edit.start : edit.end] = [line + newline for line in edit.lines]
    files.write(path.resolve(), "".join(after))
    old, new = ([line.rstrip("\r\n") for line in lines] for lines in (before, after))
    return "\n".join(difflib.unified_diff(old, new, name, name, lineterm=""))


def _edit(name: str, verdict: Verdict) -> Edit:
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


def _in_json(
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


def _body(expected: list[str], actual: list[str], expectation: Expectation) -> list[str]:
    """Return the new body, with the author's wildcards and digits."""
    if expectation.shape == "lines":
        return _keep_wildcards(expected, actual)
    if not expectation.number:
        return actual
    body = list(actual)
    words = [[match.words(line) for line in lines] for lines in (expected, actual)]
    for i, k, size in difflib.SequenceMatcher(None, *words, autojunk=False).get_matching_blocks():
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


def _propose(cell: Cell, checked: Checked) -> list[str]:
    """Return the lines of a new block for each part of a cell's output that no block speaks of."""
    seen = observe(checked.run.outputs[cell.index])
    covered = {parse(b.argument).part for b in cell.blocks if b.directive == "expect"}
    if any(block.directive == "unverified" for block in cell.blocks):
        return []
    lines = []
    for part, words, hidden in (
        ("text", "", {"stdout", "result"}),
        ("figure", " figure", set()),
        ("error", " error", set()),
    ):
        text = seen.part(part)
        if text and covered.isdisjoint({part} | hidden):
            body = text.split("\n")
            fence = "`" * max(3, 1 + max(_fence_in("`", line) for line in body))
            lines += [f"{fence}{{expect}}{words}", *body, fence]
    return lines


def _needs_longer_fence(lines: list[str], verdict: Verdict) -> bool:
    return any(_fence_in(mark, line) >= verdict.block.fence for line in lines for mark in "`~")


def _fence_in(mark: str, line: str) -> int:
    stripped = line.lstrip()
    return len(stripped) - len(stripped.lstrip(mark))


def _has_changes(path: Path) -> bool:
    """Tell whether git knows of uncommitted changes; without git there is nothing to lose to."""
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain", "--", path.name],
            cwd=path.parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return False
    return status.returncode == 0 and bool(status.stdout.strip())
