"""Describe lines, patches, texts, arrows and tables."""

from . import geometry, trouble, visible, words


def line(item):
    """Return the line of a line."""
    head = f"line{words.label(item)}{words.dashes(item)}"
    if hasattr(item, "get_slope"):  # it has no ends
        towards, slope = item.get_xy2(), item.get_slope()
        course = (
            f"slope {words.number(slope)}" if towards is None else f"and {words.place(towards)}"
        )
        return [f"{head} through {words.place(item.get_xy1())} {course}"]
    steps = item.get_drawstyle()
    steps = "" if steps == "default" else f" {steps}"
    return [f"{head}{steps} {words.points(*geometry.columns(item))}"]


def patches(items):
    """Return a line for all patches that look alike, and one for each that nothing is known of."""
    lines, alike = [], {}
    for item in items:
        lines += trouble.safely(item, lambda item: _sort_in(item, alike))
    return [line for pair in alike.items() for line in _alike(*pair)] + lines


def _sort_in(item, alike):
    kind = f"{type(item).__name__}{words.dashes(item)} {words.colour(item.get_facecolor())}"
    alike.setdefault(kind, []).append((item, geometry.box(item)))
    return []


def _alike(kind, group):
    from matplotlib import patches

    items, boxes = zip(*group, strict=True)
    ends = [[end for pair in column for end in pair] for column in zip(*boxes, strict=True)]
    lines = [f"{kind} {len(items)} {words.along(ends, words.spread)}"]
    if isinstance(items[0], patches.Wedge):
        angles = [words.series([item.theta1 for item in items])]
        angles.append(words.series([item.theta2 for item in items]))
        lines[0] += f" angles from {angles[0]} to {angles[1]}"
    if isinstance(items[0], patches.StepPatch):
        lines += [line for item in items for line in _steps(item)]
    elif isinstance(items[0], patches.Polygon | patches.PathPatch):
        lines += [line for item in items for line in _outline(item)]
    return lines


def _steps(item):
    values, edges, _ = item.get_data()
    return [f"  steps {words.series(values)} between {words.series(edges)}"]


def _outline(item):
    """Return more of a shape than its extent, where that does not tell it."""
    vertices = item.get_path().vertices
    return [f"  outline {words.points(*vertices.T)}"] if len(vertices) > words.LISTED else []


def texts(items):
    """Return a line for the texts, and one for their arrows."""
    lines = []
    written = [item for item in items if item.get_text()]
    if written:
        said = " ".join(map(words.quote, written))
        places = words.series if len(written) <= words.LISTED else words.spread
        columns = zip(*map(_position, written), strict=True)
        lines.append(f"texts {len(written)} {said} {words.along(columns, places)}")
    arrows = [item for item in items if getattr(item, "arrow_patch", None)]
    arrows = [item for item in arrows if visible.shown([item.arrow_patch])]
    if arrows:
        ends = [
            words.points(*zip(*places, strict=True))
            for places in ([item.get_position() for item in arrows], [item.xy for item in arrows])
        ]
        lines.append(f"arrows from {ends[0]} to {ends[1]}")
    return lines


def _position(text):
    in_space = getattr(text, "get_position_3d", None)
    return in_space() if in_space else text.get_position()


def table(item):
    """Return the line of a table."""
    cells = (cell for _, cell in sorted(item.get_celld().items()))
    said = " ".join(words.quote(cell.get_text()) for cell in visible.shown(cells))
    return [f"table {said}"]
