"""Keep the runs of chapters while they are valid.

A kept run is valid exactly while the chapter's cells, the interpreter, the installed packages,
what bookproof itself runs in a kernel, and everything that the run read are unchanged: files,
folders that it listed, files that it looked for in vain, environment variables. One file per
chapter: a digest and the JSON that it is of. A file that cannot be read, or that does not have
its digest, is no kept run.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from bookproof.reading.chapter import Chapter
from bookproof.running import files, kernel, packages, spec
from bookproof.running.run import Run

_FORMAT = 6


@dataclass(frozen=True)
class Kept:
    """What is known of a chapter's last run.

    `run` is None where it has to run again, `why` says because of what; `seconds` is how long it
    took, 0 where that is not known.
    """

    run: Run | None
    why: str = ""
    seconds: float = 0.0


class Store:
    """The kept runs of the book at `root`, in `folder`."""

    def __init__(self, root: Path, folder: Path):
        self.root = root
        self.folder = folder

    def load(self, chapter: Chapter) -> Kept:
        """Return the kept run of a chapter, or why there is no valid one."""
        try:
            digest, _, content = self._path(chapter).read_text("utf-8").partition("\n")
        except FileNotFoundError:
            if not spec.is_ours(chapter.kernel):
                return Kept(None, f"what kernel {chapter.kernel!r} reads is not seen")
            return Kept(None, "there is no run that was kept")
        except (OSError, UnicodeDecodeError):
            return Kept(None, "the kept run cannot be read")
        if digest != _sha256(content.encode("utf-8")):
            return Kept(None, "the kept run is damaged")
        kept = json.loads(content)
        if kept["format"] != _FORMAT:
            return Kept(None, "bookproof has changed")
        why = (
            _difference(kept["key"], _key(chapter))
            or self._changed_file(kept["opened"])
            or _changed_variable(kept["variables"])
        )
        if why:
            return Kept(None, why, kept["seconds"])
        outputs = tuple([nbformat.from_dict(output) for output in cell] for cell in kept["outputs"])
        return Kept(
            Run(
                outputs,
                opened=tuple(kept["opened"]),
                variables=tuple(kept["variables"]),
                seconds=kept["seconds"],
                started=kept["started"],
                versions=kept["versions"],
                language=kept["language"],
            ),
            seconds=kept["seconds"],
        )

    def save(self, chapter: Chapter, run: Run) -> None:
        """Keep the run of a chapter that ran to its end; forget an older one otherwise.

        A run during which a file that it opened was changed is not kept: which state of the file
        it saw is not known. Nor is one of which nobody knows what it read. Raises OSError where
        nothing can be kept or forgotten.
        """
        path = self._path(chapter)
        lost = run.failure is not None or not run.watched
        if lost or any(self._written_since(name, run) for name in run.opened):
            path.unlink(missing_ok=True)
            return
        kept = {
            "format": _FORMAT,
            "key": _key(chapter),
            "opened": {name: self._digest(name) for name in run.opened},
            "variables": {name: _variable(name) for name in run.variables},
            "outputs": run.outputs,
            "seconds": run.seconds,
            "started": run.started,
            "versions": run.versions,
            "language": run.language,
        }
        content = json.dumps(kept)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, f"{_sha256(content.encode('utf-8'))}\n{content}")

    def _path(self, chapter: Chapter) -> Path:
        return self.folder / f"{chapter.name}.json"

    def _changed_file(self, opened: dict[str, str | None]) -> str:
        for name, before in opened.items():
            after = self._digest(name)
            if after != before:
                word = "is gone" if after is None else "is new" if before is None else "has changed"
                return f"{name} {word}"
        return ""

    def _digest(self, name: str) -> str | None:
        """Return the digest of what is read below the root, None where there is nothing."""
        path = self.root / name
        try:
            if name.endswith("*.py"):  # a folder from which modules are imported
                return _names(e for e in os.scandir(path.parent) if _is_importable(e))
            if name.endswith("/"):
                return _names(e for e in os.scandir(path) if e.name not in _NOT_LISTED)
            return _sha256(path.read_bytes())
        except OSError:
            return None

    def _written_since(self, name: str, run: Run) -> bool:
        """Tell whether a file was written since the run started."""
        try:
            path = self.root / name
            return path.is_file() and path.stat().st_mtime >= run.started
        except OSError:
            return False


_NOT_LISTED = ("_build", "__pycache__", ".ipynb_checkpoints")


def _names(entries: Iterable[os.DirEntry]) -> str:
    return _sha256("\n".join(sorted(entry.name for entry in entries)).encode())


def _is_importable(entry: os.DirEntry) -> bool:
    return entry.name.endswith(".py") or os.path.exists(os.path.join(entry.path, "__init__.py"))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _key(chapter: Chapter) -> dict[str, object]:
    """Return what a run depends on besides what it reads, by the words that name it."""
    cells = json.dumps([(cell.source, sorted(cell.tags)) for cell in chapter.cells])
    return {
        "the chapter's code": _sha256(cells.encode()),
        "the kernel": chapter.kernel,
        "execution_in_temp": chapter.settings.execution_in_temp,
        "execution_allow_errors": chapter.settings.execution_allow_errors,
        **surroundings(chapter.kernel),
    }


def surroundings(kernel_name: str) -> dict[str, object]:
    """Return what a run depends on besides the book, by the words that name it."""
    own = json.dumps([kernel.ENVIRONMENT, kernel.prelude()])
    version, *installed = environment(spec.interpreter(kernel_name))
    return {
        "Python": version,
        "packages": installed,
        "bookproof": _sha256(own.encode()),
        "the environment": {name: os.environ[name] for name in sorted(os.environ) if _counts(name)},
    }


def _difference(before: dict, after: dict) -> str:
    """Return what differs between two keys, empty where nothing does."""
    for name in after:
        if before[name] == after[name]:
            continue
        if name == "packages":
            changed = sorted(set(before[name]) ^ set(after[name]))
            return "packages have changed: " + ", ".join(changed[:4]) + ", …" * (len(changed) > 4)
        if name == "the environment":
            changed = sorted(n for n, _ in before[name].items() ^ after[name].items())
            return f"the environment variable {changed[0]} has changed"
        return f"{name} has changed"
    return ""


_COUNTING = re.compile(
    r"LANG(UAGE)?|TZ|SOURCE_DATE_EPOCH|PYTHON(PATH|UTF8|OPTIMIZE|WARNINGS)|"
    r"(LC|OMP|MKL|OPENBLAS|TORCH|PYTORCH|CUDA|OPENCV|NPY)_.*|MPL.*"
)
"""The environment variables that libraries read, without our seeing it, and that change results."""


def _counts(name: str) -> bool:
    return name not in kernel.ENVIRONMENT and _COUNTING.fullmatch(name) is not None


def _variable(name: str) -> str | None:
    """Return what tells two values of a variable apart; it may be a secret."""
    value = kernel.environment().get(name)
    return None if value is None else _sha256(value.encode())


def _changed_variable(variables: dict[str, str | None]) -> str:
    changed = (name for name, before in variables.items() if _variable(name) != before)
    name = next(changed, None)
    return f"the environment variable {name} has changed" if name else ""


@functools.cache
def environment(interpreter: str = sys.executable) -> list[str]:
    """Return an interpreter's version and machine, then the packages it has installed."""
    if interpreter == sys.executable:
        return packages.installed()
    if not spec.is_python(interpreter):
        return [f"{interpreter} does not tell"]
    try:
        command = [interpreter, packages.__file__]
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "timeout": 30}
        return json.loads(subprocess.check_output(command, **quiet))
    except (OSError, subprocess.SubprocessError, ValueError):
        return [f"{interpreter} does not tell"]
