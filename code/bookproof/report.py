"""Report what became of a book's outputs: to people, and as verification.json."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookproof.compare import Kind, Verdict
from bookproof.run import Run
from bookproof.scan import Chapter

FORMAT = 1
"""The version of verification.json's layout."""

_DIFF_LINES = 40


@dataclass(frozen=True)
class Checked:
    """A chapter with its run and the verdicts on it."""

    chapter: Chapter
    run: Run
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Report:
    """The outcome of a check; `chapters` are in the order of the book."""

    chapters: tuple[Checked, ...]

    @property
    def green(self) -> bool:
        """Tell whether nothing failed."""
        return not any(verdict.kind.failed for _, verdict in self)

    def __iter__(self) -> Iterator[tuple[Chapter, Verdict]]:
        """Yield every verdict with its chapter."""
        for checked in self.chapters:
            for verdict in checked.verdicts:
                yield checked.chapter, verdict

    def as_json(self) -> str:
        """Return verification.json: sorted, without times and absolute paths."""
        return json.dumps(self._as_dict(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def _as_dict(self) -> dict:
        kinds = Counter(verdict.kind for _, verdict in self)
        return {
            "format": FORMAT,
            "green": self.green,
            "totals": {
                "chapters": len(self.chapters),
                "verified": kinds[Kind.VERIFIED],
                "unverified": kinds[Kind.UNVERIFIED],
                "failed": sum(n for kind, n in kinds.items() if kind.failed),
            },
            "chapters": {
                checked.chapter.name: [_verdict_as_dict(v) for v in checked.verdicts]
                for checked in self.chapters
            },
        }

    def summary(self) -> str:
        """Return one line that says how many outputs were verified."""
        return summarise(self._as_dict())

    def failures(self) -> str:
        """Return every failure, its place first, the way a compiler shows errors."""
        shown = [
            _show(chapter, verdict)
            for chapter, verdict in self
            if verdict.kind.failed and verdict.kind is not Kind.NOT_RUN
        ]
        for checked in self.chapters:
            idle = sum(v.kind is Kind.NOT_RUN for v in checked.verdicts)
            if idle:
                first = next(v for v in checked.verdicts if v.kind is Kind.NOT_RUN)
                count = f"{idle} cell{'s'[: idle > 1]}"
                shown.append(f"{checked.chapter.name}:{first.line}: {count} {first.message}")
        stale = {c.name for c, verdict in self if verdict.kind is Kind.MISMATCH}
        if stale:
            shown.append("If the new output is right: bookproof accept " + " ".join(sorted(stale)))
        return "\n\n".join(shown)


def summarise(verification: dict) -> str:
    """Return one line for the content of a verification.json."""
    totals = verification["totals"]
    line = f"{totals['verified']} outputs verified in {totals['chapters']} chapters"
    if totals["unverified"]:
        line += f", {totals['unverified']} left unverified with a reason"
    if totals["failed"]:
        line += f", {totals['failed']} FAILED"
    return line


def read_verification(path: Path) -> dict:
    """Read a verification.json.

    Raises ValueError where it is not one, or where its totals are not those of its verdicts.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        known, claimed = content["format"], (content["green"], content["totals"])
        kinds = [Kind(v["kind"]) for verdicts in content["chapters"].values() for v in verdicts]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a verification.json: {error}") from error
    if known != FORMAT:
        raise ValueError(f"{path} has format {known}, wanted {FORMAT}")
    failed = sum(kind.failed for kind in kinds)
    counted = {
        "chapters": len(content["chapters"]),
        "verified": kinds.count(Kind.VERIFIED),
        "unverified": kinds.count(Kind.UNVERIFIED),
        "failed": failed,
    }
    if claimed != (not failed, counted):
        raise ValueError(f"{path} contradicts itself: says {claimed}, holds {counted}")
    return content


def _verdict_as_dict(verdict: Verdict) -> dict:
    entry = {"line": verdict.line, "kind": str(verdict.kind)}
    if verdict.cell is not None:
        entry["cell"] = verdict.cell
    if verdict.message:
        entry["message"] = verdict.message
    if verdict.block is not None and verdict.block.directive == "expect":
        entry["mode"] = verdict.block.mode
    if verdict.expected is not None:
        entry["expected"] = verdict.expected
    if verdict.actual is not None:
        entry["actual"] = verdict.actual
    return entry


def _show(chapter: Chapter, verdict: Verdict) -> str:
    lines = [f"{chapter.name}:{verdict.line}: {verdict.kind}: {verdict.message}"]
    if verdict.kind is Kind.MISMATCH:
        diff = difflib.unified_diff(
            verdict.expected.split("\n"),
            verdict.actual.split("\n"),
            f"expected ({verdict.block.mode}, line {verdict.block.line})",
            f"actual (cell at line {verdict.cell})",
            lineterm="",
        )
        lines += _capped([f"    {line}" for line in diff])
    elif verdict.actual:
        lines += _capped([f"    {line}" for line in verdict.actual.split("\n")])
    return "\n".join(lines)


def _capped(lines: list[str]) -> list[str]:
    if len(lines) <= _DIFF_LINES:
        return lines
    return [*lines[:_DIFF_LINES], f"    … and {len(lines) - _DIFF_LINES} more lines"]
