"""Run the cells of a chapter in its kernel, one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from bookproof.reading.chapter import Chapter
from bookproof.reading.value import Question
from bookproof.running import answers, kernel, packages, spec
from bookproof.running.camera import Camera
from bookproof.running.client import Client
from bookproof.running.failure import Ending, Failure, of_cell, too_late
from bookproof.running.outputs import name_widgets, settle, widgets
from bookproof.running.result import Run
from bookproof.running.resume import resume
from bookproof.running.snapshot import Snapshot


async def run_chapter(
    chapter: Chapter,
    client: Client,
    failure: Failure | None,
    info: Mapping,
    earlier: Snapshot | None,
    camera: Camera | None,
) -> tuple[Run, dict | None]:
    """Run a chapter; return its run, and what the probe has recorded, None where there is none."""
    now, started = earlier.looked if earlier else time.time(), time.monotonic()
    outputs: list[list[NotebookNode] | None] = [None] * len(chapter.cells)
    watched, record, values = not info or spec.is_ipython(info), {}, {}
    if earlier:
        resume(earlier, client, chapter, outputs, values)
    if failure is None:
        first = earlier.cell if earlier else 0
        failure = await _run_cells(client, chapter, outputs, values, watched, first, camera)
    took = time.monotonic() - started + (earlier.seconds if earlier else 0.0)
    if watched and (failure is None or (failure.kind is Ending.CELL_FAILED and not client.excess)):
        record, death = await kernel.ask_probe(client, len(outputs) - 1)
        failure = failure or death
    versions = spec.versions(info)
    if watched:
        versions |= packages.versions(cell.source for cell in chapter.cells)
    # Not sooner: until the last cell has ended, each display can be updated by its place.
    settled = [None if given is None else settle(given) for given in outputs]
    result = Run(
        tuple(settled),
        failure,
        seconds=took,
        started=now,
        versions=versions,
        modules=tuple(record.get("imported", ())),
        language=info.get("language_info", {}),
        values=tuple(values.get(question) for question in chapter.questions),
        widgets=name_widgets(settled, widgets(client)),
    )
    return result, record if watched else None


async def _run_cells(
    client: Client,
    chapter: Chapter,
    outputs: list[list[NotebookNode] | None],
    values: dict[Question, dict],
    watched: bool,
    first: int = 0,
    camera: Camera | None = None,
) -> Failure | None:
    index = -1
    for position, node in enumerate(client.nb.cells):
        if node.cell_type != "code":
            continue
        index += 1
        if index < first:
            continue
        if camera:
            await camera.look(index, client, outputs, values)
        if chapter.cells[index].skipped:
            outputs[index] = []
            continue
        node.outputs = []
        try:
            await client.async_execute_cell(node, position)
        except CellExecutionError as error:
            failure = of_cell(error, index)
        except CellTimeoutError:
            limit = client._get_timeout(node)
            failure = Failure(Ending.TIMEOUT, too_late(limit), index)
        except DeadKernelError:
            if client.excess:
                node.outputs = []
                outputs[index] = []
                return Failure(Ending.CELL_FAILED, client.excess, index)
            if asyncio.current_task().cancelling():  # nbclient takes an interrupt for a death
                raise asyncio.CancelledError from None
            death = await kernel.death(client)
            failure = Failure(Ending.KERNEL_DIED, f"the kernel {death} while the cell ran", index)
        except kernel.TROUBLE as error:
            failure = Failure(
                Ending.KERNEL_DIED, f"the kernel is lost: {kernel.one_line(error)}", index
            )
        else:
            failure = None
        outputs[index] = node.outputs
        asked = [question for question in chapter.questions if question.cell == index]
        if asked and not failure:
            told, failure = await answers.answer(client, asked, client._get_timeout(node), watched)
            values |= zip(asked, told, strict=not failure)
        if failure:
            return failure
    return None
