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
    more than the least value it has. Of what is even there is none.
    """
    import numpy

    values = numpy.ma.filled(numpy.ma.asarray(array).astype(float), numpy.nan)
    finite = numpy.isfinite(values)
    if not finite.any():
        return ""
    least = values.min(where=finite, initial=numpy.inf)
    most = values.max(where=finite, initial=-numpy.inf)
    excess = numpy.where(finite, values - least, 0.0)
    text, others = "", ()
    if values.ndim == 3:
        others = (2,)
        counts = numpy.maximum(finite.sum(axis=(0, 1)), 1)
        means = least + excess.sum(axis=(0, 1)) / counts
        text = f" channels {' '.join(map(words.number, means))}"
    if most - least <= 1e-6 * max(abs(least), abs(most)):
        return text
    along = excess.sum(axis=(0, *others)), excess.sum(axis=(1, *others))
    centre = [numpy.average(numpy.arange(len(sums)), weights=sums) for sums in along]
    return f"{text} centre {words.place(centre)}"


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
