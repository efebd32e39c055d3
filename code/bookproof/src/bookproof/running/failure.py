"""Why a chapter did not run to its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bookproof.reading.screen import normalise


class Ending(StrEnum):
    """How a run can end too early."""

    CELL_FAILED = "cell failed"
    TIMEOUT = "cell never ended"
    KERNEL_DIED = "kernel died"
    NOT_STARTED = "kernel not started"
    FROZEN = "frozen outputs unusable"


@dataclass(frozen=True)
class Failure:
    """Why a chapter did not run to its end.

    `cell` is the index of the code cell (None: the kernel itself), `line` the 1-based line of the
    cell's code, where known.
    """

    kind: Ending
    message: str
    cell: int | None = None
    line: int | None = None


def cell_frames(traceback: Iterable[str]) -> list[str]:
    """Return a traceback without the frames in files, which belong to one machine alone."""
    return [frame for frame in traceback if not normalise(frame).startswith("File ")]
