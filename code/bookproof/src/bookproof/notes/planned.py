"""Plan an import: the sections of the notes, their names, anchors, cells and needs."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from bookproof.notes.chapters import Draft
from bookproof.notes.context import needed
from bookproof.notes.dates import dated
from bookproof.notes.defaults import FILE
from bookproof.notes.drafts import Cell, Follow, cells, foreign
from bookproof.notes.findings import Checked
from bookproof.notes.note import PYTHON, Note, Problem, Statement
from bookproof.notes.phrases import Phrases
from bookproof.notes.record import Entry, digest
from bookproof.notes.sections import Sections
from bookproof.notes.slugs import slug, unique
from bookproof.notes.statements import parse

_LARGEST = 20_000_000


class Plan:
    """The drafts of all notes of an import.

    `entries` are what the book remembers, `taken` the chapters and `anchors` that it has besides.
    """

    def __init__(
        self,
        folder: str,
        entries: dict[str, Entry],
        taken: Collection[str],
        anchors: Collection[str],
    ):
        self._folder = folder
        self._entries = entries
        self._names = set(taken)
        self._anchors = set(anchors)

    def drafts(self, note: Note, key: str, split: str | None) -> list[Draft]:
        """Return the chapters that a note becomes, without cells; `key` is how it is remembered."""
        found = Sections(note, split)
        made = []
        for section in found.all():
            spans = section.spans
            fences = [f for f in note.fences if any(a <= f.line - 1 < b for a, b in spans)]
            day = section.day.isoformat() if section.day else ""
            name, anchor = self._remembered(key, section.title, day) or self._new(section, found)
            section = replace(section, anchor=anchor)
            made.append(
                Draft(name, section, found.lines, found.headings, fences, split=found.split)
            )
        return made

    def _remembered(self, key: str, title: str, day: str) -> tuple[str, str] | None:
        for name, entry in self._entries.items():
            same = (entry.note, entry.section, entry.day) == (key, title, day)
            if same and name not in self._names:
                self._names.add(name)
                self._anchors.add(entry.anchor)
                return name, entry.anchor
        return None

    def _new(self, section, found: Sections) -> tuple[str, str]:
        stem = slug(section.title)
        if section.day:
            told = dated(section.title)
            title = told.rest if told else section.title
            stem = f"{section.day.isoformat()}-{slug(title)}" if title else section.day.isoformat()
        taken = {name.removesuffix(".md") for name in (*self._names, *self._entries)}
        name = unique(f"{self._folder}{stem}", taken) + ".md"
        self._names.add(name)
        if not section.day:
            return name, ""
        start = f"sec-{section.day:%Y-%m%d}"
        number = section.number
        parts = found.split == FILE and any(heading.level == 2 for heading in found.headings)
        anchor = start if parts else f"{start}-{number}"
        others = self._anchors | {entry.anchor for entry in self._entries.values()}
        while anchor in others:
            number += 1
            anchor = f"{start}-{number}"
        self._anchors.add(anchor)
        return name, anchor


def fill(drafts: list[Draft], checked: Checked, phrases: Phrases) -> Iterator[Problem]:
    """Give the drafts of a note their cells; yield what is left as it was."""
    follow = Follow()
    above: list[Statement] = []
    places = {fence.line: number for number, fence in enumerate(checked.note.fences)}
    for draft in sorted(drafts, key=lambda draft: draft.section.line):
        own: list[Statement] = []
        for fence in draft.fences:
            if fence.role != PYTHON:
                continue
            place = places[fence.line]
            ran = checked.ran[place] if place < len(checked.ran) else ()
            findings = [f for f in checked.findings if f.claim in fence.claims]
            whys = follow.why_not(fence, ran, findings)
            draft.cells[fence.line] = cells(fence, findings, whys, ran)
            own += [s for s, why in zip(fence.statements, whys, strict=True) if not why]
            for cell in draft.cells[fence.line]:
                if cell.skipped:
                    why = cell.skipped.split("\n")[0]
                    yield Problem(cell.line, f"shown without running it: {why}")
            for line in foreign(fence, findings):
                yield Problem(line, "no Python and no claim: written as a comment")
        sources = needed(above, own)
        if sources:
            draft.given = Cell(draft.section.line, [phrases.given, *sources], given=True)
        above += own


def data(note: Note) -> dict[str, Path]:
    """Return the files beside a note that its code names, by the names that it uses."""
    found = {}
    for fence in note.fences:
        for statement in fence.statements:
            for name in _strings(statement.source):
                path = note.path.parent / name
                try:
                    inside = path.resolve().is_relative_to(note.path.parent.resolve())
                    if inside and path.is_file() and path.stat().st_size < _LARGEST:
                        found[name] = path
                except (OSError, ValueError):
                    continue
    return found


def _strings(source: str) -> Iterator[str]:
    try:
        tree = parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value.strip()
            if text and "\n" not in text and len(text) < 200:
                yield text


def source_digest(draft: Draft) -> str:
    """Return the digest of what a note says in the section of a draft, and of all code above it."""
    lines = [line for start, end in draft.section.spans for line in draft.lines[start:end]]
    return digest("\n".join([draft.section.title, *lines]))
