"""Rewrite the values in a chapter's text that are no longer right, and nothing around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bookproof.judging.rewrite import like
from bookproof.judging.verdict import Verdict
from bookproof.reading.notebook import in_string
from bookproof.reading.value import split


def rewrite(lines: Sequence[str], verdicts: Sequence[Verdict], notebook: bool) -> list[str]:
    """Return the lines of a chapter's file with the values that these verdicts are on put right.

    `notebook` says that the lines are an .ipynb's. Raises ValueError, which says where and why,
    for a value that cannot be written the way its author wrote it.
    """
    lines = list(lines)
    for verdict in sorted(verdicts, key=lambda verdict: verdict.value.start, reverse=True):
        value, text = verdict.value, like(verdict.value.text, verdict.actual)
        if value.number is None:
            raise ValueError(
                f"{verdict.line}:{value.column}: {value.text} cannot be rewritten here: edit it"
            )
        fits = text and split(f"{text} <{value.target}>") == (text, value.target)
        if not fits or re.search("[`|]", text):
            raise ValueError(f"{verdict.line}:{value.column}: {verdict.message}: write it yourself")
        (line, start), (_, end) = value.number
        old = lines[line - 1]
        new = in_string(text, old) if notebook else text
        lines[line - 1] = old[:start] + new + old[end:]
    return lines
