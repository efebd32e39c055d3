"""Write numbers, labels and colours as words."""

LISTED = 12
"""How many data are written one by one; of more, the course and the spread."""


def number(value):
    """Write a float with four significant digits, never as an integer, and no negative zero."""
    value = float(value)
    if abs(value) < 1e-12:
        value = 0.0
    text = f"{value:.4g}"
    return text if any(sign in text for sign in ".en") else f"{text}.0"


def points(*columns):
    """Write the coordinates of points, a column for each of x, y and z."""
    return f"{len(columns[0])} points {along(columns)}"


def along(columns, write=None):
    """Write what there is along x, y and, in space, z."""
    parts = zip("xyz", columns, strict=False)
    return " ".join(f"{name} {(write or series)(column)}" for name, column in parts)


def place(coordinates):
    """Write one place."""
    return along([value] for value in coordinates)


def series(values, listed=LISTED):
    """Return few values one by one; of many the ends, and whether they are even, or their course.

    The course is the range, and the mean of each eighth of them.
    """
    try:
        numbers = floats(values)
    except (TypeError, ValueError):
        return " ".join(quote(str(value)) for value in values)
    write = _writer(numbers)
    if len(numbers) <= listed:
        return " ".join(map(write, numbers))
    first, last = write(numbers[0]), write(numbers[-1])
    if _is_even(numbers):
        return f"all {first}" if numbers[0] == numbers[-1] else f"from {first} to {last} evenly"
    return f"from {first} to {last}, {spread(numbers, parts=8)}"


def _is_even(numbers):
    import numpy

    if not numpy.isfinite(numbers).all():
        return False
    steps = numpy.linspace(numbers[0], numbers[-1], len(numbers))
    slack = 1e-6 * abs(numbers[-1] - numbers[0])
    return bool((abs(numbers - steps) <= slack).all())


def _writer(numbers):
    """Return what writes each of some numbers: `number`, or `_whole` where they are like years.

    That is integers so close together that a share of them tells no two apart; as integers they
    are compared exactly.
    """
    least, greatest = (abs(numbers).min(), abs(numbers).max()) if len(numbers) else (0, 0)
    whole = least >= 500 and greatest < 1e15 and (abs(numbers % 1) < 1e-6).all()
    close = whole and numbers.max() - numbers.min() < least / 10
    return _whole if close else number


def _whole(value):
    return str(round(value))


def floats(values):
    """Return a row of values as floats; what matplotlib has masked is not a number.

    Raises TypeError or ValueError where they are none: dates, for example, are no numbers.
    """
    import numpy

    if isinstance(values, numpy.ma.MaskedArray):
        return values.astype(float).filled(numpy.nan)
    if getattr(getattr(values, "dtype", None), "kind", "O") in "biuf":
        return numpy.asarray(values, dtype=float)
    return numpy.array([float(value) for value in values])


def spread(values, parts=1):
    """Return least, greatest and mean of what is finite, and how many are not.

    With more than one part, the mean of each part of the row.
    """
    import numpy

    try:
        array = numpy.ma.filled(numpy.ma.asarray(values).astype(float), numpy.nan).ravel()
    except (TypeError, ValueError):
        return "not numbers"
    finite = array[numpy.isfinite(array)]
    if not finite.size:
        return "none"
    rows = [row[numpy.isfinite(row)] for row in numpy.array_split(array, parts)]
    with numpy.errstate(all="ignore"):
        means = " ".join(number(row.mean()) if row.size else "none" for row in rows)
        write = _writer(finite)
    ends = f"{write(finite.min())}..{write(finite.max())} mean{'s' * (parts > 1)} {means}"
    lost = array.size - finite.size
    return f"{ends}, {lost} not finite" if lost else ends


def colour(rgba):
    """Return a colour without its opacity."""
    from matplotlib import colors

    return colors.to_hex(rgba) if rgba[3] else "unfilled"


def colours(rgbas):
    """Write colours that differ: few one by one, of many how often each; nothing if all agree."""
    import numpy

    levels = numpy.round(numpy.reshape(rgbas, (-1, 4)) * 255).astype(int)
    codes = levels @ [1 << 24, 1 << 16, 1 << 8, 1]
    _, first, counts = numpy.unique(codes, return_index=True, return_counts=True)
    if len(first) < 2:
        return ""
    if len(rgbas) <= LISTED:
        return f" colours {' '.join(map(colour, rgbas))}"
    if len(first) > LISTED:
        return f" colours {len(first)} different"
    parts = sorted(zip(first, counts, strict=True))
    return " colours " + " ".join(f"{colour(rgbas[at])} {count}" for at, count in parts)


def dashes(artist):
    """Write whether the line of an artist has gaps."""
    style = artist.get_linestyle()
    plain = ("-", "solid", "None", "none", " ", "")
    return "" if style in plain or style == (0, None) else " dashed"


def label(artist):
    """Write the label that a legend would show."""
    text = str(artist.get_label() or "")
    return "" if text.startswith("_") or not text else f" {quote(text)}"


def of(text):
    """Return what a text says, whether it is an artist or a string."""
    return text if isinstance(text, str) else text.get_text()


def quote(text):
    """Write a text in quotes, in one line."""
    return '"' + of(text).replace("\n", "\\n").replace("\r", "\\r") + '"'


def indented(lines):
    """Return the lines one level further in."""
    return [f"  {line}" for line in lines]
