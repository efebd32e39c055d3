"""Run the statements of a note, one by one and past errors, in a kernel of its own."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from bookproof.notes.instrument import instrumented, is_inner
from bookproof.notes.note import Claim, Note, Statement
from bookproof.reading.chapter import Chapter
from bookproof.reading.screen import normalise
from bookproof.running import kernel, spec
from bookproof.running.client import Client
from bookproof.running.kernel import Guise
from bookproof.running.outputs import ensure_error, settle
from bookproof.running.warm import Nursery

_PATIENCE = 5
"""Seconds in which a statement that was interrupted has to end."""

_INSIDE = Path(__file__).with_name("inside.py")
_INSTALLS = ("!pip", "%pip", "!conda", "%conda", "!apt", "!sudo", "!python -m pip", "!brew")
TIMEOUT = "took too long"
DEAD = "kernel died"
NEVER = "not run"


@dataclass
class Given:
    """What a statement gave in one run.

    `forms` say what its value looks like, `error` is the name and message of what it raised,
    `ending` why it did not come to an end: `TIMEOUT`, `DEAD`, `NEVER` with `message`.
    """

    outputs: list[NotebookNode] = field(default_factory=list)
    forms: Mapping[str, str] = field(default_factory=dict)
    error: tuple[str, str] | None = None
    ending: str = ""
    message: str = ""

    @property
    def printed(self) -> str:
        """Return what it printed."""
        streams = (o for o in self.outputs if o.output_type == "stream" and o.name == "stdout")
        return "".join(o.text for o in streams)

    @property
    def shown(self) -> str:
        """Return all text that it showed, prints and values in their order."""
        texts = []
        for output in self.outputs:
            if output.output_type == "stream" and output.name == "stdout":
                texts.append(output.text.rstrip("\n"))
            elif "text/plain" in output.get("data", {}):
                texts.append(output.data["text/plain"])
        return "\n".join(texts)


@dataclass
class Log:
    """What a run of a note gave: for each fence a list of what its statements gave.

    `within` is what lines within statements gave, by fence and claim. `failed` says why nothing
    was run, empty where something was.
    """

    given: list[list[Given]]
    within: dict[tuple[int, int], list[Mapping[str, str]]] = field(default_factory=dict)
    supplied: tuple[str, ...] = ()
    failed: str = ""


@contextlib.asynccontextmanager
async def opened(
    folder: Path, connection: Path, nursery: Nursery | None, guise: Guise, timeout: float
) -> AsyncIterator[Session]:
    """Keep a kernel whose working folder is the given one; yield what runs code in it."""
    quiet = logging.getLogger("bookproof.notes.kernel")
    quiet.setLevel(logging.CRITICAL)
    chapter = Chapter("note", folder / "note.md", notebook=new_notebook())
    transport = spec.transport(chapter.kernel, connection.parent)
    manager = AsyncKernelManager(
        kernel_name=chapter.kernel, connection_file=str(connection), transport=transport, log=quiet
    )
    client = Client(
        chapter.notebook,
        km=manager,
        log=quiet,
        timeout_func=lambda _: timeout,
        startup_timeout=kernel.STARTUP_TIMEOUT,
        iopub_timeout=kernel.STARTUP_TIMEOUT,
        raise_on_iopub_timeout=True,
        on_cell_executed=ensure_error,
    )
    try:
        profile = connection.with_name(f"{connection.stem}-ipython")
        failure, _ = await kernel.start(manager, client, chapter, folder, profile, nursery, guise)
        if not failure:
            source = _INSIDE.read_text("utf-8")
            await kernel.tell(client, f"exec({source!r}, {{'__name__': '_bookproof'}})")
        yield Session(client, timeout, failure.message if failure else "")
    finally:
        await kernel.stop(manager, client)


class Session:
    """A kernel that runs statements, each for `timeout` s; `broken` says why it runs no more."""

    def __init__(self, client: Client, timeout: float, broken: str):
        self._client = client
        self._timeout = timeout
        self.broken = broken

    async def run(self, source: str) -> Given:
        """Run a statement; return what it gave."""
        if self.broken:
            return Given(ending=NEVER, message=self.broken)
        if source.lstrip().startswith(_INSTALLS):
            return Given(ending=NEVER, message="it installs packages, which a check does not")
        client, cell = self._client, new_code_cell(source)
        client.nb.cells = [cell]
        given = Given()
        try:
            await client.async_execute_cell(cell, 0)
        except CellExecutionError as error:
            given.error = error.ename, normalise(str(error.evalue))
        except CellTimeoutError:
            given.ending, given.message = TIMEOUT, f"took more than {self._timeout:g} s"
            await self._interrupt()
        except DeadKernelError:
            if client.excess:
                given.ending, given.message = TIMEOUT, client.excess
                client.excess = ""
                await self._interrupt()
            elif asyncio.current_task().cancelling():
                raise asyncio.CancelledError from None
            else:
                given.ending, given.message = DEAD, f"the kernel {await kernel.death(client)}"
                self.broken = f"{given.message} before it"
        except kernel.TROUBLE as error:
            given.ending, given.message = DEAD, f"the kernel is lost: {kernel.one_line(error)}"
            self.broken = given.message
        given.outputs = settle(cell.outputs)
        return given

    async def _interrupt(self) -> None:
        try:
            await self._client.km.interrupt_kernel()
            await kernel.tell(self._client, "", timeout=_PATIENCE)
        except (DeadKernelError, TimeoutError, *kernel.TROUBLE):
            self.broken = "an earlier statement never ended and could not be interrupted"

    async def ask(self, expression: str) -> dict:
        """Return what the kernel says of an expression of ours, nothing where it does not."""
        if self.broken:
            return {}
        try:
            reply = await kernel.tell(self._client, "", {"it": expression}, timeout=_PATIENCE * 6)
            answer = reply["content"]["user_expressions"]["it"]
            if answer["status"] == "error":
                return {"repr": f"{answer['ename']}: {answer['evalue']}"}
            return json.loads(ast.literal_eval(answer["data"]["text/plain"]))
        except DeadKernelError:
            self.broken = f"the kernel {await kernel.death(self._client)} before it"
        except TimeoutError:
            await self._interrupt()
        except (KeyError, ValueError, SyntaxError, *kernel.TROUBLE):
            return {}
        return {}


async def run_note(
    session: Session,
    note: Note,
    imports: tuple[str, ...],
    budget: float,
    before: Log | None = None,
) -> Log:
    """Run the statements of a note; stop when they took more seconds than the budget.

    What never ended in a run before is not tried again.
    """
    supplied = []
    for source in imports:
        if not (await session.run(source)).error:
            supplied.append(source)
    log = Log([], supplied=tuple(supplied), failed=session.broken)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    numbers: dict[int, tuple[int, int]] = {}
    for index, fence in enumerate(note.fences):
        given: list[Given] = []
        log.given.append(given)
        for number, statement in enumerate(fence.statements):
            if loop.time() - begun > budget and not session.broken:
                session.broken = f"the note took more than {budget:g} s before it"
            if before and before.given[index][number].ending in (TIMEOUT, DEAD):
                given.append(before.given[index][number])
                continue
            claims = {n: c for n, c in enumerate(fence.claims) if c.statement == number}
            inner = {n: c for n, c in claims.items() if is_inner(c, statement)}
            keys = {len(numbers) + k: n for k, n in enumerate(inner)}
            numbers |= {key: (index, n) for key, n in keys.items()}
            result = await session.run(_source(statement, {k: inner[n] for k, n in keys.items()}))
            outer = [claim for n, claim in claims.items() if n not in inner]
            if not result.error and not result.ending:
                result.forms = await _forms(session, statement, outer)
            given.append(result)
    seen = await session.ask("_bookproof_seen()") if numbers else {}
    log.within = {numbers[int(key)]: forms for key, forms in seen.items()}
    return log


def _source(statement: Statement, inner: Mapping[int, Claim]) -> str:
    return instrumented(statement, inner) if inner else statement.source


async def _forms(session: Session, statement: Statement, claims: list[Claim]) -> dict[str, str]:
    """Return what the value looks like that claims about a statement are about."""
    if any(claim.expression for claim in claims):
        expression = next(claim.expression for claim in claims if claim.expression)
        if expression.endswith(").shape"):
            return await session.ask(f"_bookproof_shape({expression.removesuffix('.shape')})")
        return await session.ask(f"_bookproof_of({expression})")
    if claims and statement.shows:
        return await session.ask("_bookproof_last()")
    return {}
