"""Keep the runs of chapters while they are valid.

A kept run is valid exactly while the chapter's cells, the interpreter, the installed packages
and every file that the run opened are unchanged. One file per chapter, written whole or not at
all; a file that cannot be read is no kept run.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import re
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import nbformat

from bookproof.run import Run
from bookproof.scan import Chapter

_FORMAT = 2


class Store:
    """The kept runs of the book at `root`, in `folder`."""

    def __init__(self, root: Path, folder: Path):
        self.root = root
        self.folder = folder

    def load(self, chapter: Chapter) -> Run | None:
        """Return the kept run of a chapter, or None where there is no valid one."""
        try:
            kept = json.loads(self._path(chapter).read_text("utf-8"))
            if kept["format"] != _FORMAT or kept["key"] != self._key(chapter):
                return None
            if any(self._digest(name) != digest for name, digest in kept["opened"].items()):
                return None
            outputs = tuple(
                [nbformat.from_dict(output) for output in cell] for cell in kept["outputs"]
            )
            return Run(outputs, opened=tuple(kept["opened"]), seconds=kept["seconds"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def save(self, chapter: Chapter, run: Run) -> None:
        """Keep the run of a chapter that ran to its end; forget an older one otherwise."""
        path = self._path(chapter)
        if run.failure is not None:
            path.unlink(missing_ok=True)
            return
        kept = {
            "format": _FORMAT,
            "key": self._key(chapter),
            "opened": {name: self._digest(name) for name in run.opened},
            "outputs": run.outputs,
            "seconds": run.seconds,
        }
        _write(path, json.dumps(kept, ensure_ascii=False))

    def _path(self, chapter: Chapter) -> Path:
        return self.folder / f"{chapter.name}.json"

    def _key(self, chapter: Chapter) -> str:
        cells = [(cell.source, sorted(cell.tags)) for cell in chapter.cells]
        kernel = chapter.notebook.metadata.get("kernelspec", {}).get("name")
        content = json.dumps([cells, kernel, environment()])
        return hashlib.sha256(content.encode()).hexdigest()

    def _digest(self, name: str) -> str | None:
        """Return the digest of a file below the root, None where there is none."""
        try:
            return hashlib.sha256((self.root / name).read_bytes()).hexdigest()
        except OSError:
            return None


@functools.cache
def environment() -> list[str]:
    """Return what a run depends on besides files: interpreter, machine and installed packages."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    return [sys.version, platform.machine(), *sorted(packages)]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def versions(chapter: Chapter) -> dict[str, str]:
    """Return the releases of the installed packages that a chapter's cells import.

    Without the local part, which names a build of the same release.
    """
    names = set()
    for cell in chapter.cells:
        for module in _IMPORT.findall(cell.source):
            names.update(_distributions().get(module, ()))
    return {name: metadata.version(name).partition("+")[0] for name in sorted(names)}


_IMPORT = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return metadata.packages_distributions()
