"""Set formulas as TeX does, with what browsers know: MathML Core has no spacing by kinds of atoms.

latex2mathml gives the right elements, mostly; which operator is unary, which bar opens, where a
function's name needs a space, browsers cannot tell from them.
"""

import unicodedata
from xml.etree.ElementTree import Element

THIN = "0.167em"
ROWS = {"math", "mrow", "mstyle", "msqrt", "mtd", "mpadded"}
SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
TALL = {"mfrac", "mtable", "msqrt", "mroot", "munder", "munderover", "mstyle"}
OPENING, CLOSING, BARS = set("([{⟨⌊⌈"), set(")]}⟩⌋⌉!%′″‴"), set("|‖∥")
LARGE = set("∑∏∫⋃⋂")
UNARY = set("+-−±∓")
DOTS = set("…⋯")
CLOSE = {"/", "."}  # no space around them
# TeX's operators with a name: a thin space parts them from letters and numbers beside them.
FUNCTIONS = {
    "arccos", "arcsin", "arctan", "arg", "argmax", "argmin", "arg\u2009max", "arg\u2009min", "cos",
    "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd", "hom", "inf", "ker", "lg",
    "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh", "sup",
    "tan", "tanh",
}  # fmt: skip
NAMED = "function"  # an attribute, while a formula is arranged: `operatorname` has any name
# Marks that are drawn as letters, and accents that stand for what latex2mathml writes.
LETTERS = {"∂", "∇", "∞"}
UPRIGHT = {"∇"}
ACCENTS = {"^": "ˆ", "¯": "¯", "~": "˜", "―": "‾", "→": "→", "˙": "˙", "¨": "¨"}
PRIMES = set("′″‴")


def arrange(root):
    """Give each operator of a formula its form and its spaces."""
    for element in root.iter():
        _letter(element)
        _accent(element)
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if child.tag == "msup" and set(child[1].text or "-") <= PRIMES:
                parent[place] = _primed(child)
    for element in list(root.iter()):
        _fences(element)
        if element.tag in ROWS:
            _row(element)
    for element in root.iter():
        element.attrib.pop(NAMED, None)
        _unwrap(element)
    if len(root) == 1 and root[0].tag == "mrow" and not root[0].attrib:
        root[:] = list(root[0])  # a formula is a row itself


def _unwrap(element):
    """Leave out rows of one element: they are a tenth of a formula's bytes."""
    for place, child in enumerate(list(element)):
        while child.tag == "mrow" and len(child) == 1 and not child.attrib:
            child = child[0]
        element[place] = child


def _letter(element):
    """Make letters of marks that are no operators; set capital Greek letters upright."""
    text = element.text or ""
    if element.tag == "mo" and text == "*":
        element.text = "∗"  # the other one is raised already
    if element.tag == "mo" and text in LETTERS:
        element.tag = "mi"
    if element.tag == "mo" and text.isalpha() and text.isascii() and text != "mod":
        element.tag = "mi" if element.get("movablelimits") is None else "mo"
        element.set(NAMED, "")
    greek = len(text) == 1 and unicodedata.name(text, "").startswith("GREEK CAPITAL")
    if element.tag == "mi" and (greek or text in UPRIGHT):
        element.set("mathvariant", "normal")
    if element.tag == "mspace" and element.get("width", "").startswith("negative"):
        element.set("width", f"-{THIN}")


def _accent(element):
    """Let an accent lie close to its letter; a line over several is as wide as they are."""
    if element.tag != "mover" or element[1].tag != "mo" or element[1].text not in ACCENTS:
        return
    element.set("accent", "true")
    element[1].attrib.pop("accent", None)
    element[1].set("stretchy", str(element[1].text in "―→").lower())
    element[1].text = ACCENTS[element[1].text]


def _primed(scripted):
    """Return a letter with its primes beside it: the font's are raised already."""
    row = Element("mrow")
    prime = Element("mo", lspace="0", rspace="0")
    prime.text = scripted[1].text
    row.extend([scripted[0], prime])
    return row


def _fences(element):
    """Let fences grow only where there is something tall between them.

    Browsers give one that could grow the width of the widest it could become.
    """
    if element.get("minsize") == "1.2em":  # \\big
        del element.attrib["minsize"], element.attrib["maxsize"]
        element.attrib.update(stretchy="false", mathsize="120%")
    grown = [one for one in element if one.tag == "mo" and one.get("fence") and one.get("form")]
    if len(grown) == 2 and not any(one.tag in TALL or one.text in LARGE for one in element.iter()):
        for fence in grown:
            fence.set("stretchy", "false")


def _row(row):
    """Arrange the operators of one row."""
    _pair_bars(row)
    for element in list(row):
        at = list(row).index(element)
        before = next((one for one in row[at - 1 :: -1] if not _blank(one)), None) if at else None
        after = row[at + 1] if at + 1 < len(row) else None
        mark = core(element)
        text = mark.text or ""
        function = text in FUNCTIONS or mark.get(NAMED) is not None
        if mark.tag == "mo" and text in CLOSE:
            mark.attrib.update(lspace="0", rspace="0")
        elif mark.tag == "mo" and text in UNARY:
            if before is not None and not _ends(before):
                mark.set("form", "prefix")
        elif function or text in DOTS:
            if mark.tag == "mo":
                mark.attrib.update(lspace="0", rspace="0")
            if after is not None and _begins(after, function):
                row.insert(at + 1, Element("mspace", width=THIN))
            if at and _ends(row[at - 1]):
                row.insert(at, Element("mspace", width=THIN))


def _pair_bars(row):
    """Let bars open and close in turn; one alone is left as it is."""
    for bar in BARS:
        marks = [core(element) for element in row]
        marks = [m for m in marks if m.tag == "mo" and m.text == bar and not m.get("form")]
        if len(marks) % 2 == 0:
            for place, mark in enumerate(marks):
                mark.set("form", "postfix" if place % 2 else "prefix")
                mark.attrib.setdefault("stretchy", "false")


def _blank(element):
    return element.tag == "mspace" or (element.tag == "mtext" and not (element.text or "").strip())


def core(element):
    """Return what an element is at its heart, without its scripts."""
    while element.tag in SCRIPTED and len(element):
        element = element[0]
    return element


def _ends(element):
    """Say whether something ends with an element, so that an operator after it has two sides."""
    mark = core(element)
    if mark.tag != "mo":
        return not _blank(mark)
    return mark.text in CLOSING | DOTS or mark.get("form") == "postfix"


def _begins(element, function):
    """Say whether a name or dots need a space before an element."""
    mark = core(element)
    if mark.tag == "mo":
        return mark.get("form") == "prefix" and mark.text in BARS and not function
    grouped = mark.tag == "mrow" and len(mark) and core(mark[0]).text in OPENING
    return not _blank(mark) and not (function and grouped)
