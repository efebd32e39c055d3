"""Part a value from the words that its author adds to it in the same comment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from bookproof.notes.comments import comments
from bookproof.notes.tree import Node
from bookproof.notes.values import opening_value, reads_as_table, reads_as_value

_WORDS = r"[^\W\d_]"
_BEHIND = re.compile(
    rf"\s*(?:[,;，；。、:：※]|--?\s|\s)\s*{_WORDS}|\s+\d+-?{_WORDS}{{2}}|(?!的)[^\x00-\x7f\W]|\s*[(（※]\D"
)
"""What parts closed values from words: a sign, a blank, or a letter that is not Latin."""

_APART = re.compile(rf"\s*[,;，；。、]\s*{_WORDS}|\s*[(（]\s*{_WORDS}|\s+--?\s+\D")
"""What parts a number from words; a blank does not: `3 channels`, `1. first`."""

_COLON = re.compile(rf"\s*[:：]\s*(?:{_WORDS}|\()")
_SECOND = re.compile(r"\s+#+\s*\S")
_SAYS = re.compile(r"\s*(?:is|are|in|of|was|means?|for|if|是|为|表示|のは|は|が|的)\b", re.I)
_BRACKETED = re.compile(
    r"(?P<value>.*\S)\s*(?:（(?P<full>[^（）]*)）|\((?P<half>[^()]*)\))", re.DOTALL
)
_AT_END = re.compile(r"(?P<words>.*[\u4e00-\u9fff：:])\s*(?P<value>\[[\s\d.,eE+\-\[\]]*\])")
_TAKING = re.compile(r"取|第|行|列|元素|最后|倒数|前|后|逆序|反转|倒序")
_BECOMES = re.compile(r"得到?|变成|变为|成为|结果")
_OF_OTHERS = re.compile(
    r"形状|维|大小|尺寸|长度|轴|参数|相当|等价|等同|类似|例|比如|譬如|范围|区间|之间|索引|下标|位置|"
    r"序号|坐标|步长|输入|原|旧|之前|应该|不|或|取值|给定|shape|size|dim|axis|index|[=`\"'(（<>→]|->",
    re.I,
)
"""Words that tell of something else than what a statement gives, or of code."""

_CLOSED = ("sequence", "braces", "call")


def led(text: str, sure: bool = False) -> str:
    """Return the value that opens a text which goes on in words, empty where none does.

    `sure` wants a value that nothing else looks like: an object or braces, no number or list.

    >>> led("[1, 2] without the last"), led("3 channels"), led("0, no error"), led("1. begin")
    ('[1, 2]', '', '0', '')
    """
    node, rest = opening_value(text.strip())
    if node is None or not rest.strip():
        return ""
    value = text.strip()[: -len(rest)].rstrip()
    if _is_code(text) or _is_mark(node):
        return ""
    if _SECOND.match(rest):
        return value if not sure or node.kind in _CLOSED else ""
    if node.kind in _CLOSED:
        safe = node.kind in ("call", "braces") or not sure
        return value if safe and node.items and _parts(rest) else ""
    if sure or node.kind == "more":
        return ""
    if node.kind == "string":
        return value if _BEHIND.match(rest) and not _SAYS.match(rest) else ""
    if node.kind in ("number", "word") and not value.endswith("."):
        return value if _APART.match(rest) else ""
    return ""


def _parts(rest: str) -> bool:
    return bool(_BEHIND.match(rest) or _COLON.match(rest))


def _is_code(text: str) -> bool:
    """Tell whether a text is one expression, and its words names in it."""
    try:
        found = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not isinstance(found, ast.Tuple) and " #" not in text and text.isascii()


def _is_mark(node: Node) -> bool:
    """Tell whether a value may be what counts the parts of a list: `(1) first`, `[2] Author`."""
    return node.kind == "sequence" and [item.kind for item in node.items] == ["number"]


def equated(text: str) -> str:
    """Return what an equation of numbers comes to, empty where a text is none.

    >>> equated("1 + 2 = 3"), equated("x = 3"), equated("3 = 3")
    ('3', '', '')
    """
    left, sign, right = text.rpartition("=")
    if not sign or not reads_as_value(right):
        return ""
    try:
        node = ast.parse(left.rstrip("= ").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    inner = (ast.operator, ast.unaryop, ast.Constant, ast.BinOp, ast.UnaryOp)
    counted = isinstance(node, ast.BinOp) and all(isinstance(n, inner) for n in ast.walk(node))
    return right.strip() if counted else ""


def without_comments(text: str, known: Iterable[str] = ()) -> str:
    """Return values without the comments behind them, a text that is no values as it is.

    What is in the strings that are known may be printed, and stays.

    >>> without_comments("[3] # one"), without_comments("'a # b'"), without_comments("at # 3")
    ('[3]', "'a # b'", 'at # 3')
    """
    lines = text.split("\n")
    for comment in comments(lines, 0, len(lines) - 1):
        said = comment.text.rstrip()
        before = lines[comment.line].rstrip().removesuffix(said)
        if comment.trails and before[-1:].isspace() and not any(said in text for text in known):
            lines[comment.line] = before.rstrip()
    plain = "\n".join(lines)
    return plain if reads_as_value(plain, loose=True) or reads_as_table(plain) else text


def before_brackets(text: str) -> tuple[str, str]:
    """Return a value before an explanation in brackets, and that; both empty where there is none.

    >>> before_brackets("[5 6] (two of them)"), before_brackets("f (x)")
    (('[5 6]', 'two of them'), ('', ''))
    """
    found = _BRACKETED.fullmatch(text.rstrip())
    words = (found["full"] or found["half"] or "").strip() if found else ""
    if not re.match(r"\D", words) or reads_as_value(words) or not reads_as_value(found["value"]):
        return "", ""
    return found["value"], words


def at_end(text: str, takes: bool) -> str:
    """Return the array of numbers that ends a remark in Chinese, empty where none does.

    The remark says that something becomes it, or is taken, where the code takes a part.

    >>> at_end("取第一行 [5 6 7]", True), at_end("变成 [5 6]", False), at_end("取 [5]", True)
    ('[5 6 7]', '[5 6]', '')
    """
    found = _AT_END.fullmatch(text.strip())
    words = found["words"] if found else ""
    tells = _BECOMES.search(words) or (takes and _TAKING.search(words))
    if not tells or _OF_OTHERS.search(words):
        return ""
    node, rest = opening_value(found["value"])
    numbers = re.findall(r"\d+", found["value"])
    # `[0, 1]` may be a range or the places that are taken.
    enough = len(numbers) > (2 if re.match(r"\[\d+,", found["value"]) else 1)
    return found["value"] if node is not None and not rest and enough else ""
