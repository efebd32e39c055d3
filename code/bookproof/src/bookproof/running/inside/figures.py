"""Let IPython add a description to every figure that it shows."""

import functools

_PICTURE = ("image/", "application/pdf")


def describe_figures(describe):
    """Add what the module `describe` says of a figure to what is shown of it.

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
            shown[describe.MIME] = describe.bundle(obj)
        return shown, metadata

    DisplayFormatter.format = format
