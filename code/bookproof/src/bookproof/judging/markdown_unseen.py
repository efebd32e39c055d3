"""Find what Markdown shows beyond its own words: pictures, scripts, what directives bring in."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bookproof.judging import html_unseen

_PICTURES = ("image", "figure")
_BRINGS = re.compile(
    r"^\s*[`~:]{3,}\{(?P<directive>[\w:-]+)\}|\{(?:eval|glue)\b[^}]*\}`|\{\{", re.MULTILINE
)
_HARMLESS = str.split("admonition attention caution danger error hint important note tip warning")
_HARMLESS += str.split("seealso math code code-block list-table table epigraph rubric dropdown")


@functools.lru_cache(maxsize=64)
def unseen(markdown: str, myst: bool = False) -> tuple[str, ...]:
    """Name what a page shows of Markdown that its source does not say.

    `myst` tells that it is read as MyST, with directives and roles.
    """
    found, html = [], []
    for token in _tokens(markdown):
        if token.type == "image":
            found += ["picture"] * (not str(token.attrs["src"]).startswith("data:"))
        elif token.type in ("html_block", "html_inline"):
            html.append(token.content)
    found += html_unseen.unseen("".join(html))
    for match in _BRINGS.finditer(markdown) if myst else ():
        name = match["directive"]
        if name not in _HARMLESS:
            found.append("picture" if name in _PICTURES else "directive" if name else "role")
    return tuple(found)


def _tokens(markdown: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        yield token
        yield from token.children or ()
