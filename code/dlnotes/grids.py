"""Draw grids of numbers and the windows that slide over them."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from dlnotes.draw import CYCLE, GREY, INK, PALE

_SHADE = 0.30


def draw_grid(
    ax: Axes,
    values: Sequence[Sequence[object]],
    padding: int = 0,
    pad_label: str = "",
    fill: Callable[[int, int], str] = lambda row, column: "white",
) -> None:
    """Draw a table of values as square cells, row 0 on top, with a dashed ring of padding.

    The pixel in row i and column j covers [j, j+1] x [i, i+1]; padding has negative indices or
    lies beyond. The axes are hidden, their aspect is equal.

    Args:
        ax: Axes to draw on.
        values: H rows of W values; whole floats are shown without a point.
        padding: Width of the ring in cells, at least 0.
        pad_label: Text in each cell of the ring, such as ``"0"`` or ``"−∞"``.
        fill: Colour of the cell at (row, column), padding included; white by default.

    Raises:
        ValueError: If values is not a rectangle with at least one cell.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> draw_grid(plt.figure().subplots(), [[1, 2], [3, 4]])
    """
    widths = {len(row) for row in values}
    if len(widths) != 1 or not max(widths):
        raise ValueError(f"values must be a rectangle, got rows of {sorted(widths)} cells")
    height, width = len(values), widths.pop()
    for row in range(-padding, height + padding):
        for column in range(-padding, width + padding):
            inside = 0 <= row < height and 0 <= column < width
            text = _short(values[row][column]) if inside else pad_label
            ax.add_patch(
                Rectangle(
                    (column, row),
                    1,
                    1,
                    facecolor=(fill(row, column), _SHADE),
                    edgecolor=INK,
                    linestyle="-" if inside else "--",
                    clip_on=False,  # a clip path is named after floats that may differ by a bit
                )
            )
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center")
    ax.autoscale()
    ax.invert_yaxis()
    ax.set_aspect("equal")
    ax.set_axis_off()


def draw_row(ax: Axes, n: int, kernel_size: int, stride: int, padding: int, kept: int) -> None:
    """Draw one row of pixels and, below it, each window that could be taken as a bar.

    These are the windows that start before the end of the right padding, whether or not they fit:
    from them pooling and convolution choose.

    Args:
        ax: Axes to draw on; pixel i covers [i, i+1].
        n: Input size in pixels, at least 1.
        kernel_size: Window size in pixels, at least 1.
        stride: Step between windows in pixels, at least 1.
        padding: Pixels added on each side, at least 0; dashed.
        kept: Windows the layer really takes, counted from the left; the others are drawn as
            dashed outlines.

    Raises:
        ValueError: If n or stride is 0.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> draw_row(plt.figure().subplots(), 5, kernel_size=2, stride=2, padding=0, kept=2)
    """
    draw_grid(ax, [range(n)])
    for column in [*range(-padding, 0), *range(n, n + padding)]:
        ax.add_patch(Rectangle((column, 0), 1, 1, fill=False, edgecolor=GREY, linestyle="--"))
    for number, start in enumerate(range(-padding, n + padding, stride)):
        taken = number < kept
        colour = CYCLE[number % len(CYCLE)] if taken else GREY
        ax.add_patch(
            Rectangle(
                (start + 0.06, 1.25 + 0.55 * number),
                kernel_size - 0.12,
                0.4,
                facecolor=colour if taken else PALE,
                edgecolor=colour,
                linestyle="-" if taken else "--",
            )
        )
    ax.autoscale()


def _short(value: object) -> str:
    """Write a whole float without its point."""
    return f"{value:g}" if isinstance(value, float) else str(value)
