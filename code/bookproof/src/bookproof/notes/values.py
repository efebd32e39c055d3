"""Tell whether a text reads as something that Python could show, and not as an explanation."""

from __future__ import annotations

import re

from bookproof.notes.tree import Grammar, Node, first, values

_WORDS = {"True", "False", "None", "nan", "inf", "-inf", "NaN", "NaT", "Ellipsis", "NotImplemented"}
DTYPES = re.compile(
    r"(torch\.|np\.|numpy\.)?(u?int(8|16|32|64)|b?float(16|32|64)|complex(64|128)|bool_?|long|"
    r"double|half|object|datetime64\[ns\]|<U\d+|>?<?[iuf]\d)"
)
_REPRS = set(
    str.split(
        "tensor array Size torch.Size torch.size deque Counter OrderedDict defaultdict ChainMap "
        "dict_keys dict_values dict_items odict_keys odict_values odict_items range set frozenset "
        "dict list tuple date time datetime timedelta datetime.date datetime.time "
        "datetime.datetime datetime.timedelta Decimal Fraction Index RangeIndex Int64Index "
        "DatetimeIndex MultiIndex PeriodIndex CategoricalIndex "
        "Timestamp Timedelta Period Interval matrix masked_array "
        "dtype device slice bytearray memoryview mappingproxy PosixPath WindowsPath Parameter "
        "ParameterList ModuleList poly1d struct_time time.struct_time namespace IntervalIndex "
        "np.float64 np.float32 np.int64 np.int32 np.str_ np.bool_ np.True_ np.False_ Generator "
        "np.uint8 np.datetime64 np.float16 np.complex128"
    )
)
_CLASS = re.compile(r"[A-Z]\w*[a-z]\w*|[A-Z]{2,}\w*")
ERROR = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Iteration)\b")
_OPEN, _SHUT = re.compile(r"[\[({]"), re.compile(r"[\])}]")
_TRACEBACK = "Traceback (most recent call last)"
_PARAMETER = re.compile(r"^Parameter containing:\s*", re.MULTILINE)


def reads_as_value(text: str, loose: bool = False) -> bool:
    """Tell whether a text reads as values that Python shows: literals, arrays, objects.

    `loose` takes any class with arguments for an object, where a bare comment may be code that
    was put aside.

    >>> reads_as_value("[1 2 3]"), reads_as_value("torch.Size([2, 3])"), reads_as_value("3 个")
    (True, True, False)
    """
    text = _PARAMETER.sub("", text.strip())
    if DTYPES.fullmatch(text.removeprefix("dtype:").strip()) or _is_class(text):
        return True
    try:
        found = values(text, _LOOSE if loose else _STRICT)
    except (SyntaxError, RecursionError, IndexError):
        return False
    return any(node.kind != "more" for node in found)


def opening_value(text: str, loose: bool = False) -> tuple[Node | None, str]:
    """Return the value that a text begins with, None where with none, and what follows.

    >>> opening_value("[1, 2] and words")[1], opening_value("words, then [1, 2]")[0]
    (' and words', None)
    """
    try:
        return first(text, _LOOSE if loose else _STRICT)
    except (SyntaxError, RecursionError, IndexError):
        return None, text


def reads_as_error(text: str) -> bool:
    """Tell whether a text reads as an error that Python raises.

    >>> reads_as_error("ZeroDivisionError: division by zero"), reads_as_error("an error")
    (True, False)
    """
    lines = text.strip().split("\n")
    if _TRACEBACK in lines[0]:
        return True
    found = ERROR.match(lines[-1])
    return bool(found) and (found.end() == len(lines[-1]) or lines[-1][found.end()] == ":")


def error_line(text: str) -> str:
    """Return the line of an error that tells which it is."""
    lines = [line for line in text.strip().split("\n") if line.strip()]
    return next((line for line in reversed(lines) if ERROR.match(line)), lines[-1]).strip()


def reads_as_table(text: str) -> bool:
    r"""Tell whether a text reads as a table or series that pandas prints.

    >>> reads_as_table("   a  b\n0  1  2\n1  3  4")
    True
    """
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return False
    if any(re.match(r"\s*(Name: .*)?dtype: \w+|\[\d+ rows x \d+ columns\]", x) for x in lines):
        return True
    if _is_series(lines) or _is_column(lines):
        return True
    if len(lines) > 2 and lines[0][:1].isspace() and re.fullmatch(r"\S+ *", lines[1]):
        del lines[1]  # the name of the index
    rows = [re.split(r"\s+", line.strip()) for line in lines[1:]]
    columns = sum(bool(re.search(r"\S[ \t]{2,}\S", line)) for line in lines)
    full = sum(any(_CELL.fullmatch(word) for word in row[1:]) for row in rows)
    return lines[0][:1].isspace() and full >= 0.6 * len(rows) and columns >= 0.6 * len(lines)


def _is_series(lines: list[str]) -> bool:
    """Tell whether lines are labels and, right-aligned below one another, numbers."""
    aligned = len({len(line.rstrip()) for line in lines}) == 1
    return aligned and all(map(is_row, lines))


def _is_column(lines: list[str]) -> bool:
    """Tell whether lines are a name and, right-aligned below it, what an index has beside it."""
    rows = [re.fullmatch(r"\S+\s{2,}(\S.*)", line.rstrip()) for line in lines[1:]]
    aligned = len({len(line.rstrip()) for line in lines}) == 1
    named = bool(re.fullmatch(r"\s+[^\W\d]\S*", lines[0].rstrip()))
    if not (aligned and named and all(rows)):
        return False
    return len(rows) > 1 or bool(_CELL.fullmatch(rows[0][1]))


def is_row(line: str) -> bool:
    """Tell whether a line is a label and, behind two blanks or more, a number, as in a series."""
    pair = re.split(r"\s{2,}", line.rstrip())
    return len(pair) == 2 and bool(pair[0] and _CELL.fullmatch(pair[1]))


_CELL = re.compile(r"[+-]?\d[\d.,e+-]*%?|NaN|NaT|None|True|False|\.\.\.")


def is_open(text: str) -> bool:
    """Tell whether more brackets open in a text than close."""
    return len(_OPEN.findall(text)) > len(_SHUT.findall(text))


def _is_class(text: str) -> bool:
    return bool(re.fullmatch(r"<[A-Za-z_][^\n]*(?: |class)[^\n]*>", text)) and "=" not in text


def _is_word(name: str, inside: bool) -> bool:
    return name in _WORDS or (inside and bool(DTYPES.fullmatch(name) or "." in name))


_STRICT = Grammar(_is_word, lambda name: name in _REPRS)
_LOOSE = Grammar(_is_word, lambda name: name in _REPRS or bool(_CLASS.fullmatch(name)))
_ANY = Grammar(lambda name, inside: True, lambda name: True)


def tree(text: str) -> list[Node] | None:
    """Return the values that a text shows, None where it shows anything else."""
    try:
        return values(_PARAMETER.sub("", text.strip()), _ANY)
    except (SyntaxError, RecursionError, IndexError):
        return None
