"""The syntax of mystmd, where it is not that of MyST-NB: directives, their options, tags."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig

from bookproof.reading.dialect import dialect_of
from bookproof.reading.fences import fences
from bookproof.reading.hidden import BLOCKS, hidden

DIALECT = dialect_of(
    MdParserConfig(enable_extensions={"amsmath", "colon_fence", "deflist", "dollarmath"})
)
"""The Markdown of mystmd, as options of MyST's parser."""

_INFO = re.compile(r"\s*\{\s*([^}]+?)\s*\}\s*(.*)")
_OPTION = re.compile(r":([^:\s]+?):(?:\s*(.*))?\s*\Z")
_COMMENTED = re.compile(r"#\s?\| ")


class Directive(NamedTuple):
    """How a fence begins: the name of its directive, its argument, what else is in the braces."""

    name: str
    argument: str
    more: str = ""


def directive(token: Token) -> Directive:
    """Return what a fence is; a plain one has no name."""
    found = _INFO.match(token.info)
    if found is None:
        return Directive("", "")
    name, _, more = found[1].partition(" ")
    return Directive(name, found[2].strip(), more.strip())


def runs(text: str) -> bool:
    """Tell whether a page of Markdown has a cell or a block, be it inside another block."""
    if not any(word in text for word in ("code-cell", "{expect", "{unverified", "{ ")):
        return False
    return any(_matters(token) for token, _ in fences(text, DIALECT))


def _matters(token: Token) -> bool:
    name = directive(token).name
    if name == "code-cell" or f"{{{name}}}" in BLOCKS:
        return True
    return bool(name) and next(hidden(token, 1, DIALECT), None) is not None


def options(content: str) -> tuple[dict[str, Any], list[str]]:
    """Split what is in a directive into its options and its body, as mystmd does."""
    lines = content.split("\n")[: -1 if content.endswith("\n") else None]
    if not content.strip():
        return {}, []
    if lines[0].rstrip() == "---":
        rules = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
        end = rules[1] if len(rules) > 1 else len(lines)
        try:
            given = yaml.safe_load("\n".join(lines[1:end]))
        except yaml.YAMLError:
            given = None
        if not isinstance(given, dict):
            return {}, lines
        return given, [line for line in lines[end + 1 :] if line.rstrip() != "---"]
    found: dict[str, Any] = {}
    for number, line in enumerate(lines):
        option = _OPTION.match(line)
        if option is None:
            return found, lines[number:]
        found.setdefault(option[1], option[2] or True)
    return found, []


def lifted(source: str) -> tuple[dict[str, Any], str]:
    """Split the source of a cell into what its `#|` lines on top say and what runs of it."""
    said: list[str] = []
    kept: list[str] = []
    magic, lines = True, source.split("\n")
    for number, line in enumerate(lines):
        if magic and line.startswith("%%"):
            magic = False
            kept.append(line)
        elif mark := _COMMENTED.match(line):
            said.append(line[mark.end() :])
        elif line.strip():
            kept += lines[number:]
            break
    try:
        metadata = yaml.safe_load("\n".join(said))
    except yaml.YAMLError:
        metadata = None
    return (metadata, "\n".join(kept)) if isinstance(metadata, dict) else ({}, source)


def tags_of(value: object) -> list[str]:
    """Return the tags that an option or metadata names; those that mystmd knows not are none."""
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            return []
    if isinstance(value, str):
        value = re.split(r"[,\s]", value)
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        return []
    return [tag.strip() for tag in value if tag.strip() and not tag.startswith("remove_")]
