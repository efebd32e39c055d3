"""Tell whether what a run read is still the same, on another machine too.

Unlike for a kept run, a needless difference is dear here: the chapter may need hours, or hardware
that is not at hand. So a file's line ends do not count, nor a module that nothing would import;
and what git ignores, data that everybody has to get for himself, say, may be missing.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_MODULES = "*.py"
_INSTALLED = re.compile(r"(^|/)(site|dist)-packages/")
_NOT_LISTED = ("_build", "_frozen", "__pycache__", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Reads:
    """What a run read below the book's root, as paths relative to it.

    `files` has a digest for each file and each listed folder (which ends with a /), None for what
    was looked for in vain; `local` the digests of what git ignores. `folders` has for each folder
    from which modules can be imported the names of those, `modules` the names of those that the
    run imported, from wherever, or tried to, in one line. `made` are the files that it wrote, which
    in a listed folder do not count.
    """

    files: dict[str, str | None]
    local: dict[str, str]
    folders: dict[str, list[str]]
    modules: str
    made: list[str]

    @classmethod
    def of(
        cls, root: Path, opened: Iterable[str], modules: Sequence[str], made: Sequence[str]
    ) -> Reads:
        """Look at what a run opened.

        `modules` are those that it imported or looked for, `made` the files that it wrote.
        """
        names = {name for name in opened if not _INSTALLED.search(name)}
        names = {name for name in names if not name.startswith("../")}  # elsewhere they are not
        names = {name for name in names if name.endswith("/") or not (root / name).is_dir()}
        folders = {name: _modules(root / name) for name in names if name.endswith(_MODULES)}
        names -= folders.keys()
        ignored = _ignored(root, names)
        return cls(
            files={name: _digest(root, name, made) for name in names - ignored},
            local={name: found for name in names & ignored if (found := _digest(root, name, made))},
            folders=folders,
            modules=" ".join(sorted(set(modules))),
            made=sorted(made),
        )

    def changes(self, root: Path) -> list[str]:
        """Return what is no longer as it was, in words."""
        found = []
        for name, before in sorted({**self.files, **self.local}.items()):
            after = _digest(root, name, self.made)
            missing = after is None and name in self.local
            if after != before and not missing:
                found.append(f"{name} {_word(before, after)}")
        imported = {*self.modules.split(), *sys.stdlib_module_names}
        for name, known in sorted(self.folders.items()):
            for module in sorted(set(_modules(root / name)).difference(known)):
                if module in imported:
                    place = name.removesuffix(_MODULES)
                    found.append(f"the module {module} in {place or './'} is new")
        return found


def _word(before: str | None, after: str | None) -> str:
    if after is None:
        return "is gone"
    return "is new" if before is None else "has changed"


def _modules(pattern: Path) -> list[str]:
    """Return the names of the modules in a folder."""
    try:
        entries = list(os.scandir(pattern.parent))
    except OSError:
        return []
    found = {entry.name[:-3] for entry in entries if entry.name.endswith(".py")}
    found |= {e.name for e in entries if os.path.exists(os.path.join(e.path, "__init__.py"))}
    return sorted(found)


def _digest(root: Path, name: str, made: Sequence[str]) -> str | None:
    """Return the digest of a file, or of a folder's list; None where there is nothing."""
    path = root / name
    try:
        if name.endswith("/"):
            return _listing(root, name, made)
        digest = hashlib.sha256()
        with path.open("rb") as file:
            binary = b"\0" in file.read(8000)  # as git tells them apart
            file.seek(0)
            if binary:
                return hashlib.file_digest(file, "sha256").hexdigest()
            for line in file:
                digest.update(line.removesuffix(b"\r\n") + b"\n" if line[-2:] == b"\r\n" else line)
        return digest.hexdigest()
    except (OSError, ValueError):  # ValueError: no file can have such a name
        return None


def _listing(root: Path, name: str, made: Sequence[str]) -> str:
    entries = [entry for entry in os.scandir(root / name) if entry.name not in _NOT_LISTED]
    names = {name.removeprefix("./") + e.name + "/" * e.is_dir() for e in entries}
    names = {found for found in names if not any(product.startswith(found) for product in made)}
    listed = "\n".join(sorted(names - _ignored(root, names)))
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def _ignored(root: Path, names: Iterable[str]) -> set[str]:
    """Return those of the names that git is told to ignore, none where there is no git."""
    command = ["git", "check-ignore", "-z", "--stdin"]
    try:
        given = "\0".join(sorted(names)).encode("utf-8", "surrogateescape")
        done = subprocess.run(command, cwd=root, input=given, capture_output=True, check=False)
    except OSError:
        return set()
    return set(filter(None, done.stdout.decode("utf-8", "surrogateescape").split("\0")))
