"""What `bookproof notes` and `bookproof new` can be asked for on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from bookproof.notes.defaults import FOLDER, SPLITS, TIMEOUT
from bookproof.telling.language import words


def add_notes(subs: argparse._SubParsersAction, epilog: str) -> None:
    """Add what `bookproof notes` can be asked to do to a command line."""
    text = "read notes of any kind: check the outputs that their author typed"
    notes = subs.add_parser("notes", help=words()(text), description=f"{text}.", epilog=epilog)
    commands = notes.add_subparsers(required=True, metavar="COMMAND")
    text = "run the code of Markdown notes, and compare the outputs that are typed in them"
    checks = commands.add_parser(
        "check",
        help=words()(text),
        description=f"{text}. This executes the notes' code, in a temporary copy of their folder.",
        epilog=epilog,
    )
    checks.set_defaults(command="bookproof.notes_commands:do_check")
    checks.add_argument("notes", nargs="+", type=Path, help="files, or folders with notes")
    checks.add_argument("--list", action="store_true", help="list the claims; runs nothing")
    checks.add_argument("--json", type=Path, metavar="FILE", help="write all verdicts here")
    checks.add_argument(
        "--workers", type=_count, default=2, metavar="N", help="notes at a time (default 2)"
    )
    checks.add_argument(
        "--timeout",
        type=_seconds,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"how long a statement may take (default {TIMEOUT:g})",
    )
    checks.add_argument("--all", action="store_true", help="also tell what is true")
    _add_import(commands, epilog)


def add_new(subs: argparse._SubParsersAction, epilog: str) -> None:
    """Add `bookproof new` to a command line."""
    text = "make a book that builds, of notes if there are any"
    speaks = "the book is in English or Chinese (default zh), and so is what is said, if given"
    said = words()(text)
    sub = subs.add_parser("new", help=said, description=f"{text}.", epilog=epilog, speaks=speaks)
    sub.set_defaults(command="bookproof.notes_making:do_new")
    sub.add_argument("place", type=Path, metavar="FOLDER", help="the folder to make")
    sub.add_argument("--notes", nargs="+", type=Path, default=[], help="notes to import")
    sub.add_argument(
        "--site", action="store_true", help="with the pages of a package that makes sites"
    )
    sub.add_argument("--title", help="default: the folder's name")
    sub.add_argument(
        "--bookproof", metavar="SOURCE", help="what pip installs (default: where this one is from)"
    )
    _add_common(sub)


def _add_import(commands: argparse._SubParsersAction, epilog: str) -> None:
    text = "make chapters of Markdown notes: cells of their code, blocks of the outputs in them"
    sub = commands.add_parser(
        "import",
        help=words()(text),
        description=f"{text}. This executes the notes' code, in copies of their folder.",
        epilog=epilog,
    )
    sub.set_defaults(command="bookproof.notes_making:do_import")
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


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of workers, wanted 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time, wanted seconds above 0")
    return value
