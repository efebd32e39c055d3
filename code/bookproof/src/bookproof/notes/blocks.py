"""Find what bears on code in a Markdown text: fences, blocks, `<pre>`, and what is between."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bookproof.notes.note import Problem
from bookproof.reading.fences import is_closed

_HEADING = re.compile(r"\s*(#{2,6}\s*\S|[-*+]\s|\d+\.\s|!\[|>|\|)|\s*[^\x00-\x7f#]")
_PRE = re.compile(r"<pre[^>]*>(?:\s*<code[^>]*>)?\n?(.*?)(?:</code>\s*)?</pre>", re.DOTALL | re.I)
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
CODE = ("fence", "indented", "pre")
"""The kinds of blocks that may hold code or what it gives."""


@dataclass(frozen=True)
class Block:
    """A piece of a Markdown text, in its order.

    `kind` is one of `CODE`, or "text", "quote", "table", "heading" and "other". `line` and `end`
    are the lines that it takes, `first` is that of its content.
    """

    kind: str
    line: int
    end: int
    first: int
    text: str
    indent: str = ""
    info: str = ""


def blocks(text: str) -> tuple[list[Block], list[Problem]]:
    """Return the blocks of a text, and what is wrong with it."""
    problems: list[Problem] = []
    lines = _without_front_matter(text, problems).split("\n")
    tokens = _parse(lines)
    for _ in range(100):
        opened = next((t for t in tokens if t.type == "fence" and _swallows(t, lines)), None)
        if opened is None:
            break
        line = opened.map[0] + 1
        close = _where_to_close(opened, lines)
        if not any(problem.line == line for problem in problems):
            where = f"read as if it ended at line {close + 1}" if close else "read to the end"
            problems.append(Problem(line, f"the fence is never closed: {where}"))
        if close is None:
            break
        lines[close] = _before(opened, lines) + opened.markup
        tokens = _parse(lines)
    return list(_blocks(tokens, lines)), problems


def _parse(lines: list[str]) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse("\n".join(lines) + "\n")


def _without_front_matter(text: str, problems: list[Problem]) -> str:
    found = _FRONT.match(text)
    if not found or not re.match(r"\s*(#.*\n\s*)*[\w\"'-]+\s*:", found[1] or ""):
        return text
    try:
        yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        problems.append(Problem(mark.line + 2 if mark else 1, f"front matter is no YAML: {what}"))
    return "\n" * found.group().count("\n") + text[found.end() :]


def _swallows(fence: Token, lines: list[str]) -> bool:
    """Tell whether a fence is never closed, or only by the end of another that opens within."""
    return not is_closed(fence, lines) or _opening_within(fence, lines) is not None


def _opening_within(fence: Token, lines: list[str]) -> int | None:
    mark = re.compile(rf"\s*{re.escape(fence.markup)}+[ ]?[A-Za-z]\w*\s*$")
    inside = range(fence.map[0] + 1, fence.map[1])
    return next((number for number in inside if mark.match(lines[number])), None)


def _where_to_close(fence: Token, lines: list[str]) -> int | None:
    """Return the blank line at which a fence that is not closed may be taken to end."""
    end = _opening_within(fence, lines)
    blank = [
        number
        for number in range(fence.map[0] + 1, min(fence.map[1] if end is None else end, len(lines)))
        if not lines[number].strip()
    ]
    for number in blank:
        if number + 1 < len(lines) and _HEADING.match(lines[number + 1]):
            return number
    return blank[-1] if blank and end is not None else None


def _before(fence: Token, lines: list[str]) -> str:
    return lines[fence.map[0]].partition(fence.markup)[0]


def _blocks(tokens: list[Token], lines: list[str]) -> Iterator[Block]:
    quoted = table = 0
    for place, token in enumerate(tokens):
        quoted += token.nesting * token.type.startswith("blockquote")
        table += token.nesting * token.type.startswith("table")
        if not token.map:
            continue
        line, end = token.map[0] + 1, token.map[1]
        if token.type == "fence":
            yield Block(
                "fence", line, end, line + 1, token.content, _before(token, lines), token.info
            )
        elif token.type == "code_block":
            raw = lines[token.map[0]]
            indent = raw[: len(raw) - len(raw.lstrip())]
            end = line + token.content.rstrip("\n").count("\n")
            yield Block("indented", line, end, line, token.content, indent)
        elif token.type == "html_block":
            yield from _html(token, line, end)
        elif token.type == "table_open":
            rows = [row for row in lines[line - 1 : end] if not re.fullmatch(r"[\s|:-]+", row)]
            yield Block("table", line, end, line, "\n".join(rows))
        elif token.type == "inline" and not table:
            opened = tokens[place - 1].type
            kind = "heading" if opened.startswith("heading") else "quote" if quoted else "text"
            yield Block(kind, line, end, line, token.content)
        elif token.type == "hr":
            yield Block("other", line, end, line, "")


def _html(token: Token, line: int, end: int) -> Iterator[Block]:
    found = _PRE.search(token.content)
    if not found:
        yield Block("other", line, end, line, token.content)
        return
    before = token.content[: found.start(1)].count("\n")
    text = html.unescape(re.sub(r"</?(?:span|font|b|i|code)\b[^>]*>", "", found[1]))
    yield Block("pre", line, end, line + before, text)
