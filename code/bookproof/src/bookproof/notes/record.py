"""Remember what was imported: which chapter came from where, and what it was then."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from bookproof.running import files

FILE = "_imported.json"
"""Where it is kept, in the book, so that it is committed with the chapters."""


@dataclass(frozen=True)
class Entry:
    """A chapter: the note and the section that it is from, its anchor, and two digests.

    `source` is that of what the note said then, `written` that of the chapter as it was written.
    """

    note: str
    section: str
    day: str
    anchor: str
    source: str
    written: str


def load(book: Path) -> dict[str, Entry]:
    """Return the entries of a book by the names of the chapters."""
    path = book / FILE
    try:
        content = json.loads(path.read_text("utf-8"))
        return {name: Entry(**entry) for name, entry in content["chapters"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} cannot be read ({error}): restore it from git") from error


def save(book: Path, entries: dict[str, Entry]) -> None:
    """Write the entries of a book."""
    content = {"chapters": {name: asdict(entries[name]) for name in sorted(entries)}}
    files.write(book / FILE, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def digest(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
