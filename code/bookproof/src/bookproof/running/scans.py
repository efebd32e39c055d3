"""Keep what chapters were scanned into, while neither they nor the readers change."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import pickle
from pathlib import Path

from bookproof import reading
from bookproof.reading.chapter import Chapter
from bookproof.reading.formats import format_of
from bookproof.reading.scan import scan
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running import files, surroundings

_LENGTH = hashlib.sha256().digest_size


def kept_scan(
    root: Path,
    name: str,
    folder: Path,
    settings: Settings = DEFAULT,
    known: dict[str, tuple[bytes, Chapter]] | None = None,
) -> Chapter:
    """Return what `scan` returns, from `folder` where the last scan was of the same text.

    `known` holds the chapters that were scanned in this process, where they shall be remembered.
    """
    try:
        text = (root / name).read_bytes()
    except OSError:
        return scan(root, name, settings=settings)
    # What its reader, a cell whose code is in a file of its own, or a page that includes others
    # depends on is not known.
    if format_of(root / name, settings) or b"load:" in text or b"{include}" in text:
        return scan(root, name, text, settings)
    means = f"{readers()}\n{settings}\n{root / name}\n"
    key = hashlib.sha256(means.encode() + text).digest()
    known = {} if known is None else known
    if known.get(name, (b"",))[0] != key:
        known[name] = key, _kept(folder / f"{name}.scan", key, root, name, text, settings)
    return known[name][1]


def _kept(
    path: Path, key: bytes, root: Path, name: str, text: bytes, settings: Settings
) -> Chapter:
    with contextlib.suppress(OSError):
        kept = path.read_bytes()
        content = kept[2 * _LENGTH :]
        # A damaged file is never unpickled.
        if kept[: 2 * _LENGTH] == key + hashlib.sha256(content).digest():
            return pickle.loads(content)
    chapter = scan(root, name, text, settings)
    content = pickle.dumps(chapter)
    with contextlib.suppress(OSError):  # it is scanned again next time
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write(path, key + hashlib.sha256(content).digest() + content)
    return chapter


@functools.cache
def readers() -> str:
    """Return a digest of what decides how a text is read: our own code, and the packages."""
    sources = [
        path.read_text("utf-8") for path in sorted(Path(reading.__file__).parent.glob("*.py"))
    ]
    return hashlib.sha256("".join([*sources, *surroundings.environment()]).encode()).hexdigest()
