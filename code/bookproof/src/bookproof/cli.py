"""Check that the cells of a book print what the book says."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from bookproof.authoring.accept import Refused, accept
from bookproof.book import Book, Execute, check, plan
from bookproof.running import files
from bookproof.running.run import run
from bookproof.telling import verification
from bookproof.telling.diff import diff, table
from bookproof.telling.progress import Progress, Spoken
from bookproof.telling.shards import Shard, merge

EXIT_CODES = (
    "exit status: 0 all is as the book says; 1 something is not (or was refused); 2 bad usage "
    "or file; 130 interrupted or terminated"
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except Refused as reason:
        _say(f"bookproof: refused: {reason}", sys.stderr)
        return 1
    except ValueError as error:
        _say(f"bookproof: {error}", sys.stderr)
        return 2
    except OSError as error:  # a file that cannot be written; all that is read has its own words
        _say(f"bookproof: {error.filename}: {error.strerror}", sys.stderr)
        return 2
    except KeyboardInterrupt:
        _say("bookproof: interrupted", sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bookproof", description=__doc__, epilog=EXIT_CODES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name, function, text):
        sub = commands.add_parser(name, help=text, description=f"{text}.", epilog=EXIT_CODES)
        sub.set_defaults(command=function)
        return sub

    def takes_chapters(sub):
        sub.add_argument("chapters", nargs="*", type=Path, help="files (default: the whole book)")
        sub.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")

    checks = command("check", _check, "run the chapters and compare their outputs")
    takes_chapters(checks)
    checks.add_argument("--json", type=Path, metavar="FILE", help="write verification.json here")
    checks.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML here")
    checks.add_argument("--github", action="store_true", help="also print GitHub annotations")
    checks.add_argument("--shard", metavar="i/n", help="check only the i-th of n parts of the book")
    checks.add_argument("--dask", metavar="ADDRESS", help="run on the workers of this scheduler")

    accepts = command("accept", _accept, "write new outputs into the {expect} blocks that differ")
    takes_chapters(accepts)
    accepts.add_argument("--force", action="store_true", help="also where git knows of changes")
    accepts.add_argument(
        "--all", action="store_true", help="also propose an {expect} for every output that has none"
    )

    lists = command("list", _list, "list the chapters, with their cells and blocks; runs nothing")
    takes_chapters(lists)
    lists.add_argument(
        "--why", action="store_true", help="also tell whether each would run, and because of what"
    )

    merges = command("merge", _merge, "put the verification.json of all shards together")
    merges.add_argument("parts", nargs="+", type=Path, help="what `check --shard` wrote")
    merges.add_argument("--json", type=Path, metavar="FILE", help="write verification.json here")

    diffs = command("diff", _diff, "tell which outputs two verification.json differ in")
    diffs.add_argument("before", type=Path, help="the older verification.json")
    diffs.add_argument("after", type=Path, help="the newer one")
    diffs.add_argument(
        "--table", action="store_true", help="one line for each output, with its first difference"
    )

    summary = command("summary", _summary, "read a verification.json; fail unless it is green")
    summary.add_argument("file", type=Path, help="the verification.json of a build")

    seals = command("seal", _seal, "write SHA256SUMS for a built site; refuse unless it is green")
    seals.add_argument("site", type=Path, help="the folder of the site, with its verification.json")
    seals.add_argument(
        "--check", action="store_true", help="write nothing; refuse also what differs from the seal"
    )

    serves = command("serve", _serve, "build and serve the book; again after every change")
    serves.add_argument("--root", type=Path, default=Path(), help="the book's folder (default .)")
    serves.add_argument(
        "--site",
        type=Path,
        default=Path("_build/html"),
        help="where the build writes pages (default _build/html in the book's folder)",
    )
    serves.add_argument("--port", type=int, default=8000, help="default 8000; 0: any free one")
    serves.add_argument(
        "build",
        nargs="*",
        default=["jupyter-book", "build", "."],
        metavar="WORD",
        help="the build command, after a -- (default jupyter-book build .)",
    )
    return parser


def _check(options: argparse.Namespace) -> int:
    shard = Shard.parse(options.shard) if options.shard is not None else None
    execute = _dask(options.dask) if options.dask is not None else run
    whole = Book.load(options.root, options.chapters)
    part = replace(whole, chapters=shard.of(whole.chapters)) if shard else whole
    more = shard.entry(whole.root, whole.chapters) if shard else None
    report = check(part, _progress(), execute)
    if options.github and not report.green:
        _say(report.annotations())
    if not report.green:
        _say(report.failures() + "\n", sys.stderr)
    for note in report.notes:
        _say(f"bookproof: {note}", sys.stderr)
    if options.json:
        files.write(options.json, verification.dump(report.chapters, more))
    if options.junit:
        files.write(options.junit, report.as_junit())
    _say(f"bookproof: {f'shard {shard}: ' if shard else ''}{report.summary()}")
    return 0 if report.green else 1


def _accept(options: argparse.Namespace) -> int:
    report = check(Book.load(options.root, options.chapters), _progress())
    status = 0
    for checked in report.chapters:
        try:
            changes = accept(checked, options.force, options.all)
        except Refused as reason:
            _say(f"bookproof: refused: {reason}", sys.stderr)
            status = 1
        else:
            if changes:
                _say(changes)
    return status


def _list(options: argparse.Namespace) -> int:
    book = Book.load(options.root, options.chapters)
    schedule = plan(book, book.store)
    whys = schedule.whys() if options.why else {}
    for chapter in schedule.asked:
        blocks = Counter(block.directive for block in chapter.blocks)
        _say(
            f"{chapter.name}: {len(chapter.cells)} cells, {blocks['expect']} expected, "
            f"{blocks['unverified']} unverified, {len(chapter.problems)} problems"
        )
        if options.why:
            why = whys[chapter.name]
            _say(f"    would run: {why}" if why else "    would not run")
    return 0


def _merge(options: argparse.Namespace) -> int:
    content = merge([(path, verification.load(path)) for path in options.parts])
    if options.json:
        files.write(options.json, verification.text(content))
    _say(f"bookproof: {verification.summarise(content['totals'])}")
    return 0 if content["green"] else 1


def _diff(options: argparse.Namespace) -> int:
    tell = table if options.table else diff
    changes = tell(_load_whole(options.before), _load_whole(options.after))
    _say(changes.rstrip("\n") or "No output changed.")
    return 0


def _summary(options: argparse.Namespace) -> int:
    content = _load_whole(options.file)
    _say(f"bookproof: {verification.summarise(content['totals'])}")
    return 0 if content["green"] else 1


def _seal(options: argparse.Namespace) -> int:
    from bookproof.telling import seal  # the one command that needs the schema

    found = (seal.broken(options.site) if options.check else []) + seal.troubles(options.site)
    if found:
        raise Refused("\n  ".join([f"{options.site} is not fit to be published", *found]))
    if not options.check:
        seal.write(options.site)
    _say(f"bookproof: {options.site} is {'as sealed' if options.check else 'sealed'}")
    return 0


def _load_whole(path: Path) -> dict:
    """Read a verification.json; raise Refused where it is but a part of a book."""
    content = verification.load(path)
    if "shard" in content:
        raise Refused(f"{path} is shard {content['shard']} of a book: `bookproof merge` all first")
    return content


def _dask(address: str) -> Execute:
    try:
        # Half a second, and only where it is installed.
        from bookproof.running import cluster
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise ValueError("--dask needs Dask: pip install distributed") from error
    return cluster.executor(address)


def _serve(options: argparse.Namespace) -> int:
    try:
        from bookproof.authoring.serve import serve  # the one command that needs more than the rest
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "watchfiles"):
            raise
        install = "pip install starlette uvicorn watchfiles"
        raise ValueError(f"serve needs {error.name}, which is not installed: {install}") from error
    serve(options.root, options.site, options.port, options.build)
    return 0


def _progress() -> Progress:
    terminal = sys.stderr if sys.stderr.isatty() else None
    return Spoken(lambda text: _say(text, sys.stderr), terminal)


def _say(text: str, stream=None) -> None:
    print(text, file=stream or sys.stdout, flush=True)
