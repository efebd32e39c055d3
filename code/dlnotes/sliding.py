"""Show a kernel sliding over an image as an animation that needs no script.

The animation is an HTML fragment with an inline SVG and a style sheet. It stands still until the
reader starts it, can be paused, and never moves where the system asks for reduced motion; pointing
at a cell of the output shows the window it comes from in any case. It is drawn on white; a page
that has another colour for one of the palette's sets the property that is named after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import product

from dlnotes.draw import BLUE, INK, VERMILLION
from dlnotes.shapes import conv_output_size

__all__ = ["Sliding"]

_CELL = 20  # all lengths of the drawing are in these units
_SECONDS = 0.7  # per window
_MINUS = "\N{MINUS SIGN}"

_STYLE = """\
.sliding{padding:.5rem 0;text-align:center;line-height:1.4;\
background:var(--figure-ffffff,#fff)}
.sliding>input{appearance:none;min-width:5em;margin:0 .5em .25em 0;padding:.35em .9em;\
border:1px solid currentColor;border-radius:.4em;background:none;color:inherit;font:inherit;\
text-align:center;cursor:pointer}
.sliding>input::before{content:"播放"}
.sliding>input:checked::before{content:"暂停"}
.sliding>svg{display:block;max-width:100%;height:auto;margin:0 auto;color:inherit}
.sliding text{fill:currentColor;font-size:11px;text-anchor:middle;dominant-baseline:central}
.sliding .small{font-size:9px;opacity:.75}
.sliding path{fill:none;stroke:currentColor;stroke-opacity:.55}
.sliding .hit{fill:transparent;cursor:pointer}
.sliding .step{outline:none}
.sliding .mark{visibility:hidden;pointer-events:none;animation-timing-function:step-end;\
animation-iteration-count:infinite;animation-play-state:paused}
.sliding .mark.first{visibility:visible}
.sliding .mark rect{fill-opacity:.25;stroke-width:2.5}
.sliding>input:checked~svg .mark{animation-play-state:running}
.sliding svg:has(.step:is(:hover,:focus)) .mark{visibility:hidden!important;\
animation-play-state:paused!important}
.sliding svg .step:hover .mark,.sliding svg:not(:has(.step:hover)) .step:focus .mark\
{visibility:visible!important}
@media (prefers-reduced-motion:reduce){.sliding>input{display:none}\
.sliding .mark{animation:none!important}}
@media print{.sliding>:not(svg){display:none}}
"""
_INK, _WINDOW, _RESULT = (
    f"var(--figure-{colour[1:].lower()},{colour})" for colour in (INK, BLUE, VERMILLION)
)
_COLOURS = f"""\
.sliding{{color:{_INK}}}
.sliding .window{{fill:{_WINDOW};stroke:{_WINDOW}}}
.sliding .result{{fill:{_RESULT};stroke:{_RESULT}}}
"""


@dataclass(frozen=True, repr=False)
class Sliding:
    """Slide a kernel over an image with one channel, in reading order, as ``nn.Conv2d`` does.

    Shown in a notebook it is an animation; printed, it is the text of what the animation shows.

    Args:
        image: H rows of W integers, at most two digits each.
        kernel: Rows of integer weights, at most two digits each. Not flipped.
        stride: Pixels between neighbouring windows, at least 1, in both directions.
        padding: Zeros added on each of the four sides, at least 0.

    Raises:
        ValueError: If a table is no rectangle, or the kernel does not fit.

    Examples:
        >>> Sliding([[1, 2, 3], [4, 5, 6]], kernel=[[1, 0], [0, -1]])
        输入 2×3，窗口 2×2，步幅 1，每侧填充 0
        窗口的上边停在第 0 行，左边停在第 0、1 列，共 1×2 = 2 次
        输出
        −4 −4

    Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning",
    https://arxiv.org/abs/1603.07285, for the idea of the four pictures.
    """

    image: Sequence[Sequence[int]]
    kernel: Sequence[Sequence[int]]
    stride: int = 1
    padding: int = 0

    def __post_init__(self) -> None:
        _ = _size("image", self.image), _size("kernel", self.kernel), self.tops, self.lefts

    @property
    def tops(self) -> list[int]:
        """List the top row of the windows of each output row; rows of padding are negative."""
        return self._starts(axis=0)

    @property
    def lefts(self) -> list[int]:
        """List the left column of the windows of each output column."""
        return self._starts(axis=1)

    @property
    def output(self) -> list[list[int]]:
        """Compute the output, one window after the other."""
        return [[self._value(top, left) for left in self.lefts] for top in self.tops]

    def __repr__(self) -> str:
        """Tell everything that the animation shows."""
        height, width = _size("image", self.image)
        tops, lefts = ("、".join(map(_text, starts)) for starts in (self.tops, self.lefts))
        shape = f"{len(self.tops)}×{len(self.lefts)}"
        window = "×".join(map(str, _size("kernel", self.kernel)))
        how = f"步幅 {self.stride}，每侧填充 {self.padding}"
        return "\n".join(
            [
                f"输入 {height}×{width}，窗口 {window}，{how}",
                f"窗口的上边停在第 {tops} 行，左边停在第 {lefts} 列，"
                f"共 {shape} = {len(self.tops) * len(self.lefts)} 次",
                "输出",
                *(" ".join(f"{_text(value):>2}" for value in row) for row in self.output),
            ]
        )

    def _repr_html_(self) -> str:
        """Return the animation, complete with its style."""
        steps = len(self.tops) * len(self.lefts)
        blink = (
            f"@keyframes sliding-{steps}{{0%{{visibility:visible}}"
            f"{_share(steps)}%,100%{{visibility:hidden}}}}"
            if steps > 1
            else ""
        )
        return (
            f'<div class="sliding"><style>{_STYLE}{_COLOURS}{blink}</style>'
            '<input type="checkbox" aria-label="播放动画">'
            "<span>点输出的一格，看它的窗口</span>"
            f"{self._svg(steps)}</div>"
        )

    def _svg(self, steps: int) -> str:
        """Draw the three tables and one group per window."""
        (height, width), (window_height, window_width) = (
            _size("image", self.image),
            _size("kernel", self.kernel),
        )
        ring, rows, columns = self.padding, len(self.tops), len(self.lefts)
        left = 1 + ring  # room for the row numbers; cell (0, 0) of the image is at (left, top)
        top = 2 + ring  # room for a title and the column numbers
        side = left + width + ring + 1
        below = 1 + window_height + 1.5
        wide = side + max(window_width, columns, 2) + 0.2
        tall = max(top + height + ring, below + rows) + 1.5
        parts = [
            _label(left + width / 2, 0.5, f"输入 {height}×{width}"),
            *(_label(left + j + 0.5, 1.5, _text(j), "small") for j in range(-ring, width + ring)),
            *(_label(0.5, top + i + 0.5, _text(i), "small") for i in range(-ring, height + ring)),
            _table(left, top, self.image),
            _label(side + window_width / 2, 0.5, "卷积核"),
            _table(side, 1, self.kernel),
            _label(side + columns / 2, below - 0.5, f"输出 {rows}×{columns}"),
            _table(side, below, self.output),
        ]
        if ring:
            parts.append(_ring(left, top, height, width, ring))
        places = product(enumerate(self.tops), enumerate(self.lefts))
        for number, ((row, first_row), (column, first_column)) in enumerate(places):
            last = first_row + window_height - 1, first_column + window_width - 1
            told = (
                f"{number + 1}/{steps}：行 {_text(first_row)} 到 {_text(last[0])}，"
                f"列 {_text(first_column)} 到 {_text(last[1])}"
                f" → {_text(self.output[row][column])}"
            )
            moves = f"animation-name:sliding-{steps};animation-duration:{steps * _SECONDS:g}s;"
            delay = f"animation-delay:{-_SECONDS * (-number % steps):g}s"
            parts.append(
                '<g class="step" tabindex="-1">'
                + _rect("hit", side + column, below + row, 1, 1)
                + f'<g class="mark{" first" * (not number)}" style="{moves}{delay}">'
                + _rect("window", left + first_column, top + first_row, window_width, window_height)
                + _rect("result", side + column, below + row, 1, 1)
                + _label(wide / 2, tall - 0.5, told)
                + "</g></g>"
            )
        alt = (
            f"动画：{window_height}×{window_width} 的窗口在 {height}×{width} 的输入上移动，步幅 "
            f"{self.stride}，每侧填充 {ring}，停 {steps} 次，得到 {rows}×{columns} 的输出"
        )
        box = f"{_units(wide)} {_units(tall)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" '
            f'viewBox="0 0 {box}" width="{_units(wide * 1.4)}" height="{_units(tall * 1.4)}">'
            f"{''.join(parts)}</svg>"
        )

    def _starts(self, axis: int) -> list[int]:
        """List where the windows start along an axis."""
        count = conv_output_size(
            _size("image", self.image)[axis],
            _size("kernel", self.kernel)[axis],
            self.stride,
            self.padding,
        )
        return [number * self.stride - self.padding for number in range(count)]

    def _value(self, top: int, left: int) -> int:
        """Multiply the window that starts there by the kernel, and add up."""
        height, width = _size("image", self.image)
        return sum(
            weight * self.image[top + i][left + j]
            for i, weights in enumerate(self.kernel)
            for j, weight in enumerate(weights)
            if 0 <= top + i < height and 0 <= left + j < width
        )


def _size(name: str, table: Sequence[Sequence[int]]) -> tuple[int, int]:
    """Return the height and width of a table."""
    widths = {len(row) for row in table}
    if len(widths) != 1 or not max(widths):
        raise ValueError(f"{name} must be a rectangle, got rows of {sorted(widths)} cells")
    return len(table), widths.pop()


def _text(value: int) -> str:
    """Write an integer with a proper minus sign."""
    return str(value).replace("-", _MINUS)


def _units(cells: float) -> str:
    """Turn a length in cells into the units of the drawing."""
    return f"{cells * _CELL:g}"


def _share(steps: int) -> str:
    """Return the share of one step in percent, rounded down, so that no two are shown at once."""
    return f"{int(1e6 / steps) / 1e4:g}"


def _label(x: float, y: float, text: str, kind: str = "") -> str:
    """Write a text centred at a point."""
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{_units(x)}" y="{_units(y)}">{text}</text>'


def _rect(kind: str, x: float, y: float, width: float, height: float) -> str:
    """Draw a rectangle."""
    x, y, width, height = map(_units, (x, y, width, height))
    return f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _table(x: float, y: float, values: Sequence[Sequence[int]]) -> str:
    """Draw a table: its lines as one path, then its numbers."""
    height, width = _size("table", values)
    lines = [f"M{_units(x)} {_units(y + i)}h{_units(width)}" for i in range(height + 1)]
    lines += [f"M{_units(x + j)} {_units(y)}v{_units(height)}" for j in range(width + 1)]
    texts = [
        _label(x + j + 0.5, y + i + 0.5, _text(value))
        for i, row in enumerate(values)
        for j, value in enumerate(row)
    ]
    return f'<path d="{"".join(lines)}"/>{"".join(texts)}'


def _ring(x: float, y: float, height: int, width: int, ring: int) -> str:
    """Draw the padding around a table: a dashed outline, and its zeros."""
    zeros = [
        _label(x + j + 0.5, y + i + 0.5, "0", "small")
        for i in range(-ring, height + ring)
        for j in range(-ring, width + ring)
        if not (0 <= i < height and 0 <= j < width)
    ]
    around, across = _units(width + 2 * ring), _units(height + 2 * ring)
    path = f"M{_units(x - ring)} {_units(y - ring)}h{around}v{across}h-{around}z"
    return f'<path stroke-dasharray="4 3" d="{path}"/>{"".join(zeros)}'
