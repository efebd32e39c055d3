"""Add chapters to the table of contents of a `myst.yml`, without touching anything else in it."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping, Sequence

import yaml

from bookproof.notes.toc import Entry, behind, indent, insert, last_line, value_of

_FRONT = "file_format: mystnb\nkernelspec:\n  name: python3\n"
_OWN = "kernelspec:\n  name: python3\n  display_name: Python 3\n"


def fitted(text: str) -> str:
    """Return a chapter with the front matter that mystmd wants, in the place of MyST-NB's."""
    return text.replace(_FRONT, _OWN, 1)


def with_chapters(text: str, entries: Sequence[Entry]) -> str:
    """Return a `myst.yml` with the chapters that its table of contents lacks.

    Where it has none, mystmd finds them by itself. A chapter joins the group whose title begins
    with the same date; a group that is not there is made, in the order of the dates. Raises
    ValueError for what is no `myst.yml`.
    """
    present = _contents(text)
    for entry in entries:
        if not _has(present, f"{entry.file}.md"):
            text = _with(text, entry)
    return text


def _contents(text: str) -> object:
    content = yaml.safe_load(text)
    project = content.get("project") if isinstance(content, Mapping) else None
    if not isinstance(project, Mapping):
        raise ValueError("myst.yml has no `project`")
    return project.get("toc")


def _named(node: object, key: str) -> set[str]:
    found = {str(node[key])} if isinstance(node, Mapping) and key in node else set()
    inner = node.get("children") if isinstance(node, Mapping) else node
    return found.union(*(_named(one, key) for one in inner or ()))


def _has(contents: object, file: str) -> bool:
    if contents is None or {file, file.removesuffix(".md")} & _named(contents, "file"):
        return True
    patterns = (pattern.replace("**/", "*") for pattern in _named(contents, "pattern"))
    return any(fnmatch.fnmatch(file, pattern) for pattern in patterns)


def _with(text: str, entry: Entry) -> str:
    node = value_of(value_of(yaml.compose(text), "project"), "toc")
    item = f"- file: {entry.file}.md\n"
    if not entry.caption:
        return behind(text, node, item, "myst.yml")
    day, pad = entry.caption.split(" ")[0], " " * indent(node)
    title = json.dumps(entry.caption, ensure_ascii=False)
    group = f"{pad}- title: {title}\n{pad}  children:\n{pad}    {item}"
    dated = []
    for place in node.value:
        words = yaml.safe_load(yaml.serialize(place))
        own = str(words.get("title") or "").split(" ")[0]
        if own == day and "children" in words:
            return behind(text, value_of(place, "children"), item, "myst.yml")
        if own[:4].isdigit():
            dated.append((own, place))
    earlier = [place for own, place in dated if own < day]
    if earlier:
        return insert(text, last_line(earlier[-1]), group)
    if dated:
        return insert(text, dated[0][1].start_mark.line, group)
    return insert(text, last_line(node), group)
