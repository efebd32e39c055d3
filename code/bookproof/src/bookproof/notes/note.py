"""What is in a note: fences, the statements in them, and the outputs that its author typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PYTHON = "python"
"""The role of a fence that runs."""

OUTPUT = "output"
"""The role of a fence that a claim reads: an output, which never runs."""

OTHER = "other"
"""The role of a fence that is neither: another language, pseudo code, no Python as it stands."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a note at a line, without keeping the rest from being read."""

    line: int
    message: str


@dataclass(frozen=True)
class Statement:
    """A top-level statement of a fence as it is executed: without prompts, marks and indentation.

    `line` and `end` are 1-based lines of the file, the last included. `shows` says that it is a
    bare expression whose value a session or a notebook would show.
    """

    line: int
    end: int
    source: str
    shows: bool = False


@dataclass(frozen=True)
class Claim:
    """An output that the author typed.

    `line` and `end` are its own lines, `about` is the line of the expression or print that gives
    it. `statement` is the index, among the statements of its fence, of the one whose output or
    value it is, None where there is none. `claimed` is the output without comment signs, marks
    and labels; `expression` what gives it, where that is not the statement's own output (`y`
    under `y = f(x)`). `since` is the first statement of those whose outputs it may show together.
    """

    line: int
    end: int
    about: int
    statement: int | None
    convention: str
    claimed: str
    expression: str | None = None
    since: int | None = None


@dataclass(frozen=True)
class Fence:
    """A code fence, an indented block or a `<pre>`.

    `line` and `end` are the lines of the whole fence, marks included; `indent` is what stands
    before its mark, `info` what stands behind it, `text` its content without that indentation.
    `role` is one of `PYTHON`, `OUTPUT` and `OTHER`, `why` says why it does not run, empty where it
    does. A claim stands in the fence whose statement gives it, also where it is written below.
    """

    line: int
    end: int
    indent: str
    info: str
    text: str
    role: str
    why: str = ""
    statements: tuple[Statement, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Note:
    """A note: its file, its name as told to people, its text with line feeds, and its fences."""

    path: Path
    name: str
    text: str
    fences: tuple[Fence, ...] = ()
    problems: tuple[Problem, ...] = ()
