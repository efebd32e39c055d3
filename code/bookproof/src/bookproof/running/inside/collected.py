"""Describe collections: many marks, lines or areas in one."""

from . import geometry, pictures, words


def collection(item):
    """Return the line of a collection."""
    from matplotlib import collections, contour, quiver

    if isinstance(item, contour.ContourSet):
        return [f"contour levels {' '.join(map(words.number, item.levels))} {_paths(item)}"]
    name = f"{type(item).__name__}{words.label(item)}"
    if isinstance(item, collections.PathCollection):
        line = f"scatter{words.label(item)} {words.points(*geometry.offsets(item))}"
    elif isinstance(item, quiver.Quiver):
        line = f"{name} {_arrows(item.X, item.Y, item.U, item.V, item.Umask)}"
    elif isinstance(item, quiver.Barbs):
        line = f"{name} {_arrows(item.x, item.y, item.u, item.v)}"
    else:
        line = f"{name} {_paths(item)}"
    return [f"{line}{_sizes(item)}{_values(item)}"]


def _arrows(x, y, u, v, lost=False):
    import numpy

    if numpy.any(lost):
        u, v = (numpy.where(lost, numpy.nan, part) for part in (u, v))
    parts = zip("xyuv", (x, y, u, v), strict=True)
    series = (f"{name} {words.series(numpy.ravel(part))}" for name, part in parts)
    return f"{len(x)} arrows {' '.join(series)}"


def _paths(item):
    count, vertices = geometry.vertices(item)
    line = f"{count} paths"
    if len(vertices):
        line += f" {words.along(vertices.T, words.spread)}"
    if hasattr(item, "_offsets3d") or geometry.has_offsets(item):
        line += f" at {words.points(*geometry.offsets(item))}"
    return line


def _sizes(item):
    """Write the sizes of marks, where they differ."""
    sizes = getattr(item, "_sizes3d", None)  # which drawing does not sort by distance
    if sizes is None:
        sizes = item.get_sizes() if hasattr(item, "get_sizes") else []
    parts = [("sizes", sizes)]
    if hasattr(item, "get_widths"):
        parts = [(kind, getattr(item, f"get_{kind}")()) for kind in ("widths", "heights", "angles")]
    return "".join(f" {kind} {words.series(values)}" for kind, values in parts if _differ(values))


def _differ(values):
    import numpy

    return len(values) > 1 and bool(numpy.not_equal(values, values[0]).any())


def _values(item):
    """Write what gives a collection its colours: values, or colours where they differ."""
    from matplotlib import collections

    array = item.get_array()
    if array is not None:
        scale = "" if array.ndim > 2 else f" in {item.get_cmap().name}{pictures.norm(item)}"
        grid = array.ndim > 1
        values = words.spread(array) + pictures.course(array) if grid else words.series(array)
        return f" values {values}{scale}"
    if geometry.is_in_space(item):
        return ""  # shaded by light and depth
    colours = item.get_facecolor()
    if isinstance(item, collections.PathCollection) and len(colours) <= words.LISTED:
        return ""  # of few points, descriptions have never told the colours
    return words.colours(colours if len(colours) else item.get_edgecolor())
