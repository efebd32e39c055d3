"""Describe what is drawn: each kind of artist in its own way, and every other as unknown."""

import functools

from . import boxes, collected, groups, pictures, shapes, trouble, visible, words


def of_axes(axes):
    """Return a line for each thing that is drawn in an axes."""
    return tell(visible.in_axes(axes), getattr(axes, "containers", ()))


def tell(artists, containers=()):
    """Return a line for each visible artist, kind after kind, in drawing order."""
    shown = visible.shown(artists)
    lines, grouped = groups.tell(containers, shown)
    grouped = {id(artist) for artist in grouped}
    found = {}
    for artist in shown:
        if id(artist) not in grouped:
            found.setdefault(kind(type(artist)), []).append(artist)
    for name, (_, tell_all) in _kinds().items():
        lines += tell_all(found.get(name, []))
    return lines + trouble.each(found.get(None, []), _unknown)


def kind(cls):
    """Return the kind to which a class of artists belongs, or None where it is unknown."""
    kinds = _kinds().items()
    return next((name for name, (classes, _) in kinds if issubclass(cls, classes)), None)


@functools.cache
def _kinds():
    """Return the kinds in the order in which they are described: classes, and who tells them."""
    import matplotlib
    from matplotlib import (
        collections,
        image,
        legend,
        lines,
        offsetbox,
        patches,
        quiver,
        table,
        text,
    )

    insets = (matplotlib.inset.InsetIndicator,) if hasattr(matplotlib, "inset") else ()
    images = (image.AxesImage, image.FigureImage, image.BboxImage)
    return {
        "line": (lines.Line2D, _one_by_one(shapes.line)),
        "collection": (collections.Collection, _one_by_one(collected.collection)),
        "image": (images, _one_by_one(pictures.picture)),
        "patch": (patches.Patch, shapes.patches),
        "text": (text.Text, _texts),
        "table": (table.Table, _one_by_one(shapes.table)),
        "box": ((offsetbox.OffsetBox, offsetbox.AnnotationBbox), _one_by_one(_box)),
        "quiver key": (quiver.QuiverKey, _one_by_one(boxes.key)),
        "inset indicator": (insets, _one_by_one(boxes.indicator)),
        "legend": (legend.Legend, _one_by_one(boxes.legend)),
    }


def _one_by_one(tell_one):
    return lambda artists: trouble.each(artists, tell_one)


def _texts(artists):
    try:
        return shapes.texts(artists)
    except Exception:  # of one of them; the others shall not be lost with it
        return trouble.each(artists, lambda artist: shapes.texts([artist]))


def _box(artist):
    line, others = boxes.box(artist)
    return [line, *words.indented(tell(others))]


def _unknown(artist):
    """Return the line of an unknown artist, and what is known in it."""
    try:
        parts = [part for part in artist.get_children() if kind(type(part))]
    except Exception:
        parts = []
    return [boxes.unknown(artist), *words.indented(tell(parts))]
