"""Tell whether the plain text of an output says the same as what a page shows of it.

The layout of the plain text may then stand in a block: that of a data frame rather than rows of
cells, that of a formula rather than its LaTeX.
"""

from __future__ import annotations

import re
from collections import Counter

from bookproof.judging.html_words import Table, Words

_SIZE = re.compile(r"\[(\d+) rows x (\d+) columns\]")
_CUT = re.compile(r"\.{2,}|…")


def same_words(words: Words, plain: str) -> bool:
    """Tell whether a plain text has the words of a piece of HTML, in their order.

    A frame too wide for a line continues below, each part with the heads of its rows.
    """
    if len(words.tables) != 1:
        return _pieces(words.text) == _pieces(plain) and not words.tables
    lines = plain.rstrip("\n").split("\n")
    size = _SIZE.fullmatch(lines[-1].strip())
    if size:
        del lines[-1]
    rest = f"{size[1]} rows × {size[2]} columns" if size else ""
    return words.rest == rest and _same_rows(words.tables[0], lines)


def _pieces(text: str) -> list[str]:
    return [_CUT.sub("...", piece) if not piece.strip(".…") else piece for piece in text.split()]


def _same_rows(table: Table, lines: list[str]) -> bool:
    parts = [part.split("\n") for part in re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))]
    if any(len(part) != len(table.rows) for part in parts):
        return False
    for number, row in enumerate(table.rows):
        heads = _pieces(" ".join(row[: table.heads]))
        found: list[str] = []
        for place, part in enumerate(parts):
            pieces = _pieces(part[number])
            if place + 1 < len(parts) and pieces[-1:] == ["\\"]:
                del pieces[-1]
            if place:
                if pieces[: len(heads)] != heads:
                    return False
                del pieces[: len(heads)]
            found += pieces
        wanted = _pieces(" ".join(row))
        if found != wanted and {*found, *wanted} != {"..."}:  # of left-out rows any number
            return False
    return True


_GREEK = dict(
    zip(
        str.split(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi "
            "rho sigma tau upsilon phi chi psi omega"
        ),
        "αβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
_GREEK |= {name.capitalize(): sign.upper() for name, sign in _GREEK.items()}
_GREEK |= {"varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "infty": "∞", "leq": "≤", "geq": "≥"}
_GREEK |= {"neq": "≠", "ne": "≠", "le": "≤", "ge": "≥", "partial": "∂", "sqrt": "√", "int": "∫"}
_FUNCTIONS = str.split(
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd inf ker lim ln log max "
    "min sec sin sinh sup tan tanh"
)
_PLAIN = {
    "ℯ": "e",
    "ⅈ": "i",
    "⌠": "∫",
    "ϕ": "φ",
    "⎛": "(",
    "⎞": ")",
    "⎡": "[",
    "⎤": "]",
    "╱": "√",
    "⎧": "{",
}
_LAID_OUT = str.split("cdot cdots displaystyle dfrac frac left limits quad right textstyle tfrac")
_LAYOUT = re.compile(r"\\(?:begin|end)\{\w+\*?\}(?:\{[lcr|]*\})?|\\(?:left|right)\.|\\[,;:! \\]")


def same_symbols(latex: str, plain: str) -> bool:
    """Tell whether a plain text has the signs of a formula, each as often, wherever they stand.

    What only lays a formula out does not count: fraction bars, roots' bars, multiplication.
    Where this cannot be told, as with a command that is not known, they are not the same.
    """
    spelled = _spelled(latex)
    return spelled is not None and _signs(spelled) == _signs(plain)


def _spelled(latex: str) -> str | None:
    unknown = []
    latex = _LAYOUT.sub(" ", latex.strip().strip("$"))

    def sign(command: re.Match) -> str:
        name = command[1]
        if name in _LAID_OUT:
            return ""
        if name not in _GREEK and name not in _FUNCTIONS:
            unknown.append(name)
        return _GREEK.get(name, name)

    latex = re.sub(r"\\operatorname\{(\w+)\}|\\(?:mathrm|text|mathbf)\{(\w+)\}", r"\1\2", latex)
    latex = re.sub(r"\\([A-Za-z]+)", sign, latex)
    if unknown:
        return None
    return (
        latex.replace("\\{", "\ue000")
        .replace("\\}", "\ue001")
        .translate({ord("{"): None, ord("}"): None, 0xE000: "{", 0xE001: "}"})
    )


def _signs(text: str) -> Counter[str]:
    text = "".join(_PLAIN.get(sign, sign) for sign in text)
    return Counter(s for s in text if s.isalnum() or s in "+-=<>≤≥≠∂∞√∫()[]{},;:!|")
