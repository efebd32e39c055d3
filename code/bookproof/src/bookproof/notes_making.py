"""What `bookproof notes import` and `bookproof new` do, with the options that they were given."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys

from bookproof.authoring.refused import Refused
from bookproof.notes.chapters import PLAIN
from bookproof.notes.findings import Verdict
from bookproof.notes.needs import packages
from bookproof.notes.skeleton import skeleton
from bookproof.notes_import import Imported, import_notes
from bookproof.notes_trial import Options
from bookproof.running import files
from bookproof.say import say
from bookproof.telling.progress import Spoken


def do_import(options: argparse.Namespace) -> int:
    """Import notes."""
    template = options.template.read_text("utf-8") if options.template else PLAIN
    how = Options(options.split, options.accept, options.folder, template, timeout=options.timeout)
    done = import_notes(options.notes, options.into, how, _spoken())
    _tell(done)
    return 1 if done.verdicts[Verdict.FALSE] and not options.accept else 0


def do_new(options: argparse.Namespace) -> int:
    """Make a book."""
    place = options.place
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise Refused(f"{place} is there and not empty: give a folder that is not there yet")
    missing = [str(path) for path in options.notes if not path.exists()]
    if missing:
        raise ValueError(f"{', '.join(missing)}: there is no such file or folder")
    title = options.title or place.resolve().name
    source = options.bookproof or _source()
    needs = packages(options.notes)
    for name, text in skeleton(title, options.language == "zh", source, needs).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        files.write(place / name, text)
    status = 0
    if options.notes:
        how = Options(accept=options.accept, timeout=options.timeout)
        done = import_notes(options.notes, place, how, _spoken())
        _tell(done)
        status = 1 if done.verdicts[Verdict.FALSE] and not options.accept else 0
    say(f"bookproof: made {place}: `make book` there builds it")
    if "file:" in source:
        said = "this bookproof is from a folder of this machine: give requirements.txt another"
        say(f"bookproof: {said} source before you push the book", sys.stderr)
    return status


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
    return Spoken(lambda text: say(text, sys.stderr), terminal)


def _source() -> str:
    """Return what pip is to install, to have this very bookproof."""
    here = importlib.metadata.distribution("bookproof")
    told = json.loads(here.read_text("direct_url.json") or "{}")
    url = told.get("url", "")
    if vcs := told.get("vcs_info"):
        part = f"#subdirectory={told['subdirectory']}" if "subdirectory" in told else ""
        return f"bookproof @ {vcs['vcs']}+{url}@{vcs['commit_id']}{part}"
    if url:
        return f"bookproof @ {url}"
    return f"bookproof=={here.version}"
