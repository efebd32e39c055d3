"""Import notes into a book: check them, try the chapters out, write those that nobody touched."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bookproof.book import Book, check, run_again
from bookproof.configuration import configuration
from bookproof.notes import checking, record, toc
from bookproof.notes.chapters import Draft
from bookproof.notes.findings import Checked, Verdict
from bookproof.notes.note import Note
from bookproof.notes.phrases import phrases_for
from bookproof.notes.pictures import FOLDER as PICTURES
from bookproof.notes.pictures import Pictures
from bookproof.notes.planned import Plan, data, fill, source_digest
from bookproof.notes.prose import Prose
from bookproof.notes.reading import read
from bookproof.notes.settled import settle
from bookproof.running import files
from bookproof.running.failure import Ending
from bookproof.telling.progress import Progress

FOLDER = "notes"
_NOT_COPIED = shutil.ignore_patterns("_build", ".*", "node_modules", "__pycache__", "*.egg-info")
_ROUNDS = 12
"""How often chapters are tried again without what failed in them."""


@dataclass
class Imported:
    """What an import did: chapters written, left to their author, unchanged; what to look at.

    `problems` are told with file and line, `verdicts` those on the claims of what was written.
    """

    written: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    verdicts: Counter = field(default_factory=Counter)

    def tell(self, name: str, line: int, message: str) -> None:
        """Add a problem at a line of a file."""
        text = f"{name}:{line}: {message}"
        if text not in self.problems:
            self.problems.append(text)


@dataclass(frozen=True)
class Options:
    """How to import: see the command."""

    split: str | None = None
    accept: bool = False
    folder: str = FOLDER
    workers: int = 2
    timeout: float = checking.TIMEOUT


def import_notes(
    paths: Iterable[Path],
    root: Path,
    options: Options = Options(),
    progress: Progress | None = None,
) -> Imported:
    """Write chapters of notes into the book at `root`; raises ValueError where that cannot be."""
    progress = progress or Progress()
    return _Import(root.resolve(), options, progress).all(notes_of(paths))


def notes_of(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Return the files of notes, each with its name as told; raises ValueError where none is."""
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in (".md", ".markdown"))
            hidden = (
                p for p in inside if any(part.startswith(".") for part in p.relative_to(path).parts)
            )
            inside = [p for p in inside if p not in set(hidden)]
            if not inside:
                raise ValueError(f"{path} has no notes: wanted files that end in .md")
            found += [(p, p.relative_to(path).as_posix()) for p in inside]
        elif path.is_file():
            found.append((path, path.name))
        else:
            raise ValueError(f"{path} is not there: give a note or a folder of notes")
    return found


class _Import:
    def __init__(self, root: Path, options: Options, progress: Progress):
        self._root = root
        self._options = options
        self._progress = progress
        self._done = Imported()
        self._toc = root / "_toc.yml"
        if not self._toc.is_file():
            raise ValueError(f"{root} has no _toc.yml: `bookproof new {root}` makes a book")
        self._settings = configuration(root).settings
        self._phrases = phrases_for(self._settings.language)
        self._entries = record.load(root)
        self._pictures = Pictures()
        self._folder = f"{options.folder.strip('/')}/" if options.folder.strip("./") else ""

    def all(self, paths: Sequence[tuple[Path, str]]) -> Imported:
        toc.files(self._toc.read_text("utf-8"))
        taken, anchors = self._present()
        plan = Plan(self._folder, self._entries, taken, anchors)
        planned: list[tuple[Note, list[Draft]]] = []
        for path, name in paths:
            note = self._read(path, name)
            if note:
                planned.append((note, plan.drafts(note, self._options.split)))
        links = self._links(planned)
        due = [(n, wanted) for n, drafts in planned if (wanted := self._due(n, drafts))]
        checked = self._checked([note for note, _ in due])
        drafts = {note.name: wanted for note, wanted in due}
        everything = dict((note.name, found) for note, found in planned)
        for one in checked:
            told = fill(everything[one.note.name], one, self._phrases)
            for problem in told:
                if _within(problem.line, drafts[one.note.name]):
                    self._done.tell(one.note.name, problem.line, problem.message)
        self._try([(one.note, drafts[one.note.name]) for one in checked])
        for one in checked:
            self._write(one, drafts[one.note.name], links)
        self._finish([(note, wanted) for note, wanted in due])
        return self._done

    def _read(self, path: Path, name: str) -> Note | None:
        try:
            note = read(path, name)
        except (OSError, ValueError) as error:
            said = str(error)
            self._done.problems.append(said if said.startswith(name) else f"{name}:1: {said}")
            return None
        for problem in note.problems:
            self._done.tell(name, problem.line, problem.message)
        if not note.text.strip():
            self._done.tell(name, 1, "the note is empty: nothing is made of it")
            return None
        return note

    def _present(self) -> tuple[set[str], set[str]]:
        """Return the chapters and the anchors of the book that no import has made."""
        names, anchors = set(), set()
        for path in self._root.rglob("*.md"):
            name = path.relative_to(self._root).as_posix()
            if name in self._entries or any(
                p.startswith((".", "_build")) for p in path.parts[len(self._root.parts) :]
            ):
                continue
            names.add(name)
            text = path.read_text("utf-8", "replace")
            anchors.update(re.findall(r"^\((sec-[\w-]+)\)=\s*$", text, re.MULTILINE))
        return names, anchors

    def _links(self, planned: Sequence[tuple[Note, list[Draft]]]) -> dict[str, str]:
        links = {}
        for note, drafts in planned:
            for draft in drafts:
                file = draft.name.rpartition("/")[2]
                links.setdefault(draft.section.title, file)
                links.setdefault(Path(note.name).stem, file)
        return links

    def _due(self, note: Note, drafts: list[Draft]) -> list[Draft]:
        """Return the chapters to write: new ones, and changed ones that nobody has touched."""
        due = []
        for draft in drafts:
            path, entry = self._root / draft.name, self._entries.get(draft.name)
            if entry and not path.is_file():
                self._done.left.append(f"{draft.name}: removed by its author")
            elif entry and record.digest(path.read_text("utf-8")) != entry.written:
                same = entry.source == source_digest(draft)
                why = "changed by its author"
                why += "" if same else f"; {note.name}:{draft.section.line} has changed too"
                self._done.left.append(f"{draft.name}: {why}")
            elif entry and entry.source == source_digest(draft):
                self._done.unchanged.append(draft.name)
            else:
                due.append(draft)
        return due

    def _checked(self, notes: list[Note]) -> list[Checked]:
        if not notes:
            return []
        self._progress.note(f"running the code of {len(notes)} note{'s'[: len(notes) > 1]}")
        folders = [(note, note.path.resolve().parent) for note in notes]
        return checking.check(
            folders,
            self._options.workers,
            self._options.timeout,
            keep=True,
            say=self._progress.note,
        )

    def _try(self, due: Sequence[tuple[Note, list[Draft]]]) -> None:
        """Run the drafts in a copy of the book, until what fails in them does not run."""
        with_cells = [(note, d) for note, drafts in due for d in drafts if d.all_cells()]
        if not with_cells:
            return
        with tempfile.TemporaryDirectory(prefix="bookproof-") as place:
            root = Path(place).resolve() / "book"
            shutil.copytree(self._root, root, ignore=_NOT_COPIED, symlinks=True)
            for note, draft in with_cells:
                _copy(data(note), (root / draft.name).parent)
            self._settle(root, with_cells)

    def _settle(self, root: Path, due: Sequence[tuple[Note, Draft]]) -> None:
        drafts = {draft.name: (note, draft) for note, draft in due}
        for turn in range(_ROUNDS):
            for _, draft in due:
                path = root / draft.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(_bare(draft), "utf-8")
            book = Book.load(root, [root / name for name in drafts])
            book = replace(book, workers=self._options.workers)
            report = check(book, self._progress)
            failed = [c for c in report.chapters if c.run.failure]
            for one in failed:
                note, draft = drafts[one.chapter.name]
                self._without(note, draft, one.run.failure, turn == _ROUNDS - 2)
            if not failed:
                break
        ran = [c for c in report.chapters if not c.run.failure]
        again = run_again(book, ran, self._progress)
        for one in ran:
            note, draft = drafts[one.chapter.name]

            def tell(line: int, message: str, name: str = note.name) -> None:
                self._done.tell(name, line, message)

            runs = (one.run, *again.get(one.chapter.name, ()))
            accept = self._options.accept
            settle(draft, one.chapter, runs, root, self._phrases, accept, tell)

    def _without(self, note: Note, draft: Draft, failure, last: bool) -> None:
        """Keep what failed from running, and with `last` all that follows it."""
        if failure.kind is Ending.NOT_STARTED or failure.cell is None:
            raise ValueError(f"{draft.name} cannot be tried: {failure.message}")
        made = draft.all_cells()
        cell = made[failure.cell]
        if cell.given:  # what it lacks is told where it is used
            cell.lines = _without_line(cell.lines, failure.line or 1)
            return
        for one in made[failure.cell :] if last else [cell]:
            one.skipped = one.skipped or failure.message
            self._done.tell(note.name, one.line, f"shown without running it: {one.skipped}")

    def _write(self, checked: Checked, drafts: Sequence[Draft], links: dict[str, str]) -> None:
        note = checked.note
        for draft in drafts:

            def tell(line: int, message: str) -> None:
                self._done.tell(note.name, line, message)

            prefix = f"eq-{draft.section.anchor.removeprefix('sec-') or Path(draft.name).stem}-"
            prose = Prose(note.path, self._pictures, self._phrases, tell, links, prefix)
            text = draft.text(prose, self._phrases, tell)
            path = self._root / draft.name
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, text)
            self._done.written.append(draft.name)
            for number, line in enumerate(text.split("\n"), 1):
                if line == f":alt: {self._phrases.alt}":
                    message = "say behind `:alt:` what the picture shows"
                    self._done.tell(draft.name, number, message)
            self._entries[draft.name] = record.Entry(
                note.name,
                draft.section.title,
                draft.section.day.isoformat() if draft.section.day else "",
                draft.section.anchor,
                source_digest(draft),
                record.digest(text),
            )
        for finding in checked.findings:
            if _within(finding.claim.line, drafts):
                self._done.verdicts[finding.verdict] += 1
                if finding.verdict is Verdict.FALSE and not self._options.accept:
                    message = "false, and imported as it is: the build fails here"
                    self._done.tell(note.name, finding.claim.line, message)

    def _finish(self, due: Sequence[tuple[Note, list[Draft]]]) -> None:
        """Copy pictures and data, write the table of contents and what is to be remembered."""
        if not due:
            return
        folder = self._root / self._folder
        _copy({f"{PICTURES}/{name}": path for name, path in self._pictures.copies.items()}, folder)
        for note, _ in due:
            _copy(data(note), folder)
        entries = [
            toc.Entry(draft.name.removesuffix(".md"), _caption(draft))
            for _, drafts in due
            for draft in drafts
        ]
        files.write(self._toc, toc.with_chapters(self._toc.read_text("utf-8"), entries))
        record.save(self._root, self._entries)


def _caption(draft: Draft) -> str:
    section = draft.section
    return f"{section.day.isoformat()} {section.words}".strip() if section.day else ""


def _within(line: int, drafts: Sequence[Draft]) -> bool:
    spans = (span for draft in drafts for span in draft.section.spans)
    return any(start <= line - 1 < end for start, end in spans)


def _bare(draft: Draft) -> str:
    """Return a chapter of nothing but the cells of a draft."""
    out = ["---", "file_format: mystnb", "kernelspec:", "  name: python3", "---", ""]
    for cell in draft.all_cells():
        out += [*cell.fenced(), ""]
    return "\n".join(out)


def _without_line(sources: list[str], line: int) -> list[str]:
    """Return sources, one or more lines each, without the one that has a line."""
    ends, number = [], 0
    for source in sources:
        number += source.count("\n") + 1
        ends.append(number)
    return [
        s for s, end in zip(sources, ends, strict=True) if not end - s.count("\n") <= line <= end
    ]


def _copy(copies: dict[str, Path], folder: Path) -> None:
    for name, path in copies.items():
        target = folder / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
