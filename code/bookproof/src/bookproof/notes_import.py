"""Import notes into a book: check them, try the chapters out, write those that nobody touched."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bookproof.configuration import configuration
from bookproof.notes import myst_toc, record, toc
from bookproof.notes.chapters import Draft
from bookproof.notes.checking import check as check_notes
from bookproof.notes.findings import Checked, Verdict
from bookproof.notes.gather import gather
from bookproof.notes.note import Note
from bookproof.notes.phrases import phrases_for
from bookproof.notes.pictures import FOLDER as PICTURES
from bookproof.notes.pictures import Pictures
from bookproof.notes.planned import Plan, data, fill, source_digest
from bookproof.notes.prose import Prose
from bookproof.notes.report import brief
from bookproof.notes.templates import setup
from bookproof.notes_trial import Options, Trial, copy
from bookproof.running import files
from bookproof.telling.progress import Progress


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


def import_notes(
    paths: Iterable[Path],
    root: Path,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Write chapters of notes into the book at `root`; raises ValueError where that cannot be."""
    progress = progress or Progress()
    notes, troubles = gather(list(paths))
    if not notes:
        raise ValueError("\n".join(troubles))
    return _Import(root.resolve(), options or Options(), progress).all(notes, troubles)


@dataclass
class _Planned:
    """A note, the folder that it belongs to, its chapters, and those to be written."""

    note: Note
    root: Path
    drafts: list[Draft]
    due: list[Draft] = field(default_factory=list)
    checked: Checked | None = None


def key_of(note: Note, root: Path) -> str:
    """Return by which name a book remembers a note, wherever that is kept."""
    return note.path.resolve().relative_to(root.resolve()).as_posix()


class _Import:
    def __init__(self, root: Path, options: Options, progress: Progress):
        self._root = root
        self._options = options
        self._progress = progress
        self._done = Imported()
        self._toc, self._contents = root / "_toc.yml", toc.with_chapters
        self._settings = configuration(root).settings
        self._is_myst = self._settings.project is not None
        if self._is_myst:
            self._toc, self._contents = root / "myst.yml", myst_toc.with_chapters
        if not self._toc.is_file():
            raise ValueError(f"{root} has no _toc.yml: `bookproof new {root}` makes a book")
        self._phrases = phrases_for(self._settings.language)
        self._entries = record.load(root)
        self._pictures = Pictures()
        self._folder = f"{options.folder.strip('/')}/" if options.folder.strip("./") else ""

    def all(self, notes: Sequence[tuple[Note, Path]], troubles: Sequence[str]) -> Imported:
        """Import notes, each with the folder that it belongs to."""
        self._contents(self._toc.read_text("utf-8"), [])
        self._done.problems += troubles
        taken, anchors = self._present()
        plan = Plan(self._folder, self._entries, taken, anchors)
        planned = [
            _Planned(note, root, plan.drafts(note, key_of(note, root), self._options.split))
            for note, root in notes
            if self._is_note(note)
        ]
        links = _links(planned)
        for one in planned:
            one.due = self._due(one)
        due = [one for one in planned if one.due]
        for one, checked in zip(due, self._checked(due), strict=True):
            one.checked = checked
            for problem in fill(one.drafts, checked, self._phrases):
                if _within(problem.line, one.due):
                    self._done.tell(one.note.name, problem.line, problem.message)
            for draft in one.due:
                sources = [cell.source for cell in draft.own_cells()]
                draft.setup = setup(self._options.template, sources)
        trial = Trial(self._root, self._options, self._phrases, self._progress, self._done.tell)
        trial.settle([(one.note, draft) for one in due for draft in one.due])
        for one in due:
            self._write(one, links)
        self._finish(due)
        return self._done

    def _is_note(self, note: Note) -> bool:
        for problem in note.problems:
            self._done.tell(note.name, problem.line, problem.message)
        if not note.text.strip():
            self._done.tell(note.name, 1, "the note is empty: nothing is made of it")
        return bool(note.text.strip())

    def _present(self) -> tuple[set[str], set[str]]:
        """Return the chapters and the anchors of the book that no import has made."""
        names, anchors = set(), set()
        for path in self._root.rglob("*.md"):
            name = path.relative_to(self._root).as_posix()
            hidden = any(part.startswith((".", "_build")) for part in name.split("/"))
            if name in self._entries or hidden:
                continue
            names.add(name)
            text = path.read_text("utf-8", "replace")
            anchors.update(re.findall(r"^\((sec-[\w-]+)\)=\s*$", text, re.MULTILINE))
        return names, anchors

    def _due(self, planned: _Planned) -> list[Draft]:
        """Return the chapters to write: new ones, and changed ones that nobody has touched."""
        due, note = [], planned.note
        for draft in planned.drafts:
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

    def _checked(self, due: Sequence[_Planned]) -> list[Checked]:
        if not due:
            return []
        self._progress.note(f"running the code of {len(due)} note{'s'[: len(due) > 1]}")
        folders = [(one.note, one.root) for one in due]
        options = self._options
        say = self._progress.note
        return check_notes(folders, options.workers, options.timeout, keep=True, say=say)

    def _write(self, planned: _Planned, links: dict[str, str]) -> None:
        note, drafts = planned.note, planned.due
        for draft in drafts:

            def tell(line: int, message: str) -> None:
                self._done.tell(note.name, line, message)

            prefix = f"eq-{draft.section.anchor.removeprefix('sec-') or Path(draft.name).stem}-"
            prose = Prose(note.path, self._pictures, self._phrases, tell, links, prefix)
            text = draft.text(prose, self._phrases, tell, self._options.template)
            text = myst_toc.fitted(text) if self._is_myst else text
            path = self._root / draft.name
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, text)
            self._done.written.append(draft.name)
            for number, line in enumerate(text.split("\n"), 1):
                if line == f":alt: {self._phrases.alt}":
                    message = "say behind `:alt:` what the picture shows"
                    self._done.tell(draft.name, number, message)
            self._entries[draft.name] = record.Entry(
                key_of(note, planned.root),
                draft.section.title,
                draft.section.day.isoformat() if draft.section.day else "",
                draft.section.anchor,
                source_digest(draft),
                record.digest(text),
            )
        for finding in planned.checked.findings:
            if _within(finding.claim.line, drafts):
                self._done.verdicts[finding.verdict] += 1
                if finding.verdict is Verdict.FALSE and not self._options.accept:
                    said, gave = brief(finding.claim.claimed), brief(finding.actual)
                    message = f"false, and imported as it is: {said} is said, the code gives {gave}"
                    self._done.tell(note.name, finding.claim.line, message)

    def _finish(self, due: Sequence[_Planned]) -> None:
        """Copy pictures and data, write the table of contents and what is to be remembered."""
        if not due:
            return
        folder = self._root / self._folder
        copy({f"{PICTURES}/{name}": path for name, path in self._pictures.copies.items()}, folder)
        for one in due:
            copy(data(one.note), folder)
        entries = [
            toc.Entry(draft.name.removesuffix(".md"), _caption(draft))
            for one in due
            for draft in one.due
        ]
        files.write(self._toc, self._contents(self._toc.read_text("utf-8"), entries))
        record.save(self._root, self._entries)


def _caption(draft: Draft) -> str:
    section = draft.section
    return f"{section.day.isoformat()} {section.words}".strip() if section.day else ""


def _within(line: int, drafts: Sequence[Draft]) -> bool:
    spans = (span for draft in drafts for span in draft.section.spans)
    return any(start <= line - 1 < end for start, end in spans)


def _links(planned: Sequence[_Planned]) -> dict[str, str]:
    """Return the files of chapters by the names that wiki links use: of notes, and of sections."""
    links: dict[str, str] = {}
    for one in planned:
        for draft in one.drafts:
            file = draft.name.rpartition("/")[2]
            links.setdefault(draft.section.title, file)
            links.setdefault(one.note.path.stem, file)
    return links
