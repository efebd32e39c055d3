"""Numbers in the text of a chapter that restate what a cell computed, without being tied to it.

An upgrade changes an output, its block is accepted anew, and the sentence below keeps the old
number: so a number that stands in an output of the chapter is written as a value,
``{expect}`0.93 <accuracy>` ``. What stands in the code too was put in, not computed. Where a
number is neither, the front matter says why::

    given:
      "16": 名称 VGG16 的一部分

Whole numbers below 10 are left alone: they count and name things everywhere.
"""

import re
from decimal import Decimal, InvalidOperation

import yaml
from sphinx.util import logging

from notesite.checks.prose import paragraphs, parser

logger = logging.getLogger(__name__)

# Digits with separators of thousands, a fraction, an exponent, a percent sign.
NUMERAL = re.compile(
    r"(?<![\w.\ue000-\ue003-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(e[+-]?\d+)?(\s?%)?(?![\w])(?!\.\d)"
)
IN_CODE = re.compile(r"(?<![A-Za-z_\d.])(\d[\d_]*)(\.\d*)?(e[+-]?\d+)?")
IN_OUTPUT = re.compile(r"(?<![A-Za-z_\d.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?(e[+-]?\d+)?(\s?%)?")
# Days, years, numbers of chapters and sections, and what stands in a name, as ResNet-50 or 3×3.
NAMED = re.compile(
    r"\d{4}-\d\d-\d\d|\d{4} ?年(?: ?\d+ ?月)?(?: ?\d+ ?日)?|\d+ ?月 ?\d+ ?日|第 ?\d+ ?[章节页]"
    r"|[A-Za-z]+[-–]?\d[\d.]*|\d+(?: ?[×x] ?\d+)+"
)
FENCE = re.compile(r"^(`{3,}|~{3,})\{(code-cell|expect)\}[^\n]*\n(.*?)^\1`*~*\s*$", re.M | re.S)
OPTIONS = re.compile(r"\A---\n.*?\n---\n", re.S)
LEAST = 10


def _value(match):
    """Return the value of a numeral and the number of its decimals."""
    whole, fraction, exponent, *percent = match.groups()
    text = whole.replace(",", "").replace("_", "") + (fraction or "").rstrip(".") + (exponent or "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    places = -int(value.as_tuple().exponent)
    if percent and percent[0]:
        return value.scaleb(-2), places + 2
    return value, places


def _values(pattern, text):
    found = (_value(match) for match in pattern.finditer(text))
    return [value for value in found if value]


def untied(parse, text):
    """Return line and numeral of each number in the text of a chapter that an output has too."""
    fences = [(match[2], match[3]) for match in FENCE.finditer(text)]
    outputs = "\n".join(body for name, body in fences if name == "expect")
    code = "\n".join(OPTIONS.sub("", body) for name, body in fences if name == "code-cell")
    computed = _values(IN_OUTPUT, outputs)
    inputs = {value for value, _ in _values(IN_CODE, code)}
    inputs |= {value * 100 for value in inputs}
    front = re.match(r"---\n(.*?)\n---\n", text, re.S)
    given = (yaml.safe_load(front[1]) or {}).get("given") or {} if front else {}
    given = {value for key in given for value, _ in _values(IN_OUTPUT, str(key))}
    found = []
    for line, paragraph in paragraphs(parse, text):
        plain = NAMED.sub(lambda named: "x" * len(named[0]), paragraph)
        for match in NUMERAL.finditer(plain):
            one = _value(match)
            if one and one[0] not in inputs | given and _restates(one, computed):
                found.append((line, match[0]))
    return found


def _restates(number, computed):
    """Tell whether a number is one of those computed, rounded to its own decimals or not."""
    value, places = number
    if places <= 0:
        return value >= LEAST and any(value == other for other, _ in computed)
    unit = Decimal(1).scaleb(-places)
    return any(
        abs(other.scaleb(shift) - value) * 2 <= unit
        for other, digits in computed
        for shift in (0, -2)
        if digits >= places + shift
    )


def warn(app, docname, source):
    """Warn of the numbers in a chapter that are not tied to what computes them."""
    wanted = "numerals" in app.config.chapter_checks
    if not wanted or docname not in getattr(app.env, "chapters", ()):
        return
    message = (
        "numerals: an output of this chapter says %s too: write {expect}`%s <expression>`, "
        "or name it under `given` in the front matter with a reason"
    )
    for line, numeral in untied(parser(app.config.myst_enable_extensions).parse, source[0]):
        logger.warning(message, numeral, numeral, location=(docname, line))


def setup(app):
    """Read each chapter as it is about to be parsed."""
    app.setup_extension("notesite.checks.prose")
    app.connect("source-read", warn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
