"""Why a chapter did not run to its end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bookproof.reading.screen import normalise

if TYPE_CHECKING:  # nbclient is slow to import, and who only reads a verdict needs none of it
    from nbclient.exceptions import CellExecutionError


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


def too_late(limit: float) -> str:
    """Return what is said of code that ran for more than so many seconds."""
    return f"did not end within {limit:g} s: let it do less, or raise `execute: timeout`"


def cell_frames(traceback: Iterable[str]) -> list[str]:
    """Return a traceback without the frames in files, which belong to one machine alone."""
    return [frame for frame in traceback if not normalise(frame).startswith("File ")]


def of_cell(error: CellExecutionError, index: int) -> Failure:
    """Return the failure that an error in a cell is."""
    traceback = normalise(error.traceback)
    place = re.search(r"Cell In\[\d+\], line (\d+)", traceback)
    message = f"{error.ename}: {error.evalue}".removesuffix(": ")
    return Failure(Ending.CELL_FAILED, message, index, int(place[1]) if place else None)
