"""Say what cannot be described, so that nothing is lost with it."""

import re


def each(things, tell):
    """Return the lines that `tell` returns of each thing, one after another."""
    return [line for thing in things for line in safely(thing, tell)]


def safely(thing, tell):
    """Return the lines that `tell` returns of a thing, or one that says why it cannot."""
    try:
        return tell(thing)
    except Exception as error:
        return [line(thing, error)]


def line(thing, error):
    """Return the line that stands for a thing that cannot be described."""
    return f"{type(thing).__name__} not described: {_words(error)}"


def _words(error):
    """Return the type and the message of an error, without what differs between runs."""
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    message = re.sub(r" at 0x[0-9a-fA-F]+", "", message)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
