"""Draw where the costs of a network sit, its receptive field, and what its windows miss."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from dlnotes.draw import BLUE, GREY, INK, ORANGE, PALE
from dlnotes.receptive import receptive_field
from dlnotes.shapes import conv_output_size
from dlnotes.trace import Cost

__all__ = [
    "cost_shares",
    "field_pyramid",
    "last_windows",
]


def last_windows(ax: Axes, cases: Sequence[tuple[int, int, int, int]], shown: int = 14) -> None:
    """Draw the right end of an input, the last window on it, and the pixels it never reaches.

    One row per case, aligned at the last pixel of the image, which is 0 on the axis. Pixels are
    filled squares (the ones no window reaches in another colour), padding is dashed, and the last
    window is a bar above them.

    Args:
        ax: Axes to draw on; about 0.8 inches of height per case.
        cases: One ``(n, kernel_size, stride, padding)`` per row, as in `conv_output_size`.
        shown: Pixels of the image to draw, >= 1.

    Raises:
        ValueError: If there are no cases, or a kernel does not fit.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().subplots()
        >>> last_windows(ax, [(224, 11, 4, 0)])
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['224，填充 0']
    """
    if not cases:
        raise ValueError("need at least one case to draw")
    for row, (n, kernel_size, stride, padding) in enumerate(cases):
        count = conv_output_size(n, kernel_size, stride, padding)
        first = (count - 1) * stride - padding - (n - 1)
        last = first + kernel_size - 1
        for place in range(1 - shown, padding + 1):
            face = "none" if place > 0 else ORANGE if place > last else PALE
            edge = {"edgecolor": GREY, "linestyle": "--" if place > 0 else "-"}
            ax.add_patch(Rectangle((place - 0.45, row), 0.9, 0.35, facecolor=face, **edge))
        ax.plot([first - 0.4, last + 0.4], [row - 0.15] * 2, color=BLUE, linewidth=4)
        ax.text((first + last) / 2, row - 0.25, f"第 {count} 个窗口", ha="center")
    labels = [f"{n}，填充 {padding}" for n, _, _, padding in cases]
    ax.set_yticks(range(len(cases)), labels)
    ax.set_xlim(0.3 - shown, max(case[3] for case in cases) + 0.7)
    ax.set_ylim(len(cases) - 0.45, -0.6)
    ax.tick_params(left=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("离图像最后一个像素的距离（像素）")


def field_pyramid(
    ax: Axes, layers: Sequence[int | Sequence[int]], n: int, output: int = 0
) -> set[int]:
    """Draw a stack of windows along one axis, and mark what one of its outputs is computed from.

    The input is the lowest row. Each value sits above the middle of its receptive field, and a
    line leads from it to each value it is computed from. Padding is drawn where it is reached,
    dashed.

    Args:
        ax: Axes to draw on; about 0.8 inches of height per layer.
        layers: Per layer a kernel size or ``(kernel_size, stride, dilation, padding)``, as in
            `dlnotes.receptive.receptive_field`.
        n: Input size in pixels; up to 16 stay legible on a phone.
        output: Number of the marked value of the last layer, from 0.

    Returns:
        The positions in the input that the output depends on; padding is below 0 or at least n.

    Raises:
        ValueError: If the stack does not fit, or there is no such output.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> sorted(field_pyramid(Figure().subplots(), [(3, 2), 3], n=9))
        [0, 1, 2, 3, 4, 5, 6]
    """
    fields = receptive_field(layers)
    sizes = [n]
    for kernel_size, stride, dilation, padding in (field.window for field in fields):
        sizes.append(conv_output_size(sizes[-1], kernel_size, stride, padding, dilation))
    if not 0 <= output < sizes[-1]:
        raise ValueError(f"output must be from 0 to {sizes[-1] - 1}, got {output}")
    marked = [{output}]
    lines = []
    for level, field in reversed(list(enumerate(fields, start=1))):
        kernel_size, stride, dilation, padding = field.window
        marked.insert(0, set())
        for place in marked[1] & set(range(sizes[level])):  # padding is computed from nothing
            for tap in range(kernel_size):
                source = place * stride - padding + tap * dilation
                marked[0].add(source)
                low = fields[level - 2].center(source) if level > 1 else source
                lines.append([(field.center(place), level - 0.2), (low, level - 0.8)])
    ax.add_collection(LineCollection(lines, colors=GREY, linewidths=1))
    middles = []
    for level, (size, reached) in enumerate(zip(sizes, marked, strict=True)):
        for place in sorted(reached | set(range(size))):
            middle = fields[level - 1].center(place) if level else place
            middles.append(middle)
            inside = 0 <= place < size
            ax.add_patch(
                Rectangle(
                    (middle - 0.4, level - 0.2),
                    0.8,
                    0.4,
                    facecolor=(BLUE if place in reached and inside else "white"),
                    edgecolor=INK if inside else GREY,
                    linestyle="-" if inside else "--",
                )
            )
    ax.set_yticks(range(len(sizes)), ["输入", *(f"第 {i} 层" for i in range(1, len(sizes)))])
    ax.set_xticks(range(n))
    ax.set_xlim(min(middles) - 0.7, max(middles) + 0.7)
    ax.set_ylim(-0.4, len(layers) + 0.4)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xlabel("输入的像素")
    return marked[0]


def cost_shares(ax: Axes, labels: Sequence[str], rows: Sequence[Cost]) -> None:
    """Draw, per layer, its share of all parameters and of all multiply-adds.

    Args:
        ax: Axes to draw on; about 0.45 inches of height per layer.
        labels: Name of each layer, in Chinese.
        rows: What each layer costs, in the same order; the shares are of these rows' totals.

    Raises:
        ValueError: If there are not as many labels as rows, or the totals are 0.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().subplots()
        >>> cost_shares(ax, ["卷积", "全连接"], [Cost("", (1,), 1, 3), Cost("", (1,), 3, 1)])
        >>> [round(bar.get_width()) for bar in ax.patches]
        [25, 75, 75, 25]
    """
    if len(labels) != len(rows):
        raise ValueError(f"need one label per row, got {len(labels)} for {len(rows)}")
    parameters = sum(row.parameters for row in rows)
    multiply_adds = sum(row.multiply_adds for row in rows)
    if not parameters or not multiply_adds:
        raise ValueError("rows must hold parameters and multiply-adds, their totals are 0")
    series = [
        ("参数", ORANGE, -0.2, [100 * row.parameters / parameters for row in rows]),
        ("乘加", BLUE, 0.2, [100 * row.multiply_adds / multiply_adds for row in rows]),
    ]
    for name, colour, shift, shares in series:
        places = [index + shift for index in range(len(rows))]
        bars = ax.barh(places, shares, height=0.38, color=colour, label=name)
        ax.bar_label(bars, [f"{share:.1f}%" for share in shares], padding=3)
    ax.set_yticks(range(len(labels)), labels)
    ax.invert_yaxis()
    ax.margins(x=0.16)
    ax.set_xlabel("占全网的百分比（%）")
    ax.legend(loc="best")
