"""Imagine what a cell would give on another machine, where no run can be had there.

Two runs may agree on what does not last: an address on a system that does not shuffle memory, the
home folder, the name of the machine, the day in Greenwich, a program or a network that is not
there, the order of a set. What is known for such is replaced by another of its kind.
"""

from __future__ import annotations

import ast
import dataclasses
import datetime
import re
from collections.abc import Callable, Iterator

from nbformat import NotebookNode, from_dict

from bookproof.running.inside import describe
from bookproof.running.machine import Machine
from bookproof.running.result import Run

ADDRESS = "an address in memory"
PATH = "a path of this machine"
NAME = "the name of this machine"
DATE = "the date of today"
ORDER = "the order of a set"
PROGRAM = "that a program is not installed here"
NETWORK = "that the network cannot be reached from here"

_ADDRESS = re.compile(r"(?<=\bat )0x[0-9a-fA-F]{6,16}\b")
_NO_PROGRAM = re.compile(
    r"^(?:/\S*/)?(?:ba|da|z|k)?sh: (?:(?:line )?\d+: )?"
    r"(?:\S+: (?:command )?not found|command not found: \S+)(?=\r?$)",
    re.MULTILINE,
)
_NO_NETWORK = re.compile(
    r"(?:\[Errno -?\d+\] )?(?:Name or service not known|Temporary failure in name resolution"
    r"|nodename nor servname provided, or not known|No address associated with hostname"
    r"|getaddrinfo failed|Network is unreachable|No route to host)"
)
_SET = re.compile(r"\{[^{}:\n]*,[^{}:\n]*\}")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")
_ASKS_DATE = re.compile(
    r"\b(?:now|today|utcnow|localtime|gmtime|strftime|ctime|asctime)\b|(?:^|\n)\s*!\s*date\b"
)
_SPANS = ("%Y-%m", "%Y/%m", "%B %Y", "%b %Y", "%B", "%Y")  # told by who asks for the date
_OTHER_DAY = datetime.timedelta(days=401)

Replacement = tuple[str, re.Pattern, Callable[[str], str]]


def imagine(run: Run, sources: str, machine: Machine) -> tuple[Run, tuple[frozenset[str], ...]]:
    """Return a run as it would be elsewhere, and for each cell what is other there.

    What the code itself says, `sources`, is said elsewhere too.
    """
    rules = list(_rules(machine))
    if _ASKS_DATE.search(sources):
        rules += _spans(machine)
    outputs, found = [], []
    for cell in run.outputs:
        reasons: set[str] = set()
        outputs.append(cell and [_elsewhere(output, rules, sources, reasons) for output in cell])
        found.append(frozenset(reasons))
    return dataclasses.replace(run, outputs=tuple(outputs)), tuple(found)


def _rules(machine: Machine) -> Iterator[Replacement]:
    yield ADDRESS, _ADDRESS, lambda text: "0x" + text[2:].translate(_OTHER_DIGITS)
    for folder in machine.folders:
        pattern = re.compile(rf"(?<![\w./]){re.escape(folder)}(?![\w-])")
        yield PATH, pattern, lambda _: "/home/somebody/elsewhere"
    if machine.name:
        pattern = re.compile(rf"(?<![\w.]){re.escape(machine.name)}(?![\w.])")
        yield NAME, pattern, lambda _: "elsewhere"
    for date in machine.dates:
        for form in _DATES:
            pattern = re.compile(rf"(?<!\d){re.escape(date.strftime(form))}(?!\d)")
            yield DATE, pattern, lambda _, form=form, date=date: (date - _OTHER_DAY).strftime(form)
        pattern = re.compile(rf"(?<!\d){date.year} ?年 ?0?{date.month} ?月 ?0?{date.day} ?日")
        yield DATE, pattern, lambda _, year=date.year - 1: f"{year}年2月3日"
    yield PROGRAM, _NO_PROGRAM, lambda _: "what the program says"
    yield NETWORK, _NO_NETWORK, lambda _: "what the other side says"
    yield ORDER, _SET, _reversed


def _spans(machine: Machine) -> Iterator[Replacement]:
    """Yield how the month and the year of today are other."""
    for date in machine.dates:
        for form in _SPANS:
            pattern = re.compile(rf"(?<![\w.,-]){re.escape(date.strftime(form))}(?![\w-]|[.,]\d)")
            yield DATE, pattern, lambda _, form=form, date=date: (date - _OTHER_DAY).strftime(form)
        pattern = re.compile(rf"(?<!\d){date.year} ?年(?: ?0?{date.month} ?月)?")
        yield DATE, pattern, lambda _, year=date.year - 1: f"{year}年2月"


_OTHER_DIGITS = str.maketrans("0123456789abcdefABCDEF", "fedcba9876543210543210")


def _reversed(text: str) -> str:
    """Return the display of a set the other way round, if its order is one by chance."""
    try:
        members = ast.parse(text.strip(), mode="eval").body
        values = ast.literal_eval(members)
        shown = [ast.unparse(member) for member in members.elts]
    except (ValueError, SyntaxError, AttributeError, TypeError, MemoryError, RecursionError):
        return text
    chance = isinstance(values, set) and any(isinstance(value, (str, bytes)) for value in values)
    if not chance or shown == sorted(shown):  # IPython sorts what it shows
        return text
    return "{" + ", ".join(reversed(shown)) + "}"


def _elsewhere(
    output: NotebookNode, rules: list[Replacement], sources: str, reasons: set[str]
) -> NotebookNode:
    def other(text: str) -> str:
        for reason, pattern, replace in rules:

            def replaced(found: re.Match, reason=reason, replace=replace) -> str:
                own = found[0] in sources and reason is not ORDER
                return found[0] if own else replace(found[0])

            changed = pattern.sub(replaced, text)
            if changed != text:
                reasons.add(reason)
                text = changed
        return text

    def walk(value: object, key: str = "") -> object:
        if isinstance(value, str):
            return value if key.startswith("image/") else other(value)
        if isinstance(value, list):
            return [walk(item, key) for item in value]
        if isinstance(value, dict):
            return {k: v if k == describe.MIME else walk(v, k) for k, v in value.items()}
        return value

    return from_dict(walk(output))
