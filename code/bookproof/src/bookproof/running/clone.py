"""Copy a book to another place, as somebody else would get it.

Where git knows the book, the copy holds what a clone of it would hold, with the contents that the
files have now; else, and where that is too little, all files but those that a run has written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bookproof.running.result import Run

_SKIPPED = ("_build", "__pycache__", "node_modules")
_NAME = "the same book in another place"  # no root is called so, and scripts must bear blanks
_SLACK = 0.05  # seconds by which the clock of a file system may be behind


@dataclass(frozen=True)
class Clone:
    """A copy of a book: its root there, and a folder for temporary files beside it."""

    root: Path
    temporary: Path


@dataclass(frozen=True)
class Tree:
    """The folder that a clone is of, and what git tracks in it: a working tree, or a book alone."""

    root: Path
    top: Path
    tracked: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path) -> Tree:
        """Return the working tree that a book belongs to, the book alone where there is none."""
        top = Path(os.fsdecode(_git(root, "rev-parse", "--show-toplevel").strip()) or root)
        listed = _git(top, "ls-files", "-z", "--recurse-submodules").split(b"\0")
        names = tuple(os.fsdecode(name) for name in listed if name)
        if any((top / name).is_relative_to(root) for name in names):
            return cls(root, top, names)
        return cls(root, root)

    def unwritten(self, runs: Sequence[Run]) -> list[str]:
        """Return all files but those that came about, or were changed, while a run ran.

        What git tracks is the author's, whoever changed it.
        """
        spans = [(r.started - _SLACK, r.started + r.seconds + 1) for r in runs if r.started]
        tracked, found = set(self.tracked), []
        for folder, folders, files in os.walk(self.top):
            folders[:] = [name for name in folders if not _is_ours(folder, name)]
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            for path in (os.path.join(folder, name) for name in [*files, *links]):
                name = os.path.relpath(path, self.top)
                changed = os.lstat(path).st_ctime
                if name in tracked or not any(begin <= changed <= end for begin, end in spans):
                    found.append(name)
        return found

    def cloned(self, names: Iterable[str]) -> AbstractContextManager[Clone]:
        """Keep a copy of these files, paths relative to the top."""
        return _cloned(self, names)


@contextlib.contextmanager
def _cloned(tree: Tree, names: Iterable[str]) -> Iterator[Clone]:
    with tempfile.TemporaryDirectory(prefix="bookproof-", ignore_cleanup_errors=True) as folder:
        place, temporary = Path(folder).resolve() / _NAME, Path(folder).resolve() / "tmp"
        temporary.mkdir()
        for name in names:
            _copy(tree.top / name, place / name)
        root = place / tree.root.relative_to(tree.top)
        root.mkdir(parents=True, exist_ok=True)
        yield Clone(root, temporary)


def _is_ours(folder: str, name: str) -> bool:
    """Tell whether a folder is none that somebody wrote: built, hidden or installed."""
    path = os.path.join(folder, name)
    return name.startswith(".") or name in _SKIPPED or path in (sys.prefix, sys.base_prefix)


def _copy(source: Path, target: Path) -> None:
    """Copy a file; a link to a folder leads to where it led, one to a file becomes that file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        link = os.readlink(source) if source.is_symlink() else source
        inside = not os.path.isabs(link) and source.resolve().is_relative_to(source.parent)
        target.symlink_to(link if inside else source.resolve())
    elif source.is_file():  # else it is tracked and gone, or a socket, or a link to nothing
        shutil.copy2(source, target)


def _git(folder: Path, *arguments: str) -> bytes:
    """Return what git says, nothing where it has nothing to say."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except OSError:
        return b""
    return done.stdout if done.returncode == 0 else b""
