"""What `bookproof notes import` and `bookproof new` do, with the options that they were given."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import sys
from pathlib import Path

from bookproof.authoring.rewrite import Refused
from bookproof.commands import say
from bookproof.notes.chapters import PLAIN
from bookproof.notes.checking import TIMEOUT
from bookproof.notes.findings import Verdict
from bookproof.notes.needs import packages
from bookproof.notes.sections import SPLITS
from bookproof.notes.skeleton import skeleton
from bookproof.notes_import import Imported, import_notes
from bookproof.notes_trial import FOLDER, Options
from bookproof.running import files
from bookproof.telling.progress import Spoken


def add_import(commands: argparse._SubParsersAction, epilog: str) -> None:
    """Add `bookproof notes import` to a command line."""
    text = "make chapters of Markdown notes: cells of their code, blocks of the outputs in them"
    sub = commands.add_parser(
        "import",
        help=text,
        description=f"{text}. This executes the notes' code, in copies of their folder.",
        epilog=epilog,
    )
    sub.set_defaults(command=do_import)
    sub.add_argument("notes", nargs="+", type=Path, help="files, or folders with notes")
    sub.add_argument("--into", type=Path, required=True, metavar="BOOK", help="the book's folder")
    sub.add_argument(
        "--split",
        choices=SPLITS,
        help="a chapter for each section of a day, or for each note with or without its date "
        "(default: what suits each note)",
    )
    sub.add_argument(
        "--folder", default=FOLDER, help=f"that of the chapters in the book (default {FOLDER})"
    )
    sub.add_argument(
        "--template", type=Path, metavar="FILE", help="what each chapter is written into"
    )
    _add_common(sub)


def add_new(subs: argparse._SubParsersAction, epilog: str) -> None:
    """Add `bookproof new` to a command line."""
    text = "make a book that builds, of notes if there are any"
    sub = subs.add_parser("new", help=text, description=f"{text}.", epilog=epilog)
    sub.set_defaults(command=do_new)
    sub.add_argument("place", type=Path, metavar="FOLDER", help="the folder to make")
    sub.add_argument("--notes", nargs="+", type=Path, default=[], help="notes to import")
    sub.add_argument("--language", choices=("zh", "en"), default="zh", help="default zh")
    sub.add_argument("--title", help="default: the folder's name")
    sub.add_argument(
        "--bookproof", metavar="SOURCE", help="what pip installs (default: where this one is from)"
    )
    _add_common(sub)


def _add_common(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--accept",
        action="store_true",
        help="where the notes are wrong, write what the code gives, and beside it what they said",
    )
    sub.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"how long a statement may take (default {TIMEOUT:g})",
    )


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
