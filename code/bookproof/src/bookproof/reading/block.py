"""The blocks that say what a cell must give: `{expect} …` and `{unverified} reason`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

PARTS = {
    "figure": "figure",
    "error": "error",
    "stream=stdout": "stdout",
    "stream=stderr": "stderr",
    "stream=result": "result",
}
"""The words that choose a part of a cell's output, with the part; without one it is `text`."""

SHAPES = ("contains", "lines")
"""The words that choose what of the part must match; without one the whole must."""

WORDS = ("exact", "number", *SHAPES, "unordered", *PARTS)
"""All words that stand for themselves."""

TOLERANCES = ("rtol", "atol")
"""What may be given a number, as in `rtol=1e-3`."""

WILD = "[..]"
"""What stands for any text within a line, also for none."""

ANY = "..."
"""A line that stands for any lines, where `lines` is among the words."""


@dataclass(frozen=True)
class Block:
    """A block in a chapter; lines are 1-based, `end` is the closing fence's line.

    `fence` is the number of backticks (or tildes) that open it.
    """

    directive: str
    line: int
    end: int
    argument: str
    body: str
    fence: int = 3

    @property
    def reason(self) -> str:
        """Return why an `{unverified}` output is not verified."""
        return self.argument or self.body.strip()


@dataclass(frozen=True)
class Expectation:
    """What the words after `{expect}` ask for."""

    part: str = "text"
    shape: str = "whole"
    number: bool = False
    filters: tuple[str, ...] = ()
    rtol: Decimal | None = None
    atol: Decimal | None = None
    unordered: bool = False

    @property
    def mode(self) -> str:
        """Return the words again, in a fixed order; `exact` where there is none."""
        words = [word for word, part in PARTS.items() if part == self.part]
        words += [self.shape] * (self.shape != "whole") + ["unordered"] * self.unordered
        words += ["number"] * self.number
        tolerances = (("rtol", self.rtol), ("atol", self.atol))
        words += [f"{name}={value}" for name, value in tolerances if value is not None]
        words += [f"norm={name}" for name in self.filters]
        return " ".join(words) or "exact"


def parse(argument: str) -> Expectation:
    """Read the words after `{expect}`.

    Raises ValueError for an unknown word, and for two that contradict each other. Which filters
    there are is for the judge to say.
    """
    part, shape, number, unordered, filters = None, None, None, None, set()
    tolerances: dict[str, Decimal] = {}
    for word in argument.split():
        name, _, value = word.partition("=")
        if word in PARTS:
            part = _once(part, PARTS[word], word)
        elif word in SHAPES:
            shape = _once(shape, word, word)
        elif word in ("number", "exact"):
            number = _once(number, word, word)
        elif word == "unordered":
            unordered = _once(unordered, True, word)
        elif name in TOLERANCES:
            tolerances[name] = _once(tolerances.get(name), _tolerance(word, value), word)
        elif name == "norm":
            filters.update(value.split(","))
        else:
            known = [*WORDS, "norm=…", "rtol=…", "atol=…"]
            raise ValueError(f"has an unknown word {word!r}; known: {', '.join(known)}")
    if tolerances and number == "exact":
        raise ValueError("has a tolerance beside 'exact', which contradicts it")
    return Expectation(
        part or "text",
        shape or "whole",
        number == "number",
        tuple(sorted(filters)),
        unordered=bool(unordered),
        **tolerances,
    )


def _tolerance(word: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ValueError(f"has {word!r}; wanted a number that is not negative, say rtol=1e-3")
    return number


def _once(old, new, word):
    if old is not None:
        raise ValueError(f"has {word!r} beside a word that contradicts it")
    return new


def problem(block: Block, attached: bool, closed: bool) -> str | None:
    """Tell what is wrong with a block by itself; `attached` says that it stands under a cell."""
    if not closed:
        return "is never closed"
    if not attached:
        return "without a cell: it must stand directly under a code cell"
    if block.directive == "unverified":
        return None if block.reason else "needs a reason on its first line"
    try:
        shape = parse(block.argument).shape
    except ValueError as error:
        return str(error)
    lines = list(filter(None, map(str.strip, block.body.split("\n"))))
    if not lines:
        return "is empty: write what the cell gives, or remove the block"
    if shape == "lines":
        lines = [line for line in lines if line != ANY]
    if not any(line.replace(WILD, "").strip() for line in lines):
        return "compares nothing: write what must be there, or {unverified} and why"
    return None


def contradiction(block: Block, others: tuple[Block, ...], cell: int) -> str | None:
    """Tell what is wrong with a block beside those that the cell at line `cell` has already."""
    alike = [other for other in others if other.directive == block.directive]
    if block.directive == "expect":
        new = parse(block.argument)
        alike = [o for o in alike if _excludes(parse(o.argument), new)]
    if alike:
        return f"stands under the cell at line {cell}, which has one like it already"
    return None


def _excludes(old: Expectation, new: Expectation) -> bool:
    return old.part == new.part and "contains" not in (old.shape, new.shape)
