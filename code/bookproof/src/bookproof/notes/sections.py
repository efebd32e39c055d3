"""Split a note into what becomes chapters: by days and their sections, or as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

import yaml

from bookproof.notes.dates import Dated, dated, opens_with_date
from bookproof.notes.defaults import FILE, HEADING, NONE
from bookproof.notes.headings import Heading, headings, with_blanks
from bookproof.notes.note import Note
from bookproof.notes.slugs import without_number

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


Spans = tuple[tuple[int, int], ...]
"""Lines of a note, each from and to."""


@dataclass(frozen=True)
class Section:
    """A part of a note that becomes a chapter.

    `spans` are the 0-based lines of its text, each from and to; `number` counts the sections of a
    day from 1; `level` is that of its title.
    """

    title: str
    day: date | None
    number: int
    spans: tuple[tuple[int, int], ...]
    level: int
    line: int
    words: str = ""
    """What the heading of the day says beside the date."""
    anchor: str = ""
    """The name by which others link to it, empty where there is none."""


class Sections:
    """The lines of a note and its sections."""

    def __init__(self, note: Note, split: str | None = None):
        front = _FRONT.match(note.text)
        self._front = _mapping(front[1] if front else "")
        self._start = front.group().count("\n") if front and self._front is not None else 0
        lines = note.text.split("\n")
        fences = {n for f in note.fences for n in range(f.line - 1, f.end)}
        code = fences | set(range(self._start))
        self.lines = with_blanks(lines, code)
        self.headings = headings(self.lines, code)
        self._note = note
        days = [(h, d) for h in self.headings if (d := opens_with_date(h.plain))]
        top = min((h.level for h, _ in days), default=0)
        self._days = [(h, d) for h, d in days if h.level == top]
        self.split = split or (HEADING if self._days else FILE)

    def all(self) -> list[Section]:
        """Return the sections in their order."""
        if self.split == HEADING and self._days:
            found = self._of_days()
            above = (self._start, self._days[0][0].line)
            if any(line.strip() for line in self.lines[slice(*above)]):
                found[0] = replace(found[0], spans=(above, *found[0].spans))
            return found
        return [self._whole()]

    def _of_days(self) -> list[Section]:
        found: list[Section] = []
        pieces: list[tuple[str, Spans, Heading]]
        ends = [heading.line for heading, _ in self._days[1:]] + [len(self.lines)]
        numbers: dict[date, int] = {}
        for (heading, day), end in zip(self._days, ends, strict=True):
            inner = [h for h in self.headings if heading.end <= h.line < end]
            level = min((h.level for h in inner), default=0)
            parts = [h for h in inner if h.level == level]
            if not parts:
                title = day.rest or heading.plain
                pieces = [(title, ((heading.end, end),), heading)]
            else:
                stops = [h.line for h in parts[1:]] + [end]
                pieces = [
                    (h.title, ((h.end, stop),), h) for h, stop in zip(parts, stops, strict=True)
                ]
                if any(line.strip() for line in self.lines[heading.end : parts[0].line]):
                    title, spans, at = pieces[0]
                    pieces[0] = title, ((heading.end, parts[0].line), *spans), at
            for title, spans, at in pieces:
                number = numbers[day.day] = numbers.get(day.day, 0) + 1
                words = day.rest if parts else ""
                found.append(
                    Section(
                        without_number(title), day.day, number, spans, at.level, at.line + 1, words
                    )
                )
        return found

    def _whole(self) -> Section:
        first = self.headings[0] if self.headings else None
        tops = [h for h in self.headings if first and h.level <= first.level]
        titled = first is not None and len(tops) == 1 and self._is_first(first)
        stem = dated(self._note.path.stem)
        day = None if self.split == NONE else self._day(first, stem)
        front = (self._front or {}).get("title")
        title = str(front) if front else first.title if titled else ""
        if not title:
            title = stem.rest or self._note.path.stem if stem else self._note.path.stem
        spans: Spans = ((self._start, len(self.lines)),)
        level = 0
        if titled and (not front or first.plain == front):
            spans = ((self._start, first.line), (first.end, len(self.lines)))
            level = first.level
        elif self.headings:
            level = min(h.level for h in self.headings) - 1
        return Section(title.strip(), day, 1, spans, level, self._start + 1)

    def _is_first(self, heading: Heading) -> bool:
        return not any(line.strip() for line in self.lines[self._start : heading.line])

    def _day(self, first: Heading | None, stem: Dated | None) -> date | None:
        told = (self._front or {}).get("date")
        found = dated(str(told)) if told else None
        found = found or stem or (opens_with_date(first.plain) if first else None)
        return found.day if found else None


def _mapping(text: str | None) -> dict | None:
    """Return front matter, empty where it is no YAML, None where it is none at all."""
    try:
        found = yaml.safe_load(text or "")
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else None
