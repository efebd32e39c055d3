"""Tell from all that is known of a run what it depends on, and what it has made."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bookproof.running import contents
from bookproof.running.inside.record import state
from bookproof.running.sought import is_module
from bookproof.running.watch import Span

_HARMLESS = {
    *("IPython", "PIL", "_cffi_backend", "charset_normalizer", "contourpy", "debugpy"),
    *("kiwisolver", "lxml", "markupsafe", "matplotlib", "msgpack", "numexpr", "numpy", "pandas"),
    *("pillow", "psutil", "pyzmq", "regex", "rpds", "scikit_learn", "scipy", "simplejson"),
    *("sklearn", "tornado", "wrapt", "yaml", "zmq"),
}
"""Packages whose compiled code opens no file of a book by itself."""

_ASKS = re.compile(
    r"\b(os|posix)\s*\.\s*(l?stat|access|readlink)\b|"
    r"\bfrom\s+(os|posix)\s+import\b[^\n]*\b(l?stat|access|readlink)\b"
)
"""Code that asks whether a file is there in a way that nobody sees."""

_EDITED = (".bib", ".css", ".ipynb", ".js", ".md", ".py", ".rst", ".toml", ".yaml", ".yml")
"""Files that somebody may have saved in his editor meanwhile."""

_VARIABLE = re.compile(r"\b(environb?|getenvb?)\b")
_TICK = 0.01
"""A file's time of change may lag so many seconds behind the clock."""


@dataclass(frozen=True)
class Trace:
    """What a run read and made, as names of files below the book's root.

    `opened` is all that it depends on: files, folders that it listed (which end with a /), or of
    which it listed the modules (`*.py`) or the packages (`*-info`), and `**` for the names of all
    files. `sought` is what it found where it looked for modules. `found` has the digest, None where
    there was nothing, of what it found otherwise than it is now, because it changed it later;
    those in `either` may also be as it left them. `surely` are those that nobody else can have
    opened. `made` are the files that it wrote. `unkept` says why the run cannot be kept, empty
    where it can.
    """

    opened: tuple[str, ...] = ()
    found: Mapping[str, str | None] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    surely: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    sought: Mapping[str, Any] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    unkept: str = ""


def trace(
    root: Path,
    record: Mapping,
    span: Span,
    started: float,
    sources: Iterable[str],
    makers: Mapping[str, str],
) -> Trace:
    """Return the trace of a run that started at a time and has just ended.

    `record` is what the probe tells, `span` what the file system tells, `sources` the code of the
    cells, `makers` the chapter that made a file in this check, where that is known.
    """
    if record.get("lost") or not record:
        return Trace(unkept=f"what it read is not known: {record.get('lost') or 'it did not tell'}")
    return _Tracer(root, record, span, started, makers).trace(sources)


def has_unseen(record: Mapping) -> bool:
    """Tell whether a run may have opened files without the probe's knowledge."""
    return bool(record["programs"]) or not _HARMLESS.issuperset(record["extensions"])


def _is_temporary(path: Path) -> bool:
    return path.resolve().is_relative_to(Path(tempfile.gettempdir()).resolve())


class _Tracer:
    def __init__(
        self, root: Path, record: Mapping, span: Span, started: float, makers: Mapping[str, str]
    ):
        self._root = root
        self._record = record
        self._span = span if record["programs"] else span.without_modules()
        self._started = started - _TICK
        self._makers = makers
        self._opened: set[str] = set()
        self._surely: set[str] = set()
        self._found: dict[str, str | None] = {}
        self._either: set[str] = set()
        self._unkept = ""
        self._unseen = has_unseen(record)  # what it does to files, in part

    def trace(self, sources: Iterable[str]) -> Trace:
        record, span = self._record, self._span
        for path, before in record["found"].items():
            self._read(path, before)
        for (folder, part), names in record["listed"].items():
            self._listed(folder, part, set(contents.part(names, part)))
        for folder in map(self._name, record["sought"]["places"]):
            self._opened.add(f"{folder}/*-info".removeprefix("./"))
        for path in record["modules"]:
            if path not in record["found"] and path not in record["made"]:
                self._seen_by_others(self._name(path))
        if self._unseen or not span.company:
            self._opened_unseen()
        if self._unseen and span.company:
            made = set(map(self._name, record["made"]))
            for name in sorted(span.reread - made):
                self._changed(name, surely=False)
        if span.lost:
            self._give_up("more files were opened at a time than can be followed")
        code = "\n".join(self._sources(sources))
        if record["programs"] or record["withdrawn"] or _ASKS.search(code):
            self._opened.add(contents.EVERYTHING)
        if record["withdrawn"] and _VARIABLE.search(code):
            self._give_up("it observes Python, so that the variables it asks for are not known")
        return Trace(
            tuple(sorted(self._opened)),
            self._found,
            tuple(sorted(self._either)),
            tuple(sorted(self._surely)),
            self._made(),
            self._sought(),
            tuple(record["variables"]),
            self._unkept,
        )

    def _name(self, path: str) -> str:
        return os.path.relpath(path, self._root).replace(os.sep, "/")

    def _read(self, path: str, before: object) -> None:
        """Count a file of which the probe knows how it was when it was first read."""
        name, now = self._name(path), state(path)
        made = path in self._record["made"]
        if made and before is None:
            if path in self._record["reread"] or name in self._span.reread:
                self._opened.add(name)
                self._found[name] = None
                self._either.add(name)
            return  # it looked whether there is what it then made
        self._opened.add(name)
        self._surely.add(name)
        if made:
            if digest := self._record["before"].get(path, contents.digest(self._root, name)):
                self._found[name] = digest
            else:
                self._changed(name)
        elif now != before:
            self._changed(name)

    def _listed(self, folder: str, part: str, before: set[str]) -> None:
        name = f"{self._name(folder)}/{part}".removeprefix("./") or "./"
        self._opened.add(name)
        self._found[name] = contents.names_digest(before)
        try:
            changed = before ^ set(contents.part(os.listdir(folder), part))
        except OSError:
            return
        made = map(os.path.split, self._record["made"])
        if changed <= {file for place, file in made if place == folder}:
            self._either.add(name)

    def _opened_unseen(self) -> None:
        """Count what was opened without the probe's knowledge."""
        span, made = self._span, self._record["made"]
        new = (path for path, before in made.items() if before is None)
        known = set(map(self._name, [*self._record["found"], *self._record["appended"], *new]))
        for name in sorted(span.opened - known):
            self._opened.add(name)
            if not span.company:
                self._surely.add(name)
            if name in span.changed:
                self._changed(name)
            else:
                self._seen_by_others(name)
        # What was there may have been read before it was written: it has to be as it was left.
        self._opened |= span.overwritten - known - set(map(self._name, made))

    def _seen_by_others(self, name: str) -> None:
        """Count a file of which only the present state is known."""
        path = self._root / name
        try:
            new = path.is_file() and path.stat().st_mtime >= self._started
        except OSError:
            new = False
        if new and name.startswith("../") and _is_temporary(path):
            return  # its own, most likely
        self._opened.add(name)
        if new:
            self._changed(name)

    def _changed(self, name: str, surely: bool = True) -> None:
        maker = self._makers.get(name)
        others = f" ({', '.join(sorted(self._span.company))} ran meanwhile)"
        by = f" by {maker}" if maker else others if self._span.company else ""
        it = f"it read {name}" if surely else f"it may have read {name}"
        self._give_up(f"{it}, which was written while it ran{by}")

    def _give_up(self, reason: str) -> None:
        self._unkept = self._unkept or reason

    def _sources(self, sources: Iterable[str]) -> Iterable[str]:
        """Yield the code of the cells, and of the book's modules."""
        yield from sources
        for path in self._record["modules"]:
            if not path.endswith(".py"):
                continue
            try:
                yield Path(path).read_text("utf-8", "replace")
            except OSError:
                continue

    def _sought(self) -> dict[str, object]:
        told = self._record["sought"]
        return {
            "folders": {self._name(folder): found for folder, found in told["folders"].items()},
            "places": list(map(self._name, told["places"])),
            "suffixes": list(told["suffixes"]),
            "present": {
                self._name(folder): list(filter(is_module, names))
                for folder, names in told["present"].items()
            },
        }

    def _made(self) -> tuple[str, ...]:
        record, span = self._record, self._span
        made = {
            self._name(path) for path, before in record["made"].items() if state(path) != before
        }
        if self._unseen and not span.company:
            written = span.renewed | span.overwritten | span.changed
            made |= {name for name in written if not name.endswith(_EDITED)}
        return tuple(sorted(name for name in made if (self._root / name).is_file()))
