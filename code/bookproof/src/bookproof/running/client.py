"""Talk to a kernel, and stop listening where a cell shows more than anybody can use."""

from __future__ import annotations

import asyncio

from nbclient import NotebookClient
from nbformat import NotebookNode

from bookproof.running.inside.streams import MOST, MOST_SENT

_MOST_SHOWN = 100_000_000
"""How many bytes a cell may show in all, pictures included."""

_OVERHEAD = 1000
"""The bytes that an output takes besides its content."""


class Client(NotebookClient):
    """A client that bounds what a cell shows; `excess` says how it shows more, empty if not."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.excess = ""
        self._printed = 0  # what the cell shows now,
        self._sent = 0  # what it has printed in all
        self._shown = 0
        self._listener: asyncio.Task | None = None

    async def async_execute_cell(self, *arguments, **options) -> NotebookNode:
        """Execute a cell; listen no longer when it is over, whatever became of it."""
        self._sent = 0
        try:
            return await super().async_execute_cell(*arguments, **options)
        finally:
            if self._listener:
                self._listener.cancel()

    async def _async_poll_output_msg(self, *arguments) -> None:
        self._listener = asyncio.current_task()
        await super()._async_poll_output_msg(*arguments)

    def output(
        self, outs: list[NotebookNode], msg: dict, display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Take an output; where it is one too many, drop it and let the cell go."""
        if not outs or self.clear_before_next_output:
            self._printed = self._shown = 0
        content = msg["content"]
        text = content.get("text", "") if msg["msg_type"] == "stream" else ""
        self._printed += len(text)
        self._sent += len(text)
        self._shown += len(text) or _OVERHEAD + sum(
            len(part) for part in content.get("data", {}).values() if isinstance(part, str)
        )
        if self._printed > MOST or self._sent > MOST_SENT:
            self.excess = f"prints more than {MOST // 10**6} MB and was stopped: print less"
        elif self._shown > _MOST_SHOWN:
            self.excess = f"shows more than {_MOST_SHOWN // 10**6} MB and was stopped: show less"
        if self.excess:
            self.task_poll_for_reply.cancel()
            return None
        return super().output(outs, msg, display_id, cell_index)
