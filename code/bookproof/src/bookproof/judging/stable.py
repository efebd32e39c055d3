"""Tell which outputs differ from run to run."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable, Sequence

from bookproof.judging.compare import compare
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.chapter import Chapter
from bookproof.running.result import Run

_ONCE = (Kind.NOT_RUN, Kind.UNCHECKED)


def with_flaky(
    chapter: Chapter,
    verdicts: Sequence[Verdict],
    again: Iterable[Run],
) -> list[Verdict]:
    """Return the verdicts on a chapter's first run, made worse by what others say.

    A verified output that is not verified in each of them is flaky, and so is whatever fails in
    one of them where nothing failed in the first.
    """
    flaky = {}
    failed = {verdict.cell for verdict in verdicts if verdict.kind.failed}
    for run in again:
        for verdict in compare(chapter, run):
            new = verdict.cell not in failed and verdict.kind not in _ONCE
            if new and verdict.kind.failed:
                flaky.setdefault(_place(verdict), _flaky(verdict))
    kept = [verdict for verdict in verdicts if _place(verdict) not in flaky]
    return sorted([*kept, *flaky.values()], key=lambda verdict: verdict.line)


def _place(verdict: Verdict) -> Hashable:
    return verdict.block or verdict.value or (verdict.cell, verdict.line)


def _flaky(verdict: Verdict) -> Verdict:
    message = f"differs from run to run; in another one: {verdict.kind}: {verdict.message}"
    return dataclasses.replace(verdict, kind=Kind.FLAKY, message=message)
