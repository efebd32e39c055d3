"""Tell what an expression in a book's text is worth: code that runs in the chapter's kernel."""

import json
import numbers
from decimal import Decimal

_LONGEST = 2000


def value(expression):
    """Return as JSON the `text` of what an expression is worth, or the `error` that it raises."""
    from IPython import get_ipython

    shell = get_ipython()
    try:
        text = _text(eval(expression, shell.user_global_ns, shell.user_ns))
    except BaseException as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}".removesuffix(": ")})
    return json.dumps({"text": text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"})


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
    if found is None or isinstance(found, (bool, Decimal)):
        return str(found)
    return _number(found) or " ".join(str(found).split())


def _number(found):
    """Return a number as Python writes it, None where it is none."""
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
