"""Accept new outputs: rewrite the bodies of `{expect}` blocks that no longer match."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bookproof.compare import Kind, Verdict
from bookproof.report import Checked


class Refused(Exception):
    """A chapter was not touched; the message says why."""


def accept(checked: Checked, force: bool = False) -> int:
    """Write the actual output into every mismatched block; return how many.

    Raises Refused where `CI` is set, where a cell failed, and, unless `force`, where the file
    has uncommitted changes.
    """
    name, path = checked.chapter.name, checked.chapter.path
    mismatches = [v for v in checked.verdicts if v.kind is Kind.MISMATCH]
    if os.environ.get("CI"):
        raise Refused("CI is set: expectations are accepted by people, before they are pushed")
    if checked.run.failure:
        raise Refused(f"{name}: {checked.run.failure.kind}: mend the cell first")
    if not mismatches:
        return 0
    empty = next((v for v in mismatches if not v.actual), None)
    if empty:
        raise Refused(f"{name}:{empty.block.line}: the cell prints nothing: remove the block")
    if not force and _has_changes(path):
        raise Refused(f"{name} has uncommitted changes: commit them, or use --force")
    text = path.read_bytes().decode("utf-8")
    lines = text.splitlines(keepends=True)
    for verdict in sorted(mismatches, key=lambda v: v.block.line, reverse=True):
        _rewrite(lines, verdict)
    path.write_bytes("".join(lines).encode("utf-8"))
    return len(mismatches)


def _rewrite(lines: list[str], verdict: Verdict) -> None:
    block = verdict.block
    opening = lines[block.line - 1]
    newline = "\r\n" if opening.endswith("\r\n") else "\n"
    lines[block.line : block.end - 1] = [line + newline for line in verdict.actual.split("\n")]
    fence = opening[: len(opening) - len(opening.lstrip("`~"))]
    longest = max((_run_of(fence[0], line) for line in verdict.actual.split("\n")), default=0)
    if longest >= len(fence):
        raise Refused(f"line {block.line}: the output holds a fence as long as the block's own")


def _run_of(mark: str, line: str) -> int:
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
