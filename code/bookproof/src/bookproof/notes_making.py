"""What `bookproof notes import` and `bookproof new` do, with the options that they were given."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
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
SITES = "bookproof.sites"
"""The entry points of packages that make sites."""
TEMPLATE = "_chapter.md"
"""What such a package lets each chapter be written into."""


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
    source = options.bookproof or _source("bookproof", _NEEDED)
    needs = packages(options.notes)
    language = options.language or "zh"
    made = skeleton(title, language == "zh", source, needs)
    if options.site:
        made |= _site(title, language, [source, *needs])
    for name, text in made.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        files.write(place / name, text)
    how = {"template": made[TEMPLATE]} if TEMPLATE in made else {}
    status = _import(options, place, **how) if options.notes else 0
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


def _site(title: str, language: str, needs: list[str]) -> dict[str, str]:
    """Return the files of a book with the site of the package that is installed for it.

    Such a package has an entry point in the group `bookproof.sites`: a function that takes the
    title, the language and what pip is to install, and returns texts by the names of files. It
    raises ValueError for a language that it does not speak.
    """
    found = [*importlib.metadata.entry_points(group=SITES)]
    if len(found) != 1:
        known = ", ".join(sorted(point.name for point in found)) or "none"
        raise ValueError(
            f"--site wants one installed package that makes sites, there is {known}: "
            f'python -m pip install "{_beside()}"'
        )
    [point] = found
    name = point.dist.name if point.dist else point.name
    return dict(point.load()(title, language, [*needs, _source(name, name)]))


def _beside() -> str:
    """Return what pip is to install, to have the package of sites that comes with bookproof."""
    source = _source("bookproof", "bookproof")
    return re.sub("^bookproof|bookproof$", "notesite", source)


def _source(name: str, needed: str) -> str:
    """Return what pip is to install, `needed` with its extras, to have this very package."""
    here = importlib.metadata.distribution(name)
    told = json.loads(here.read_text("direct_url.json") or "{}")
    url = told.get("url", "")
    if vcs := told.get("vcs_info"):
        part = f"#subdirectory={told['subdirectory']}" if "subdirectory" in told else ""
        return f"{needed} @ {vcs['vcs']}+{url}@{vcs['commit_id']}{part}"
    if url:
        return f"{needed} @ {url}"
    return f"{needed}=={here.version}"
