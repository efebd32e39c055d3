"""Describe a matplotlib figure as text that a person can review and a program can compare.

Sent to the kernel as text, like `probe`, so it needs nothing but the standard library and the
matplotlib that drew the figure. Counts are written as integers, data with four significant
digits and always as floats, so that a comparison can be strict on the one and tolerant on the
other. Whatever a figure holds, it is described: what is unknown or fails gets a line that says so.
"""

import re

from . import artists, boxes, frames, quiet, trouble, visible, words

MIME = "application/vnd.bookproof.figure+json"
"""The type under which a kernel adds the description to a displayed figure."""


def bundle(figure):
    """Return what is added to a displayed figure: description, whether empty, missing glyphs."""
    glyphs, description, empty = [], "", False
    try:
        with quiet.untouched(figure):
            glyphs = quiet.missing_glyphs(figure)  # first: drawing settles what is settled late
            description, empty = describe(figure), is_empty(figure)
    except Exception as error:
        description = description or f"{_head(figure)}\n{trouble.line(figure, error)}"
    return {"description": description, "empty": empty, "missing_glyphs": glyphs}


def describe(figure):
    """Return the description of a figure, one fact a line, axes and artists in drawing order."""
    return "\n".join([_head(figure), *trouble.safely(figure, _inside)])


def is_description(text):
    """Tell whether a text begins like a description."""
    return re.match(r"figure ([0-9.]+ x [0-9.]+|of unknown size)", text) is not None


def is_empty(figure):
    """Tell whether nothing is drawn in the figure: the frame of an axes alone counts as nothing."""
    try:
        return not any(map(visible.is_drawn, visible.contents(figure)))
    except Exception:
        return False  # what cannot be looked at may be there


def _head(figure):
    try:
        width, height = figure.get_size_inches()
        return f"figure {words.number(width)} x {words.number(height)}"
    except Exception:
        return "figure of unknown size"


def _inside(figure):
    """Return what a figure or a subfigure holds."""
    lines = trouble.each(visible.shown(figure.texts), _text)
    lines += trouble.each(visible.shown(figure.legends), boxes.legend)
    lines += artists.tell([*figure.lines, *figure.patches, *figure.images, *figure.artists])
    lines += trouble.each(visible.shown(figure.subfigs), _subfigure)
    lines += trouble.each(visible.shown(visible.own_axes(figure)), _axes)
    return lines


def _text(text):
    return [f"text {words.quote(text)}"] if words.of(text) else []


def _subfigure(subfigure):
    return [f"subfigure{frames.place(subfigure)}", *words.indented(_inside(subfigure))]


def _axes(axes):
    if frames.is_secondary(axes):
        return frames.secondary(axes)
    inside = trouble.safely(axes, artists.of_axes)
    below = frames.axis_lines(axes, bool(inside)) + inside
    below += trouble.safely(axes, _legend) + trouble.safely(axes, _inner_axes)
    return [*trouble.safely(axes, frames.head), *words.indented(below)]


def _legend(axes):
    legend = axes.get_legend()
    return trouble.each(visible.shown([legend] if legend else []), boxes.legend)


def _inner_axes(axes):
    return trouble.each(visible.shown(visible.inner_axes(axes)), _axes)
