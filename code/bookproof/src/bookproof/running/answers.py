"""Ask a kernel what the expressions in a chapter's text are worth."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from bookproof.reading.value import Question
from bookproof.running import kernel
from bookproof.running.failure import Ending, Failure, too_late
from bookproof.running.inside import values


async def answer(
    client: NotebookClient, questions: Sequence[Question], timeout: float, watched: bool
) -> tuple[list[dict], Failure | None]:
    """Return what each question is worth after a cell, or why the kernel does not tell.

    That is its `text` as Python writes it, the `data` and `metadata` that a page may show, or an
    `error`. The questions are of one cell, and leave no trace in the session.
    """
    secret = str(kernel.answer_file(client.km))
    expressions = {
        str(number): f"({secret!r}, ({asked.expression}))"
        if watched and not asked.shown
        else asked.expression
        for number, asked in enumerate(questions)
    }
    cell = questions[0].cell
    try:
        reply = await kernel.tell(client, "", expressions, timeout)
        found = reply["content"].get("user_expressions") or {}
        named = zip(expressions, questions, strict=True)
        return [_answer(found.get(name), asked) for name, asked in named], None
    except DeadKernelError:
        if asyncio.current_task().cancelling():
            raise asyncio.CancelledError from None
        message = f"the kernel {await kernel.death(client)} while it told a value of the text"
    except TimeoutError:
        told = " or ".join(f"`{asked.expression}`" for asked in questions)
        message = f"{told}, in the text below it, {too_late(timeout)}"
        return [], Failure(Ending.TIMEOUT, message, cell)
    except (KeyError, SyntaxError, *kernel.TROUBLE) as error:
        message = f"the kernel cannot tell the values of the text: {kernel.one_line(error)}"
    return [], Failure(Ending.KERNEL_DIED, message, cell)


def _answer(found: Mapping | None, asked: Question) -> dict:
    """Return what a kernel answers to a question."""
    if found is None:
        return {"error": "this kernel does not tell what expressions are worth"}
    if found["status"] != "ok":
        return {"error": f"{found.get('ename')}: {found.get('evalue')}".removesuffix(": ")}
    if asked.shown:
        return {"data": found["data"], "metadata": found.get("metadata", {})}
    text = found["data"].get(values.MIME)
    return {"text": " ".join(found["data"].get("text/plain", "").split()) if text is None else text}
