"""Translate the text of a note, as people write it in their editors, into MyST."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from markdown_it import MarkdownIt

from bookproof.notes.formulas import Kept
from bookproof.notes.marks import Marks
from bookproof.notes.phrases import Phrases
from bookproof.notes.pictures import Html, Pictures, figure, is_picture, said, size

_CALLOUT = re.compile(r"\s*>\s*\[!(\w+)\][+-]?\s*(.*)")
_BOXES = {
    "note": "note", "info": "note", "todo": "note", "abstract": "note", "summary": "note",
    "tip": "tip", "hint": "hint", "success": "tip", "check": "tip", "done": "tip",
    "important": "important", "question": "note", "faq": "note", "help": "note",
    "warning": "warning", "caution": "caution", "attention": "attention", "danger": "danger",
    "error": "error", "bug": "danger", "failure": "danger", "example": "seealso",
    "quote": "note", "cite": "note",
}  # fmt: skip
_HEXO_BOX = re.compile(r"\{%\s*note\s*(\w*)[^%]*%\}(.*?)\{%\s*endnote\s*%\}", re.DOTALL)
_HEXO_PICTURE = re.compile(r"\{%\s*(?:asset_img|img)\s+(\S+)\s*(.*?)\s*%\}")
_HEXO_RAW = re.compile(r"\{%\s*(?:end)?raw\s*%\}")
_ALONE = re.compile(
    r"\s*(?:!\[(?P<alt>[^\]]*)\]\((?P<source><[^>]+>|[^()\s]+(?:\([^()]*\)[^()\s]*)*|[^()\"]+?)"
    r"(?:\s+[\"'](?P<title>[^\"']*)[\"'])?\)|!\[\[(?P<embed>[^\]|]+)(?:\|(?P<size>[^\]]*))?\]\])\s*"
)


class Prose:
    """Translates the texts of one note.

    `tell` is told what is left as it was, with a line of the note; `links` are the chapters by
    the names that wiki links use.
    """

    def __init__(
        self,
        note: Path,
        pictures: Pictures,
        phrases: Phrases,
        tell: Callable[[int, str], None],
        links: Mapping[str, str] | None = None,
        prefix: str = "",
    ):
        self._note = note
        self._pictures = pictures
        self._phrases = phrases
        self._tell = tell
        self._marks = Marks(links or {}, self._place, self._picture_left, self._left)
        self._prefix = prefix
        self._lines: list[str] = []
        self._first = 1

    def translate(self, lines: list[str], first: int) -> list[str]:
        """Return lines of text, of which `first` is the number of the first, as MyST."""
        self._lines, self._first = lines, first
        kept = Kept(self._prefix)
        text = kept.take("\n".join(lines))
        text = _HEXO_RAW.sub("", text)
        text = _HEXO_BOX.sub(lambda f: "\n".join(_box(f[1] or "info", "", f[2].strip())), text)
        text = _HEXO_PICTURE.sub(lambda f: f"![{f[2]}]({f[1]})", text)
        text = "\n".join(self._blocks(text.split("\n"), kept))
        return kept.give(self._marks.changed(text)).split("\n")

    def _blocks(self, lines: list[str], kept: Kept) -> list[str]:
        """Translate what takes whole lines: HTML, callouts, pictures, tables of contents."""
        tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(lines) + "\n")
        found = list(lines)
        changes: list[tuple[int, int, list[str]]] = []
        for place, token in enumerate(tokens):
            if token.level or not token.map:
                continue
            start, end = token.map
            piece = lines[start:end]
            new = None
            if token.type == "html_block":
                new = self._html("\n".join(piece))
            elif token.type == "blockquote_open":
                new = _callout(piece)
            elif token.type == "code_block":
                new = [line.strip() for line in piece]
            elif token.type == "paragraph_open":
                new = self._paragraph(piece, tokens[place + 1].content)
            if new is not None:
                changes.append((start, end, new))
        for start, end, new in reversed(changes):
            inner = [
                kept.keep(line) if line.startswith((":", "```{figure}")) else line for line in new
            ]
            found[start:end] = ["", *inner, ""]
        return found

    def _paragraph(self, lines: list[str], content: str) -> list[str] | None:
        if re.fullmatch(r"\[toc\]", content.strip(), re.I):
            return ["```{contents}", ":local:", "```"]
        if re.match(r"\s*<(img|center|div|p)\b", lines[0], re.I):
            return self._html("\n".join(lines))
        rest, new = content, []
        while found := _ALONE.match(rest):
            source = found["source"] or found["embed"]
            if found["embed"] and not is_picture(source):
                return None
            width = found["size"] or ""
            attributes = {"src": source, "alt": found["alt"] or found["title"] or ""}
            attributes["width"] = width if width.isdigit() else ""
            new += ["", *self._figure(attributes, found["title"] or "")]
            rest = rest[found.end() :]
        return new if new and not rest.strip() else None

    def _html(self, text: str) -> list[str] | None:
        shown = Html(text)
        if shown.pictures and len(" ".join(shown.words)) < 200:
            new: list[str] = []
            caption = " ".join(shown.words)
            for number, attributes in enumerate(shown.pictures, 1):
                last = number == len(shown.pictures)
                new += ["", *self._figure(attributes, caption if last else "")]
            return new
        if "center" in shown.tags or re.search(r"(?:align\s*[=:]\s*[\"']?center)", text, re.I):
            inner = re.sub(r"</?(?:center|div|p|h\d|br)\b[^>]*>", "", text, flags=re.I).strip()
            if inner and "<" not in re.sub(r"</?(?:b|i|u|font|span|sub|sup)\b[^>]*>", "", inner):
                return ["```{rst-class} align-center", "", inner, "```"]
        return None

    def _figure(self, attributes: Mapping[str, str], caption: str) -> list[str]:
        source = attributes.get("src", "")
        path = self._place(source)
        alt = attributes.get("alt", "")
        if path is None:
            return [self._picture_left(source, caption or alt)]
        scale, width = size(dict(attributes))
        return figure(path, caption, alt, self._phrases, scale, width)

    def _place(self, source: str) -> str | None:
        path = self._pictures.place(source, self._note)
        if path and re.match(r"(https?:)?//", path):
            self._left(source, "the picture is fetched from elsewhere: keep a copy beside the note")
        return path

    def _picture_left(self, source: str, words: str) -> str:
        self._left(source, f"the picture {source} is missing")
        about = f"（{words}）" if said(words, source) else ""
        return f"*{self._phrases.missing}：`{source}`{about}*"

    def _left(self, piece: str, message: str) -> None:
        """Tell what is left as it was, with the line on which it stands."""
        key = piece.strip().split("\n")[0]
        at = next((n for n, line in enumerate(self._lines) if key in line), 0)
        self._tell(self._first + at, message)


def _callout(lines: list[str]) -> list[str] | None:
    found = _CALLOUT.fullmatch(lines[0])
    if not found:
        return None
    body = "\n".join(re.sub(r"^\s*>\s?", "", line) for line in lines[1:])
    return _box(found[1].lower(), found[2].strip(), body.strip("\n"))


def _box(kind: str, title: str, body: str) -> list[str]:
    name = _BOXES.get(kind, "note")
    inner = body.split("\n") if body else []
    fence = "`" * (4 if any("```" in line for line in inner) else 3)
    if title:
        return [f"{fence}{{admonition}} {title}", f":class: {name}", "", *inner, fence]
    return [f"{fence}{{{name}}}", *inner, fence]
