"""Describe what is drawn by several artists together: bars, stems, error bars, boxes, pies."""

from . import boxplots, geometry, trouble, visible, words

_BARS = 64
"""How many bars are written one by one: a histogram is read bar by bar."""


def tell(containers, shown):
    """Return lines for the groups among the visible artists, and the artists that they hold."""
    shown_ids = {id(artist) for artist in shown}
    lines, held = [], []
    for group in containers:
        try:
            told, members = _container(group, shown_ids)
        except Exception as error:
            told, members = [trouble.line(group, error)], []  # they are described one by one
        lines += told
        held += members
    for find in (boxplots.find, _find_pies):
        taken = {id(artist) for artist in held}
        left = [artist for artist in shown if id(artist) not in taken]
        try:
            told, members = find(left)
        except Exception:
            continue  # what looks like a group and is none is described one by one
        lines += told
        held += members
    return lines, held


def _container(group, shown_ids):
    from matplotlib import container

    members = [one for one in group.get_children() if id(one) in shown_ids]
    if not members:
        return [], []
    if isinstance(group, container.BarContainer):
        if not all(hasattr(one, "get_height") for one in members):
            return [], []  # bars in space have become patches of another kind
        return [_bars(group, members)], members
    if isinstance(group, container.StemContainer):
        return [_stems(group)], members
    if isinstance(group, container.ErrorbarContainer):
        return _errors(group), members
    return [], []


def _bars(group, bars):
    sideways = group.orientation == "horizontal"
    sizes = [bar.get_width() if sideways else bar.get_height() for bar in bars]
    starts = [bar.get_x() if sideways else bar.get_y() for bar in bars]
    course = words.series(sizes, listed=_BARS)
    line = f"{'horizontal bars' if sideways else 'bars'}{words.label(group)} {len(sizes)}: {course}"
    return f"{line} on {words.series(starts)}" if len(set(starts)) > 1 else line


def _stems(group):
    base = geometry.columns(group.baseline)
    heads = words.points(*geometry.columns(group.markerline))
    return f"stems{words.label(group)} {heads} baseline {words.along(base)}"


def _errors(group):
    """Return the points of an errorbar, and below them the ends of the bars."""
    points, _, bars = group.lines
    head = f"errorbar{words.label(group)}"
    if points is not None and visible.shown([points]):
        head += f" {words.points(*geometry.columns(points))}"
    usual = 1 if group.has_yerr else 0  # where the bars have no length
    bars = [item for item in visible.shown(bars) if geometry.vertices(item)[0]]
    return [head, *(_bar_ends(item, usual, points is None) for item in bars)]


def _bar_ends(item, usual, alone):
    import numpy

    count, ends = geometry.vertices(item)
    ends = ends.reshape(count, 2, -1)
    lengths = numpy.nan_to_num(numpy.abs(ends[:, 1] - ends[:, 0])).sum(axis=0)
    axis = int(lengths.argmax()) if lengths.any() else usual
    low, high = (words.series(ends[:, end, axis]) for end in (0, 1))
    line = f"  {'xyz'[axis]} between {low} and {high}"
    if not alone:
        return line
    places = zip("xyz", ends[:, 0].T, strict=False)
    at = [f"{name} {words.series(part)}" for name, part in places if name != "xyz"[axis]]
    return f"{line} at {' '.join(at)}"


def _find_pies(artists):
    """Return the pies among the artists: wedges of which each begins where another ends."""
    from matplotlib import patches

    pies = []
    for wedge in (one for one in artists if isinstance(one, patches.Wedge)):
        if pies and _follows(wedge, pies[-1][-1]):
            pies[-1].append(wedge)
        else:
            pies.append([wedge])
    pies = [pie for pie in pies if len(pie) > 1]
    return [line for pie in pies for line in _pie(pie)], [wedge for pie in pies for wedge in pie]


def _follows(wedge, before):
    clockwise, otherwise = wedge.theta2 - before.theta1, wedge.theta1 - before.theta2
    return min(abs(clockwise), abs(otherwise)) < 1e-3 and wedge.width == before.width


def _pie(wedges):
    lines = [f"pie {len(wedges)}"]
    for wedge in wedges:
        share = words.number((wedge.theta2 - wedge.theta1) / 360)
        angles = f"from {words.number(wedge.theta1)} to {words.number(wedge.theta2)}"
        look = f"{words.colour(wedge.get_facecolor())} radius {words.number(wedge.r)}"
        if wedge.width:
            look += f" width {words.number(wedge.width)}"
        place = f"at {words.place(wedge.center)}"
        lines.append(f"  wedge{words.label(wedge)} share {share} {angles} {look} {place}")
    return lines
