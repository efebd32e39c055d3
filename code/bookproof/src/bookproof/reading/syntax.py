"""MyST's own parser, made to say where in a text its roles stand."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.image import image
from markdown_it.token import Token
from mdit_py_plugins.myst_role.index import myst_role
from myst_parser.parsers.mdit import create_md_parser

from bookproof.reading.dialect import Dialect, config_of


@functools.cache
def parser(dialect: Dialect) -> MarkdownIt:
    """Return MyST's parser, which says of a role and of a picture's text where they stand."""
    parser = create_md_parser(config_of(dialect), RendererHTML)
    parser.inline.ruler.at("myst_role", _role_with_span)
    parser.inline.ruler.at("image", _image_with_label)
    return parser


def _role_with_span(state: StateInline, silent: bool) -> bool:
    start = state.pos
    found = myst_role(state, silent)
    if found and not silent:
        state.tokens[-1].meta["span"] = start, state.pos
    return found


def _image_with_label(state: StateInline, silent: bool) -> bool:
    label = state.pos + len("![")
    found = image(state, silent)
    if found and not silent:
        state.tokens[-1].meta["label"] = label
    return found


def roles(tokens: Sequence[Token], base: int = 0) -> Iterator[tuple[str, int, int, bool]]:
    """Yield name, begin and end of each role in the text of an inline token with these children.

    The last says whether it stands in the text of a picture.
    """
    for token in tokens:
        if token.type == "myst_role":
            start, end = token.meta["span"]
            yield token.meta["name"], base + start, base + end, False
        elif token.type == "image":
            for name, start, end, _ in roles(token.children or (), base + token.meta["label"]):
                yield name, start, end, True
