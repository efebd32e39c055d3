"""Find the comments of a piece of Python."""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import dataclass

_SIGN = re.compile(r"\s*#+(?:[ \t\u3000](?=\S)|[ \t]?)")


@dataclass(frozen=True)
class Comment:
    """A comment: its 0-based line, its text with the sign, and whether code stands before it."""

    line: int
    text: str
    trails: bool


def comments(lines: list[str], first: int, last: int) -> list[Comment]:
    """Return the comments on some lines of a text, the last included."""
    found = []
    source = "\n".join(lines[first : last + 1]) + "\n"
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                trails = bool(token.line[: token.start[1]].strip())
                found.append(Comment(first + token.start[0] - 1, token.string, trails))
    except (tokenize.TokenError, SyntaxError):
        pass  # what stands before is known
    return found


def is_comment(line: str) -> bool:
    """Tell whether a line is a comment alone."""
    return line.lstrip().startswith("#")


def bare(comment: str) -> str:
    """Return a comment's text without its sign.

    >>> bare("# [1 2]"), bare("#[1 2]"), bare("#   [3 4]")
    ('[1 2]', '[1 2]', '  [3 4]')
    """
    found = _SIGN.match(comment)
    rest = comment[found.end() :] if found else comment
    return rest.rstrip()
