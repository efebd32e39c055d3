"""What a reader sees of a text that was written for a terminal."""

from __future__ import annotations

import re

from bookproof.reading.machine import even_out

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def normalise(text: str) -> str:
    """Return the text as a reader sees it.

    ANSI codes go; of a line that was overwritten by carriage returns the last state stays;
    trailing blanks and blank lines around the text go, and so does what belongs to the machine.
    """
    lines = _ANSI.sub("", text).replace("\r\n", "\n").split("\n")
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in lines]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    return even_out("\n".join(lines))
