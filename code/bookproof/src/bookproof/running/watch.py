"""See which files of a book are opened and written, also by code that no probe can see.

Libraries written in C, OpenCV say, and other programs open files without Python's knowledge. On
Linux the file system itself tells of it, though not who it was: while several chapters run, it is
noted for each of them. Elsewhere these files are not seen.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

if sys.platform == "linux":
    from inotify_simple import INotify, flags

    _APPEARS = flags.CREATE | flags.MOVED_TO
    _RENEWED = _APPEARS | flags.DELETE | flags.MOVED_FROM
    _WRITTEN = _RENEWED | flags.MODIFY | flags.CLOSE_WRITE
    _CLOSED = flags.CLOSE_WRITE | flags.CLOSE_NOWRITE
    _WATCHED = _WRITTEN | flags.OPEN | flags.CLOSE_NOWRITE

SKIPPED = ("_build", "__pycache__", "node_modules")
_MODULES = (".py", ".pyc")
_COMPILED = "__pycache__"


@dataclass
class Span:
    """What happened to files below the root, by their names, while a chapter ran.

    By what happened first: `opened` were read, `renewed` made or removed, and what was
    `overwritten` had been there. Of the first, `changed` were written later; of the others,
    `reread` were read later. `begun` were opened, and `pending` are so still. `company` are the
    other chapters that ran meanwhile. `lost` says that more happened than is known.
    """

    opened: set[str] = field(default_factory=set)
    renewed: set[str] = field(default_factory=set)
    overwritten: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    reread: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    company: set[str] = field(default_factory=set)
    lost: bool = False

    def close(self) -> None:
        """Count what is open still as read."""
        self.opened |= self.pending - self.renewed - self.overwritten

    def without_modules(self) -> Span:
        """Return it without the modules: where no program was started, Python tells of them."""
        names = ("opened", "renewed", "overwritten", "changed", "reread")
        sets: dict[str, Any] = {
            name: {n for n in getattr(self, name) if not n.endswith(_MODULES)} for name in names
        }
        return replace(self, **sets)


class Watch:
    """The files below `root` that are opened and written while chapters run."""

    def __init__(self, root: Path):
        self._root = root
        self._folders: dict[int, str] = {}
        self._spans: dict[str, Span] = {}
        self._inotify = INotify(nonblocking=True) if sys.platform == "linux" else None
        if self._inotify:
            self._add(str(root))

    def _add(self, top: str) -> None:
        with contextlib.suppress(OSError):  # more folders than the system allows
            for folder in walk(top):
                self._add_one(folder)
                if os.path.isdir(compiled := os.path.join(folder, _COMPILED)):
                    self._add_one(compiled)

    def _add_one(self, folder: str) -> None:
        number = self._inotify.add_watch(folder, _WATCHED)
        self._folders[number] = os.path.relpath(folder, self._root)

    def _add_new(self, top: str) -> None:
        """Watch a folder that has just appeared; what is there already is as new."""
        self._add(top)
        for folder in walk(top):
            with contextlib.suppress(OSError):
                for name in os.listdir(folder):
                    self._note(os.path.relpath(os.path.join(folder, name), self._root), _APPEARS)

    def fileno(self) -> int | None:
        """Return what is readable as soon as something happens, None where nothing is seen."""
        return self._inotify.fileno() if self._inotify else None

    def begin(self, name: str, earlier: Span | None = None) -> None:
        """Begin to collect for a chapter, or go on where another span of it ended."""
        self.update()
        company = set(self._spans)
        new = self._spans[name] = copy.deepcopy(earlier) if earlier else Span()
        new.company |= company
        for other in company:
            self._spans[other].company.add(name)

    def so_far(self, name: str) -> Span:
        """Return what has happened since a chapter began."""
        self.update()
        return copy.deepcopy(self._spans[name])

    def end(self, name: str) -> Span:
        """Return what happened while a chapter ran."""
        self.update()
        span = self._spans.pop(name)
        span.close()
        return span

    @property
    def being_made(self) -> set[str]:
        """Return what has been made or removed while those chapters ran that still do."""
        return set().union(*(span.renewed for span in self._spans.values()))

    def update(self, ignored: frozenset[str] = frozenset()) -> None:
        """Take note of what happened since, but for files that we opened ourselves."""
        for event in self._inotify.read(0) if self._inotify else ():
            if event.mask & flags.Q_OVERFLOW:
                for span in self._spans.values():
                    span.lost = True
                continue
            path = os.path.normpath(os.path.join(self._folders.get(event.wd, ""), event.name))
            if event.mask & flags.ISDIR:
                if event.mask & _APPEARS and event.name == _COMPILED:
                    self._add(os.path.join(self._root, path))
                elif event.mask & _APPEARS and event.name not in SKIPPED:
                    self._add_new(os.path.join(self._root, path))
            elif os.path.basename(os.path.dirname(path)) == _COMPILED:
                if event.mask & (flags.OPEN | flags.CLOSE_NOWRITE) and (source := _source(path)):
                    self._note(source, event.mask)
            elif event.mask & _WRITTEN or path not in ignored:
                self._note(path, event.mask)

    def _note(self, path: str, mask: int) -> None:
        for span in self._spans.values():
            _note(span, path, mask)

    def close(self) -> None:
        """Watch no longer."""
        if self._inotify:
            self._inotify.close()


def _note(span: Span, path: str, mask: int) -> None:
    if mask & _CLOSED and path not in span.begun:
        return  # the end of an earlier chapter's kernel closes what it had open
    if mask & _WRITTEN:
        span.pending.discard(path)
        if path in span.opened:
            span.changed.add(path)
        elif mask & _RENEWED:
            span.renewed.add(path)
        elif path not in span.renewed:
            span.overwritten.add(path)
    elif mask & flags.OPEN:
        span.begun.add(path)
        span.pending.add(path)
    else:
        span.pending.discard(path)
        written = path in span.renewed or path in span.overwritten
        (span.reread if written else span.opened).add(path)


def _source(path: str) -> str:
    """Return the module that a file is compiled from, empty where that is not known."""
    try:
        return importlib.util.source_from_cache(path)
    except ValueError:
        return ""


def walk(top: str) -> Iterator[str]:
    """Yield the folders below one that may hold what is the book's, and itself."""
    for folder, names, _ in os.walk(top):
        names[:] = (
            name
            for name in names
            if not name.startswith(".")
            and name not in SKIPPED
            and os.path.join(folder, name) not in (sys.prefix, sys.base_prefix)
        )
        yield folder
