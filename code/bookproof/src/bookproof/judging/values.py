"""Judge whether the values in a chapter's text are what their expressions are worth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bookproof.judging import written
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.chapter import Chapter
from bookproof.reading.value import SHOWN, Value
from bookproof.running.result import Run

INSERTED = "inserted by {eval} as the code gives it: nothing compares it"
_LONGEST = 200


def judge(chapter: Chapter, run: Run) -> Iterator[Verdict]:
    """Yield a verdict on every value in the text."""
    answers = dict(zip(chapter.questions, run.values, strict=False))
    pattern = chapter.settings.eval_name_regex
    for value in chapter.values:
        cell = chapter.cells[value.cell].line if value.cell >= 0 else None
        if value.directive == "unverified":
            yield Verdict(value.line, Kind.UNVERIFIED, value.target, cell, value=value)
        elif value.directive == SHOWN and not re.match(pattern, value.target):
            message = f"{{eval}} `{value.target}` is not as `eval_regex` wants it: {pattern}"
            yield Verdict(value.line, Kind.MALFORMED, message, cell, value=value)
        else:
            yield _judge(value, answers.get(value.question), cell)


def _judge(value: Value, answer: dict | None, cell: int) -> Verdict:
    expected, actual, message = None, None, ""
    if answer is None:
        kind, message = Kind.NOT_RUN, "was not evaluated, because a cell or its kernel failed"
    elif "error" in answer:
        kind, message = Kind.EXPRESSION_FAILED, f"`{value.target}`: {answer['error']}"
    elif value.directive == SHOWN:
        kind, message, actual = _shown(value, answer["data"])
    else:
        kind, expected, actual = Kind.VERIFIED, value.text, answer["text"]
        if written.same(expected, actual):
            actual = written.steady(expected, actual)
        else:
            kind, message = Kind.MISMATCH, _mismatch(value, actual)
    return Verdict(value.line, kind, message, cell, None, expected, actual, value=value)


def _shown(value: Value, data: dict) -> tuple[Kind, str, str | None]:
    plain = data.get("text/plain", "")
    if not data or data == {"text/plain": "None"}:
        return Kind.EXPRESSION_FAILED, f"`{value.target}`: gives nothing that could be shown", None
    return Kind.UNVERIFIED, INSERTED, plain


def _mismatch(value: Value, actual: str) -> str:
    """Return what is wrong with a value, and a hint where its author may have meant it."""
    shown = actual if len(actual) <= _LONGEST else f"{actual[:_LONGEST]}…"
    message = f"the text says {value.text}, but `{value.target}` is {shown}"
    want = written.read(value.text)
    if not written.is_number(actual):
        return message
    if want is None:
        hint = "write nothing but the number between the backticks, units and words behind them"
    elif want.is_percentage:
        if not written.same(want.without_percent, actual):
            return message
        hint = "a text with % is 100 times the value: write the % behind the role"
    elif want.exact and not want.is_fraction and not written.is_integer(actual):
        hint = "an integer is compared exactly: write the digits that you mean, or round it there"
    else:
        return message
    return f"{message} ({hint})"
