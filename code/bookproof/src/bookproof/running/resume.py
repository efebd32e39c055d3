"""Let a run go on from a snapshot, as if it had come from the start."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import MutableMapping, MutableSequence

from nbformat import NotebookNode

from bookproof.reading.chapter import Chapter
from bookproof.reading.value import Question
from bookproof.running import spec
from bookproof.running.client import Client
from bookproof.running.failure import Ending
from bookproof.running.result import Run
from bookproof.running.snapshot import Snapshot


def can_be_taken(chapter: Chapter) -> bool:
    """Tell whether there can be snapshots of a chapter's kernel at all.

    Not of one that runs in a temporary folder, which is gone afterwards.
    """
    ours = spec.is_ours(chapter.kernel) and spec.interpreter(chapter.kernel) == sys.executable
    return sys.platform == "linux" and ours and not chapter.settings.execution_in_temp


def resume(
    earlier: Snapshot,
    client: Client,
    chapter: Chapter,
    outputs: MutableSequence[list[NotebookNode] | None],
    values: MutableMapping[Question, dict],
) -> None:
    """Put in place what the cells before a snapshot gave."""
    positions = code_positions(chapter)
    for index, given in enumerate(earlier.outputs):
        # One list, as the cells themselves leave it: a later cell may update a display in it.
        node = client.nb.cells[positions[index]]
        outputs[index] = node.outputs = copy.deepcopy(given)
    values.update(earlier.values)
    client._display_id_map = {
        name: {positions[index]: list(places) for index, places in cells.items()}
        for name, cells in earlier.displays.items()
    }


def code_positions(chapter: Chapter) -> list[int]:
    """Return where in a chapter's notebook its code cells stand."""
    cells = enumerate(chapter.notebook.cells)
    return [position for position, cell in cells if cell.cell_type == "code"]


def is_doubtful(result: Run, earlier: Snapshot) -> bool:
    """Tell whether a run that went on may have ended otherwise than one from the start.

    A cell that fails is what an author sees while he writes; but a library may not bear forks, and
    says so.
    """
    if result.failure and result.failure.kind is not Ending.CELL_FAILED:
        return True
    outputs = (output for given in result.outputs[earlier.cell :] for output in given or ())
    said = [(o.get("text"), o.get("evalue"), o.get("traceback")) for o in outputs]
    return "fork" in json.dumps([said, result.values]).lower()
