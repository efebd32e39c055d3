"""Translate marks within a line: highlights, wiki links, bold beside Chinese signs, pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt

from bookproof.notes.pictures import is_picture

_PICTURE = re.compile(
    r"!\[([^\]]*)\]\((<[^>]+>|[^()\s]+(?:\([^()]*\)[^()\s]*)*|[^()\"]+?)(\s+\"[^\"]*\")?\)"
)
_TAG = re.compile(r"<img\b[^>]*>", re.I)
_EMBED = re.compile(r"!\[\[([^\]|]+)(?:\|([^\]]*))?\]\]")
_WIKI = re.compile(r"(?<!!)\[\[([^\]|#]*)(#[^\]|]*)?(?:\|([^\]]*))?\]\]")
_HIGHLIGHT = re.compile(r"(?<![=a-zA-Z\d_])==(?=[^\s=])([^=\n]+?)(?<=[^\s=])==(?![=a-zA-Z\d_])")
_STRUCK = re.compile(r"(?<!~)~~(?=[^\s~])([^~\n]+?)(?<=[^\s~])~~(?!~)")
_NOTE = re.compile(
    r"(?<!!)\[([^\[\]]*)\]\(<?(?!\w+://)([^()\s#>]+\.(?:md|markdown))(#[^()\s>]*)?>?\)"
)
_BOLD = re.compile(r"(?<![\\*])\*\*(?=[^\s*])((?:[^*\n]|\*(?!\*))+?)(?<=[^\s*])\*\*(?!\*)")
_HEXO = re.compile(r"\{%.*?%\}")
_PARSER = MarkdownIt("commonmark")


class Marks:
    """Translates marks; `links`, `place`, `missing` and `left` are those of the prose."""

    def __init__(
        self,
        links: Mapping[str, str],
        place: Callable[[str], str | None],
        missing: Callable[[str, str], str],
        left: Callable[[str, str], None],
    ):
        self._links = links
        self._place = place
        self._missing = missing
        self._left = left

    def changed(self, text: str) -> str:
        """Return a text, from which code and mathematics are taken, with its marks as MyST's."""
        text = _EMBED.sub(self._embed, text)
        text = _TAG.sub(self._tag, text)
        text = _PICTURE.sub(self._picture, text)
        text = _WIKI.sub(self._wiki, text)
        text = _NOTE.sub(self._note, text)
        text = _HIGHLIGHT.sub(r"<mark>\1</mark>", text)
        text = _STRUCK.sub(r"<del>\1</del>", text)
        for found in _HEXO.finditer(text):
            self._left(found[0], f"{found[0]} is not translated")
        text = text.replace("{{", "&#123;&#123;")  # else MyST takes it for a substitution
        return "\n".join(map(_bold, text.split("\n")))

    def _picture(self, found: re.Match) -> str:
        source = found[2].strip("<>").strip()
        path = self._place(source)
        if path is None:
            return self._missing(source, found[1])
        return f"![{found[1]}]({path})"

    def _tag(self, found: re.Match) -> str:
        source = re.search(r"\bsrc\s*=\s*[\"']?([^\"'>]+)", found[0])
        alt = re.search(r"\balt\s*=\s*\"([^\"]*)\"", found[0])
        if not source:
            return found[0]
        path = self._place(source[1].strip())
        if path is None:
            return self._missing(source[1].strip(), alt[1] if alt else "")
        return f"![{alt[1] if alt else ''}]({path})"

    def _embed(self, found: re.Match) -> str:
        if not is_picture(found[1]):
            self._left(found[0], f"{found[0]} is not translated: what it embeds is no picture")
            return found[0]
        path = self._place(found[1])
        return f"![{found[2] or ''}]({path})" if path else self._missing(found[1], "")

    def _wiki(self, found: re.Match) -> str:
        name, part, words = found[1].strip(), (found[2] or "")[1:], found[3]
        target = self._links.get(name)
        if target is None:
            self._left(found[0], f"{found[0]} is not translated: no such note is imported")
            return found[0]
        return f"[{words or part or name}]({target})"

    def _note(self, found: re.Match) -> str:
        """Return a link to the chapter that another note became."""
        name = PurePosixPath(unquote(found[2])).stem
        if name in self._links:
            return f"[{found[1]}]({self._links[name]})"
        if found[2] in self._links.values():
            return found[0]
        self._left(found[0], f"{found[0]} is no link any more: no such note is imported")
        return f"{found[1]} (`{unquote(found[2])}`)"


def _bold(line: str) -> str:
    """Return a line whose bold parts are bold, also beside full-width signs.

    >>> _bold("**损失（loss）**下降")
    '{strong}`损失（loss）`下降'
    """
    if "**" not in line:
        return line
    shown = "".join(
        child.content
        for token in _PARSER.parse(line.strip())
        for child in token.children or ()
        if child.type == "text"
    )
    if "**" not in shown:
        return line
    return _BOLD.sub(_strong, line)


def _strong(found: re.Match) -> str:
    inner = found[1]
    if re.search(r"[`*_\ue000\[\]<>\\]", inner):
        return f"<strong>{inner}</strong>"
    return f"{{strong}}`{inner}`"
