"""What `bookproof notes` does, with the options that it was given."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bookproof import notes_making
from bookproof.commands import say
from bookproof.notes import report
from bookproof.notes.checking import TIMEOUT, check
from bookproof.notes.findings import Checked, Verdict
from bookproof.notes.gather import gather
from bookproof.running import files


def add_parsers(subs: argparse._SubParsersAction, epilog: str) -> None:
    """Add what `bookproof notes` can be asked to do to a command line."""
    text = "read notes of any kind: check the outputs that their author typed"
    notes = subs.add_parser("notes", help=text, description=f"{text}.", epilog=epilog)
    commands = notes.add_subparsers(required=True, metavar="COMMAND")
    text = "run the code of Markdown notes, and compare the outputs that are typed in them"
    checks = commands.add_parser(
        "check",
        help=text,
        description=f"{text}. This executes the notes' code, in a temporary copy of their folder.",
        epilog=epilog,
    )
    checks.set_defaults(command=do_check)
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
    notes_making.add_import(commands, epilog)


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


def do_check(options: argparse.Namespace) -> int:
    """Check notes."""
    notes, troubles = gather(options.notes)
    for trouble in troubles:
        say(f"bookproof: {trouble}", sys.stderr)
    if not notes:
        return 2
    if options.list:
        for text in filter(None, (report.listing(note) for note, _ in notes)):
            say(text)
        count = sum(len(fence.claims) for note, _ in notes for fence in note.fences)
        say(f"bookproof: {count} claimed output{'s'[: count != 1]}; nothing was run")
        return 2 if troubles else 0
    say("bookproof: executing the code of the notes, in a copy of their folder", sys.stderr)
    checked = _checked(notes, options)
    for text in filter(None, (report.told(one, options.all) for one in checked)):
        say(text + "\n")
    if options.json:
        files.write(options.json, report.as_json(checked, troubles))
    say(f"bookproof: {report.summary(checked)}")
    false = any(finding.verdict is Verdict.FALSE for one in checked for finding in one.findings)
    return 1 if false else 2 if troubles else 0


def _checked(notes, options: argparse.Namespace) -> list[Checked]:
    count = 0

    def done(one: Checked) -> None:
        nonlocal count
        count += 1
        claims = len(one.findings)
        say(f"bookproof: [{count}/{len(notes)}] {one.note.name}: {claims} claims", sys.stderr)

    def note(text: str) -> None:
        say(f"bookproof: {text}", sys.stderr)

    return check(notes, options.workers, options.timeout, done, note)
