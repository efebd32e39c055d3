"""Make visible in what two lines differ that look alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher

_ALIKE = {
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ",
    "M": "МΜ", "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ҮΥ", "Z": "Ζ",
    "a": "а", "c": "сϲ", "d": "ԁ", "e": "е", "h": "һ", "i": "іı", "j": "ј", "o": "оο", "p": "рρ",
    "s": "ѕ", "v": "ν", "x": "х×", "y": "у",
    "-": "‐‑‒–—―−ー", "'": "‘’‚′`´", '"': "“”„″«»", ":": "∶˸：", "·": "•・∙⋅", "*": "∗", "/": "∕⁄",
    "°": "º˚", " ": "\u115f\u1160\u2800\u3164\uffa0",
}  # fmt: skip
_LOOKS = str.maketrans({one: look for look, others in _ALIKE.items() for one in others})
_NOTHING = re.compile("[\ufe00-\ufe0f\u034f\U000e0100-\U000e01ef]")
_PLAIN = re.compile("[ -~]*")
_LONGEST = 4000  # characters of two lines: comparing takes time that grows with their square
_SHOWN = 3  # characters that a message names


def reveal(expected: str, actual: str) -> tuple[str, str]:
    r"""Return two texts with `‹U+…›` for each character that makes lines differ and does not show.

    >>> reveal("1 000", "1\u00a0000")
    ('1 000', '1‹U+00A0›000')
    """
    wanted, given = expected.split("\n"), actual.split("\n")
    matcher = SequenceMatcher(None, wanted, given)
    for operation, i, j, k, end in matcher.get_opcodes():
        if operation == "replace":
            for a, b in zip(range(i, j), range(k, end), strict=False):
                parts = list(_parts(wanted[a], given[b]))
                wanted[a] = "".join(_escaped(one) if hidden else one for one, _, hidden in parts)
                given[b] = "".join(_escaped(one) if hidden else one for _, one, hidden in parts)
    return "\n".join(wanted), "\n".join(given)


def explain(want: str, have: str) -> str:
    """Return which characters make two lines differ that look alike, empty where it shows."""
    apart = [part for part in _parts(want, have) if part[0] != part[1]]
    if not apart or not all(hidden for *_, hidden in apart):
        return ""
    ours = _names("".join(one for one, _, _ in apart))
    theirs = _names("".join(other for _, other, _ in apart))
    return f", which does not show: the block has {ours}, the output {theirs}"


def _parts(want: str, have: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what two lines consist of, in parts, and whether a part differs without showing it."""
    if len(want) + len(have) > _LONGEST or _PLAIN.fullmatch(want + have):
        yield want, have, False
        return
    for _, i, j, k, end in SequenceMatcher(None, want, have, autojunk=False).get_opcodes():
        one, other = want[i:j], have[k:end]
        plain = _PLAIN.fullmatch(one + other)
        yield one, other, not plain and one != other and _look(one) == _look(other)


def _look(text: str) -> str:
    """Return a text that is the same for texts that look alike."""
    text = unicodedata.normalize("NFKC", text.translate(_LOOKS)).translate(_LOOKS)
    text = _NOTHING.sub("", re.sub(r"\s+", " ", text))
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc"))


def _escaped(text: str) -> str:
    return re.sub("[^ -~]", lambda found: f"‹U+{ord(found.group()):04X}›", text)


def _names(text: str) -> str:
    """Return the characters of a text by number and name."""
    names = [f"U+{ord(c):04X} {unicodedata.name(c, _UNNAMED.get(c, ''))}".strip() for c in text]
    names = list(dict.fromkeys(names))
    return ", ".join(names[:_SHOWN] + ["…"] * (len(names) > _SHOWN)) or "nothing there"


_UNNAMED = {"\t": "TAB"}
