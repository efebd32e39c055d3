"""Try blocks before they are written: scan them back, and judge them against every run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from bookproof.judging.compare import compare
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.block import Block
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.scan import scan
from bookproof.running.result import Run

_CELL = "---\nfile_format: mystnb\n---\n```{code-cell}\n0\n```\n"
_NEVER = "\N{WHITE SQUARE} what does the cell give?\n"


@dataclasses.dataclass(frozen=True)
class Trial:
    """A chapter with its runs; the first is the one that the author has seen."""

    chapter: Chapter
    runs: tuple[Run, ...]

    def verdicts(self, cell: Cell, blocks: Sequence[Block] = ()) -> list[list[Verdict]]:
        """Return for every run the verdicts on a cell that has these blocks too."""
        cell = dataclasses.replace(cell, blocks=(*cell.blocks, *blocks))
        alone = dataclasses.replace(
            self.chapter, cells=(cell,), blocks=cell.blocks, values=(), problems=()
        )
        return [[v for v in compare(alone, run) if v.cell == cell.line] for run in self.runs]

    def failures(self, cell: Cell, blocks: Sequence[Block] = ()) -> list[Verdict]:
        """Return what fails in any run, in the order of the runs."""
        return [v for found in self.verdicts(cell, blocks) for v in found if v.kind.failed]

    def given(self, cell: Cell, words: str) -> list[str]:
        """Return what a cell gives in every run, of the part that the words choose."""
        asking = Block("expect", cell.line, cell.line, words, _NEVER)
        alone = dataclasses.replace(cell, blocks=())
        return [
            next((v.actual or "" for v in found if v.block is asking), "")
            for found in self.verdicts(alone, [asking])
        ]

    def lasts(self, cell: Cell, lines: Sequence[str]) -> bool:
        """Tell whether a block of these lines is read back, and then verified in every run."""
        head, *body, _ = lines
        argument = head.partition("}")[2].strip()
        text = "".join(f"{line}\n" for line in body)
        likely = Block("expect", cell.line, cell.line, argument, text)
        return self._verified(cell, likely) and any(
            self._verified(cell, block) for block in read_back(lines)
        )

    def _verified(self, cell: Cell, block: Block) -> bool:
        kinds = [
            [v.kind for v in found if v.block is block] for found in self.verdicts(cell, [block])
        ]
        return all(found == [Kind.VERIFIED] for found in kinds)


def read_back(lines: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks that the scanner finds in lines below a cell, none where it objects."""
    try:
        content = (_CELL + "\n".join(lines) + "\n").encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair
        return ()
    chapter = scan(Path(), "trial.md", content)
    return () if chapter.problems or len(chapter.cells) != 1 else chapter.cells[0].blocks
