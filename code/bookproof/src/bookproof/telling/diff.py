"""Tell which outputs differ between two verification.json, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher, unified_diff
from itertools import zip_longest

from bookproof.judging.invisible import reveal
from bookproof.judging.verdict import Kind
from bookproof.telling.language import Words


def diff(before: dict, after: dict, words: Words = str) -> str:
    """Return what changed, appeared and vanished between two read verification.json.

    Outputs are matched by chapter and by their order in it; the text is empty where nothing
    differs. `words` puts what is ours into another language.
    """
    sections = []
    for name, old, new in _chapters(before, after):
        section = [_described(*pair, words) for pair in _differing(old, new)]
        moved = ", ".join(_moved(old, new))
        if section:
            head = f"## {name}" + (f"\n\n{moved}" if moved else "")
            sections.append("\n\n".join([head, *section]))
    return "\n\n".join(sections) + "\n" if sections else ""


def table(before: dict, after: dict) -> str:
    """Return the same as a table: for each output what became of it, and where it first differs.

    Above it stand the releases that differ; empty where no output does.
    """
    rows, moved = [], set()
    for name, old, new in _chapters(before, after):
        rows += [_row(name, *pair) for pair in _differing(old, new)]
        moved.update(_moved(old, new))
    if not rows:
        return ""
    head = ["| output | verdict | before | after |", "|---|---|---|---|"]
    return "\n".join([", ".join(sorted(moved)), ""] * bool(moved) + head + rows) + "\n"


def _chapters(before: dict, after: dict) -> Iterator[tuple[str, dict, dict]]:
    """Yield every chapter of either, as it is in both."""
    old, new = before["chapters"], after["chapters"]
    none = {"versions": {}, "verdicts": []}
    for name in sorted(old | new):
        yield name, old.get(name, none), new.get(name, none)


def _differing(old: dict, new: dict) -> Iterator[tuple[dict | None, dict | None]]:
    """Yield the verdicts that differ, as they were and as they are; None where there is none."""
    old, new = old["verdicts"], new["verdicts"]
    was, is_ = ([_key(entry) for entry in entries] for entries in (old, new))
    for operation, i, j, k, end in SequenceMatcher(None, was, is_, autojunk=False).get_opcodes():
        if operation != "equal":
            yield from zip_longest(old[i:j], new[k:end])


def _key(entry: dict) -> tuple:
    return entry["kind"], entry.get("actual"), entry.get("message")


def _described(old: dict | None, new: dict | None, words: Words) -> str:
    if old is None:
        return _alone("appeared", new, words)
    return _alone("vanished", old, words) if new is None else _changed(old, new, words)


def _changed(old: dict, new: dict, words: Words) -> str:
    kinds = old["kind"] if old["kind"] == new["kind"] else f"{old['kind']} → {new['kind']}"
    lines = [words(f"### line {new['line']}: changed ({kinds})")]
    was, is_ = (text.split("\n") for text in reveal(_text(old, words), _text(new, words)))
    body = list(unified_diff(was, is_, "before", "after", lineterm="", n=1))
    return "\n".join([*lines, "", *_fenced(body[2:], "diff")]) if body else lines[0]


def _alone(word: str, entry: dict, words: Words) -> str:
    lines = [words(f"### line {entry['line']}: {word} ({entry['kind']})")]
    text = _text(entry, words)
    return "\n".join([*lines, "", *_fenced(text.split("\n"), "")]) if text else lines[0]


def _text(entry: dict, words: Words) -> str:
    message = entry.get("message") or ""
    return entry.get("actual") or (words(message) if Kind(entry["kind"]).failed else message)


def _fenced(lines: list[str], language: str) -> list[str]:
    mark = "```"
    while any(mark in line for line in lines):
        mark += "`"
    return [mark + language, *lines, mark]


def _moved(old: dict, new: dict) -> list[str]:
    a, b = old["versions"], new["versions"]
    return [f"{name} {a[name]} → {b[name]}" for name in sorted(a.keys() & b) if a[name] != b[name]]


_WIDTH = 100


def _row(name: str, old: dict | None, new: dict | None) -> str:
    kinds = list(dict.fromkeys(entry["kind"] if entry else "none" for entry in (old, new)))
    texts = [text.split("\n") if text else [] for text in _both(old, new)]
    pairs = list(zip_longest(*texts)) or [(None, None)]
    a, b = next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])
    place = f"{name}:{(new or old)['line']}"
    return f"| {place} | {' → '.join(kinds)} | {_code(a)} | {_code(b)} |"


def _both(old: dict | None, new: dict | None) -> tuple[str, str]:
    return reveal(*(_text(entry, str) if entry else "" for entry in (old, new)))


def _code(line: str | None) -> str:
    """Return a line as code that may stand in a cell of a table, shortened."""
    if not line:
        return "—"
    line = line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"
    mark = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    pad = " " * (line.startswith("`") or line.endswith("`"))
    return f"{mark}{pad}{line}{pad}{mark}".replace("|", "\\|")
