"""What `{eval}` inserts, as plain Markdown for the notebooks that readers download."""

from __future__ import annotations

from collections import defaultdict

from bookproof.reading.value import SHOWN
from bookproof.telling.verification import Checked

_PICTURES = ("image/png", "image/jpeg", "image/gif")


class Inserted:
    """Give what a chapter's values are worth, each time the next of the same expression."""

    def __init__(self, checked: Checked):
        chapter = checked.chapter
        answers = dict(zip(chapter.questions, checked.run.values, strict=False))
        self._answers = defaultdict(list)
        for value in chapter.values:
            if value.directive == SHOWN and (answer := answers.get(value.question)):
                self._answers[value.target].append(answer)

    def next(self, expression: str) -> str:
        """Return what an expression is worth as Markdown, or the expression where nobody knows."""
        answers = self._answers[expression]
        data = answers.pop(0).get("data", {}) if answers else {}
        if "text/markdown" in data:
            return data["text/markdown"]
        for mime in _PICTURES:
            if mime in data:
                return f"![](data:{mime};base64,{data[mime].strip()})"
        if "text/latex" in data:
            return data["text/latex"]
        plain = data.get("text/plain", expression)
        if "\n" in plain:
            return f"```\n{plain}\n```"
        quoted = plain[:1] == plain[-1:] and plain[:1] in ("'", '"') and len(plain) > 1
        return plain[1:-1] if quoted else plain
