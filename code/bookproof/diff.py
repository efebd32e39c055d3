"""Tell which outputs differ between two verification.json, as Markdown."""

from __future__ import annotations

from difflib import SequenceMatcher, unified_diff


def diff(before: dict, after: dict) -> str:
    """Return what changed, appeared and vanished between two read verification.json.

    Outputs are matched by chapter and by their order in it; the text is empty where nothing
    differs.
    """
    names = sorted(before["chapters"] | after["chapters"])
    sections = []
    for name in names:
        old = _outputs(before["chapters"].get(name))
        new = _outputs(after["chapters"].get(name))
        section = _chapter(old, new)
        moved = _versions(before["chapters"].get(name), after["chapters"].get(name))
        if section:
            head = f"## {name}" + (f"\n\n{moved}" if moved else "")
            sections.append("\n\n".join([head, *section]))
    return "\n\n".join(sections) + "\n" if sections else ""


def _outputs(chapter: dict | None) -> list[dict]:
    return chapter["verdicts"] if chapter else []


def _chapter(old: list[dict], new: list[dict]) -> list[str]:
    keys = [[_key(entry) for entry in entries] for entries in (old, new)]
    section = []
    for operation, i, j, k, end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        pairs = list(zip(old[i:j], new[k:end], strict=False))
        section += [_changed(*pair) for pair in pairs]
        section += [_alone("vanished", entry) for entry in old[i + len(pairs) : j]]
        section += [_alone("appeared", entry) for entry in new[k + len(pairs) : end]]
    return section


def _key(entry: dict) -> tuple:
    return entry["kind"], entry.get("actual"), entry.get("message")


def _changed(old: dict, new: dict) -> str:
    kinds = old["kind"] if old["kind"] == new["kind"] else f"{old['kind']} → {new['kind']}"
    lines = [f"### line {new['line']}: changed ({kinds})"]
    texts = [_text(entry).split("\n") for entry in (old, new)]
    body = list(unified_diff(*texts, "before", "after", lineterm="", n=1))
    return "\n".join([*lines, "", *_fenced(body[2:], "diff")]) if body else lines[0]


def _alone(word: str, entry: dict) -> str:
    lines = [f"### line {entry['line']}: {word} ({entry['kind']})"]
    text = _text(entry)
    return "\n".join([*lines, "", *_fenced(text.split("\n"), "")]) if text else lines[0]


def _text(entry: dict) -> str:
    return entry.get("actual") or entry.get("message") or ""


def _fenced(lines: list[str], language: str) -> list[str]:
    mark = "```"
    while any(mark in line for line in lines):
        mark += "`"
    return [mark + language, *lines, mark]


def _versions(old: dict | None, new: dict | None) -> str:
    a, b = (chapter["versions"] if chapter else {} for chapter in (old, new))
    moved = [f"{n} {a[n]} → {b[n]}" for n in sorted(a.keys() & b.keys()) if a[n] != b[n]]
    return ", ".join(moved)
