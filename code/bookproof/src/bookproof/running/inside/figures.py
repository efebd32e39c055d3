"""Let IPython add a description to every figure that it shows."""

import functools

from .describe import MIME, bundle

_PICTURE = ("image/", "application/pdf")


def describe_figures():
    """Add its description to what is shown of a figure.

    Not as a formatter: a cell that lists the formatters shall see those that it would see
    elsewhere.
    """
    from IPython.core.formatters import DisplayFormatter

    plain = DisplayFormatter.format

    @functools.wraps(plain)
    def format(self, obj, include=None, exclude=None):
        shown, metadata = plain(self, obj, include=include, exclude=exclude)
        classes = {(c.__module__, c.__name__) for c in type(obj).__mro__}
        if ("matplotlib.figure", "Figure") in classes and any(
            mime.startswith(_PICTURE) for mime in shown
        ):
            shown[MIME] = bundle(obj)
        return shown, metadata

    DisplayFormatter.format = format
