"""What an editor has to change in its text where outputs are accepted."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bookproof.authoring.accepted import Accepted
from bookproof.reading.value import Place


class Change(NamedTuple):
    """A text for what stands between two places."""

    start: Place
    end: Place
    text: str


def changes(accepted: Accepted, text: str) -> Iterator[Change]:
    """Yield what is to be changed in the text of an editor, whose lines are those of the file.

    An editor may have another end of line than the file, and no byte order mark.
    """
    before, after = _bare(accepted.before), _bare(accepted.after)
    if "".join(before) != text.removeprefix("\ufeff"):
        end = "\r\n" if "\r\n" in text else "\n"
        before, after = _ended(before, end), _ended(after, end)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for operation, i, j, k, last in matcher.get_opcodes():
        if operation != "equal":
            yield Change(_place(before, i), _place(before, j), "".join(after[k:last]))


def _bare(lines: Sequence[str]) -> list[str]:
    return [lines[0].removeprefix("\ufeff"), *lines[1:]]


def _ended(lines: list[str], end: str) -> list[str]:
    return [line.rstrip("\r\n") + end * line.endswith("\n") for line in lines]


def _place(lines: list[str], index: int) -> Place:
    """Return where a line begins, or where the text ends."""
    if index == len(lines) and lines and not lines[-1].endswith("\n"):
        return Place(index, len(lines[-1]))
    return Place(index + 1, 0)
