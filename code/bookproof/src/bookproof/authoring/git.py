"""Tell what git could not give back if a file were written anew."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path


def first_lost(path: Path, before: Sequence[str], after: Sequence[str]) -> int:
    """Return the first line of a file that new lines would overwrite for good, 0 where none is.

    Git gives back what is in its index. A file that it never had it never could.
    """
    had = _lines(path)
    if had is None:
        return 0
    old, now, then = ([line.rstrip("\r\n") for line in lines] for lines in (had, before, after))
    kept = SequenceMatcher(None, old, now, autojunk=False).get_matching_blocks()
    known = {block.b + place for block in kept for place in range(block.size)}
    for what, start, end, *_ in SequenceMatcher(None, now, then, autojunk=False).get_opcodes():
        lost = set(range(start, end)) - known
        if what != "equal" and lost:
            return min(lost) + 1
    return 0


def _lines(path: Path) -> list[str] | None:
    """Return the lines of a file as git has it, in a conflict as it was before."""
    for revision in ("", "HEAD"):
        show = ["git", "show", f"{revision}:./{path.name}"]
        try:
            shown = subprocess.run(show, cwd=path.parent, capture_output=True, check=False)
        except OSError:
            return None
        if shown.returncode == 0:
            return shown.stdout.decode("utf-8", "replace").split("\n")
    return None
