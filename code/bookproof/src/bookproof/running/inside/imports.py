"""See in which folders modules are looked for, and what is found there.

To import a module Python lists folders, but what it makes of a list is one name. So an import
depends on what a folder has by that name, not on what else is there. Seen is what Python's own
finders do; what was looked for before the probe began is told by the nursery, or else only known
in part: of that what was found is imported by now.
"""

import os
import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    FileFinder,
    PathFinder,
)

_SUFFIXES = (*EXTENSION_SUFFIXES, *SOURCE_SUFFIXES, *BYTECODE_SUFFIXES)  # in Python's order
_OTHERWISE = "?"


class Imports:
    """What was found where modules were looked for, in the folders of the book.

    `sought` has for each folder and name the file, or the folder (which ends with a /) where there
    is no more than that, or nothing.
    """

    def __init__(self, record):
        self._record = record
        self._places = set()
        self._present = {}
        self._known = False
        self.sought = {}

    def watch(self, guard):
        """Note from now on what is looked for; return what ends that."""
        finders = [(FileFinder, "find_spec"), (PathFinder, "find_spec")]
        earlier = getattr(vars(PathFinder)["find_spec"], "__func__", None)
        asked, listed = getattr(earlier, "asked", None), getattr(earlier, "listed", {})
        if asked:
            PathFinder.find_spec = earlier.plain
            self._known = True
        originals = [(finder, name, vars(finder)[name]) for finder, name in finders]
        self._note_earlier({*(asked or ()), *sys.modules}, listed)
        _replace(FileFinder, self._in_folder(guard, FileFinder.find_spec))
        _replace(PathFinder, self._on_path(guard, PathFinder.find_spec), classmethod)

        def end():
            for finder, name, original in originals:
                setattr(finder, name, original)

        return end

    def told(self):
        """Return what is known, for the record."""
        folders = {}
        for folder, names in self.sought.items():
            found = folders[folder] = {}
            for name, what in sorted(names.items()):
                own = os.path.join(folder, what.rstrip("/")) in self._record.made
                found.setdefault("" if own else what, []).append(name)
        present = {} if self._known else self._present
        places = sorted(self._places | self._path())
        return {"folders": folders, "places": places, "suffixes": _SUFFIXES, "present": present}

    def _in_folder(self, guard, plain):
        note = guard(self._note)

        def find_spec(self, fullname, target=None):
            spec = plain(self, fullname, target)
            note(self.path, fullname, spec)
            return spec

        return find_spec

    def _on_path(self, guard, plain):
        @guard
        def missed(fullname, path):
            for entry in sys.path if path is None else path if type(path) is list else ():
                place = self._record.place(entry)
                if place and not os.path.isdir(place):
                    self._note(place, fullname, None)

        def find_spec(cls, fullname, path=None, target=None):
            spec = plain(fullname, path, target)
            missed(fullname, path)  # in folders that are not there: they have no finder
            return spec

        return find_spec

    def _note(self, folder, fullname, spec):
        """Note what was found in a folder."""
        place, name = self._record.place(folder), fullname.rpartition(".")[2]
        if place is None:
            return
        found = ""
        if spec is not None:
            path = self._record.place(spec.origin)
            found = path[len(place) + 1 :].replace(os.sep, "/") if path else f"{name}/"
        self._found(place, name, found)

    def _found(self, place, name, found):
        names = self.sought.setdefault(place, {})
        before = names.setdefault(name, found)
        made = self._record.made
        if before != found and not {f"{place}{os.sep}{what}" for what in (before, found)} & {*made}:
            names[name] = _OTHERWISE  # nothing is like both

    def _note_earlier(self, names, then):
        """Note what was looked for so far: all that is imported, if nothing else.

        A nursery may be older than what is there by now: `then` tells what its folders had.
        """
        self._places = self._path()
        for place in self._places:
            try:
                listed = set(then.get(place) or os.listdir(place))
            except OSError:
                listed = set()
            self._present[place] = sorted(listed)
            stems = {entry.partition(".")[0] for entry in listed}
            for name in names:
                if type(name) is str and "." not in name:
                    found = _look(place, name, listed) if name in stems else ""
                    self._found(place, name, found)

    def _path(self):
        """Return the folders of the book from which all modules are imported now."""
        places = map(self._record.place, (entry or "." for entry in list(sys.path)))
        return set(filter(None, places))


def _replace(finder, function, kind=lambda function: function):
    plain = finder.find_spec
    for name in ("__qualname__", "__module__", "__doc__"):
        setattr(function, name, getattr(plain, name))
    finder.find_spec = kind(function)


def _look(folder, name, listed):
    """Return what Python finds in a folder by the name of a module."""
    inner = os.path.join(folder, name)
    is_folder = name in listed and os.path.isdir(inner)
    for suffix in _SUFFIXES if is_folder else ():
        if os.path.isfile(os.path.join(inner, f"__init__{suffix}")):
            return f"{name}/__init__{suffix}"
    for suffix in _SUFFIXES:
        if f"{name}{suffix}" in listed and os.path.isfile(f"{inner}{suffix}"):
            return f"{name}{suffix}"
    return f"{name}/" if is_folder else ""
