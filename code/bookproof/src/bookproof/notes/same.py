"""Tell whether a claimed output is what the code gave, and whether only its manner is another."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from bookproof.judging.how import DIGITS
from bookproof.judging.numbers import close, numbers_match
from bookproof.notes.findings import Verdict
from bookproof.notes.older import is_older, same_table
from bookproof.notes.tree import Node
from bookproof.notes.values import ERROR, error_line, reads_as_error, tree
from bookproof.reading.screen import normalise

_WRAPPERS = set(
    str.split(
        "array tensor Size torch.Size torch.size matrix dict_keys dict_values dict_items list "
        "tuple odict_keys odict_values odict_items np.float64 np.float32 np.float16 np.int64 "
        "np.int32 np.uint8 "
        "np.str_ np.bool_ np.bool Index Int64Index range dtype np.array torch.tensor"
    )
)
_DICTS = {"OrderedDict", "Counter", "dict", "defaultdict", "mappingproxy"}
_SETS = {"set", "frozenset"}
_KNOWN = _WRAPPERS | _SETS | _DICTS
_UNSAID = {  # the dtypes that are not shown
    "tensor": {"float32", "int64", "bool", "complex64"},
    "array": {"float64", "int64", "bool", "complex128"},
}
_BRACKETS = re.compile(r"(?<=[\[({])[ \t]+|[ \t]+(?=[\])},])")
_DOTS = re.compile(r"^\W*(\.{3,}|…+|\.\s\.\s\.|⋮|省略)\W*$")
_REMARK = re.compile(r"\s+#\s.*$")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LEAD = re.compile(r"[^\d\n]{0,60}?[:：=>\s]\s*", re.DOTALL)


def compare(claimed: str, actual: str) -> Verdict | None:
    """Return how a claim holds of an output, None where it does not.

    >>> compare("[1, 2]", "[1 2]").value, compare("0.33", "0.3333").value, compare("3", "4")
    ('other style', 'true to the digits written', None)
    """
    wanted, given = _lines(claimed), _lines(actual)
    if wanted == given:
        return Verdict.TRUE
    if not wanted or not given:
        return None
    shortened = _elided(wanted, given)
    if shortened:
        return shortened
    if len(wanted) == len(given) and all(map(numbers_match, wanted, given)):
        return Verdict.DIGITS
    if _same_values(claimed, actual) or _same_text(wanted, given):
        return Verdict.STYLE
    if is_older(wanted, given) or same_table(claimed, actual):
        return Verdict.STYLE
    plain = without_remarks(claimed)
    return Verdict.STYLE if plain != claimed and compare(plain, actual) else None


def without_remarks(text: str) -> str:
    """Return an output of several lines without what its author remarks behind them."""
    lines = text.split("\n")
    return "\n".join(_REMARK.sub("", line) for line in lines) if len(lines) > 1 else text


def compare_error(claimed: str, name: str, message: str) -> Verdict | None:
    """Return how a claimed error holds of one that was raised, None where it does not."""
    if not reads_as_error(claimed):
        return None
    line = error_line(claimed)
    found = ERROR.match(line)
    if not found or found.group().rpartition(".")[2] != name.rpartition(".")[2]:
        return None
    said = line[found.end() :].lstrip(": ").strip()
    if not said or said == message.strip().split("\n")[0] or said == message.strip():
        return Verdict.TRUE
    if _NUMBER.sub("", said) == _NUMBER.sub("", message.strip().split("\n")[0]):
        return None  # the same words about other numbers
    return Verdict.STYLE


def contradicts(claimed: str, name: str, message: str) -> bool:
    """Tell whether a claimed error is of the class that was raised, and says what is not so."""
    found = ERROR.match(error_line(claimed)) if reads_as_error(claimed) else None
    kind = found.group().rpartition(".")[2] if found else ""
    same_kind = kind == name.rpartition(".")[2]
    return same_kind and compare_error(claimed, name, message) is None


def _lines(text: str) -> list[str]:
    lines = (_BRACKETS.sub("", " ".join(line.split())) for line in normalise(text).split("\n"))
    lines = (re.sub(r",\s*", ", ", line).strip() for line in lines)
    return [line for line in lines if line]


def _elided(wanted: list[str], given: list[str]) -> Verdict | None:
    """Compare where the author left lines out, or the end."""
    if not any(_DOTS.match(line) for line in wanted):
        words, all_words = " ".join(wanted).split(), " ".join(given).split()
        if len(words) > 2 and words[-1] in ("...", "…") and not any("..." in w for w in all_words):
            return Verdict.TRUE if all_words[: len(words) - 1] == words[:-1] else None
        return None
    verdict, place, free = Verdict.TRUE, 0, False
    for line in wanted:
        if _DOTS.match(line):
            free = True
            continue
        room = range(place, len(given)) if free else range(place, min(place + 1, len(given)))
        found = next((n for n in room if numbers_match(line, given[n])), None)
        if found is None:
            return None
        verdict = verdict if line == given[found] else Verdict.DIGITS
        place, free = found + 1, False
    return verdict if free or place == len(given) else None


def _same_text(wanted: list[str], given: list[str]) -> bool:
    """Tell whether two texts differ in line breaks, quotes, or the words before a value alone."""
    one, other = " ".join(wanted), " ".join(given)
    if _squeezed(one) == _squeezed(other) or numbers_match(one, other):
        return True
    if one.strip("'\"") == other.strip("'\""):
        return True
    if other.endswith(one) and len(one) < len(other):
        lead = other[: -len(one)]
        return not re.search(r"\d", lead) and not re.search(r"[\w.\[(,'\"-]$", lead)
    return False


def _squeezed(text: str) -> str:
    """Return a text without the blanks that part no words."""
    return re.sub(r"\s+(?=\W)|(?<=\W)\s+", "", text)


def _same_values(claimed: str, actual: str) -> bool:
    wanted = tree(claimed)
    if wanted is None:
        return False
    given = tree(actual)
    if given is None:
        lead = _LEAD.match(actual)  # what a print says before the value
        given = tree(actual[lead.end() :]) if lead else None
        if given is None:
            return False
    return _all_same(_opened(wanted), _opened(given)) or _all_same(wanted, given)


def _opened(nodes: list[Node]) -> list[Node]:
    """Return the values of a sequence that stands alone, as an author writes `1, 2`."""
    alone = len(nodes) == 1 and nodes[0].kind == "sequence"
    return list(nodes[0].items) if alone else nodes


def _all_same(wanted: list[Node], given: list[Node]) -> bool:
    if any(node.kind == "more" for node in wanted):
        cut = next(n for n, node in enumerate(wanted) if node.kind == "more")
        rest = wanted[cut + 1 :]
        enough = len(given) >= cut + len(rest)
        return (
            enough
            and _all_same(wanted[:cut], given[:cut])
            and (not rest or _all_same(rest, given[len(given) - len(rest) :]))
        )
    return len(wanted) == len(given) and all(map(_same, wanted, given))


def bare(node: Node) -> Node:
    """Return the value that an object of a library holds, with what it says besides."""
    while node.kind == "call" and node.text in _KNOWN and node.items:
        values = [item for item in node.items if item.kind != "pair" or item.text != "="]
        inner = values[-1] if node.text == "defaultdict" and values else (values or [None])[0]
        if node.text == "range" or inner is None or len(values) > 2:
            return node
        if node.text in _SETS and inner.kind == "sequence":
            inner = Node("braces", "{", inner.items)
        if node.text in _DICTS and inner.kind == "sequence":
            pairs = [item for item in inner.items if len(item.items) == 2]
            inner = Node("braces", "{", tuple(Node("pair", items=item.items) for item in pairs))
        node = inner
    return node


def _keywords(node: Node) -> dict[str, Node]:
    found: dict[str, Node] = {}
    while node.kind == "call" and node.items:
        pairs = (item for item in node.items if item.kind == "pair" and item.text == "=")
        found |= {pair.items[0].text: pair.items[1] for pair in pairs}
        if node.items[0].kind != "call":
            break
        node = node.items[0]
    return found


def _same(wanted: Node, given: Node) -> bool:
    (said, one), (found, other) = ((_keywords(node), bare(node)) for node in (wanted, given))
    if (one is not wanted or other is not given) and any(
        not _same(said[key], found[key]) for key in said.keys() & found.keys()
    ):
        return False
    if given.kind == "call" and "dtype" in said.keys() - found.keys():
        name = said["dtype"].text.rpartition(".")[2]
        if name not in _UNSAID.get(given.text, {name}):
            return False
    if one.kind == "number" and other.kind == "number":
        return _same_number(one.text, other.text)
    if "string" in (one.kind, other.kind):
        kinds = {one.kind, other.kind} <= {"string", "word", "number"}
        return kinds and _string(one.text) == _string(other.text)
    if one.kind != other.kind:
        return False
    if one.kind == "braces":
        return _same_members(one, other)
    if one.kind == "angle":
        plain = (re.sub(r"\d+", "", _ADDRESS.sub("", node.text)) for node in (one, other))
        return len(set(plain)) == 1
    if one.kind == "call" and one.text.rpartition(".")[2] != other.text.rpartition(".")[2]:
        return False
    if one.kind == "word":
        return one.text.rpartition(".")[2].lower() == other.text.rpartition(".")[2].lower()
    return _all_same(list(one.items), list(other.items))


def _same_members(one: Node, other: Node) -> bool:
    """Compare sets, and dictionaries, whatever their order."""
    left = list(other.items)
    for item in one.items:
        found = next((have for have in left if _same(item, have)), None)
        if found is None:
            return False
        left.remove(found)
    return not left


def _same_number(one: str, other: str) -> bool:
    if close(one, other, DIGITS):
        return True
    try:
        return Decimal(one.rstrip("%").replace("_", "")) == Decimal(
            other.rstrip("%").replace("_", "")
        ) and one.endswith("%") == other.endswith("%")
    except InvalidOperation:
        return False


def _string(text: str) -> str:
    found = re.fullmatch(r"[bBrRuU]{0,2}(['\"])(.*)\1", text, re.DOTALL)
    return found[2] if found else text
