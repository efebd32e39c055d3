"""Find what a piece of HTML shows and does not say: scripts, frames, recordings, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bookproof.judging.html_tree import Element, read

_OPAQUE = {"script": "script", "template": "script", "video": "recording", "audio": "recording"}
_OPAQUE |= dict.fromkeys(("iframe", "frame", "embed", "object"), "frame")
_OPAQUE |= dict.fromkeys(("plaintext", "xmp", "noembed", "noframes", "noscript"), "raw text")
_ADDRESSES = ("src", "srcset", "href", "xlink:href")
_ITSELF = ("data:", "#")  # what an address begins with where all that it names is there
_COMMENT = re.compile(r"<!--(?!-?>)(?:(?!--).)*-->|<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)


def unseen(html: str) -> list[str]:
    """Name what a piece of HTML shows that it does not say itself: scripts, frames, pictures."""
    try:
        elements = list(read(html).walk())[1:]
        return [*unreadable(html, elements), *["picture"] * sum(map(is_fetched, elements))]
    except (AssertionError, RecursionError):
        return ["unreadable text"]


def is_fetched(element: Element) -> bool:
    """Tell whether an element shows a picture from a file of its own."""
    if element.tag not in ("img", "input", "image", "use", "feimage"):
        return False
    addresses = (element.attributes.get(name, "") for name in _ADDRESSES)
    return any(a and not a.startswith(_ITSELF) for a in (a.strip().lower() for a in addresses))


def unreadable(html: str, elements: Sequence[Element]) -> Iterator[str]:
    """Name what in a piece of HTML makes it show what nobody can tell from its text."""
    yield from (_OPAQUE[element.tag] for element in elements if element.tag in _OPAQUE)
    if any(name.startswith("on") for element in elements for name in element.attributes):
        yield "script"
    literal = (e for e in elements if e.tag in ("textarea", "title"))
    if any(isinstance(child, Element) for e in literal for child in e.children):
        yield "raw text"  # a browser shows the tags
    if re.search("<[!?]", _COMMENT.sub("", html)):
        yield "comment"  # where it ends, browsers and parsers do not agree
