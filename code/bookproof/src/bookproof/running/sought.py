"""Tell whether a run would find the same where it looked for modules."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

_OF_PYTHON = (".py", ".pyc", ".so", ".pyd")


def is_module(entry: str) -> bool:
    """Tell whether what lies in a folder may be a module, by its name."""
    return entry != "__pycache__" and ("." not in entry or entry.endswith(_OF_PYTHON))


@dataclass(frozen=True)
class Sought:
    """What a run found in the folders of the book where it looked for modules.

    `folders` has for each folder the names of the modules by what was found there: a file, a folder
    (which ends with a /) without one, or nothing. From `places` all modules are imported;
    `suffixes` are those of modules' files, in the order in which Python looks for them. Where a
    kernel has looked for more than is known before it was watched, `present` is what the places
    had then.
    """

    folders: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    places: Sequence[str] = ()
    suffixes: Sequence[str] = ()
    present: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def missing(self) -> set[str]:
        """Return the names of the modules that were in a place looked for in vain."""
        found = (self.folders[place].get("", ()) for place in self.places if place in self.folders)
        return {name for names in found for name in names}

    def change(
        self, root: Path, made: Collection[str], at_start: Callable[[], Set[str] | None]
    ) -> str:
        """Return what is found otherwise now, in words, empty where nothing is.

        What the run has `made` does not count. `at_start` returns the names of the modules that a
        kernel looks for when it starts, None where they are not known.
        """
        for folder, results in self.folders.items():
            before = {name: found for found, names in results.items() for name in names}
            listed = _listed(root / folder)
            for name in sorted({n for n in before if before[n]} | (_stems(listed) & set(before))):
                after = self._look(root / folder, name, listed)
                pair = [_join(folder, found) for found in (before[name], after) if found]
                if after != before[name] and not all(_is_made(path, made) for path in pair):
                    return _words(name, *(_join(folder, f) for f in (before[name], after)))
        for place, entries in self.present.items():
            other = {entry for entry in _listed(root / place) ^ set(entries) if is_module(entry)}
            other = {entry for entry in other if not _is_made(_join(place, entry), made)}
            known = {n for names in self.folders.get(place, {}).values() for n in names}
            if other := {entry for entry in other if entry.partition(".")[0] not in known}:
                names = at_start()
                for entry in sorted(other):
                    if names is None or entry.partition(".")[0] in names:
                        return f"{_join(place, entry)}, for which a kernel may look, is new or gone"
        return ""

    def _look(self, folder: Path, name: str, listed: Set[str]) -> str:
        """Return what Python finds in a folder by the name of a module."""
        is_folder = name in listed and (folder / name).is_dir()
        for suffix in self.suffixes if is_folder else ():
            if (folder / name / f"__init__{suffix}").is_file():
                return f"{name}/__init__{suffix}"
        for suffix in self.suffixes:
            if f"{name}{suffix}" in listed and (folder / f"{name}{suffix}").is_file():
                return f"{name}{suffix}"
        return f"{name}/" if is_folder else ""


def _words(name: str, before: str, after: str) -> str:
    if not after:
        return f"{before} is gone"
    if not before:
        return f"{after} is new"
    return f"{after} is found for the module {name}, no more {before}"


def _join(folder: str, found: str) -> str:
    return f"{folder}/{found}".removeprefix("./") if found else ""


def _listed(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


def _stems(entries: Collection[str]) -> set[str]:
    return {entry.partition(".")[0] for entry in entries}


def _is_made(path: str, made: Collection[str]) -> bool:
    return path in made or any(one.startswith(f"{path.rstrip('/')}/") for one in made)
