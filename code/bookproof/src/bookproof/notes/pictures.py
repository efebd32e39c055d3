"""Find the pictures that a note shows, and what to call them beside its chapters."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote

from bookproof.notes.phrases import Phrases
from bookproof.notes.slugs import slug, unique
from bookproof.running import files

FOLDER = "assets"
_SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp", ".avif"}
_FILLER = re.compile(
    r"(?:image|img|picture|pic|screenshot|图片?|在这里插入图片描述|截屏|截图|alt text)?[-_ \d.:]*",
    re.I,
)


class Pictures:
    """The pictures of some notes; `copies` are the files to copy, by their names in `FOLDER`."""

    def __init__(self):
        self.copies: dict[str, Path] = {}
        self._names: dict[Path, str] = {}

    def place(self, source: str, note: Path) -> str | None:
        """Return where a picture will be, from its chapter; None where it is not there."""
        if re.match(r"(https?:)?//|data:", source):
            return source
        found = _found(source, note)
        if found is None:
            return None
        if found not in self._names:
            same = (n for n, p in self.copies.items() if files.digest(p) == files.digest(found))
            name = next(same, None) or self._named(found)
            self._names[found] = name
            self.copies[name] = found
        return f"{FOLDER}/{self._names[found]}"

    def _named(self, path: Path) -> str:
        stem = path.stem if re.fullmatch(r"[\w.-]+", path.stem, re.ASCII) else slug(path.stem)
        suffix = path.suffix.lower()
        taken = {PurePosixPath(name).stem for name in self.copies if name.endswith(suffix)}
        return unique(stem, taken) + suffix


def is_picture(name: str) -> bool:
    """Tell whether a name is that of a picture."""
    return PurePosixPath(name.lower()).suffix in _SUFFIXES


def _found(source: str, note: Path) -> Path | None:
    """Return the file that a picture's source names, wherever its author kept it."""
    plain = unquote(source.strip().strip("<>")).removeprefix("file:///").removeprefix("file://")
    name = PureWindowsPath(plain).name  # which knows both kinds of strokes
    folder = note.parent
    tried = [folder / plain.replace("\\", "/"), Path(plain)]
    tried += [folder / place / name for place in (".", FOLDER, f"{note.stem}.{FOLDER}", note.stem)]
    for path in tried:
        try:
            if path.is_file():
                return path.resolve()
        except OSError:  # too long a name, say
            continue
    if "/" not in plain and "\\" not in plain and is_picture(name):  # as Obsidian finds them
        return next((path.resolve() for path in sorted(folder.rglob(name))), None)
    return None


def figure(
    path: str, caption: str, alt: str, phrases: Phrases, scale: str = "", width: str = ""
) -> list[str]:
    """Return the lines of a figure."""
    lines = [f"```{{figure}} {path}", f":alt: {said(alt, path) or phrases.alt}"]
    lines += [f":scale: {scale}"] if scale else [f":width: {width}"] if width else []
    return [*lines, *(["", caption] if caption else []), "```"]


def said(alt: str, path: str) -> str:
    """Return a description, empty where it says nothing: the name of the file, "image-1"."""
    plain = " ".join(alt.split())
    stem = PurePosixPath(path).stem
    empty = _FILLER.fullmatch(plain) or slug(plain) == slug(stem) or plain in (stem, path)
    return "" if empty else plain


class Html(HTMLParser):
    """What a piece of HTML shows: its pictures by their attributes, and its words."""

    def __init__(self, text: str):
        super().__init__()
        self.pictures: list[dict[str, str]] = []
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.append(tag)
        if tag == "img":
            self.pictures.append({name: value or "" for name, value in attrs})

    def handle_data(self, data: str) -> None:
        """Take note of words."""
        if data.strip():
            self.words.append(" ".join(data.split()))


def size(attributes: dict[str, str]) -> tuple[str, str]:
    """Return the scale and the width that an `<img>` asks for, empty where it does not.

    >>> size({"style": "zoom:50%;"}), size({"width": "300"})
    (('50%', ''), ('', '300px'))
    """
    zoom = re.search(r"zoom:\s*([\d.]+)\s*(%?)", attributes.get("style", ""))
    if zoom:
        share = float(zoom[1]) * (1 if zoom[2] else 100)
        return f"{share:.0f}%", ""
    width = attributes.get("width", "")
    styled = re.search(r"(?<![\w-])width:\s*([\d.]+(?:px|%|em)?)", attributes.get("style", ""))
    width = width or (styled[1] if styled else "")
    return "", f"{width}px" if width.isdigit() else width
