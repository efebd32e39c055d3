"""Add chapters to a `_toc.yml`, in the part of their day, without touching anything else in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

_KEYS = ("chapters", "sections")
_BEHIND = ("参考", "附录", "appendix", "reference")
"""How the captions of parts begin that stay behind the first one of a date."""


@dataclass(frozen=True)
class Entry:
    """A chapter: its file without the suffix, and the caption of its part, empty for none."""

    file: str
    caption: str


def with_chapters(text: str, entries: Sequence[Entry]) -> str:
    """Return a table of contents with the chapters that it lacks.

    In one with parts, a chapter joins the part whose caption begins with the same date; a part
    that is not there is made, in the order of the dates, and before what is to be looked up.
    Raises ValueError for what is no table of contents of jupyter-book.
    """
    present = _files(yaml.safe_load(text))
    for entry in entries:
        if entry.file not in present:
            text = _with(text, entry)
    return text


def _files(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {str(node[key]).removesuffix(".md") for key in ("file", "root") if key in node}
        return own.union(*map(_files, node.values()))
    if isinstance(node, list):
        return set().union(*map(_files, node))
    return set()


def _with(text: str, entry: Entry) -> str:
    content = yaml.safe_load(text)
    tree = yaml.compose(text)
    if not isinstance(content, dict) or "root" not in content:
        raise ValueError("_toc.yml has no `root`: it is no table of contents of jupyter-book 1")
    if "parts" in content:
        return _in_part(text, tree, content["parts"] or [], entry)
    key = next((key for key in _KEYS if key in content), None)
    if key is None and content.get("format") == "jb-article":
        return _appended(text, f"sections:\n- file: {entry.file}\n")
    if key is None and entry.caption:
        return _appended(text, "parts:\n" + _part("", entry))
    if key is None:
        return _appended(text, f"chapters:\n- file: {entry.file}\n")
    return behind(text, value_of(tree, key), f"- file: {entry.file}\n")


def _in_part(text: str, tree: yaml.MappingNode, parts: list, entry: Entry) -> str:
    node = value_of(tree, "parts")
    day = entry.caption.split(" ")[0]
    captions = [str(part.get("caption") or "") for part in parts]
    for part, caption in zip(node.value, captions, strict=True):
        if caption.split(" ")[0] == day:
            return behind(text, value_of(part, "chapters"), f"- file: {entry.file}\n")
    pad = " " * (indent(node) - 0)
    dated = [n for n, c in enumerate(captions) if c[:4].isdigit() and c.split(" ")[0] < day]
    if dated:
        return insert(text, last_line(node.value[dated[-1]]), _part(pad, entry))
    later = [n for n, c in enumerate(captions) if c[:4].isdigit()]
    if later:
        return insert(text, node.value[later[0]].start_mark.line, _part(pad, entry))
    last = next((n for n, c in enumerate(captions) if c.lower().startswith(_BEHIND)), None)
    line = last_line(node) if last is None else node.value[last].start_mark.line
    return insert(text, line, _part(pad, entry))


def _part(pad: str, entry: Entry) -> str:
    caption = json.dumps(entry.caption, ensure_ascii=False)
    return f"{pad}- caption: {caption}\n{pad}  chapters:\n{pad}    - file: {entry.file}\n"


def value_of(tree: yaml.MappingNode, key: str) -> yaml.Node:
    """Return what a mapping has under a key."""
    return next(value for name, value in tree.value if name.value == key)


def indent(node: yaml.SequenceNode) -> int:
    """Return the column of the dashes of a list, which begins with one in block style."""
    return node.start_mark.column


def behind(text: str, node: yaml.SequenceNode, item: str, file: str = "_toc.yml") -> str:
    """Return the text of a file with one more item at the end of a list."""
    if node.flow_style or not node.value:
        raise ValueError(
            f"{file}:{node.start_mark.line + 1}: write this list with a line for each chapter"
        )
    return insert(text, last_line(node), " " * indent(node) + item)


def last_line(node: yaml.Node) -> int:
    """Return the number of the line behind a node, which its end mark may be far behind."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return last_line(node.value[-1])
    return node.end_mark.line + 1


def insert(text: str, line: int, new: str) -> str:
    """Return a text with new lines before the line of this 0-based number."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    lines.insert(line, new)
    return "".join(lines)


def _appended(text: str, new: str) -> str:
    return f"{text.rstrip(chr(10))}\n{new}"
