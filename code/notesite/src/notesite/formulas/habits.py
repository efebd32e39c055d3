r"""What people write in LaTeX and latex2mathml does not take, written as it does.

``{a \over b}``, formulas within ``\text``, and a bracket that begins an aligned formula, which
would be taken for an option.
"""

import re

OVER = re.compile(r"(?<!\\)\{([^{}]*?)\\over(?![A-Za-z])([^{}]*)(?<!\\)\}")
OPTION = re.compile(r"(\\begin\{align\*\})(\s*)\[")
TEXT = r"\text{"


def usual(latex):
    r"""Return a formula without these habits.

    >>> usual(r"{3\over 2}"), usual(r"\text{if $a<1$ holds}")
    ('{\\frac{3}{ 2}}', '\\text{if }a<1\\text{ holds}')
    """
    while (changed := OVER.sub(r"{\\frac{\1}{\2}}", latex)) != latex:
        latex = changed
    return _without_inner(OPTION.sub(r"\1\2{}[", latex))


def _without_inner(latex):
    """Return a formula whose texts hold no formulas: those stand between them."""
    start = latex.find(TEXT)
    if start < 0:
        return latex
    inside, depth = start + len(TEXT), 1
    for end in range(inside, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[end], 0)
        if not depth:
            break
    else:
        return latex
    parts = latex[inside:end].split("$")
    if len(parts) % 2 == 0:  # a dollar sign is left over, which the converter tells
        parts = [latex[inside:end]]
    texts = (part if n % 2 else f"{TEXT}{part}}}" for n, part in enumerate(parts) if part)
    return latex[:start] + "".join(texts) + _without_inner(latex[end + 1 :])
