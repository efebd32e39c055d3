"""Tell what an expression in a book's text is worth: code that runs in the chapter's kernel."""

import functools

MIME = "application/vnd.bookproof.value"
"""The type under which a kernel tells a value."""

_LONGEST = 2000


def tell_values(answer):
    """Let IPython tell what an expression is worth when it is asked for `(answer, expression)`.

    No cell knows the text `answer`, so that everything that a cell shows is as it would be.
    """
    from IPython.core.formatters import DisplayFormatter

    plain = DisplayFormatter.format

    @functools.wraps(plain)
    def format(self, obj, include=None, exclude=None):
        if type(obj) is tuple and len(obj) == 2 and type(obj[0]) is str and obj[0] == answer:
            return {MIME: value(obj[1])}, {}
        return plain(self, obj, include=include, exclude=exclude)

    DisplayFormatter.format = format


def value(found):
    """Return a value as Python writes it, cut where nobody would read on."""
    text = _text(found)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(found):
    """Return a value as Python writes it, a scalar of NumPy or PyTorch like a number of Python."""
    if getattr(found, "ndim", None) == 0 and hasattr(found, "item"):
        found = found.item()
    if isinstance(found, str):
        return repr(str.__str__(found))
    if isinstance(found, (tuple, list)):
        inner = ", ".join(map(_text, found))
        if isinstance(found, list):
            return f"[{inner}]"
        return f"({inner},)" if len(found) == 1 else f"({inner})"
    if isinstance(found, dict):
        return "{" + ", ".join(f"{_text(key)}: {_text(found[key])}" for key in found) + "}"
    if found is None or isinstance(found, (bool, _decimal())):
        return str(found)
    return _number(found) or " ".join(str(found).split())


def _decimal():
    from decimal import Decimal  # not sooner: a cell shall find the modules that it would find

    return Decimal


def _number(found):
    """Return a number as Python writes it, None where it is none."""
    import numbers

    if isinstance(found, numbers.Integral):
        return str(int(found))
    if isinstance(found, numbers.Rational):
        return f"{int(found.numerator)}/{int(found.denominator)}".removesuffix("/1")
    if isinstance(found, numbers.Real):
        return repr(float(found))
    if isinstance(found, complex):
        sign = "" if str(found.imag)[0] in "-+" else "+"
        return f"{found.real}{sign}{found.imag}j"
    return None
