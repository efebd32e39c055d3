"""How the last build and the last check of a book ended, as its pages say it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from bookproof.reading.screen import normalise
from bookproof.telling.language import words
from bookproof.telling.texts import Texts

_SHOWN_LINES = 10
_COMPLAINT = re.compile(r"\b(WARNING|ERROR|CRITICAL):|Error\b")
_WARNING = re.compile(r"\b(WARNING|ERROR|CRITICAL): ")
_OURS = "bookproof: the book is not as it says"


@dataclass(frozen=True)
class Outcome:
    """What is known of a book: how its last build ended, and what the last check found.

    `status` is the build's exit status, `said` what it printed, `found` the newest content of a
    verification.json, None where there is none.
    """

    status: int = 0
    said: str = ""
    found: dict | None = None

    @classmethod
    def of(cls, status: int, said: str, proof: Path | None) -> Outcome:
        """Return how a build ended; `proof` is the verification.json that it wrote, if it did."""
        from bookproof.telling import verification  # now: a first build need not wait for it

        found = None
        if proof:
            with contextlib.suppress(ValueError):
                found = verification.load(proof)
        return cls(status, said, found)

    def failure(self, texts: Texts) -> dict | None:
        """Return what a page shall say of it, as `title` and `lines`; None where all is well."""
        wrong = self._wrong(texts)
        complaints = self._complaints(bool(wrong))
        if wrong:
            return {"title": texts.wrong(len(wrong)), "lines": [*wrong, *complaints]}
        if complaints:
            return {"title": texts.broken.format(self.status), "lines": complaints}
        return None

    def _wrong(self, texts: Texts) -> list[str]:
        """Return the outputs that are not as the book says, a line each."""
        if not self.found or self.found["green"]:
            return []
        from bookproof.judging.verdict import Kind  # now: a first build need not wait for it

        return [
            f"{name}:{verdict.get('difference', verdict)['line']}: "
            f"{texts.kinds.get(verdict['kind'], verdict['kind'])}"
            for name, chapter in self.found["chapters"].items()
            for verdict in chapter["verdicts"]
            if Kind(verdict["kind"]).failed
        ]

    def _complaints(self, explained: bool) -> list[str]:
        """Return what a build that failed has said of it, besides what is told of outputs.

        Where nothing else explains its failure these are also its last lines, after the
        complaints before them: Sphinx goes on after some.
        """
        if not self.status:
            return []
        lines = normalise(self.said).split("\n")
        ours = (_OURS, words()(_OURS))
        start = next((n for n, line in enumerate(lines) if any(o in line for o in ours)), None)
        if start is not None or explained:
            return [line for line in lines[:start] if _WARNING.search(line)][-_SHOWN_LINES:]
        before, last = lines[:-_SHOWN_LINES], lines[-_SHOWN_LINES:]
        complaints = [line for line in before if _COMPLAINT.search(line)][-_SHOWN_LINES:]
        return [*complaints, *(["…"] if complaints else []), *last]
