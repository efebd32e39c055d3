"""Find the headings of a note, also those without a blank behind their marks."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from markdown_it import MarkdownIt

_LOOSE = re.compile(r"(#{1,6})([^\s#!].*)")
_MARKUP = re.compile(r"(?<!\\)(\*\*|__|==|`|~~)")


@dataclass(frozen=True)
class Heading:
    """A heading: 0-based lines of the text, the last excluded, its level, and its words."""

    line: int
    end: int
    level: int
    title: str

    @property
    def plain(self) -> str:
        """Return its words without marks."""
        title = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", self.title)
        return _MARKUP.sub("", re.sub(r"<[^>]+>", "", title)).strip()


def with_blanks(lines: list[str], code: Collection[int]) -> list[str]:
    """Return the lines with a blank in headings that lack it (`##标题`), but not in tags.

    `code` are the lines that are none of prose.
    """
    found = list(lines)
    for number, line in enumerate(lines):
        loose = _LOOSE.fullmatch(line.rstrip())
        if number in code or not loose:
            continue
        alone = not _near(lines, number - 1) and not _near(lines, number + 1)
        tags = re.search(r"\s#\S", loose[2]) or loose[2].startswith(("include", "define"))
        if not tags and (len(loose[1]) > 1 or (alone and not loose[2].isascii())):
            found[number] = f"{loose[1]} {loose[2]}"
    return found


def headings(lines: list[str], code: Collection[int]) -> list[Heading]:
    """Return the headings that stand in no list and in no quotation."""
    prose = ["" if number in code else line for number, line in enumerate(lines)]
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(prose) + "\n")
    return [
        Heading(token.map[0], token.map[1], int(token.tag[1]), tokens[place + 1].content.strip())
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


def _near(lines: list[str], number: int) -> bool:
    return 0 <= number < len(lines) and bool(lines[number].strip())
