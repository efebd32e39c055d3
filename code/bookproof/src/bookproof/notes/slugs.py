"""Make names for files and links of titles in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from anyascii import anyascii

_LONGEST = 48
_NUMBERED = re.compile(
    r"^\s*(?:第?[一二三四五六七八九十百]+[、.．章节]|[(（][一二三四五六七八九十\d]+[)）]|"
    r"\d+(?:\.\d+)*(?:[、．)]\s*|\.\s*(?!\d)|\s+(?=\D)))\s*"
)


def slug(title: str) -> str:
    """Return a readable name in ASCII: a syllable a character for Chinese.

    >>> slug("池化层（LeNet）"), slug("What is `x`?"), slug("🚀")
    ('chi-hua-ceng-lenet', 'what-is-x', 'rocket')
    """
    plain = re.sub(r"\*\*|__|`|<[^>]+>", "", title)
    worded = "".join(c for c in plain if unicodedata.category(c) != "So")
    named = worded if any(c.isalnum() for c in worded) else plain
    spelled = (f" {anyascii(c)} " if _stands_alone(c) else anyascii(c) for c in named)
    words = re.findall(r"[a-z0-9]+", "".join(spelled).lower())
    found = ""
    for word in words:
        longer = f"{found}-{word}" if found else word[:_LONGEST]
        if len(longer) > _LONGEST:
            break
        found = longer
    return found or "note"


def unique(name: str, taken: Container[str]) -> str:
    """Return a name, with a number behind it where it is taken."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found


def without_number(title: str) -> str:
    """Return a heading without the number that its author gave it.

    >>> without_number("一、训练集"), without_number("3.1 池化"), without_number("3x3 卷积")
    ('训练集', '池化', '3x3 卷积')
    """
    return _NUMBERED.sub("", title).strip() or title.strip()


def _stands_alone(character: str) -> bool:
    return unicodedata.category(character) in ("Lo", "So") or not character.isalnum()
