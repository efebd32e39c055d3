"""Describe the frames of axes: titles, places, limits, scales, labels, ticks."""

from . import days, trouble, words


def head(axes):
    """Return the first line of an axes: its titles and its place."""
    line = "axes"
    for side in ("center", "left", "right"):
        if axes.get_title(loc=side):
            name = "" if side == "center" else f" {side}"
            line += f"{name} {words.quote(axes.get_title(loc=side))}"
    return [line + place(axes)]


def place(part):
    """Write the row and the column of an axes or a subfigure that is not alone."""
    spec = part.get_subplotspec() if hasattr(part, "get_subplotspec") else part._subplotspec
    if spec is None:
        return ""
    spec = spec.get_topmost_subplotspec()
    if spec.get_gridspec().get_geometry() == (1, 1):
        return ""
    return f" in row {spec.rowspan.start + 1} column {spec.colspan.start + 1}"


def axis_lines(axes, drawn):
    """Return the projection and a line for each axis; without ticks only where it cuts off."""

    def told(axis):
        name = names[axis]
        if _has_ticks(axes, name):
            return [_axis(axes, name)]
        return [f"{_limits(axes, name)} hidden"] if drawn else []

    names = {getattr(axes, f"{name}axis"): name for name in axes._axis_names}
    lines = trouble.safely(axes, _projection) + trouble.each(names, told)
    return lines + trouble.safely(axes, _axis_labels)


def is_secondary(axes):
    """Tell whether an axes is but a second scale along another."""
    return hasattr(axes, "set_functions") and hasattr(axes, "_orientation")


def secondary(axes):
    """Return the line of a second scale."""
    axes.apply_aspect()  # which follows the first one
    place = getattr(axes, "_loc", None)
    place = place if isinstance(place, str) else words.number(axes._pos)
    return [f"secondary {_axis(axes, axes._orientation)} at {place}"]


def _projection(axes):
    """Return the line of a projection that is not the usual one."""
    if axes.name == "rectilinear":
        return []
    line = f"projection {axes.name}"
    if axes.name == "3d":
        line += f" elevation {words.number(axes.elev)} azimuth {words.number(axes.azim)}"
        line += f" roll {words.number(axes.roll)}" if axes.roll else ""
    elif axes.name == "polar":
        offset = axes.get_theta_offset()
        line += f" zero at {words.number(offset)}" if offset else ""
        line += " clockwise" if axes.get_theta_direction() < 0 else ""
    return [line]


def _has_ticks(axes, name):
    if _axis_artists(axes):
        return True
    shown = axes._axis3don if axes.name == "3d" else axes.axison
    return shown and getattr(axes, f"{name}axis").get_visible()


def _limits(axes, name):
    low, high = getattr(axes, f"get_{name}lim")()
    write = days.write_on(getattr(axes, f"{name}axis"))
    return f"{name} [{write(low)}, {write(high)}]"


def _axis(axes, name):
    axis = getattr(axes, f"{name}axis")
    line = _limits(axes, name)
    scale = axis.get_scale()
    if is_secondary(axes):  # it is a function of the first one, which its limits tell
        scale = scale.removeprefix("function") or "linear"
    if scale != "linear":
        line += f" {scale}"
    if axis.get_label_text():
        line += f" {words.quote(axis.get_label_text())}"
    ticks = _tick_labels(axis)
    if ticks:
        line += " ticks " + " ".join(map(words.quote, ticks))
    return line


def _tick_labels(axis):
    from matplotlib import category, ticker

    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    chosen = (ticker.FixedFormatter, category.StrCategoryFormatter)
    if isinstance(formatter, chosen) or isinstance(locator, ticker.FixedLocator):
        return [t.get_text() for t in axis.get_ticklabels() if t.get_text()]
    return []


def _axis_artists(axes):
    """Return the visible axis artists that mpl_toolkits.axisartist draws instead of its axes."""
    if not hasattr(axes, "get_grid_helper"):
        return {}
    return {name: one for name, one in axes._axislines.items() if one.get_visible()}


def _axis_labels(axes):
    """Return the labels that axis artists have of their own."""
    labels = {name: one.label for name, one in _axis_artists(axes).items()}
    said = {name: words.of(one) for name, one in labels.items() if one.get_visible()}
    return [f"axis {name} {words.quote(text)}" for name, text in said.items() if text]
