"""Let IPython show every exception of a cell as an error.

Sent to the kernel as text, like `probe`. IPython writes some to stderr instead, with paths of the
machine, where they look like a warning: groups of exceptions, what was raised while one was
handled, and exceptions that fail to render themselves.
"""

import builtins
import functools

_GROUP = getattr(builtins, "BaseExceptionGroup", ())  # new in Python 3.11


def show_all():
    """Show as errors what IPython would write to stderr."""
    from IPython import get_ipython

    shell = get_ipython()
    plain = shell.showtraceback

    @functools.wraps(plain)
    def showtraceback(exc_tuple=None, *args, **kwargs):
        try:
            kind, value, traceback = shell._get_exc_info(exc_tuple)
        except ValueError:  # there is none: IPython says so
            return plain(exc_tuple, *args, **kwargs)
        groups = _groups(value)
        if not groups and not hasattr(value, "_render_traceback_"):
            return plain(exc_tuple, *args, **kwargs)
        try:
            if hasattr(value, "_render_traceback_"):
                lines = value._render_traceback_()
            else:
                lines = shell.InteractiveTB.structured_traceback(kind, value, traceback)
        except Exception:
            lines = [_line(value)]
        lines = [*lines, *(line for group in groups for line in _members(group, "  "))]
        return shell._showtraceback(kind, value, lines)

    shell.showtraceback = showtraceback


def _groups(error):
    """Return the groups among an exception and those that it came from."""
    found, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, _GROUP):
            found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _members(group, indent):
    for error in group.exceptions:
        yield indent + _line(error)
        if isinstance(error, _GROUP):
            yield from _members(error, indent + "  ")


def _line(error):
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    except Exception:
        return type(error).__name__
