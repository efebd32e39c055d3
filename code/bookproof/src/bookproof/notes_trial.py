"""Try the chapters of an import in a copy of the book, and give their cells their blocks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bookproof.book import Book, check, run_again
from bookproof.notes.chapters import PLAIN, Draft
from bookproof.notes.defaults import FOLDER, TIMEOUT
from bookproof.notes.note import Note
from bookproof.notes.phrases import Phrases
from bookproof.notes.planned import data
from bookproof.notes.settled import settle
from bookproof.running.failure import Ending, Failure
from bookproof.telling.progress import Progress

_NOT_COPIED = shutil.ignore_patterns("_build", ".*", "node_modules", "__pycache__", "*.egg-info")
_ROUNDS = 12
"""How often chapters are tried again without what failed in them."""


@dataclass(frozen=True)
class Options:
    """How to import notes.

    `split` says what becomes a chapter, None for what suits each note; `accept` writes what the
    code gives where the notes are wrong; `folder` is that of the chapters in the book, `template`
    what each is written into.
    """

    split: str | None = None
    accept: bool = False
    folder: str = FOLDER
    template: str = PLAIN
    workers: int = 2
    timeout: float = TIMEOUT


@dataclass(frozen=True)
class Trial:
    """Tries drafts in a copy of the book at `root`; `tell` is told of a note and a line."""

    root: Path
    options: Options
    phrases: Phrases
    progress: Progress
    tell: Callable[[str, int, str], None]

    def settle(self, drafts: Sequence[tuple[Note, Draft]]) -> None:
        """Keep from running what fails in drafts, and give all other cells their blocks."""
        with_cells = {d.name: (note, d) for note, d in drafts if d.all_cells()}
        if not with_cells:
            return
        with tempfile.TemporaryDirectory(prefix="bookproof-") as place:
            root = Path(place).resolve() / "book"
            shutil.copytree(self.root, root, ignore=_NOT_COPIED, symlinks=True)
            for name, (note, _) in with_cells.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                copy(data(note), (root / name).parent)
            self._settle(root, with_cells)

    def _settle(self, root: Path, drafts: dict[str, tuple[Note, Draft]]) -> None:
        for turn in range(_ROUNDS):
            for name, (_, draft) in drafts.items():
                (root / name).write_text(_bare(draft), "utf-8")
            book = Book.load(root, [root / name for name in drafts])
            book = replace(book, workers=self.options.workers)
            report = check(book, self.progress)
            failed = [one for one in report.chapters if one.run.failure]
            for one in failed:
                note, draft = drafts[one.chapter.name]
                self._without(note, draft, one.run.failure, turn >= _ROUNDS - 3)
            if not failed:
                break
        ran = [one for one in report.chapters if not one.run.failure]
        again = run_again(book, ran, self.progress)
        for one in ran:
            note, draft = drafts[one.chapter.name]

            def tell(line: int, message: str, name: str = note.name) -> None:
                self.tell(name, line, message)

            runs = (one.run, *again.get(one.chapter.name, ()))
            settle(draft, one.chapter, runs, root, self.phrases, self.options.accept, tell)

    def _without(self, note: Note, draft: Draft, failure: Failure, rest: bool) -> None:
        """Keep the cell that failed from running, and with `rest` all below it."""
        if failure.kind is Ending.NOT_STARTED or failure.cell is None:
            raise ValueError(f"{draft.name} cannot be tried: {failure.message}")
        cells = draft.all_cells()
        cell = cells[failure.cell]
        if any(cell is one for one in draft.setup):
            raise ValueError(f"a hidden cell of the template cannot run: {failure.message}")
        if cell.given:  # what it lacks is told where it is used
            cell.lines = _without_line(cell.lines, failure.line or 1)
            return
        for one in cells[failure.cell :] if rest else [cell]:
            if not one.skipped:
                one.skipped = failure.message
                self.tell(note.name, one.line, f"shown without running it: {failure.message}")


def copy(copies: dict[str, Path], folder: Path) -> None:
    """Copy files into a folder under their names, but over none that is there."""
    for name, path in copies.items():
        target = folder / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _bare(draft: Draft) -> str:
    """Return a chapter of nothing but the cells of a draft."""
    out = ["---", "file_format: mystnb", "kernelspec:", "  name: python3", "---", ""]
    for cell in draft.all_cells():
        out += [*cell.fenced(), ""]
    return "\n".join(out)


def _without_line(sources: list[str], line: int) -> list[str]:
    """Return sources, of one or more lines each, without the one that has a line."""
    kept, end = [], 0
    for source in sources:
        start, end = end + 1, end + source.count("\n") + 1
        if not start <= line <= end:
            kept.append(source)
    return kept
