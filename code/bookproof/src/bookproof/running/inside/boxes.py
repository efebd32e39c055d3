"""Describe what matplotlib packs into boxes, and artists that it does not know."""

from . import visible, words


def box(item):
    """Return the line of a box and the artists in it that are no texts."""
    from matplotlib import offsetbox

    said, others = _unpacked(item.offsetbox if hasattr(item, "offsetbox") else item)
    line = " ".join([type(item).__name__, *map(words.quote, said)])
    if isinstance(item, offsetbox.AnchoredOffsetbox):
        names = {code: name for name, code in item.codes.items()}
        line += f" at {names.get(item.loc, item.loc)}"
    if isinstance(item, offsetbox.AnnotationBbox):
        line += f" at {words.place(item.xyann)}"
        if item.arrow_patch is not None:
            line += f" arrow to {words.place(item.xy)}"
    return line, others


def _unpacked(item):
    """Return the texts in a box, and what else is drawn in it."""
    from matplotlib import offsetbox, text

    said, others = [], []
    for child in visible.shown(one for one in item.get_children() if one is not None):
        if isinstance(child, text.Text):
            said += [child] if child.get_text() else []
        elif isinstance(child, offsetbox.OffsetBox):
            inner = _unpacked(child)
            said += inner[0]
            others += inner[1]
        else:
            others.append(child)
    return said, others


def legend(item):
    """Return the line of a legend."""
    entries = [item.get_title(), *item.get_texts()]
    return ["legend " + " ".join(words.quote(entry) for entry in entries if words.of(entry))]


def key(item):
    """Return the line of the key to the arrows of a quiver."""
    place = f"at {words.place((item.X, item.Y))}"
    return [f"quiver key {words.quote(item.label)} length {words.number(item.U)} {place}"]


def indicator(item):
    """Return the line of the frame that shows what an inset enlarges."""
    frame = item.rectangle
    x, y = frame.get_x(), frame.get_y()
    xs, ys = words.series([x, x + frame.get_width()]), words.series([y, y + frame.get_height()])
    return [f"inset indicator x {xs} y {ys}"]


def unknown(item):
    """Return the line of an artist that is none of matplotlib's: what can be said of any."""
    kind = type(item)
    line = f"unknown {kind.__name__} from {kind.__module__}"
    for more in (words.label, _order, _extent):
        try:
            line += more(item)
        except Exception:
            continue  # the line says already that little is known
    return line


def _order(item):
    return f" zorder {words.number(item.get_zorder())}"


def _extent(item):
    left, right, bottom, top = item.get_extent()
    return f" x {words.series([left, right])} y {words.series([bottom, top])}"
