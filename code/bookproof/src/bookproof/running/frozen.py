"""Keep the outputs of chapters that builds cannot run, beside the book.

A chapter's frozen outputs are a JSON file, `_frozen/CHAPTER.json`, and its pictures in
`_frozen/CHAPTER.files/`, all to be committed with the book. They hold no path of the machine that
made them, but what they depend on: the chapter's code, and the files of the book that it read.
They are never used where one of these has changed, nor where they themselves were changed. Against
a forger, who can write a new digest, they are no protection: there it takes a reviewer.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json
import platform
import re
import shutil
from pathlib import Path
from typing import Any

from bookproof.reading.chapter import Chapter
from bookproof.running import files, kernel, record, spec, store, surroundings
from bookproof.running.contents import EVERYTHING
from bookproof.running.failure import Ending, Failure, cell_frames
from bookproof.running.origin import Origin, here
from bookproof.running.paths import Paths, without_kernel_files
from bookproof.running.reads import Reads
from bookproof.running.result import Run
from bookproof.running.sought import Sought

FOLDER = "_frozen"
_FORMAT = 1
_PICTURES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
# Told by `Reads`, or told to nobody.
_OF_THE_RUN = ("opened", "sought", "variables", "surely", "modules", "started", "seconds")
_INVISIBLE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class Frozen:
    """The frozen outputs of the book at `root`."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = root / FOLDER

    def names(self) -> list[str]:
        """Return the chapters that are frozen, whether they are still there or not."""
        found = self.folder.rglob("*.json") if self.folder.is_dir() else ()
        return sorted(p.relative_to(self.folder).as_posix().removesuffix(".json") for p in found)

    def load(self, chapter: Chapter) -> Run | None:
        """Return the frozen run of a chapter, None where it is not frozen.

        Where the frozen outputs cannot be used, the run has no outputs, and its failure says why.
        """
        path = self._path(chapter.name)
        try:
            content = json.loads(path.read_bytes())
            if content["format"] != _FORMAT:
                return _unusable(chapter, f"have format {content['format']}, wanted {_FORMAT}")
            if content.pop("digest") != _digest(content):
                raise ValueError(f"{self._shown(path)} was edited, or merged badly")
            changed = _changes(content["depends"], chapter)
            changed += Reads(**content["reads"]).changes(self.root)
            if changed:
                listed = ", ".join(changed[:4]) + ", …" * (len(changed) > 4)
                return _unusable(chapter, f"are of older code or data: {listed}")
            run = self._joined(chapter.name, content)
            if len(run.outputs) != len(chapter.cells):
                raise ValueError(f"it has not an output for each of {len(chapter.cells)} cells")
            return run
        except FileNotFoundError:
            return None
        except OSError as error:
            return _unusable(chapter, f"cannot be read: {error.strerror}")
        except ValueError as error:
            return _unusable(chapter, f"are damaged: {kernel.one_line(error)}")
        except (KeyError, TypeError, AttributeError) as error:
            return _unusable(chapter, f"are not what bookproof wrote: {error!r}")

    def save(self, chapter: Chapter, run: Run) -> None:
        """Store the outputs of a chapter that has just run to its end here.

        Raises ValueError where they would not be fit for other machines, OSError where they
        cannot be written.
        """
        if run.unkept:
            raise ValueError(
                f"what it depends on is not known: {run.unkept}; let nobody write such files "
                "meanwhile, and freeze the chapter again"
            )
        opened, sought = _read(run, chapter), Sought(**run.sought)
        opened += [f"{place}/*.py".removeprefix("./") for place in sought.places]
        modules = [*run.modules, *sought.missing()]
        content: dict[str, Any] = {
            "format": _FORMAT,
            "depends": store.own(chapter),
            "reads": dataclasses.asdict(Reads.of(self.root, opened, modules, run.made)),
            "origin": dataclasses.asdict(here()),
            "run": _portable(run, chapter),
        }
        pictures = _split(content["run"]["outputs"])
        self._require_no_paths(chapter, content["run"])
        content["digest"] = _digest(content)
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        path, folder = self._path(chapter.name), self._pictures(chapter.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            shutil.rmtree(folder)
        for name, data in pictures.items():
            folder.mkdir(exist_ok=True)
            files.write(folder / name, data)
        files.write(path, _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))

    def remove(self, name: str) -> None:
        """Forget the frozen outputs of a chapter; it runs in builds again.

        Raises ValueError where it has none.
        """
        path, folder = self._path(name), self._pictures(name)
        if not path.exists():
            raise ValueError(f"{name} is not frozen: there is no {self._shown(path)}")
        path.unlink()
        if folder.exists():
            shutil.rmtree(folder)
        for above in path.relative_to(self.root).parents:
            if above.parts and not any((self.root / above).iterdir()):
                (self.root / above).rmdir()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _pictures(self, name: str) -> Path:
        return self.folder / f"{name}.files"

    def _shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _require_no_paths(self, chapter: Chapter, content: dict) -> None:
        """Raise ValueError where what is to be stored names folders of this machine."""
        paths = Paths(self.root, "\n".join(cell.source for cell in chapter.cells))
        found = [
            f"{chapter.name}:{cell.line}: {path}"
            for cell, outputs in zip(chapter.cells, content["outputs"], strict=True)
            for path in paths.found(outputs)
        ]
        rest = {key: value for key, value in content.items() if key != "outputs"}
        found += [f"{chapter.name}: {path}" for path in paths.found(rest)]
        if found:
            raise ValueError("\n  ".join(["its outputs name paths of this machine", *found]))

    def _joined(self, name: str, content: dict) -> Run:
        """Return the run, with the pictures that are files of their own."""
        for output in (output for cell in content["run"]["outputs"] for output in cell or ()):
            if isinstance(output.get("text"), list):
                output["text"] = "".join(output["text"])
            for mime, value in output.get("data", {}).items():
                if mime in _PICTURES and isinstance(value, dict):
                    output["data"][mime] = self._picture(name, **value)
                elif isinstance(value, list) and _is_text(mime):
                    output["data"][mime] = "".join(value)
        origin = Origin(**content["origin"])
        return dataclasses.replace(record.run(content["run"]), frozen=origin)

    def _picture(self, chapter: str, file: str, sha256: str) -> str:
        path = self._pictures(chapter) / Path(file).name
        if files.digest(path) != sha256:
            raise ValueError(f"{self._shown(path)} is missing, or was changed")
        return base64.b64encode(path.read_bytes()).decode()


def _unusable(chapter: Chapter, why: str) -> Run:
    remedy = (
        f"`bookproof freeze {chapter.name}` makes them anew, on a machine that can; "
        f"`bookproof freeze --remove {chapter.name}` lets builds run it again"
    )
    message = f"the frozen outputs {why}: {remedy}"
    return Run((None,) * len(chapter.cells), Failure(Ending.FROZEN, message))


def _digest(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _changes(before: dict, chapter: Chapter) -> list[str]:
    after = store.own(chapter)
    return [f"{name} has changed" for name in sorted(after) if before.get(name) != after[name]]


def _read(run: Run, chapter: Chapter) -> list[str]:
    """Return what a run read, without the chapter itself, which its author may have open.

    Unless its code names it: then it is the chapter that reads it. What the run itself made does
    not count. Raises ValueError where it wrote what it had read.
    """
    named = any(chapter.path.name in cell.source for cell in chapter.cells)
    own = {name for name in run.made if name in run.found and run.found[name] is None}
    for name in sorted(set(run.made).intersection(run.found) - own):
        raise ValueError(
            f"it reads {name} and then writes it, so that nobody else has what it read: let it "
            "write another file"
        )
    gone = {*own, EVERYTHING} | (set() if named else {chapter.name})
    return [name for name in run.opened if name not in gone and not name.endswith("*-info")]


def _portable(run: Run, chapter: Chapter) -> dict:
    """Return what is to be stored of a run, as JSON has it, without what only its machine has."""
    version = surroundings.environment(spec.interpreter(chapter.kernel))[0].partition(" ")[0]
    python = version if version[:1].isdigit() else platform.python_version()
    run = dataclasses.replace(run, versions={"python": python, **run.versions})
    content = json.loads(json.dumps(record.content(run)))
    for name in _OF_THE_RUN:
        content.pop(name)
    for output in (output for cell in content["outputs"] for output in cell or ()):
        if output["output_type"] == "error":
            output["traceback"] = cell_frames(output["traceback"])
    return without_kernel_files(content)


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in ("image/svg+xml", "application/javascript")


def _split(cells: list) -> dict[str, bytes]:
    """Make of texts lists of lines, and of pictures references; return the pictures by name."""
    pictures: dict[str, bytes] = {}
    for number, cell in enumerate(cells, start=1):
        for output in cell or ():
            if isinstance(output.get("text"), str):
                output["text"] = output["text"].splitlines(keepends=True)
            for mime, value in output.get("data", {}).items():
                data = _decoded(value) if mime in _PICTURES else None
                if data is not None:
                    count = sum(name.startswith(f"{number}-") for name in pictures)
                    name = f"{number}-{count + 1}.{_PICTURES[mime]}"
                    pictures[name] = data
                    digest = hashlib.sha256(data).hexdigest()
                    output["data"][mime] = {"file": name, "sha256": digest}
                elif isinstance(value, str) and _is_text(mime):
                    output["data"][mime] = value.splitlines(keepends=True)
    return pictures


def _decoded(value: Any) -> bytes | None:
    """Return what a text is the base64 of, None where it is of nothing."""
    try:
        return binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except (AttributeError, ValueError):
        return None
