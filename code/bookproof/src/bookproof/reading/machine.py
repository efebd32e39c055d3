"""Even out what in a text belongs to the machine and its kernel, and can be of no book.

That is the files that a kernel gives its cells, named after its process, and where Python and its
packages are installed. Other paths may be what a chapter is about: they stay.
"""

from __future__ import annotations

import re

_START = r"(?<![A-Za-z0-9_.…/~\\-])(?<!http:)(?<!https:)(?:[A-Za-z]:|~)?"
_PART = r"[^\s\\/\"'<>|:*?()]+"
_SPACED = (  # where a path begins and ends for sure there may be blanks in it
    r"(?:(?<![A-Za-z0-9])[A-Za-z]:[\\/]|^[/~]|(?<=[\"'])[/~])(?:[^\"'<>|:*?\s]| (?![/~\\]))*?"
)
_CELL = re.compile(
    rf"(?:{_SPACED}|{_START}(?:[\\/]+{_PART})*)"
    r"[\\/]+(?:ipykernel|xpython)_[0-9]+[\\/]+[0-9]+\.py|<ipython-input-[0-9]+-[0-9a-f]+>",
    re.MULTILINE,
)
_HASHED = re.compile(r"(?<=\()[0-9]+\.py(?=, line [0-9]+\))")
"""The file of a cell as a SyntaxError names it: without its folder."""

_INSTALLED = re.compile(
    rf"(?:{_SPACED}|{_START}(?:[\\/]+{_PART})*?)[\\/]+"
    r"((?:[Ll]ib[\\/]+(?:python[0-9.]+[\\/]+)?)?(?:site|dist)-packages|lib[\\/]+python[0-9.]+)"
    rf"((?:[\\/]+{_PART})+)",
    re.MULTILINE,
)


def even_out(text: str) -> str:
    r"""Return the text with `<cell>` for the file of a cell, and installed files by their package.

    >>> even_out("/tmp/ipykernel_4711/42.py:2: UserWarning: old")
    '<cell>:2: UserWarning: old'
    >>> even_out("C:\\Python\\Lib\\site-packages\\yaml\\cyaml.py")
    '…/site-packages/yaml/cyaml.py'
    """
    if "ipykernel_" in text or "xpython_" in text or "ipython-input-" in text:
        text = _CELL.sub("<cell>", text)
    if ".py, line " in text:
        text = _HASHED.sub("<cell>", text)
    if "-packages" in text or "python3" in text:
        text = _INSTALLED.sub(_installed, text)
    return text


def _installed(found: re.Match) -> str:
    place, rest = found.groups()
    place = "site-packages" if place.endswith("-packages") else place
    return re.sub(r"[\\/]+", "/", f"…/{place}{rest}")
