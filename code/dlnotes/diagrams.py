"""Draw networks: feature maps as boxes, layers as a stack, and where the costs sit."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle
from torch import nn

from dlnotes.draw import BLUE, GREEN, GREY, INK, ORANGE, PALE, PURPLE, VERMILLION
from dlnotes.receptive import receptive_field
from dlnotes.shapes import conv_output_size
from dlnotes.trace import Cost, trace

__all__ = [
    "Stage",
    "cost_shares",
    "feature_maps",
    "field_pyramid",
    "last_windows",
    "layer_stack",
    "stages",
]

_COLOURS = {
    "input": GREY,
    "convolution": BLUE,
    "pooling": GREEN,
    "linear": VERMILLION,
    "block": PURPLE,
    "other": PALE,
}
_ROW = 1.4


@dataclass(frozen=True)
class Stage:
    """Describe one box of a network diagram.

    Args:
        title: What made it, a few Chinese characters.
        shape: Its shape without the batch: (C, H, W) or (features,).
        kind: One of input, convolution, pooling, linear, block, other; chooses the colour.
    """

    title: str
    shape: tuple[int, ...]
    kind: str = "other"

    def __post_init__(self) -> None:
        if self.kind not in _COLOURS:
            raise ValueError(f"kind must be one of {', '.join(_COLOURS)}, got {self.kind!r}")
        if len(self.shape) not in (1, 3):
            raise ValueError(f"shape must be (C, H, W) or (features,), got {self.shape}")

    @property
    def size(self) -> str:
        """Write the shape as a label, e.g. ``96×54×54``."""
        return "×".join(map(str, self.shape))


def stages(net: nn.Sequential, input_size: Sequence[int]) -> list[Stage]:
    """List the boxes of a network: its input, then every layer that changes more than values.

    Activations, dropout and reshaping get no box of their own. A nested ``nn.Sequential`` is one
    box, named by the number of its convolutions.

    Args:
        net: Layers to call one after the other; may be on the meta device.
        input_size: Shape of the input, batch included: (N, C, H, W).

    Returns:
        The input and one stage per convolution, pooling, linear layer or block.

    Raises:
        TypeError: If ``net`` is not an ``nn.Sequential``.
        ValueError: If the input does not fit the net.

    Examples:
        >>> net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.Flatten(), nn.Linear(96, 10))
        >>> [(stage.title, stage.size) for stage in stages(net, (1, 1, 8, 8))]
        [('输入', '1×8×8'), ('卷积 5×5', '6×4×4'), ('全连接', '10')]
    """
    found = [Stage("输入", tuple(input_size[1:]), "input")]
    for layer, (_, shape) in zip(net, trace(net, input_size), strict=True):
        kind = _kind(layer)
        if kind != "other":
            found.append(Stage(_title(layer), shape[1:], kind))
    return found


def feature_maps(ax: Axes, boxes: Sequence[Stage], columns: int = 5) -> None:
    """Draw stages as boxes in reading order, size below and origin above each.

    A feature map is a block whose front grows with height and width and whose depth grows with
    the channels; a vector is a bar. Lengths grow with the square root, so that 224 and 5 fit one
    picture: compare sizes by the labels.

    Args:
        ax: Axes to draw on; its ticks and frame are removed. About 1.4 inches of height per row
            of boxes keep the labels apart.
        boxes: What to draw, e.g. from `stages`.
        columns: Boxes per row, >= 1; at most 5 stay legible on a phone.

    Raises:
        ValueError: If there is nothing to draw.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().subplots()
        >>> feature_maps(ax, [Stage("输入", (1, 28, 28), "input"), Stage("全连接", (10,))])
        >>> [text.get_text() for text in ax.texts]
        ['输入', '1×28×28', '全连接', '10', '']
    """
    if not boxes:
        raise ValueError("need at least one box to draw")
    maps = [box.shape for box in boxes if len(box.shape) == 3]
    widest = max((max(height, width) for _, height, width in maps), default=None)
    deepest = max((channels for channels, _, _ in maps), default=None)
    longest = max((max(box.shape) for box in boxes if box.shape not in maps), default=None)
    for index, box in enumerate(boxes):
        row, column = divmod(index, columns)
        x, y = column + 0.5, -row * _ROW
        if box.shape in maps:
            channels, height, width = box.shape
            front = (0.44 * sqrt(width / widest), 0.44 * sqrt(height / widest))
            depth = 0.06 + 0.24 * sqrt(channels / deepest)
        else:
            front = (0.09, 0.15 + 0.5 * sqrt(max(box.shape) / longest))
            depth = 0.03
        _block(ax, x, y, front, depth, _COLOURS[box.kind])
        ax.text(x, y + 0.43, box.title, ha="center", va="bottom")
        ax.text(x, y - 0.43, box.size, ha="center", va="top")
    for index in range(len(boxes) - 1):
        row, column = divmod(index, columns)
        if column < columns - 1:
            _arrow(ax, (column + 0.9, -row * _ROW), (column + 1.1, -row * _ROW))
    rows = -(-len(boxes) // columns)
    ax.set_xlim(0, min(columns, len(boxes)))
    ax.set_ylim(-(rows - 1) * _ROW - 0.65, 0.65)
    ax.set_axis_off()


def layer_stack(ax: Axes, net: nn.Sequential, input_size: Sequence[int], title: str = "") -> None:
    """Draw the layers of a net as a column of cards, data flowing down, shapes on the way.

    Args:
        ax: Axes to draw on; its ticks and frame are removed. About 0.55 inches of height per
            layer keep the labels apart.
        net: Layers to call one after the other; may be on the meta device.
        input_size: Shape of the input, batch included: (N, C, H, W).
        title: Title of the axes.

    Raises:
        TypeError: If ``net`` is not an ``nn.Sequential``.
        ValueError: If the input does not fit the net.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> ax = Figure().subplots()
        >>> layer_stack(ax, nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU()), (1, 1, 8, 8))
        >>> [text.get_text() for text in ax.texts if text.get_text()]
        ['1×8×8', '卷积 5×5', '6×4×4', 'ReLU', '6×4×4']
    """
    shapes = [tuple(input_size), *(shape for _, shape in trace(net, input_size))]
    for index, shape in enumerate(shapes):
        y = -float(index)
        ax.text(0.5, y + 0.42, "×".join(map(str, shape[1:])), ha="center", va="center")
        if index == len(shapes) - 1:
            break
        layer = net[index]
        colour = _COLOURS[_kind(layer)]
        card = FancyBboxPatch(
            (0.12, y - 0.28),
            0.76,
            0.4,
            boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=colour,
            edgecolor="none",
        )
        ax.add_patch(card)
        ink = INK if colour == PALE else "white"
        ax.text(0.5, y - 0.08, _title(layer), ha="center", va="center", color=ink)
        _arrow(ax, (0.5, y + 0.3), (0.5, y + 0.13))
    for index in range(1, len(shapes)):
        _arrow(ax, (0.5, -index + 0.71), (0.5, -index + 0.54))
    ax.set_xlim(0, 1)
    ax.set_ylim(-len(shapes) + 1.2, 0.62)
    ax.set_title(title)
    ax.set_axis_off()


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


def _kind(layer: nn.Module) -> str:
    """Say which kind of stage a layer makes."""
    if isinstance(layer, nn.Sequential):
        return "block"
    if isinstance(layer, nn.Conv2d):
        return "convolution"
    if isinstance(layer, (nn.MaxPool2d, nn.AvgPool2d)):
        return "pooling"
    return "linear" if isinstance(layer, nn.Linear) else "other"


def _title(layer: nn.Module) -> str:
    """Name a layer in Chinese, with its kernel size."""
    if isinstance(layer, nn.Sequential):
        return f"{sum(isinstance(inner, nn.Conv2d) for inner in layer.modules())} 个卷积的块"
    names = {nn.Conv2d: "卷积", nn.MaxPool2d: "最大池化", nn.AvgPool2d: "平均池化"}
    for kind, name in names.items():
        if isinstance(layer, kind):
            size = layer.kernel_size
            height, width = (size, size) if isinstance(size, int) else size
            return f"{name} {height}×{width}"
    return "全连接" if isinstance(layer, nn.Linear) else type(layer).__name__


def _block(
    ax: Axes, x: float, y: float, front: tuple[float, float], depth: float, colour: str
) -> None:
    """Draw a cuboid in oblique projection, centred at (x, y)."""
    width, height = front
    dx, dy = depth * 0.8, depth * 0.5
    left, bottom = x - (width + dx) / 2, y - (height + dy) / 2
    right, top = left + width, bottom + height
    faces = [
        ([(left, bottom), (right, bottom), (right, top), (left, top)], 0.55),
        ([(left, top), (right, top), (right + dx, top + dy), (left + dx, top + dy)], 0.3),
        ([(right, bottom), (right + dx, bottom + dy), (right + dx, top + dy), (right, top)], 0.8),
    ]
    for corners, alpha in faces:
        ax.add_patch(Polygon(corners, facecolor=colour, alpha=alpha, edgecolor="none"))
        ax.add_patch(Polygon(corners, fill=False, edgecolor=colour))


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a small arrow between two boxes."""
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": GREY})
