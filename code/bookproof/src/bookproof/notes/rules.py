"""Leave out the rules between parts of a note that have nothing to part in a chapter."""

from __future__ import annotations

import re

_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}")
_NO_TEXT = re.compile(r"#{1,6}\s|\([\w-]+\)=\s*$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def without_idle_rules(lines: list[str]) -> list[str]:
    """Return lines without rules at their start, their end, below headings and other rules.

    Sphinx refuses those.

    >>> without_idle_rules(["", "---", "a", "", "***", "", "b", "", "---", ""])
    ['', 'a', '', '***', '', 'b', '', '']
    """
    kept: list[str] = []
    above, fence = "", ""
    rule = None  # where in `kept` a rule stands that has no text below it yet
    for line in lines:
        mark = _FENCE.match(line)
        opened = fence
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip(" \t" + fence[0]):
            fence = ""
        if not opened and _RULE.fullmatch(line) and not (kept and kept[-1].strip()):
            if rule is None and above and not _NO_TEXT.match(above):
                rule = len(kept)
                kept.append(line)
            continue
        kept.append(line)
        if line.strip():
            above, rule = line, None
    if rule is not None:
        del kept[rule]
    return kept
