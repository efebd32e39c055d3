"""Filters even out what differs from run to run or between machines: `norm=` names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bookproof.judging import dates, durations, places

Filter = Callable[[str], str | None]
"""What makes of a line the one that is compared, None where it is not to be compared at all."""

GONE = "…"

_ADDRESS = re.compile(r"(?<=\bat )0[xX][0-9a-fA-F]+\b|(?<![A-Za-z0-9_])0[xX][0-9a-fA-F]{6,16}\b")
_ID = re.compile(r"(?<![A-Za-z0-9_.,-])[0-9]{7,15}(?![A-Za-z0-9_]|[.,][0-9])")
_ENDS = r"(?![A-Za-z0-9_]|\.[0-9])"
_PROCESS = re.compile(
    r"(?:(?P<before>(?<![A-Za-z])p?pid['\"]?(?: ?[=:#：] ?| )"
    r"|\bprocess(?:es)? ?(?:id ?[=:#]? ?|[=:#] ?)"
    r"|(?<![A-Za-z])(?:parent|tid) ?= ?|(?:进程|线程)(?:号|id) ?[：:=]? ?"
    r"|(?<![A-Za-z0-9])(?:ipykernel|xpython)_|/proc/)[0-9]+"
    r"|(?P<bare>\b(?:process|started|thread) |(?:进程|线程) ?)[0-9]{3,}"
    r"(?= ?(?:$|[^\w\s]|(?:is|was|has|ended|exited|started|stopped|died|finished|killed)\b)))"
    + _ENDS,
    re.IGNORECASE,
)
_UUID = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9A-Za-z])"
)
_BLANKS = re.compile(r"[ \t]+")

FILTERS: dict[str, Filter] = {
    "addr": lambda line: _ADDRESS.sub("0x…", line),
    "id": lambda line: _ID.sub(GONE, line),
    "pid": lambda line: _PROCESS.sub(rf"\g<before>\g<bare>{GONE}", line),
    "uuid": lambda line: _UUID.sub(GONE, line),
    "path": places.even_out,
    "date": dates.even_out,
    "time": durations.even_out,
    "blanks": lambda line: _BLANKS.sub(" ", line.strip()),
}
"""The filters that every book has, in the order in which they work."""


@dataclass(frozen=True)
class Own:
    """A filter of a book's own: what `pattern` finds in a line becomes `replacement`."""

    name: str
    pattern: str
    replacement: str

    @cached_property
    def _compiled(self) -> re.Pattern:
        return re.compile(self.pattern)

    def __call__(self, line: str) -> str:
        return self._compiled.sub(self.replacement, line)


def resolve(names: Iterable[str], own: Mapping[str, tuple[str, str]]) -> tuple[Filter, ...]:
    """Return the filters of these names: first the book's own, by name, then those of the table.

    Raises ValueError where one is unknown.
    """
    names = set(names)
    known = [*FILTERS, *own]
    if unknown := sorted(names.difference(known)):
        raise ValueError(f"has an unknown filter {unknown[0]!r}; known: {', '.join(known)}")
    ours = [Own(name, *own[name]) for name in sorted(own) if name in names]
    return (*ours, *(even_out for name, even_out in FILTERS.items() if name in names))


def check_own(settings: object) -> dict[str, tuple[str, str]]:
    """Return the filters that a configuration gives as `bookproof_filters`.

    Raises ValueError, with what is wrong, where they are no such filters.
    """
    if not isinstance(settings, Mapping):
        raise ValueError(f"bookproof_filters is {settings!r}, wanted {_WANTED}")
    for name, rule in settings.items():
        place = f"bookproof_filters: {name}"
        if not isinstance(name, str) or not re.fullmatch(r"[^\W\d][\w-]*", name):
            raise ValueError(f"{place}: wanted a name of letters, digits, - and _")
        if name in FILTERS:
            raise ValueError(f"{place}: there is a built-in filter of this name: choose another")
        pair = isinstance(rule, (list, tuple)) and len(rule) == 2
        if not pair or not all(isinstance(part, str) for part in rule):
            raise ValueError(f"{place} is {rule!r}, wanted {_WANTED}")
        try:
            re.compile(rule[0]).sub(rule[1], "")
        except (re.error, IndexError) as error:
            raise ValueError(f"{place}: {rule[0]!r} with {rule[1]!r}: {error}") from error
    return {name: tuple(rule) for name, rule in settings.items()}


_WANTED = "a pattern and a replacement for each name: {NAME: [PATTERN, REPLACEMENT]}"


def apply(filters: Iterable[Filter], lines: Iterable[str]) -> list[tuple[int, str]]:
    """Return what is left of lines to compare, each with its number, from 1."""
    numbered = []
    for number, line in enumerate(lines, start=1):
        for even_out in filters:
            line = even_out(line)
            if line is None:
                break
        else:
            numbered.append((number, line))
    return numbered
