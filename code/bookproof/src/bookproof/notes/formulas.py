"""Write the mathematics of a note as MyST reads it, and keep it from all other changes."""

from __future__ import annotations

import re

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_DISPLAY = re.compile(r"(?<![\\$])\$\$(?!\$)(.+?)(?<!\\)\$\$(?!\$)", re.DOTALL)
_INLINE = re.compile(r"(?<![\\$])\$(?!\s*\$)([^$\n]+?)(?<!\\)\$(?![$\d])")
_PRICE = re.compile(r"(?<![\\$])\$(?=\d)")
_LABEL = re.compile(r"\s*\\label\s*\{([^}]*)\}")
_TAG = re.compile(r"\\tag\*?\s*\{([^}]*)\}")
_KEPT = re.compile("\ue000(\\d+)\ue001")


class Kept:
    """What is taken out of a text while it is changed; `prefix` makes its labels unique."""

    def __init__(self, prefix: str = ""):
        self._prefix = prefix
        self._texts: list[str] = []

    def take(self, text: str) -> str:
        """Return a text with marks for its code and its mathematics, the latter as MyST has it."""
        text = _CODE.sub(lambda found: self._mark(found[0]), text)
        text = _DISPLAY.sub(self._display, text)
        text = _INLINE.sub(lambda found: self._mark(f"${found[1].strip()}$"), text)
        return _PRICE.sub(r"\$", text)  # which MyST takes for mathematics

    def keep(self, text: str) -> str:
        """Return a mark for a text."""
        return self._mark(text)

    def give(self, text: str) -> str:
        """Return a text with what was taken in its place again."""
        while _KEPT.search(text):
            text = _KEPT.sub(lambda found: self._texts[int(found[1])], text)
        return text

    def _mark(self, text: str) -> str:
        self._texts.append(text)
        return f"\ue000{len(self._texts) - 1}\ue001"

    def _display(self, found: re.Match) -> str:
        text = found.string
        start = text.rfind("\n", 0, found.start()) + 1
        before = text[start : found.start()]
        end = text.find("\n", found.end())
        after = text[found.end() : end if end >= 0 else len(text)]
        body = found[1]
        if before.strip() and after.strip() and "\n" not in body:  # within a line of text
            return self._mark(f"${body.strip()}$")
        quoted = re.match(r"\s*(?:>\s?)*", before)[0]
        if ">" in quoted:
            body = re.sub(r"^[ \t]*(?:>[ ]?)+", "", body, flags=re.MULTILINE)
        if before.strip() != quoted.strip():  # behind words, or a list item's mark
            if "\n" not in body and re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s+", before):
                return self._mark(f"${body.strip()}$")
            quoted = re.match(r"\s*", before)[0]
        block = displayed(body, self._prefix)
        lines = [f"{quoted}{line}".rstrip() for line in block]
        lines[0] = block[0]
        lead = "" if not before.strip("> \t") and _blank_above(text, start) else f"\n\n{quoted}"
        if not before.strip("> \t") and not _blank_above(text, start):
            lead = f"\n{quoted}"
        follows = text[end + 1 : end + 2] if end >= 0 else ""
        rest = after.strip()
        tail = f"\n\n{quoted}" if rest else "\n" if follows not in ("", "\n") else ""
        return lead + self._mark("\n".join(lines)) + tail


def displayed(body: str, prefix: str = "") -> list[str]:
    r"""Return the lines of a displayed formula.

    A label becomes MyST's; a tag beside several lines needs an environment of its own, since
    Sphinx puts `split` around those.
    """
    label = _LABEL.search(body)
    body = _LABEL.sub("", body).strip("\n")
    lines = [line.rstrip() for line in body.strip().split("\n") if line.strip()]
    if _TAG.search(body) and r"\\" in body and r"\begin" not in body:
        inner = [r"\begin{gather*}", *lines, r"\end{gather*}"]
        return ["```{math}", ":nowrap:", "", *inner, "```"]
    name = re.sub(r"[^\w-]+", "-", label[1]).strip("-") if label else ""
    closing = f"$$ ({prefix}{name})" if name and not _TAG.search(body) else "$$"
    return ["$$", *lines, closing]


def _blank_above(text: str, start: int) -> bool:
    above = text[:start].split("\n")[-2:-1]
    return start == 0 or not above or not above[0].strip("> \t")
