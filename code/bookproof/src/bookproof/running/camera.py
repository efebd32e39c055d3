"""Take snapshots of a chapter's kernel while it runs, where they are worth it and safe."""

from __future__ import annotations

import ast
import asyncio
import copy
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from bookproof.reading.chapter import Chapter
from bookproof.reading.value import Question
from bookproof.running import contents, kernel
from bookproof.running.client import Client
from bookproof.running.inside.forks import ASKED
from bookproof.running.resume import code_positions
from bookproof.running.snapshot import Snapshot, Snapshots, basis, profile
from bookproof.running.sought import Sought
from bookproof.running.trace import Trace, has_unseen, trace
from bookproof.running.watch import Span

_TIMEOUT = 10
_ENDED = "the snapshot has ended"

_CLOCK = re.compile(
    r"\btime(_ns)?\s*\(|\btime\.time|\bfrom\s+time\s+import\s+(?!sleep\s*$)|\bimport\s+time\s+as\b|"
    r"\b(monotonic|perf_counter|process_time|thread_time|clock_gettime|default_timer)|"
    r"\b(local|gm|c|strf)time\b|\.(now|today|utcnow|times|getrusage)\b|['\"](now|today)['\"]",
    re.MULTILINE,
)
"""Code that may keep a time for a later cell, which a pause would make another."""

_HIDDEN = re.compile(r"\b(eventfd|register_at_fork)\b")
"""Code that may do what is not seen in a kernel that is forked."""

_WRITES = re.compile(
    r"(?<!\bos\.)(?<!stdout\.)(?<!stderr\.)"
    r"\b(save\w*|imwrite\w*|write\w*|dump|export\w*|to_(parquet|feather|hdf|orc)|\w*Writer)\s*\("
)
"""Code that may let a compiled library write files, which no audit event tells of."""


class Camera:
    """What takes snapshots of the kernel of a chapter while it runs.

    `span` tells what has happened to files so far, `earlier` is the snapshot from which the
    chapter goes on, None at the start.
    """

    def __init__(
        self,
        snapshots: Snapshots,
        chapter: Chapter,
        root: Path,
        span: Callable[[], Span],
        earlier: Snapshot | None,
    ):
        self._snapshots = snapshots
        self._chapter = chapter
        self._root = root
        self._span = span
        self._first = earlier.cell if earlier else 0
        self._last_cell = max((cell.index for cell in chapter.cells if not cell.skipped), default=0)
        self._begun = self._last = time.monotonic()
        self._spent = earlier.seconds if earlier else 0.0
        self._started = earlier.looked if earlier else time.time()
        self._over = False

    async def look(
        self,
        cell: int,
        client: Client,
        outputs: Sequence[list[NotebookNode]],
        values: Mapping[Question, dict],
    ) -> None:
        """Take a snapshot before a cell, if that is worth it and safe."""
        now = time.monotonic()
        seconds, total = now - self._last, self._spent + now - self._begun
        if self._over or cell <= self._first:
            return
        if not self._snapshots.is_worth_it(cell, cell == self._last_cell, seconds, total):
            return
        self._last = now
        if why := _doubt("\n".join(self._sources(cell))):
            self._refuse(why, for_good=True)
            return
        if client.widget_state or client.comm_objects:
            self._refuse("a widget is open")
            return
        line, record, why = await _ask(client)
        if line is None:
            self._refuse(why, for_good=why == _ENDED)  # as the next one would, after a while
            return
        span = self._span()
        known = self._trace(cell, record, span)
        folder = profile(Path(client.km.connection_file))
        on_what = basis(self._chapter, cell, self._root, known.opened, folder)
        why = self._why_not(cell, record, span, known)
        if why or known != self._trace(cell, record, span):
            self._refuse(why or "what it has read has just changed", for_good=True)
            line.close()
            return
        self._snapshots.add(
            self._chapter,
            Snapshot(
                line,
                cell,
                known.opened,
                Sought(**known.sought),
                on_what,
                folder,
                copy.deepcopy(list(outputs[:cell])),
                dict(values),
                self._displays(client),
                span,
                total,
            ),
        )

    def _displays(self, client: Client) -> dict[str, dict[int, list[int]]]:
        """Return where displays stand: by cells, as the notebook may get others between them."""
        numbers = {position: index for index, position in enumerate(code_positions(self._chapter))}
        return {
            name: {numbers[position]: list(places) for position, places in cells.items()}
            for name, cells in client._display_id_map.items()
        }

    def _refuse(self, why: str, for_good: bool = False) -> None:
        """Say why there is no snapshot; what the cells have done for good, they have done."""
        self._snapshots.refused[self._chapter.name] = why
        self._over = for_good

    def _trace(self, cell: int, record: Mapping, span: Span) -> Trace:
        """Return what the cells so far depend on, and what they have made."""
        span = copy.deepcopy(span)
        span.close()
        return trace(self._root, record, span, self._started, self._sources(cell), {})

    def _sources(self, cell: int) -> Iterator[str]:
        return (one.source for one in self._chapter.cells[:cell])

    def _why_not(self, cell: int, record: Mapping, span: Span, known: Trace) -> str:
        """Return why no run may go on from here, empty where one may."""
        if known.unkept:
            return known.unkept
        if record["made"] or record["appended"] or span.renewed | span.overwritten | span.changed:
            return "it has written files, which later cells may change"
        if record["programs"] or record["withdrawn"] or contents.EVERYTHING in known.opened:
            return "what it has read is not known"
        if any(contents.digest(self._root, n) != known.found[n] for n in known.found):
            return "it has changed what it has read"
        modules = (Path(path) for path in record["modules"] if path.endswith(".py"))
        try:
            texts = [path.read_text("utf-8", "replace") for path in modules]
        except OSError:
            return "a module that it has imported is gone"
        if has_unseen(record) and any(map(_WRITES.search, [*self._sources(cell), *texts])):
            return "it may have written files outside the book that nobody sees"
        return _doubt("\n".join(texts))


def _doubt(code: str) -> str:
    """Return what code may do that no run goes on from."""
    if _CLOCK.search(code):
        return "it looks at a clock"
    if hidden := _HIDDEN.search(code):
        return f"it has {hidden[0]}"
    return ""


async def _ask(client: Client) -> tuple[socket.socket | None, Mapping, str]:
    """Let a kernel take a snapshot.

    Returns the line to it and what the kernel has done so far; or no line, and why there is none.
    """
    address = Path(client.km.connection_file).with_name("line")
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(str(address))
            listener.listen()
            listener.setblocking(False)
            message = client.kc.session.msg(ASKED, {"line": str(address)})
            client.kc.shell_channel.send(message)
            reply = await client.kc._async_recv_reply(message["header"]["msg_id"], _TIMEOUT)
            if why := reply["content"]["why"]:
                return None, {}, why
            accepting = asyncio.get_running_loop().sock_accept(listener)
            try:
                line, _ = await asyncio.wait_for(accepting, _TIMEOUT)
            except TimeoutError:
                return None, {}, _ENDED
            line.settimeout(_TIMEOUT)
            return line, ast.literal_eval(reply["content"]["record"]), ""
        except kernel.TROUBLE as error:  # TimeoutError among them
            return None, {}, kernel.one_line(error)
        finally:
            address.unlink(missing_ok=True)
