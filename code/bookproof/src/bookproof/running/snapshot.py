"""Keep kernels as they were between two cells, so that a changed chapter goes on from there.

A snapshot is a fork of the kernel that waits. It is taken only where a fork goes on as the kernel
itself would, and it is used only while everything that the cells before it depend on, and have
read, is as it was: a run that goes on is the run that there would be from the start.
"""

from __future__ import annotations

import itertools
import json
import shutil
import socket
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from bookproof.reading.chapter import Chapter
from bookproof.reading.value import Question
from bookproof.running import contents, files, forked
from bookproof.running.inside.record import state
from bookproof.running.sought import Sought
from bookproof.running.surroundings import surroundings
from bookproof.running.watch import Span

_WORTH = 1.0
"""How many seconds the cells must have taken since the last snapshot,"""

_SHARE = 3
"""and which part of all the time so far, but before the last cell, which authors edit most."""

_MOST = 4
"""How many snapshots of a chapter are kept: each may come to hold as much as the kernel."""

_CHAPTERS = 3
"""Of how many chapters snapshots are kept."""

_ROOM = 0.25
"""How much of the machine's memory has to be free."""


@dataclass(eq=False)
class Snapshot:
    """A kernel before the code cell of index `cell`, and what its chapter had given till then.

    `read` are the names of what the cells before have read, `sought` what they found where they
    looked for modules, `basis` is what tells whether all they depend on is as it was. `outputs` and
    `values` are what they gave, `displays` in which cells each display stands, and where, `span`
    what the file system told, `seconds` how long they took. `folder` is that of IPython's profile.
    `looked` is when it was last seen that all is as it was.
    """

    line: socket.socket
    cell: int
    read: Collection[str]
    sought: Sought
    basis: Mapping[str, object]
    folder: Path
    outputs: list[list[NotebookNode]]
    values: Mapping[Question, dict]
    displays: Mapping[str, Mapping[int, list[int]]]
    span: Span
    seconds: float
    looked: float = 0.0

    def fork(self, arguments: list[str], folder: str, environment: dict[str, str]) -> forked.Child:
        """Start a kernel that goes on from here.

        Raises OSError where the snapshot is gone.
        """
        try:
            return forked.fork(self.line, arguments, folder, environment)
        except BaseException:  # an answer may be still to come
            self.line.close()
            raise

    def is_valid(self, chapter: Chapter, root: Path) -> bool:
        """Tell whether a run of the chapter, from the start, would come by here."""
        self.looked = time.time()
        now = basis(chapter, self.cell, root, self.read, self.folder)
        return self.basis == now and not self.sought.change(root, (), lambda: None)


class Snapshots:
    """The snapshots of the chapters that ran last, until they are closed.

    `continued` has the index of the cell from which each chapter went on when it last ran, 0 for
    the first; `refused` why there was no snapshot when one was worth taking. `folder` is where
    temporary files belong, None for the system's own.
    """

    def __init__(self, folder: Path | None = None):
        self._folder = files.temporary(folder)
        self._places: dict[str, Path] = {}
        self._kept: dict[str, list[Snapshot]] = {}  # the chapter that ran last stands last
        self._made_for: object = None
        self.continued: dict[str, int] = {}
        self.refused: dict[str, str] = {}

    def renew(self, made_for: object) -> None:
        """End all where they were made for something else, or where memory is short."""
        if self._made_for != made_for or not _has_room():
            self.clear()
        self._made_for = made_for

    def connection(self, chapter: Chapter) -> Path:
        """Return the connection file of a chapter's kernels, in a folder that is the chapter's."""
        if chapter.name not in self._places:
            place = Path(self._folder.name, str(len(self._places)))
            place.mkdir()
            self._places[chapter.name] = place
        return self._places[chapter.name] / "k.json"

    def best(self, chapter: Chapter, root: Path) -> Snapshot | None:
        """Return the latest snapshot from which a chapter can go on; end those of no use."""
        kept = self._kept.pop(chapter.name, [])
        valid = self._kept[chapter.name] = [s for s in kept if s.is_valid(chapter, root)]
        for snapshot in kept:
            if snapshot not in valid:
                snapshot.line.close()
        if not valid:
            self.restart(chapter)
            return None
        found = max(valid, key=lambda snapshot: snapshot.cell)
        self.continued[chapter.name] = found.cell
        return found

    def is_worth_it(self, cell: int, last: bool, seconds: float, total: float) -> bool:
        """Tell whether to take a snapshot before a cell, which may be the last.

        So many seconds have passed since the last snapshot, and in total.
        """
        return seconds >= max(_WORTH, 0 if last else total / _SHARE) and _has_room()

    def add(self, chapter: Chapter, snapshot: Snapshot) -> None:
        """Keep a snapshot; where there are too many, end what is missed least."""
        kept = self._kept.setdefault(chapter.name, [])
        kept.append(snapshot)
        kept.sort(key=lambda one: one.cell)
        if len(kept) > _MOST:
            gaps = [b.seconds - a.seconds for a, b in itertools.pairwise(kept)]
            kept.pop(1 + gaps.index(min(gaps[:-1]))).line.close()
        for name in list(self._kept)[:-_CHAPTERS]:
            self.forget(name)

    def cells(self, name: str) -> list[int]:
        """Return the indices of the cells before which there are snapshots of a chapter."""
        return [snapshot.cell for snapshot in self._kept.get(name, ())]

    def restart(self, chapter: Chapter) -> None:
        """Let a chapter run from the start, with nothing left of earlier runs."""
        self.forget(chapter.name)
        self.continued[chapter.name] = 0
        shutil.rmtree(profile(self.connection(chapter)), ignore_errors=True)

    def forget(self, name: str) -> None:
        """End the snapshots of a chapter."""
        for snapshot in self._kept.pop(name, ()):
            snapshot.line.close()

    def clear(self) -> None:
        """End all snapshots."""
        for name in list(self._kept):
            self.forget(name)

    def close(self) -> None:
        """End all snapshots, and take no more."""
        self.clear()
        self._folder.cleanup()


def profile(connection: Path) -> Path:
    """Return the folder of IPython's profile for the kernels of a connection file."""
    return connection.with_name("ipython")


def basis(
    chapter: Chapter, count: int, root: Path, read: Collection[str], folder: Path
) -> dict[str, object]:
    """Return what tells whether all that the first cells of a chapter depend on is as it was.

    They have `read` these files and folders; IPython's profile lies in `folder`.
    """
    return {
        "own": _own(chapter, count),
        "surroundings": surroundings(chapter.kernel),
        "read": {name: _state_of(root, name) for name in read},
        "profile": {str(path): state(str(path)) for path in folder.rglob("*")},
    }


def _own(chapter: Chapter, count: int) -> str:
    """Return what the first cells of a chapter depend on of the chapter itself."""
    code = [
        (node.source, {key: node.metadata[key] for key in node.metadata if key != "execution"})
        for node in chapter.notebook.cells
        if node.cell_type == "code"
    ]
    asked = [question for question in chapter.questions if question.cell < count]
    known = [str(chapter.path), chapter.kernel, repr(chapter.settings), code[:count], asked]
    return json.dumps(known, default=str)


def _state_of(root: Path, name: str) -> object:
    """Return what tells two states of what was read apart; of a folder, of what is listed."""
    if contents.is_listing(name):
        return contents.digest(root, name)
    return state(str(root / name))


def _has_room() -> bool:
    """Tell whether there is enough memory for more snapshots."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            parts = (line.split() for line in file)
            sizes = {name: int(size) for name, size, *_ in parts}
        return sizes["MemAvailable:"] >= _ROOM * sizes["MemTotal:"]
    except (OSError, ValueError, KeyError):
        return True
