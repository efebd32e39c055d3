"""Filters even out what differs from run to run: `norm=` names them."""

from __future__ import annotations

import re
from collections.abc import Callable

FILTERS: dict[str, Callable[[str], str]] = {
    "addr": lambda line: re.sub(r"\b0x[0-9a-fA-F]{6,16}\b", "0x…", line),
    "time": lambda line: re.sub(r"\b\d+(?:\.\d+)? ?(?:ns|µs|μs|us|ms|s|min)\b", "… s", line),
    "blanks": lambda line: re.sub(r"[ \t]+", " ", line.strip()),
}
"""What `norm=` may take out of both texts: addresses, durations, the number of blanks."""
