"""Look at a figure without leaving a trace: not in the figure, not in what its owner hears."""

import contextlib
import logging
import re
import warnings


@contextlib.contextmanager
def untouched(figure):
    """Let a figure be drawn and asked; afterwards it is as it was before."""
    with contextlib.ExitStack() as after:
        after.enter_context(unheard([]))
        after.enter_context(figure.canvas.callbacks.blocked(signal="draw_event"))
        for axes in figure.axes:
            _keep_limits(axes, after)
        for artist in _all_artists(figure):
            if hasattr(artist, "_stale"):  # set directly: its setter tells pyplot
                after.callback(setattr, artist, "_stale", artist._stale)
        engine = figure.get_layout_engine()
        if engine is not None:  # each time that one is executed, the axes may move
            figure.set_layout_engine("none")
            after.callback(figure.set_layout_engine, engine)
        yield


def _all_artists(artist):
    """Return an artist and all within it; what cannot tell what is in it is taken as one."""
    try:
        inner = artist.get_children()
    except Exception:
        inner = []
    return [artist, *(below for part in inner for below in _all_artists(part))]


def _keep_limits(axes, after):
    """Restore which limits of an axes are still to be found, and what they are till then."""
    limits, pending = getattr(axes, "_viewLim", None), getattr(axes, "_stale_viewlims", None)
    if limits is not None and pending is not None:
        after.callback(pending.update, dict(pending))
        after.callback(limits.set_points, limits.get_points().copy())


def missing_glyphs(figure):
    """Return the characters that the figure's fonts lack, as matplotlib names them."""
    from matplotlib.backends.backend_agg import RendererAgg

    heard = []
    # A new renderer, because one that has seen a text before warns of it no more.
    renderer = RendererAgg(1, 1, figure.dpi)
    with unheard(heard), contextlib.suppress(Exception), _drawing_nothing(renderer):
        figure.draw(renderer)
    found = (re.match(r"Glyph (.*) missing from", message) for message in heard)
    return sorted({glyph[1] for glyph in found if glyph})


def _drawing_nothing(renderer):
    return getattr(renderer, "_draw_disabled", contextlib.nullcontext)()


@contextlib.contextmanager
def unheard(heard):
    """Keep warnings and log messages from whoever listens; put the warnings into a list.

    Not with `warnings.catch_warnings`: it lets every warning be given once more afterwards.
    """
    filters, show, level = warnings.filters, warnings.showwarning, logging.root.manager.disable
    warnings.filters = [("always", None, Warning, None, 0)]
    warnings.showwarning = lambda message, *rest, **more: heard.append(str(message))
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        warnings.filters, warnings.showwarning = filters, show
