"""Tell the prompts of interpreter sessions from marks of outputs, and what goes on below them."""

from __future__ import annotations

import ast
import keyword
import re
from itertools import pairwise

from bookproof.notes.comments import is_comment
from bookproof.notes.statements import Piece, is_compound, is_print, parse, pieces, print_lines
from bookproof.notes.values import reads_as_value

PROMPT = re.compile(r"(?P<indent>\s*)(?P<prompt>>>>|In\s*\[\s*\d*\s*\]\s*:)[ ]?(?P<code>.*)")
MORE = re.compile(r"\s*\.\.\.(?:[ ]|:[ ]?|$)(?P<code>.*)|\s*\.{3,}:[ ]?(?P<rest>.*)")

_DOING = (ast.Assign, ast.AugAssign, ast.Import, ast.ImportFrom)
"""Statements that no output looks like."""

_BRANCH = re.compile(r"(?:else|elif|except|finally)\b")


def is_session(text: str) -> bool:
    r"""Tell whether a text is a session, and not code with prompts before what it gives.

    >>> is_session(">>> 1 + 1\n2"), is_session("add(1, 1)\n>>>2")
    (True, False)
    """
    lines = text.split("\n")
    prompts = [number for number, line in enumerate(lines) if PROMPT.match(line)]
    if not prompts:
        return False
    if "In" in PROMPT.match(lines[prompts[0]])["prompt"]:
        return True
    before = [piece for piece in pieces("\n".join(lines[: prompts[0]])) if piece.node]
    return not (before and _are_marks(lines, prompts, before))


def _are_marks(lines: list[str], prompts: list[int], before: list[Piece]) -> bool:
    """Tell whether what stands behind all prompts is what code gives, and no code."""
    values = [reads_as_value(_first_value(lines, n), loose=True) for n in prompts]
    if all(values):
        return True
    if not (before[-1].shows or print_lines(before[-1].node)):
        return False
    given = {
        node.id
        for piece in before
        for node in ast.walk(piece.node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    sure = any(values) or bool(print_lines(before[-1].node))
    return all(
        value or _does_nothing(lines, n, given, sure)
        for n, value in zip(prompts, values, strict=True)
    )


def _does_nothing(lines: list[str], number: int, given: set[str], sure: bool) -> bool:
    """Tell whether what stands behind a prompt is words, a device, or a name of nothing here.

    `sure` says that values stand behind others, or a print above them.
    """
    text = PROMPT.match(lines[number])["code"].strip()
    below = lines[number + 1] if number + 1 < len(lines) else ""
    if below.strip() and not PROMPT.match(below) and not _acts(below):
        return False  # something is shown below it
    word = re.match(r"\w*", text)[0]
    if not text or keyword.iskeyword(word) or word in ("print", "exec"):
        return False
    found = pieces(text)
    if not found:
        return True
    node = found[0].node
    if isinstance(node, ast.AnnAssign):  # `cuda:0`
        return node.value is None and isinstance(node.annotation, ast.Constant)
    named = isinstance(node, ast.Expr) and isinstance(node.value, ast.Name | ast.Attribute)
    glued = lines[number].lstrip().startswith(f">>>{text[0]}")
    return named and glued and word not in given and sure


def _acts(line: str) -> bool:
    found = pieces(line)
    return bool(found) and (is_print(found[0].node) or isinstance(found[0].node, _DOING))


def _first_value(lines: list[str], number: int) -> str:
    """Return what stands behind a prompt, to where its brackets close."""
    text = PROMPT.match(lines[number])["code"]
    for line in lines[number + 1 :]:
        if text.count("(") + text.count("[") <= text.count(")") + text.count("]"):
            break
        text += "\n" + line
    return text


def is_commented(lines: list[str]) -> bool:
    """Tell whether a session has its outputs in comments: one right below a prompt, no other."""
    found = False
    for above, line in pairwise(lines):
        if (PROMPT.match(above) or MORE.match(above)) and line.strip():
            found |= is_comment(line)
            if not (is_comment(line) or PROMPT.match(line) or MORE.match(line)):
                return False
    return found


def end_of_plain(lines: list[str], place: int) -> int:
    """Return where code without prompts ends that begins at a line, the line where none does.

    It begins at the start of a session or below a blank line, and goes on to the next prompt.
    """
    begins = not any(map(PROMPT.match, lines[:place]))
    if not lines[place].strip() or not (begins or not lines[place - 1].strip()):
        return place
    end = next((n for n in range(place, len(lines)) if PROMPT.match(lines[n])), len(lines))
    found = pieces("\n".join(lines[place:end]))
    above = lines[place : place + found[0].first] if found else ["no code"]
    if not all(is_comment(line) or not line.strip() for line in above):
        return place
    node = found[0].node
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    acts = isinstance(node, _DOING) or is_compound(node) or is_print(node)
    return end if acts or (begins and called) else place


def goes_on(code: list[str], line: str) -> bool:
    """Tell whether the code behind a prompt goes on behind another: `>>>     print(n)`."""
    if not (_BRANCH.match(line) or re.match(r"[ \t]+\S", line)):
        return False
    return is_unfinished(code, line, brackets=False) and _may_become([*code, line])


def _may_become(code: list[str]) -> bool:
    """Tell whether lines are Python as far as they go."""
    try:
        parse("\n".join(code))
    except SyntaxError as error:
        return "expected an indented block" in str(error) or "was never closed" in str(error)
    return True


def is_unfinished(code: list[str], line: str, brackets: bool = True) -> bool:
    """Tell whether the code behind a prompt goes on in a line that has no prompt.

    `brackets` says whether it may be within some that were not closed.
    """
    source = "\n".join(code)
    try:
        parse(source)
    except SyntaxError as error:
        message = str(error)
        if "was never closed" in message or "triple-quoted" in message or "EOF" in message:
            return brackets
        return "indented block" in message or source.lstrip().startswith("@")
    opened = source.rstrip().split("\n")[0].split("#")[0].rstrip().endswith(":")
    more = re.match(r"\s+\S", line) or _BRANCH.match(line)
    return opened and bool(more)
