"""Say something to who gave a command."""

from __future__ import annotations

import sys
from typing import TextIO

from bookproof.telling.language import each, words


def say(text: str, stream: TextIO | None = None) -> None:
    """Print messages at once, one a line, in the language of who gave the command."""
    show(each(text, words()), stream)


def show(text: str, stream: TextIO | None = None) -> None:
    """Print a text at once, as it is."""
    print(text, file=stream or sys.stdout, flush=True)
