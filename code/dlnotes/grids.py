"""Draw grids of numbers and the windows that slide over them."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from dlnotes.draw import CYCLE, DIM, GREY, INK, PALE

_SHADE = 0.30


def window_starts(n: int, kernel_size: int, stride: int, padding: int = 0) -> list[int]:
    """List where windows start, counted from the first true pixel, until one misses the input.

    Goes on as long as a window starts before the end of the right padding, whether or not it
    fits: this is the list from which pooling and convolution then choose.

    Args:
        n: Input size in pixels, at least 1.
        kernel_size: Window size in pixels, at least 1.
        stride: Step between windows in pixels, at least 1.
        padding: Pixels added on each side, at least 0.

    Returns:
        Start positions; negative ones lie in the left padding.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> window_starts(5, kernel_size=2, stride=3, padding=1)
        [-1, 2, 5]
    """
    if n < 1 or kernel_size < 1 or stride < 1 or padding < 0:
        raise ValueError(
            "need n, kernel_size, stride >= 1 and padding >= 0, got "
            f"{n=}, {kernel_size=}, {stride=}, {padding=}"
        )
    return list(range(-padding, n + padding, stride))


def draw_grid(
    ax: Axes,
    values: Sequence[Sequence[object]],
    padding: int = 0,
    pad_label: str = "",
    fill: Callable[[int, int], str | None] = lambda row, column: None,
) -> None:
    """Draw a table of values as square cells, row 0 on top, with a dashed ring of padding.

    The pixel in row i and column j covers [j, j+1] x [i, i+1]; padding has negative indices or
    lies beyond. The axes are hidden, their aspect is equal.

    Args:
        ax: Axes to draw on.
        values: H rows of W values; whole floats are shown without a point.
        padding: Width of the ring in cells, at least 0.
        pad_label: Text in each cell of the ring, such as ``"0"`` or ``"−∞"``.
        fill: Colour of the cell at (row, column), padding included; None leaves it white.

    Raises:
        ValueError: If values is not a rectangle with at least one cell.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> draw_grid(plt.figure().subplots(), [[1, 2], [3, 4]])
    """
    widths = {len(row) for row in values}
    if len(widths) != 1 or 0 in widths:
        raise ValueError(f"values must be a rectangle, got rows of {sorted(widths)} cells")
    height, width = len(values), widths.pop()
    for row in range(-padding, height + padding):
        for column in range(-padding, width + padding):
            inside = 0 <= row < height and 0 <= column < width
            text = _short(values[row][column]) if inside else pad_label
            colour = fill(row, column)
            ax.add_patch(
                Rectangle(
                    (column, row),
                    1,
                    1,
                    facecolor="white" if colour is None else colour,
                    alpha=None if colour is None else _SHADE,
                    edgecolor="none",
                )
            )
            ax.add_patch(
                Rectangle(
                    (column, row),
                    1,
                    1,
                    fill=False,
                    edgecolor=INK if inside else GREY,
                    linewidth=1.0 if inside else 0.8,
                    linestyle="-" if inside else (0, (2, 2)),
                    zorder=3 if inside else 2,
                )
            )
            ax.text(
                column + 0.5,
                row + 0.5,
                text,
                ha="center",
                va="center",
                color=INK if inside else DIM,
                zorder=4,
            )
    ax.set(xlim=(-padding - 0.1, width + padding + 0.1))
    ax.set(ylim=(height + padding + 0.1, -padding - 0.1), aspect="equal")
    ax.set_axis_off()


def draw_row(
    ax: Axes,
    n: int,
    kernel_size: int,
    stride: int,
    padding: int = 0,
    kept: int | None = None,
) -> None:
    """Draw one row of pixels and, below it, each window that could be taken as a bar.

    Args:
        ax: Axes to draw on; pixel i covers [i, i+1].
        n: Input size in pixels, at least 1.
        kernel_size: Window size in pixels, at least 1.
        stride: Step between windows in pixels, at least 1.
        padding: Pixels added on each side, at least 0; dashed.
        kept: Windows the layer really takes, counted from the left; the others are drawn as
            dashed outlines. None keeps all.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> draw_row(plt.figure().subplots(), n=5, kernel_size=2, stride=2, kept=2)
    """
    starts = window_starts(n, kernel_size, stride, padding)
    kept = len(starts) if kept is None else kept
    draw_grid(ax, [list(range(n))], padding=0)
    for column in [*range(-padding, 0), *range(n, n + padding)]:
        ax.add_patch(
            Rectangle((column, 0), 1, 1, fill=False, edgecolor=GREY, linestyle=(0, (2, 2)))
        )
    for number, start in enumerate(starts):
        taken = number < kept
        colour = CYCLE[number % len(CYCLE)] if taken else GREY
        ax.add_patch(
            Rectangle(
                (start + 0.06, 1.25 + 0.55 * number),
                kernel_size - 0.12,
                0.4,
                facecolor=colour if taken else PALE,
                edgecolor=colour,
                linestyle="-" if taken else (0, (2, 2)),
            )
        )
    right = max(n + padding, starts[-1] + kernel_size)
    ax.set(xlim=(-padding - 0.1, right + 0.1), ylim=(1.3 + 0.55 * len(starts), -0.1))


def _short(value: object) -> str:
    """Write a whole float without its point."""
    return f"{value:g}" if isinstance(value, float) else str(value)
