"""Keep the runs of chapters while they are valid.

A kept run is valid exactly while the chapter's cells, the interpreter, the installed packages,
what bookproof itself runs in a kernel, and every file of the book that the run opened are
unchanged. One file per chapter: a digest and the JSON that it is of. A file that cannot be read,
or that does not have its digest, is no kept run.
"""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

import nbformat

from bookproof import files
from bookproof.chapter import Chapter
from bookproof.kernel import ENVIRONMENT, prelude
from bookproof.run import Run

_FORMAT = 3


class Store:
    """The kept runs of the book at `root`, in `folder`."""

    def __init__(self, root: Path, folder: Path):
        self.root = root
        self.folder = folder

    def load(self, chapter: Chapter) -> Run | None:
        """Return the kept run of a chapter, or None where there is no valid one."""
        try:
            digest, _, content = self._path(chapter).read_text("utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        if digest != _sha256(content.encode("utf-8")):
            return None
        kept = json.loads(content)
        if kept["key"] != self._key(chapter):
            return None
        if any(self._digest(name) != digest for name, digest in kept["opened"].items()):
            return None
        outputs = tuple([nbformat.from_dict(output) for output in cell] for cell in kept["outputs"])
        return Run(outputs, opened=tuple(kept["opened"]), seconds=kept["seconds"])

    def save(self, chapter: Chapter, run: Run) -> None:
        """Keep the run of a chapter that ran to its end; forget an older one otherwise.

        A run during which a file that it opened was changed is not kept: which state of the file
        it saw is not known. Raises OSError where nothing can be kept or forgotten.
        """
        path = self._path(chapter)
        if run.failure is not None or any(self._changed(name, run) for name in run.opened):
            path.unlink(missing_ok=True)
            return
        kept = {
            "key": self._key(chapter),
            "opened": {name: self._digest(name) for name in run.opened},
            "outputs": run.outputs,
            "seconds": run.seconds,
        }
        content = json.dumps(kept)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, f"{_sha256(content.encode('utf-8'))}\n{content}")

    def _path(self, chapter: Chapter) -> Path:
        return self.folder / f"{chapter.name}.json"

    def _key(self, chapter: Chapter) -> str:
        cells = [(cell.source, sorted(cell.tags)) for cell in chapter.cells]
        content = json.dumps(
            [_FORMAT, cells, chapter.kernel, environment(), ENVIRONMENT, prelude()]
        )
        return _sha256(content.encode("utf-8"))

    def _digest(self, name: str) -> str | None:
        """Return the digest of a file below the root, None where there is none."""
        try:
            return _sha256((self.root / name).read_bytes())
        except OSError:
            return None

    def _changed(self, name: str, run: Run) -> bool:
        """Tell whether a file was written since the run started."""
        try:
            return (self.root / name).stat().st_mtime >= run.started
        except OSError:
            return False


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@functools.cache
def environment() -> list[str]:
    """Return what a run depends on besides files: interpreter, machine and installed packages."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    return [sys.version, platform.machine(), *sorted(packages)]


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
