"""What `bookproof notes import` and `bookproof new` do, with the options that they were given."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookproof.authoring.refused import Refused
from bookproof.notes.findings import Verdict
from bookproof.notes.needs import packages
from bookproof.notes.skeleton import skeleton
from bookproof.running import files
from bookproof.say import say, show
from bookproof.telling.progress import Spoken

if TYPE_CHECKING:
    from bookproof.notes_import import Imported


_NEEDED = "bookproof[notes,serve]"
"""What the README of a new book speaks of."""


def do_import(options: argparse.Namespace) -> int:
    """Import notes."""
    how = {"split": options.split, "folder": options.folder}
    if options.template:
        how["template"] = options.template.read_text("utf-8")
    return _import(options, options.into, **how)


def do_new(options: argparse.Namespace) -> int:
    """Make a book."""
    place = options.place
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Refused(f"{place} is there and not empty: give a folder that is not there yet")
    missing = [str(path) for path in options.notes if not path.exists()]
    if missing:
        raise ValueError(f"{', '.join(missing)}: there is no such file or folder")
    if options.notes:
        import_module("bookproof.notes_import")  # fails before anything is written, if at all
    title = options.title or place.resolve().name
    source = options.bookproof or _source()
    needs = packages(options.notes)
    for name, text in skeleton(title, options.language != "en", source, needs).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        files.write(place / name, text)
    status = _import(options, place) if options.notes else 0
    say(f"bookproof: made {place}: `make book` there builds it")
    if "file:" in source:
        say(
            "bookproof: this bookproof is from a folder of this machine: give requirements.txt "
            "another source before you push the book",
            sys.stderr,
        )
    return status


def _import(options: argparse.Namespace, book: Path, **how: Any) -> int:
    """Import notes into a book; return the exit status."""
    # What these need, a book without notes does not.
    from bookproof.notes_import import import_notes
    from bookproof.notes_trial import Options

    chosen = Options(accept=options.accept, timeout=options.timeout, **how)
    done = import_notes(options.notes, book, chosen, _spoken())
    _tell(done)
    return 1 if done.verdicts[Verdict.FALSE] and not options.accept else 0


def _tell(done: Imported) -> None:
    for text in done.problems:
        say(text)
    for text in done.left:
        say(f"left: {text}")
    counts = [f"{n} {verdict}" for verdict in Verdict if (n := done.verdicts[verdict])]
    claims = f"; claims: {', '.join(counts)}" if counts else ""
    aside = ((done.left, "left as they are"), (done.unchanged, "unchanged"))
    more = [f"{len(names)} {word}" for names, word in aside if names]
    written = f"{len(done.written)} chapter{'s'[: len(done.written) != 1]} written"
    say(f"bookproof: {', '.join([written, *more])}{claims}")


def _spoken() -> Spoken:
    terminal = sys.stderr if sys.stderr.isatty() else None
    return Spoken(lambda text: show(text, sys.stderr), terminal)


def _source() -> str:
    """Return what pip is to install, to have this very bookproof."""
    here = importlib.metadata.distribution("bookproof")
    told = json.loads(here.read_text("direct_url.json") or "{}")
    url = told.get("url", "")
    if vcs := told.get("vcs_info"):
        part = f"#subdirectory={told['subdirectory']}" if "subdirectory" in told else ""
        return f"{_NEEDED} @ {vcs['vcs']}+{url}@{vcs['commit_id']}{part}"
    if url:
        return f"{_NEEDED} @ {url}"
    return f"{_NEEDED}=={here.version}"
