"""Say something to who gave a command."""

from __future__ import annotations

import sys
from typing import TextIO


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a text at once."""
    print(text, file=stream or sys.stdout, flush=True)
