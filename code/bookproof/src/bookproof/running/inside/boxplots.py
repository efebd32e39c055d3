"""Recognise box plots among loose lines: matplotlib keeps no record of them."""

from . import geometry, words


def find(artists):
    """Return a line for each box among the artists, and the artists that it consists of."""
    from matplotlib import lines, patches

    drawn = [one for one in artists if type(one) is lines.Line2D]
    shapes = [one for one in artists if type(one) is patches.PathPatch]
    told, held, at = [], [], 0
    while at < len(drawn):
        box = _box(drawn[at : at + 8], shapes, False) or _box(drawn[at : at + 8], shapes, True)
        if box:
            line, members = box
            told.append(line)
            held += members
        at += sum(one in members for one in drawn[at : at + 8]) if box else 1
    return told, held


def _box(drawn, shapes, sideways):
    """Return the line and the members of the box that begins here, or None."""
    read = _read(drawn, sideways)
    if read is None:
        return None
    members, place, median, quartiles, whiskers, notch = read
    line, named = f"{'horizontal ' if sideways else ''}box", words.label(members[-1])
    means, outliers, extras = _extras(drawn[len(members) :], place, whiskers, sideways)
    if len(members) == 5 and (shape := _shape(shapes, place, quartiles, sideways)):
        members = [*members, shape]
        line += f"{words.label(shape)} {words.colour(shape.get_facecolor())}"
    line += f"{named} at {words.number(place)} median {words.number(median)}"
    line += f" quartiles {words.series(quartiles)} whiskers {words.series(whiskers)}"
    if len(notch):
        line += f" notch {words.series(notch)}"
    if means:
        line += f" mean {words.series(means)}"
    if len(outliers):
        line += f" outliers {len(outliers)}: {words.series(outliers)}"
    return line, [*members, *extras]


def _read(drawn, sideways):
    """Return the members of the box that begins here, and its numbers; or None.

    matplotlib draws a box, unless it is a patch, two whiskers, two caps and the median; then
    the mean and the outliers where they are wanted.
    """
    outline = _places(drawn[0], sideways)[1]
    outline = outline if len(outline) in _CORNERS else []
    members = drawn[: 6 if len(outline) else 5]
    parts = [_places(one, sideways) for one in members][-5:]
    if len(parts) < 5 or any(len(across) != 2 for across, _ in parts):
        return None
    (low, low_ends), (high, high_ends), least, most, middle = parts
    place, median = low[0], middle[1][0]
    quartiles, whiskers = [low_ends[0], high_ends[0]], [low_ends[1], high_ends[1]]
    if not (
        {*low, *high} == {place}
        and all(_is_flat(part, place) for part in (least, most, middle))
        and [least[1][0], most[1][0]] == whiskers
        and quartiles[0] <= median <= quartiles[1]
        and (not len(outline) or [outline[at] for at in _CORNERS[len(outline)]] == quartiles)
    ):
        return None
    notch = outline[[2, 4]] if len(outline) == 11 else []
    return members, place, median, quartiles, whiskers, notch


_CORNERS = {5: (0, 2), 11: (0, 5)}
"""Of the outline of a box, and of a notched one: which corners are at the quartiles."""


def _places(line, sideways):
    x, y = geometry.columns(line)
    return (y, x) if sideways else (x, y)


def _is_flat(part, place):
    """Tell whether a line lies across the box, with the place in its middle."""
    across, along = part
    return along[0] == along[1] and across[0] != across[1] and abs(sum(across) / 2 - place) < 1e-9


def _shape(shapes, place, quartiles, sideways):
    """Return the patch that is the box between the quartiles, or None."""
    for shape in shapes:
        across, along = reversed(geometry.box(shape)) if sideways else geometry.box(shape)
        if across[0] < place < across[1] and along[0] <= quartiles[0] <= quartiles[1] <= along[1]:
            return shape
    return None


def _extras(following, place, whiskers, sideways):
    """Return the mean, the outliers, and the lines that show them."""
    taken, values = [], []
    for line in following[:2]:
        across, along = _places(line, sideways)
        marks = _has_marks(line) and set(across) <= {place}
        bar = not taken and len(across) == 2 and _is_flat((across, along), place)
        if words.label(line) or not (marks or bar):
            break
        taken.append(line)
        values.append(list(along))
    if not values:
        return [], [], []
    single = len(set(values[0])) == 1
    if single and (len(values) == 2 or whiskers[0] <= values[0][0] <= whiskers[1]):
        return values[0][:1], values[1] if len(values) == 2 else [], taken
    return [], values[0], taken[:1]


def _has_marks(line):
    return line.get_marker() not in ("", " ", "None", "none", None)
