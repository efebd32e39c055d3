"""Describe a matplotlib figure as text that a person can review and a program can compare.

Sent to the kernel as text, like `probe`, so it needs nothing but the standard library and the
matplotlib that drew the figure. Counts are written as integers, data with four significant
digits and always as floats, so that a comparison can be strict on the one and tolerant on the
other.
"""

import re
import warnings

MIME = "application/vnd.bookproof.figure+json"
"""The type under which a kernel adds the description to a displayed figure."""

_LISTED = 12


def bundle(figure):
    """Return what is added to a displayed figure: description, whether empty, missing glyphs."""
    return {
        "description": describe(figure),
        "empty": is_empty(figure),
        "missing_glyphs": _missing_glyphs(figure),
    }


def describe(figure):
    """Return the description of a figure, one fact a line, axes and artists in drawing order."""
    width, height = figure.get_size_inches()
    lines = [f"figure {_number(width)} x {_number(height)}"]
    lines += [f"text {_quote(text)}" for text in figure.texts if text.get_text()]
    lines += [_legend(legend) for legend in figure.legends]
    for axes in figure.axes:
        lines += _axes(axes)
    return "\n".join(lines)


def is_description(text):
    """Tell whether a text begins like a description."""
    return re.match(r"figure [0-9.]+ x [0-9.]+", text) is not None


def is_empty(figure):
    """Tell whether nothing is drawn in the figure."""
    return not figure.texts and not any(_artists(axes) for axes in figure.axes)


def _axes(axes):
    head = f"axes {_quote(axes.title)}" if axes.get_title() else "axes"
    for side in ("left", "right"):
        if axes.get_title(loc=side):
            head += f" {side} {_quote(axes.get_title(loc=side))}"
    if axes.get_subplotspec() is not None:
        place = axes.get_subplotspec().get_topmost_subplotspec()
        if place.get_gridspec().get_geometry() != (1, 1):
            head += f" in row {place.rowspan.start + 1} column {place.colspan.start + 1}"
    lines = [head]
    for name in axes._axis_names:
        axis = getattr(axes, f"{name}axis")
        low, high = axis.get_view_interval() if name == "z" else getattr(axes, f"get_{name}lim")()
        line = f"  {name} [{_number(low)}, {_number(high)}]"
        if not axes.axison or not axis.get_visible():
            if _artists(axes):  # the limits cut off what is drawn
                lines.append(f"{line} hidden")
            continue
        if axis.get_scale() != "linear":
            line += f" {axis.get_scale()}"
        if axis.get_label_text():
            line += f" {_quote(axis.get_label_text())}"
        ticks = _tick_labels(axis)
        if ticks:
            line += " ticks " + " ".join(map(_quote, ticks))
        lines.append(line)
    lines += [f"  {line}" for line in _artists(axes)]
    legend = axes.get_legend()
    if legend is not None:
        lines.append(f"  {_legend(legend)}")
    for child in axes.child_axes:
        lines += [f"  {line}" for line in _axes(child)]
    return lines


def _tick_labels(axis):
    from matplotlib import category, ticker

    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    chosen = (ticker.FixedFormatter, category.StrCategoryFormatter)
    if isinstance(formatter, chosen) or isinstance(locator, ticker.FixedLocator):
        return [t.get_text() for t in axis.get_ticklabels() if t.get_text()]
    return []


def _artists(axes):
    """Return a line for each thing that is drawn in the axes."""
    from matplotlib import collections, container, contour, image, patches

    lines = []
    in_bars = set()
    for group in axes.containers:
        if isinstance(group, container.BarContainer):
            in_bars.update(map(id, group.patches))
            lines.append(_bars(group))
    for line in axes.lines:
        points = _points(line.get_xdata(False), line.get_ydata(False))
        lines.append(f"line{_label(line)}{_dashes(line)} {points}")
    for item in axes.collections:
        if isinstance(item, contour.ContourSet):
            levels = " ".join(_number(level) for level in item.levels)
            lines.append(f"contour levels {levels}")
        elif isinstance(item, collections.PathCollection):
            offsets = item.get_offsets()
            lines.append(f"scatter{_label(item)} {_points(offsets[:, 0], offsets[:, 1])}")
        else:
            lines.append(f"{type(item).__name__}{_label(item)} {_paths(item)}")
        if item.get_array() is not None and not isinstance(item, contour.ContourSet):
            lines[-1] += f" values {_spread(item.get_array())}"
    for item in axes.images:
        array = item.get_array()
        size = " x ".join(str(n) for n in array.shape)
        kind = "image" if isinstance(item, image.AxesImage) else type(item).__name__
        scale = f" {item.get_cmap().name}" if array.ndim == 2 else ""
        values = _spread(array)
        lines.append(f"{kind} {size}{scale} values {values}")
        if scale and values[0] in "-0123456789" and None not in item.get_clim():
            ends = "..".join(map(_number, item.get_clim()))
            if not values.startswith(f"{ends} "):  # colours are not from least to greatest
                lines[-1] += f" shown on {ends}"
    loose = [p for p in axes.patches if id(p) not in in_bars]
    by_kind = {}
    for patch in loose:
        kind = f"{type(patch).__name__}{_dashes(patch)} {_colour(patch)}"
        by_kind.setdefault(kind, []).append(patch)
    for kind, group in by_kind.items():
        boxes = [p.get_path().get_extents(p.get_patch_transform()) for p in group]
        if all(isinstance(p, patches.Patch) for p in group) and boxes:
            xs = [v for b in boxes for v in (b.x0, b.x1)]
            ys = [v for b in boxes for v in (b.y0, b.y1)]
            lines.append(f"{kind} {len(group)} x {_spread(xs)} y {_spread(ys)}")
    texts = [t for t in axes.texts if t.get_text() and t.get_visible()]
    if texts:
        words = " ".join(_quote(t) for t in texts)
        xs, ys = zip(*(t.get_position() for t in texts), strict=True)
        places = _series if len(texts) <= _LISTED else _spread
        lines.append(f"texts {len(texts)} {words} x {places(xs)} y {places(ys)}")
    arrows = [t for t in axes.texts if getattr(t, "arrow_patch", None)]
    if arrows:
        ends = [
            _points(*zip(*places, strict=True))
            for places in ([t.get_position() for t in arrows], [t.xy for t in arrows])
        ]
        lines.append(f"arrows from {ends[0]} to {ends[1]}")
    for table in axes.tables:
        cells = " ".join(_quote(c.get_text()) for _, c in sorted(table.get_celld().items()))
        lines.append(f"table {cells}")
    return lines


def _bars(group):
    sideways = group.orientation == "horizontal"
    sizes = [p.get_width() if sideways else p.get_height() for p in group.patches]
    line = f"{'horizontal bars' if sideways else 'bars'}{_label(group)} {len(sizes)}"
    if len(sizes) <= _LISTED:
        return f"{line}: " + " ".join(map(_number, sizes))
    return f"{line} {_spread(sizes)}"


def _points(xs, ys):
    return f"{len(xs)} points x {_series(xs)} y {_series(ys)}"


def _series(values):
    """Return few values one by one, of many the ends and the spread."""
    if hasattr(values, "filled"):  # matplotlib masks what is not finite
        values = values.astype(float).filled(float("nan"))
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        return " ".join(_quote(str(value)) for value in values)
    if len(numbers) <= _LISTED:
        return " ".join(map(_number, numbers))
    return f"from {_number(numbers[0])} to {_number(numbers[-1])}, {_spread(numbers)}"


def _paths(collection):
    paths = collection.get_paths()
    vertices = [vertex for path in paths for vertex in path.vertices]
    if not vertices:
        return f"{len(paths)} paths"
    xs, ys = zip(*vertices, strict=True)
    return f"{len(paths)} paths x {_spread(xs)} y {_spread(ys)}"


def _spread(values):
    """Return least, greatest and mean of what is finite, and how many are not."""
    import numpy

    try:
        array = numpy.ma.filled(numpy.ma.asarray(values).astype(float), numpy.nan).ravel()
    except (TypeError, ValueError):
        return "not numbers"
    finite = array[numpy.isfinite(array)]
    if not finite.size:
        return "none"
    ends = f"{_number(finite.min())}..{_number(finite.max())} mean {_number(finite.mean())}"
    lost = array.size - finite.size
    return f"{ends}, {lost} not finite" if lost else ends


def _number(value):
    """Write a float with four significant digits, never as an integer, and no negative zero."""
    value = float(value)
    if abs(value) < 1e-12:
        value = 0.0
    text = f"{value:.4g}"
    return text if any(sign in text for sign in ".en") else f"{text}.0"


def _colour(patch):
    """Return the colour that fills a patch, without its opacity."""
    from matplotlib import colors

    face = patch.get_facecolor()
    return colors.to_hex(face) if face[3] else "unfilled"


def _dashes(artist):
    plain = ("-", "solid", "None", "none", " ", "")
    return "" if artist.get_linestyle() in plain else " dashed"


def _label(artist):
    label = str(artist.get_label())
    return "" if label.startswith("_") or not label else f" {_quote(label)}"


def _legend(legend):
    entries = [legend.get_title().get_text(), *(t.get_text() for t in legend.get_texts())]
    return "legend " + " ".join(_quote(entry) for entry in entries if entry)


def _quote(text):
    text = text if isinstance(text, str) else text.get_text()
    return '"' + text.replace("\n", "\\n") + '"'


def _missing_glyphs(figure):
    """Return the characters that the figure's fonts lack, as matplotlib names them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.draw_without_rendering()
    found = (re.match(r"Glyph (.*) missing from", str(w.message)) for w in caught)
    return sorted({glyph[1] for glyph in found if glyph})
