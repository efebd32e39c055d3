"""What a machine has of its own: names that no book should say."""

from __future__ import annotations

import datetime
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_EVERYWHERE = ("localhost", "host", "machine", "computer")


@dataclass(frozen=True)
class Machine:
    """The folders of a machine, its name, and the dates that it is here and in Greenwich."""

    folders: tuple[str, ...] = ()
    name: str = ""
    dates: tuple[datetime.date, ...] = ()


def here(root: Path) -> Machine:
    """Return what this machine has, with a book at `root`."""
    others = (tempfile.gettempdir(), sys.prefix, sys.base_prefix)
    places = [root, Path.home(), *map(Path, others)]
    paths = {str(path) for place in places for path in (place, place.resolve())}
    longest = sorted(paths, key=len, reverse=True)
    name = socket.gethostname()
    now = datetime.datetime.now(datetime.UTC)
    dates = dict.fromkeys((now.astimezone().date(), now.date()))
    return Machine(
        tuple(path for path in longest if len(path) > 3 and path != "/usr"),
        "" if len(name) < 3 or name.lower() in _EVERYWHERE else name,
        tuple(dates),
    )
