"""What the commands do, each with the options that it was given; they return the exit status."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bookproof import freeze
from bookproof.authoring.accept import accept, is_due
from bookproof.authoring.refused import Refused
from bookproof.book import Book, Execute, check, check_twice, plan, run_again
from bookproof.configuration import configuration
from bookproof.judging.stable import with_flaky
from bookproof.judging.verdict import Kind
from bookproof.reading.counted import counted
from bookproof.running import files
from bookproof.running.result import Run
from bookproof.running.run import run
from bookproof.say import say, show
from bookproof.telling import verification
from bookproof.telling.diff import diff, table
from bookproof.telling.language import words
from bookproof.telling.progress import Progress, Spoken
from bookproof.telling.shards import Shard, merge
from bookproof.telling.verification import Checked


def do_check(options: argparse.Namespace) -> int:
    """Check a book."""
    shard = Shard.parse(options.shard) if options.shard is not None else None
    execute = _dask(options.dask) if options.dask is not None else run
    whole = Book.load(options.root, options.chapters)
    part = replace(whole, chapters=shard.of(whole.chapters)) if shard else whole
    more = shard.entry(whole.root, whole.chapters) if shard else None
    report = (check_twice if options.twice else check)(part, _progress(), execute)
    if options.github and not report.green:
        show(report.annotations(_within_repository(whole.root), words()))
    if not report.green:
        show(report.failures(words()) + "\n", sys.stderr)
    for note in report.notes:
        say(f"bookproof: {note}", sys.stderr)
    if options.json:
        files.write(options.json, verification.dump(report.chapters, more))
    if options.junit:
        files.write(options.junit, report.as_junit())
    say(f"bookproof: {f'shard {shard}: ' if shard else ''}{report.summary()}")
    return 0 if report.green else 1


def do_mystmd(options: argparse.Namespace) -> int:
    """Check a MyST project, and write the plugin that shows on its pages what was found."""
    from bookproof.pages import mystmd  # what it needs of Sphinx, no other command does

    book = Book.load(options.root)
    if book.settings.project is None:
        told = "has no myst.yml of its own: pages of Sphinx show verdicts without this"
        raise Refused(f"{book.root} {told}")
    report = check(book, _progress())
    if not report.green:
        say(report.failures() + "\n", sys.stderr)
    for note in report.notes:
        _note(note)
    mystmd.write(book.root, report, book.settings.language)
    if mystmd.PLUGIN not in (book.root / "myst.yml").read_text("utf-8"):
        _note(f"put `{mystmd.PLUGIN}` under `project: plugins:` in myst.yml")
    say(f"bookproof: {report.summary()}")
    return 0 if report.green else 1


def do_accept(options: argparse.Namespace) -> int:
    """Accept what differs."""
    book = Book.load(options.root, options.chapters)
    report = check(book, _progress())
    due = [checked for checked in report.chapters if is_due(checked, options.all)]
    again = run_again(book, due, _progress(), _note)
    status, written = 0, []
    for checked in report.chapters:
        others = again.get(checked.chapter.name, ())
        for verdict in with_flaky(checked.chapter, checked.verdicts, others):
            if verdict.kind is Kind.FLAKY:
                said = f"{checked.chapter.name}:{verdict.place}: {verdict.kind}: {verdict.message}"
                show(words()(f"bookproof: {said}"), sys.stderr)
                status = 1
        try:
            changes = accept(checked, options.force, options.all, others, _note)
        except Refused as reason:
            say(f"bookproof: refused: {reason}", sys.stderr)
            status = 1
        else:
            if changes:
                show(changes)
                written.append(checked.chapter.name)
    if options.all and written:
        # Half a second, and only where everything is proposed.
        from bookproof.notes.contradicted import contradicted

        for text in contradicted(book.root, written):
            _note(text)
    return status


def do_freeze(options: argparse.Namespace) -> int:
    """Freeze chapters."""
    return freeze.command(options, _progress())


def do_list(options: argparse.Namespace) -> int:
    """List the chapters."""
    book = Book.load(options.root, options.chapters)
    schedule = plan(book, book.store)
    whys = schedule.whys() if options.why else {}
    for chapter in schedule.asked:
        blocks = Counter(block.directive for block in chapter.blocks)
        cells, problems = map(len, (chapter.cells, chapter.problems))
        values = f"{counted(len(chapter.values), 'value')} in the text, " if chapter.values else ""
        say(
            f"{chapter.name}: {counted(cells, 'cell')}, {blocks['expect']} expected, "
            f"{blocks['unverified']} unverified, {values}{counted(problems, 'problem')}"
        )
        stored = book.frozen.load(chapter) if chapter.notebook else None
        if stored:
            say(f"    {freeze.described(stored)}")
        elif chapter.unrun:
            say(f"    not run: {chapter.unrun}")
        elif options.why:
            why = whys[chapter.name]
            say(f"    would run: {why}" if why else "    would not run")
    return 0


def do_merge(options: argparse.Namespace) -> int:
    """Merge shards."""
    content = merge([(path, verification.load(path)) for path in options.parts])
    if options.json:
        files.write(options.json, verification.text(content))
    say(f"bookproof: {verification.summarise(content['totals'])}")
    return 0 if content["green"] else 1


def do_diff(options: argparse.Namespace) -> int:
    """Tell two checks apart."""
    before, after = _load_whole(options.before), _load_whole(options.after)
    # A table is for a file, as is what goes there with no language asked for.
    spoken = words() if options.language or sys.stdout.isatty() else str
    changes = table(before, after) if options.table else diff(before, after, spoken)
    show(changes.rstrip("\n") or spoken("No output changed."))
    return 0


def do_summary(options: argparse.Namespace) -> int:
    """Summarise a check."""
    content = _load_whole(options.file)
    say(f"bookproof: {verification.summarise(content['totals'])}")
    return 0 if content["green"] else 1


def do_seal(options: argparse.Namespace) -> int:
    """Seal a site."""
    from bookproof.telling import seal  # the one command that needs the schema

    changed = seal.broken if options.check else seal.altered
    found = changed(options.site) + seal.troubles(options.site)
    if found:
        raise Refused("\n  ".join([f"{options.site} is not fit to be published", *found]))
    if not options.check:
        seal.write(options.site)
    say(f"bookproof: {options.site} is {'as sealed' if options.check else 'sealed'}")
    return 0


def _load_whole(path: Path) -> dict:
    """Read a verification.json; raise Refused where it is but a part of a book."""
    content = verification.load(path)
    if "shard" in content:
        raise Refused(f"{path} is shard {content['shard']} of a book: `bookproof merge` all first")
    return content


def _within_repository(root: Path) -> str:
    """Return where a folder is in its repository; where there is none, from where we are."""
    root = root.resolve()
    tops = (folder for folder in (root, *root.parents) if (folder / ".git").exists())
    top = next(tops, Path.cwd())
    return root.relative_to(top).as_posix() if root.is_relative_to(top) else ""


def _dask(address: str) -> Execute:
    from bookproof.running import cluster  # half a second, and only where it is installed

    return cluster.executor(address)


def do_lsp(options: argparse.Namespace) -> int:
    """Serve an editor."""
    from bookproof.authoring.lsp import serve  # what it needs, no other command does
    from bookproof.authoring.shelf import Means

    serve(Means(configuration, _again))
    return 0


def _again(root: Path, checked: Checked, progress: Progress) -> Sequence[Run]:
    book = Book.load(root, [checked.chapter.path])
    return run_again(book, [checked], progress).get(checked.chapter.name, ())


def _progress() -> Progress:
    terminal = sys.stderr if sys.stderr.isatty() else None
    return Spoken(lambda text: show(text, sys.stderr), terminal)


def _note(text: str) -> None:
    say(f"bookproof: {text}", sys.stderr)
