"""Keep the runs of chapters while they are valid.

A kept run is valid exactly while the chapter's cells, the interpreter, the installed packages, the
processor, what bookproof itself runs in a kernel, and everything that the run read are unchanged:
files, folders that it listed, files that it looked for in vain, what it found by the names of
modules, environment variables. What it read
of its own making does not count. One file per chapter: a digest and the JSON that it is of, a run
or the reason why there is none. A file that cannot be read, or that does not have its digest, is
no kept run. What a chapter makes stands in another.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookproof.reading.chapter import Chapter
from bookproof.reading.settings import Settings
from bookproof.running import contents, files, record, startup
from bookproof.running.result import Run
from bookproof.running.scans import kept_scan
from bookproof.running.sought import Sought
from bookproof.running.surroundings import difference, surroundings, variable

_FORMAT = 7


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
            kept, run = self.read(chapter.name, self._path(chapter.name).read_bytes())
        except FileNotFoundError:
            return Kept(None, "there is no run that was kept")
        except OSError:
            return Kept(None, "the kept run cannot be read")
        except ValueError as error:
            return Kept(None, str(error))
        if why := kept["unkept"] or self.change(chapter, kept):
            return Kept(None, why, kept["seconds"])
        return Kept(run, seconds=run.seconds)

    def read(self, name: str, content: bytes) -> tuple[dict, Run | None]:
        """Return what a kept file of a chapter holds: what its run depends on, and the run.

        Raises ValueError where it is not as it was written, or another bookproof wrote it.
        """
        digest, _, text = content.partition(b"\n")
        if digest != _sha256(text).encode():
            raise ValueError("the kept run is damaged")
        kept = json.loads(text)
        if kept["format"] != _FORMAT:
            raise ValueError("bookproof has changed")
        return kept, None if kept["unkept"] else record.run(kept.pop("run"))

    def scan(self, name: str, settings: Settings) -> Chapter:
        """Return a chapter, scanned."""
        return kept_scan(self.root, name, self.folder, settings)

    def save(self, chapter: Chapter, run: Run) -> None:
        """Keep the run of a chapter that ran to its end; of another, why it cannot be kept.

        Raises OSError where nothing can be written.
        """
        self._save_products(chapter, run)
        if run.failure is not None:
            why = f"the last run failed: {run.failure.message}"
        else:
            why = f"the last run was not kept: {run.unkept}" if run.unkept else ""
        kept = {"format": _FORMAT, "unkept": why, "seconds": run.seconds}
        if not why:
            kept |= {**self.state(chapter, run), "run": record.content(run)}
        content = json.dumps(kept)
        path = self._path(chapter.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, f"{_sha256(content.encode('utf-8'))}\n{content}")

    def state(self, chapter: Chapter, run: Run) -> dict[str, Any]:
        """Return what a run that has just ended depends on."""
        return {
            "key": _key(chapter),
            "opened": {name: self._states(name, run) for name in run.opened},
            "variables": {name: variable(name) for name in run.variables},
            "made": run.made,
            "sought": run.sought,
        }

    def change(self, chapter: Chapter, state: Mapping[str, Any]) -> str:
        """Return what is not any more as a run depends on it, empty where all is."""
        return (
            difference(state["key"], _key(chapter))
            or self._changed_file(chapter.name, state["opened"])
            or self._changed_module(chapter, state)
            or _changed_variable(state["variables"])
        )

    @functools.cached_property
    def products(self) -> Mapping[str, Mapping[str, str]]:
        """Return what the chapters of the book have made: digests by file, by chapter."""
        found = {}
        for path in self.folder.rglob(f"*{_PRODUCTS}"):
            name = path.relative_to(self.folder).as_posix().removesuffix(_PRODUCTS)
            try:
                if (self.root / name).is_file():
                    found[name] = dict(json.loads(path.read_text("utf-8")))
            except (OSError, ValueError):
                continue
        return found

    def lacks(self, name: str) -> str:
        """Return why what a chapter has made is not there any more, empty where it is."""
        for product, digest in self.products.get(name, {}).items():
            if contents.digest(self.root, product) != digest:
                return f"{product} is not as it left it"
        return ""

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _save_products(self, chapter: Chapter, run: Run) -> None:
        """Note what a chapter has made: in this run, or earlier and still as it left it."""
        earlier = self.products.get(chapter.name, {})
        found = {name: contents.digest(self.root, name) for name in {*earlier, *run.made}}
        found = {n: now for n, now in found.items() if n in run.made or now == earlier[n]}
        self.__dict__.pop("products", None)
        path = self.folder / f"{chapter.name}{_PRODUCTS}"
        if found:
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, json.dumps(found))
        else:
            path.unlink(missing_ok=True)

    def _states(self, name: str, run: Run) -> list[str | None]:
        """Return the digests with which what was read is as it was for the run."""
        if name == contents.EVERYTHING:
            return [self._names_digest(run.names)]
        if name not in run.found:
            return [contents.digest(self.root, name)]
        either = [contents.digest(self.root, name)] if name in run.either else []
        return [run.found[name], *either]

    def _changed_file(self, chapter: str, opened: dict[str, list[str | None]]) -> str:
        for name, before in sorted(opened.items(), key=lambda item: item[0] == contents.EVERYTHING):
            after = self._digest(name)
            if after in before:
                continue
            if name == contents.EVERYTHING:
                return "there are other files in the book, and it may have looked which"
            if after is not None and after == self.products.get(chapter, {}).get(name):
                return f"{name} has changed: the run itself wrote it after it had read it"
            word = "is gone" if after is None else "is new" if before[0] is None else "has changed"
            return f"{name} {word}"
        return ""

    def _changed_module(self, chapter: Chapter, kept: Mapping[str, Any]) -> str:
        at_start = functools.partial(startup.names, chapter.kernel, self.folder)
        return Sought(**kept["sought"]).change(self.root, set(kept["made"]), at_start)

    def _digest(self, name: str) -> str | None:
        """Return the digest of what was read below the root, None where there is nothing."""
        if name == contents.EVERYTHING:
            return self._names_digest(contents.names(self.root))
        return contents.digest(self.root, name)

    def _names_digest(self, names: Iterable[str]) -> str:
        """Return the digest of the names of files, but for those that chapters have made."""
        return contents.names_digest(set(names).difference(*self.products.values()))


_PRODUCTS = ".made"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _key(chapter: Chapter) -> dict[str, object]:
    """Return what a run depends on besides what it reads, by the words that name it."""
    return {**own(chapter), **surroundings(chapter.kernel)}


def own(chapter: Chapter) -> dict[str, object]:
    """Return what a run depends on of the chapter itself, by the words that name it."""
    cells = json.dumps([(c.source, sorted(c.tags & _BEARING)) for c in chapter.cells])
    return {
        "the chapter's code": _sha256(cells.encode()),
        "an expression in the text": _sha256(json.dumps(chapter.questions).encode()),
        "the kernel": chapter.kernel,
        "execution_in_temp": chapter.settings.execution_in_temp,
        "execution_allow_errors": chapter.settings.execution_allow_errors,
    }


_BEARING = {"raises-exception", "skip-execution"}
"""The tags that bear on a run; the others say how its outputs are shown."""


def _changed_variable(variables: dict[str, str | None]) -> str:
    changed = (name for name, before in variables.items() if variable(name) != before)
    name = next(changed, None)
    return f"the environment variable {name} has changed" if name else ""
