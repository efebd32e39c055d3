"""Find the fences of a Markdown text, and read the blocks that some of them are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.parsers.mdit import create_md_parser

from bookproof.reading.block import Block
from bookproof.reading.dialect import JUPYTER_BOOK, Dialect, config_of


def fences(text: str, dialect: Dialect = JUPYTER_BOOK) -> Iterator[tuple[Token, bool]]:
    """Yield every fence of the text with whether it is nested in a list, quote or directive."""
    config = config_of(dialect)
    config = dataclasses.replace(config, disable_syntax=[*config.disable_syntax, "inline"])
    level = 0
    for token in create_md_parser(config, RendererHTML).parse(text + "\n"):
        level += token.nesting
        if token.type in ("fence", "colon_fence"):
            yield token, level != 0


def source_line(token: Token, source: str) -> int:
    """Return the line on which a cell's code begins, after the options on its top."""
    given, code = (text.rstrip().count("\n") for text in (token.content, source))
    return token.map[0] + 2 + max(given - code, 0)


def block_of(token: Token, places: Sequence[int]) -> Block:
    """Return the block of a fence; `places` are the lines in the file of the lines around it."""
    directive, _, argument = token.info.strip().partition(" ")
    start, end = (places[min(index, len(places) - 1)] for index in (token.map[0], token.map[1] - 1))
    return Block(
        directive.strip("{}"), start, end, argument.strip(), token.content, len(token.markup)
    )


def is_closed(token: Token, lines: list[str]) -> bool:
    """Tell whether a fence ends before the text that it stands in."""
    start, end = token.map
    last = lines[min(end, len(lines)) - 1].strip()
    return end - start > 1 and last.startswith(token.markup) and not last.strip(token.markup[0])
