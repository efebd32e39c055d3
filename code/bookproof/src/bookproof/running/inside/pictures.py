"""Describe images of every kind."""

from . import words


def picture(item):
    """Return the line of an image: its shape, its values, and how they become colours."""
    from matplotlib import image

    array = item.get_array()
    kind = "image" if isinstance(item, image.AxesImage) else type(item).__name__
    size = " x ".join(str(n) for n in array.shape)
    values = words.spread(array)
    if array.ndim != 2:
        return [f"{kind} {size} values {values}{course(array)}{_place(item)}"]
    line = f"{kind} {size} {item.get_cmap().name} values {values}{course(array)}"
    if values[0] in "-0123456789" and None not in item.get_clim():
        ends = "..".join(map(words.number, item.get_clim()))
        if not values.startswith(f"{ends} "):  # colours are not from least to greatest
            line += f" shown on {ends}"
    return [f"{line}{norm(item)}{_place(item)}"]


def course(array):
    """Write in what pictures of the same values differ: their channels, and where they are bright.

    The centre is the mean place of a pixel, its column and its row from 0, weighted by how much
    brighter than the darkest it is. Of what is even there is none.
    """
    import numpy

    grid = numpy.ma.masked_invalid(numpy.ma.asarray(array).astype(float))
    text = ""
    if grid.ndim == 3:
        means = grid.mean(axis=(0, 1)).filled(numpy.nan)
        text = f" channels {' '.join(map(words.number, means))}"
        grid = grid.mean(axis=2)
    if not grid.count() or numpy.ptp(grid) <= 1e-6 * abs(grid).max():
        return text
    weights = (grid - grid.min()).filled(0)
    places = [numpy.average(n, weights=weights) for n in numpy.indices(grid.shape)]
    return f"{text} centre {words.place(reversed(places))}"


def norm(item):
    """Write how values are spread over the colours, where not evenly."""
    name = type(item.norm).__name__
    return "" if name in ("Normalize", "NoNorm", "CenteredNorm") else f" by {name}"


def _place(item):
    """Write where an image lies, where it does not fill its axes."""
    from matplotlib import image

    if isinstance(item, image.FigureImage):
        return f" at {words.place((item.ox, item.oy))}"
    if not isinstance(item, image.AxesImage):
        return ""
    left, right, bottom, top = item.get_extent()
    limits = item.axes and ({*item.axes.get_xlim()}, {*item.axes.get_ylim()})
    place = ""
    if limits != ({left, right}, {bottom, top}):
        place = f" on x {words.series([left, right])} y {words.series([bottom, top])}"
    clip = item.get_clip_path()
    return place if clip is None or _is_frame(item, clip) else f"{place} clipped"


def _is_frame(item, clip):
    """Tell whether an image is clipped by nothing but the frame of its axes."""
    return item.axes is not None and getattr(clip, "_patch", None) is item.axes.patch
