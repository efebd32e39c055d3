"""Write a chapter of a section: front matter, anchors, text as MyST, and cells."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from string import Template

import yaml

from bookproof.notes import conventions as how
from bookproof.notes.defaults import FILE
from bookproof.notes.drafts import Cell, becomes_block, fenced
from bookproof.notes.findings import Finding
from bookproof.notes.headings import Heading
from bookproof.notes.note import OTHER, OUTPUT, PYTHON, Fence
from bookproof.notes.phrases import Phrases, reason
from bookproof.notes.prose import Prose
from bookproof.notes.rules import without_idle_rules
from bookproof.notes.sections import Section
from bookproof.notes.templates import without_idle

PLAIN = "---\n$front\n---\n\n$heading\n\n$text\n"
"""The template of a chapter where no other is given."""

_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


@dataclass
class Draft:
    """A chapter to be: its name, its section, and its cells by the fence that they come from.

    `given` is the cell of what it needs from elsewhere, if any; `setup` are those of the template.
    """

    name: str
    section: Section
    lines: list[str]
    headings: list[Heading]
    fences: list[Fence]
    cells: dict[int, list[Cell]] = field(default_factory=dict)
    given: Cell | None = None
    setup: list[Cell] = field(default_factory=list)
    split: str = FILE

    def all_cells(self) -> list[Cell]:
        """Return its cells in their order."""
        return [*self.setup, *self.own_cells()]

    def own_cells(self) -> list[Cell]:
        """Return its cells without those of the template."""
        found = [self.given] if self.given and self.given.source else []
        return found + [c for fence in self.fences for c in self.cells.get(fence.line, ())]

    def text(
        self,
        prose: Prose,
        phrases: Phrases,
        tell: Callable[[int, str], None],
        template: str = PLAIN,
    ) -> str:
        """Return the chapter, written into a template; `tell` is told what is left as it was.

        In a template stand `$front`, the front matter between its lines, `$heading`, the title
        with its anchor, `$text`, and `$title`, `$date`, `$sections`, a list of the ids that follow
        `sec-` in the anchors. Hidden cells stay where the chapter needs them. Raises ValueError for
        one that asks for more.
        """
        parts = _Writer(self, prose, phrases, tell).parts()
        template = without_idle(template, [cell.source for cell in self.own_cells()])
        try:
            return _squeezed(Template(template).substitute(parts))
        except (KeyError, ValueError) as error:
            names = ", ".join(f"${name}" for name in parts)
            raise ValueError(f"the template has {error}, wanted some of {names}") from None


class _Writer:
    def __init__(
        self, draft: Draft, prose: Prose, phrases: Phrases, tell: Callable[[int, str], None]
    ):
        self._draft = draft
        self._prose = prose
        self._phrases = phrases
        self._tell = tell
        self._gone = _gone(draft)
        self._lines = _with_levels(draft)
        self._dented = False

    def parts(self) -> dict[str, str]:
        section = self._draft.section
        head = {"file_format": "mystnb", "kernelspec": {"name": "python3"}, "title": section.title}
        if section.day:
            head["date"] = section.day.isoformat()
        front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10_000)
        [title] = self._prose.translate([f"# {section.title}"], section.line)
        out: list[str] = []
        if self._draft.given and self._draft.given.source:
            out += self._cell(self._draft.given)
        for start, end in section.spans:
            out += self._span(start, end)
        text = "\n".join(without_idle_rules("\n".join(out).split("\n")))
        anchors = [section.anchor, *re.findall(r"^\((sec-\d{4}-\d{4}-\d+)\)=$", text, re.MULTILINE)]
        ids = [anchor.removeprefix("sec-") for anchor in anchors[len(anchors) > 1 :] if anchor]
        return {
            "front": front.rstrip("\n"),
            "heading": f"({section.anchor})=\n{title}" if section.anchor else title,
            "text": text,
            "title": section.title,
            "date": head.get("date", ""),
            "sections": json.dumps(ids),
        }

    def _span(self, start: int, end: int) -> list[str]:
        out: list[str] = []
        place = start
        for fence in self._draft.fences:
            if start <= fence.line - 1 < end:
                out += self._prosed(place, fence.line - 1)
                out += self._fence(fence)
                place = max(place, fence.end)
        return [*out, *self._prosed(place, end)]

    def _prosed(self, start: int, end: int) -> list[str]:
        numbers = [n for n in range(start, end) if n + 1 not in self._gone]
        lines = [self._lines[n] for n in numbers]
        if self._dented and any(line.strip() for line in lines):
            lines = _without_dent(lines)
            self._dented = False
        if not any(line.strip() for line in lines):
            return [""]
        return ["", *self._prose.translate(lines, start + 1), ""]

    def _fence(self, fence: Fence) -> list[str]:
        if fence.role == PYTHON:
            self._dented |= bool(fence.indent.strip(">") or fence.indent.startswith((" ", "\t")))
            made = self._draft.cells.get(fence.line, ())
            return [line for cell in made for line in self._cell(cell)]
        if fence.role == OUTPUT and fence.line in self._gone:
            return []
        raw = [self._draft.lines[n] for n in range(fence.line - 1, fence.end)]
        if fence.role == OTHER and _is_prose(fence):
            self._tell(fence.line, "indented text is taken for a paragraph")
            plain = [line.strip() for line in raw]
            return ["", *self._prose.translate(plain, fence.line), ""]
        if fence.role == OTHER and how.language(fence.info) in how.LANGUAGES:
            self._tell(fence.line, f"stays plain code: {fence.why}")
            said = f"*{self._phrases.stays}{reason(fence.why, self._phrases)}*"
            body = fence.text.rstrip("\n").split("\n")
            return [
                "",
                *fenced("python" if _is_tokens(fence.text) else "text", body),
                "",
                said,
                "",
            ]
        if fence.indent.strip():  # in a quotation
            return raw
        return ["", *raw, ""]

    def _cell(self, cell: Cell) -> list[str]:
        if cell.skipped:
            why = reason(cell.skipped, self._phrases)
            said = f"{{unverified}}`{self._phrases.stays}{why} <{why}>`"
            return ["", *cell.fenced(), "", said, ""]
        return ["", *cell.fenced(), *cell.blocks, ""]


def _gone(draft: Draft) -> set[int]:
    """Return the lines of the note that stand outside of code and became blocks."""
    gone: set[int] = set()
    for fence in draft.fences:
        for cell in draft.cells.get(fence.line, ()):
            for finding in cell.findings:
                if not cell.skipped and becomes_block(finding):
                    gone |= _outside(finding, fence, draft)
    return gone


def _outside(finding: Finding, fence: Fence, draft: Draft) -> set[int]:
    claim = finding.claim
    if fence.line <= claim.line <= fence.end:
        return set()
    first, last = claim.line, claim.end
    for other in draft.fences:
        if other.line <= claim.line <= other.end:
            first, last = other.line, other.end
    found = set(range(first, last + 1))
    above = first - 1
    while above > fence.end and not draft.lines[above - 1].strip():
        above -= 1
    if above > fence.end and how.is_label(draft.lines[above - 1].lstrip("> ")):
        found.add(above)
    return found


def _with_levels(draft: Draft) -> list[str]:
    """Return the lines with headings whose levels follow one another below the title."""
    lines = list(draft.lines)
    open_levels = [draft.section.level]
    number = 0
    for heading in draft.headings:
        if not any(start <= heading.line < end for start, end in draft.section.spans):
            continue
        while len(open_levels) > 1 and open_levels[-1] >= heading.level:
            open_levels.pop()
        open_levels.append(heading.level)
        level = min(len(open_levels), 6)
        lines[heading.line] = f"{'#' * level} {heading.title}"
        if draft.split == FILE and draft.section.anchor and level == 2:
            number += 1
            anchor = f"({draft.section.anchor}-{number})="
            lines[heading.line] = f"\n{anchor}\n{lines[heading.line]}"
        for rest in range(heading.line + 1, heading.end):
            lines[rest] = ""
    return lines


def _without_dent(lines: list[str]) -> list[str]:
    """Return lines that follow a cell, which ended their list, without what its items had."""
    end = next(
        (n for n, line in enumerate(lines) if line.strip() and not line[0].isspace()), len(lines)
    )
    inner = textwrap.dedent("\n".join(line.expandtabs(4) for line in lines[:end]))
    return [*inner.split("\n"), *lines[end:]] if end else lines


def _is_prose(fence: Fence) -> bool:
    """Tell whether an indented block is text that its author moved to the right."""
    indented = not fence.info and not re.match(r"\s*(`{3,}|~{3,}|<pre)", fence.indent + fence.text)
    whole = fence.end - fence.line + 1 == fence.text.rstrip("\n").count("\n") + 1
    return indented and whole and bool(_CJK.search(fence.text) or "$" in fence.text)


def _is_tokens(text: str) -> bool:
    """Tell whether a highlighter takes a text for Python, which else warns."""
    from pygments.lexers import PythonLexer
    from pygments.token import Error

    return all(kind is not Error for kind, _ in PythonLexer().get_tokens(text))


def _squeezed(text: str) -> str:
    """Return a text without more than one blank line in a row outside of code."""
    out: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip(" \t" + fence[0]):
            fence = ""
        if fence or line.strip() or (out and out[-1].strip()):
            out.append(line if fence or line.strip() else "")
    return "\n".join(out).rstrip("\n") + "\n"
