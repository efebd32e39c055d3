"""Say how many there are of something."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """Return a number of things, as in `1 output` and `2 outputs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
