"""Find what is drawn in a figure, and leave out what is not."""

from . import geometry, words


def shown(artists):
    """Return the artists that are visible; one that cannot tell is taken as visible."""
    return [artist for artist in artists if _is_shown(artist)]


def _is_shown(artist):
    try:
        return bool(artist.get_visible())
    except Exception:
        return True


def own_axes(figure):
    """Return the axes of a figure without those of its subfigures."""
    below = {id(axes) for sub in figure.subfigs for axes in _all_axes(sub)}
    return [axes for axes in figure.axes if id(axes) not in below]


def _all_axes(figure):
    return [*figure.axes, *(axes for sub in figure.subfigs for axes in _all_axes(sub))]


def inner_axes(axes):
    """Return the axes within an axes: insets, secondary axes, and what axes_grid1 adds."""
    return [*getattr(axes, "child_axes", ()), *getattr(axes, "parasites", ())]


def in_axes(axes):
    """Return everything that an axes holds beside its frame, its legend and other axes."""
    kinds = ("lines", "collections", "images", "patches", "texts", "tables", "artists")
    return [artist for kind in kinds for artist in getattr(axes, kind, ())]


def contents(figure):
    """Return everything visible in a figure beside the frames of its axes."""
    kinds = ("texts", "legends", "lines", "patches", "images", "artists")
    found = shown(artist for kind in kinds for artist in getattr(figure, kind, ()))
    for sub in shown(figure.subfigs):
        found += contents(sub)
    for axes in shown(own_axes(figure)):
        found += _within(axes)
    return found


def _within(axes):
    legend = axes.get_legend() if hasattr(axes, "get_legend") else None
    found = shown([*in_axes(axes), *([legend] if legend else [])])
    for inner in shown(inner_axes(axes)):
        found += _within(inner)
    return found


def is_drawn(artist):
    """Tell whether a visible artist leaves a trace; one that cannot tell does."""
    try:
        return _has_data(artist)
    except Exception:
        return True


def _has_data(artist):
    from matplotlib import collections, image, legend, lines, text

    if isinstance(artist, lines.Line2D):
        return _some_finite(geometry.columns(artist))
    if isinstance(artist, text.Text):
        return bool(artist.get_text().strip() or getattr(artist, "arrow_patch", None))
    if isinstance(artist, legend.Legend):
        return bool(artist.get_texts() or artist.get_title().get_text())
    if isinstance(artist, image.AxesImage):
        return artist.get_array().size > 0
    if isinstance(artist, collections.LineCollection):
        return geometry.vertices(artist)[0] > 0
    if isinstance(artist, collections.PathCollection):
        return _some_finite(geometry.offsets(artist))
    return True


def _some_finite(columns):
    import numpy

    return bool(numpy.isfinite([words.floats(column) for column in columns]).all(axis=0).any())
