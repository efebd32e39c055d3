"""What `bookproof notes` does, with the options that it was given."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bookproof.notes import report
from bookproof.notes.checking import check
from bookproof.notes.findings import Checked, Verdict
from bookproof.notes.gather import gather
from bookproof.notes.note import Note
from bookproof.running import files
from bookproof.say import say, show
from bookproof.telling.language import words


def do_check(options: argparse.Namespace) -> int:
    """Check notes."""
    notes, troubles = gather(options.notes)
    for trouble in troubles:
        say(f"bookproof: {trouble}", sys.stderr)
    if not notes:
        return 2
    if options.list:
        for text in filter(None, (report.listing(note, words()) for note, _ in notes)):
            show(text)
        count = sum(len(fence.claims) for note, _ in notes for fence in note.fences)
        say(f"bookproof: {count} claimed output{'s'[: count != 1]}; nothing was run")
        return 2 if troubles else 0
    say("bookproof: executing the code of the notes, in a copy of their folder", sys.stderr)
    checked = _checked(notes, options)
    for text in filter(None, (report.told(one, options.all, words()) for one in checked)):
        show(text + "\n")
    if options.json:
        files.write(options.json, report.as_json(checked, troubles))
    say(f"bookproof: {report.summary(checked)}")
    false = any(finding.verdict is Verdict.FALSE for one in checked for finding in one.findings)
    return 1 if false else 2 if troubles else 0


def _checked(notes: Sequence[tuple[Note, Path]], options: argparse.Namespace) -> list[Checked]:
    count = 0

    def done(one: Checked) -> None:
        nonlocal count
        count += 1
        claims = len(one.findings)
        say(f"bookproof: [{count}/{len(notes)}] {one.note.name}: {claims} claims", sys.stderr)

    def note(text: str) -> None:
        say(f"bookproof: {text}", sys.stderr)

    return check(notes, options.workers, options.timeout, done, note)
