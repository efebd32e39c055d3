"""The command line: `bookproof check`, `accept`, `summary`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bookproof.accept import Refused, accept
from bookproof.book import Book, check
from bookproof.report import read_verification, summarise
from bookproof.run import Run
from bookproof.scan import Chapter

EXIT_CODES = "exit status: 0 all is as the book says; 1 something is not; 2 bad usage"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except ValueError as error:
        _say(f"bookproof: {error}", sys.stderr)
        return 2
    except KeyboardInterrupt:
        _say("bookproof: interrupted", sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bookproof", description=__doc__, epilog=EXIT_CODES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, function, text):
        sub = commands.add_parser(name, help=text, description=text, epilog=EXIT_CODES)
        sub.set_defaults(command=function)
        return sub

    def takes_chapters(sub):
        sub.add_argument("chapters", nargs="*", type=Path, help="files (default: the whole book)")
        sub.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")

    checks = command("check", _check, "run the chapters and compare their outputs")
    takes_chapters(checks)
    checks.add_argument("--json", type=Path, metavar="FILE", help="write verification.json here")
    accepts = command("accept", _accept, "write new outputs into the {expect} blocks that fail")
    takes_chapters(accepts)
    accepts.add_argument("--force", action="store_true", help="also where a file has changes")
    summary = command("summary", _summary, "read a verification.json; fail unless it is green")
    summary.add_argument("file", type=Path, help="the verification.json of a build")
    return parser


def _check(options: argparse.Namespace) -> int:
    report = check(Book.load(options.root, options.chapters), _progress)
    if options.json:
        options.json.write_text(report.as_json(), "utf-8")
    if not report.green:
        _say(report.failures() + "\n", sys.stderr)
    _say(f"bookproof: {report.summary()}")
    return 0 if report.green else 1


def _accept(options: argparse.Namespace) -> int:
    report = check(Book.load(options.root, options.chapters), _progress)
    status = 0
    for checked in report.chapters:
        try:
            count = accept(checked, options.force)
        except Refused as reason:
            _say(f"bookproof: refused: {reason}", sys.stderr)
            status = 1
        else:
            if count:
                _say(f"bookproof: {checked.chapter.name}: {count} accepted; see git diff")
    return status


def _summary(options: argparse.Namespace) -> int:
    try:
        verification = read_verification(options.file)
    except OSError as error:
        raise ValueError(f"{options.file} cannot be read: {error.strerror}") from error
    _say(f"bookproof: {summarise(verification)}")
    return 0 if verification["green"] else 1


def _progress(chapter: Chapter, run: Run) -> None:
    _say(f"bookproof: ran {chapter.name} in {run.seconds:.1f} s", sys.stderr)


def _say(text: str, stream=None) -> None:
    print(text, file=stream or sys.stdout, flush=True)
