"""Compute the receptive field of a stack of windows, and measure it by gradients."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

__all__ = [
    "Field",
    "Window",
    "gradient_map",
    "measured_field",
    "measured_span",
    "receptive_field",
    "windows",
]

# Real numbers even inside ``with torch.device("meta")``.
_CPU = {"dtype": torch.float64, "device": "cpu"}


class Window(NamedTuple):
    """Describe how a layer slides along one axis; all lengths in pixels of the layer's input.

    Args:
        kernel_size: Number of pixels it looks at, >= 1.
        stride: Pixels between neighbouring outputs, >= 1.
        dilation: Pixels between neighbouring taps, >= 1.
        padding: Pixels added before the first and, where it matters, after the last, >= 0.
    """

    kernel_size: int
    stride: int = 1
    dilation: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Field:
    """Describe what an output of a stack of windows sees of the input, in input pixels.

    Args:
        window: The last window of the stack.
        size: Width of the receptive field.
        jump: Distance between the fields of neighbouring outputs (the product of the strides).
        start: First pixel of the field of output 0; negative where it lies in the padding.
    """

    window: Window
    size: int
    jump: int
    start: int = 0

    def span(self, output: int) -> tuple[int, int]:
        """Return the first and the last pixel of an output's field, both included.

        Args:
            output: Number of the output, from 0.

        Returns:
            Positions in the input; below 0 or beyond its end they are padding.

        Examples:
            >>> receptive_field([(3, 2, 1, 1)])[-1].span(0)
            (-1, 1)
        """
        first = self.start + output * self.jump
        return first, first + self.size - 1

    def center(self, output: int) -> float:
        """Return the middle of an output's field, which may lie between two pixels.

        Args:
            output: Number of the output, from 0.

        Returns:
            Position in the input; pixel i has its middle at i.

        Examples:
            >>> receptive_field([(2, 2)])[-1].center(3)
            6.5
        """
        first, last = self.span(output)
        return (first + last) / 2


def receptive_field(layers: Iterable[int | Sequence[int]]) -> list[Field]:
    """Follow the receptive field through a stack of windows, first layer first.

    Each layer widens the field by its taps minus one, in steps of the jump *before* the layer's own
    stride multiplies it:

        size += (kernel_size - 1) * dilation * jump
        start -= padding * jump
        jump *= stride

    Padding moves a field, but never widens it.

    Args:
        layers: Per layer a kernel size or a tuple ``(kernel_size, stride, dilation, padding)`` of
            which the end may be left out (defaults 1, 1, 0).

    Returns:
        One row per layer: The field of that layer's outputs.

    Raises:
        ValueError: If a kernel size, stride or dilation is below 1, or a padding below 0.

    Examples:
        >>> [row.size for row in receptive_field([3, 3, 3])]  # as wide as one 7
        [3, 5, 7]
        >>> [(row.size, row.jump) for row in receptive_field([(11, 4), (3, 2)])]
        [(11, 4), (19, 8)]
        >>> [row.start for row in receptive_field([(3, 2, 1, 1), (3, 1, 1, 1)])]
        [-1, -3]

    Source: Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural
    networks", https://distill.pub/2019/computing-receptive-fields/
    """
    size, jump, start = 1, 1, 0
    rows = []
    for window in _checked(layers):
        size += (window.kernel_size - 1) * window.dilation * jump
        start -= window.padding * jump
        jump *= window.stride
        rows.append(Field(window, size, jump, start))
    return rows


def windows(net: nn.Module, axis: int = 0) -> list[Window]:
    """List the windows of the convolutions and poolings of a net, up to its first global layer.

    Activations, dropout and normalisation by channel see one pixel each and are left out. The
    first layer that sees everything (flatten, linear) ends the list.

    Args:
        net: Layers in the order of their calls, nested ``nn.Sequential`` allowed.
        axis: 0 for the height, 1 for the width.

    Returns:
        One window per convolution or pooling.

    Raises:
        TypeError: If a layer is of a kind this function does not know.

    Examples:
        >>> conv, pool = windows(
        ...     nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2))
        ... )
        >>> conv
        Window(kernel_size=5, stride=1, dilation=1, padding=2)
        >>> pool
        Window(kernel_size=2, stride=2, dilation=1, padding=0)
    """
    pointwise = (nn.Identity, nn.Dropout, nn.Dropout2d, nn.BatchNorm2d, nn.LocalResponseNorm)
    found = []
    for layer in net.modules():
        if isinstance(layer, (nn.Flatten, nn.Linear)):
            break
        if isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
            values = (layer.kernel_size, layer.stride, getattr(layer, "dilation", 1))
            sizes = [v if isinstance(v, int) else v[axis] for v in values]
            found.append(Window(*sizes, _padding_before(layer, axis)))
        elif isinstance(layer, nn.MultiheadAttention) or not (
            isinstance(layer, (nn.Sequential, *pointwise))
            or type(layer).__module__ == "torch.nn.modules.activation"
        ):
            raise TypeError(f"cannot tell what {type(layer).__name__} sees of its input")
    return found


def gradient_map(layers: Iterable[int | Sequence[int]], n: int) -> torch.Tensor:
    """Differentiate the middle output of a stack of all-ones windows by every input pixel.

    Every layer becomes a one-channel convolution whose weights are all 1, without a bias. Nothing
    can cancel, saturate or die then, so the derivative by a pixel is the number of paths from that
    pixel to the output, and it is not 0 exactly inside the receptive field. Padding is left out:
    the edge of the image would cut the paths off.

    Args:
        layers: As in `receptive_field`.
        n: Height and width of the input.

    Returns:
        Float64 tensor of shape (n, n) of path counts.

    Raises:
        ValueError: If ``n`` is too small for the stack, or a window is malformed.

    Examples:
        >>> gradient_map([3, 3], 5)[2].int().tolist()
        [3, 6, 9, 6, 3]
    """
    image = torch.zeros(1, 1, n, n, **_CPU, requires_grad=True)
    x = image
    with torch.enable_grad():
        for index, window in enumerate(_checked(layers)):
            kernel_size, stride, dilation, _ = window
            reach = (kernel_size - 1) * dilation + 1
            *_, side = x.shape
            if side < reach:
                raise ValueError(
                    f"n={n} is too small: layer {index} needs {reach} pixels, gets {side}"
                )
            ones = torch.ones(1, 1, kernel_size, kernel_size, **_CPU)
            x = functional.conv2d(x, ones, stride=stride, dilation=dilation)
        *_, side = x.shape
        (gradient,) = torch.autograd.grad(x[..., side // 2, side // 2].sum(), image)
    return gradient.reshape(n, n)


def measured_field(layers: Iterable[int | Sequence[int]]) -> int:
    """Measure the width of the receptive field as the support of a gradient.

    Knows nothing of the recurrence in `receptive_field`, which it therefore can check.

    Args:
        layers: As in `receptive_field`; gaps that dilation leaves inside count as seen.

    Returns:
        Distance from the first to the last pixel with a gradient, both included.

    Raises:
        ValueError: If a window is malformed.

    Examples:
        >>> measured_field([3, 3, 3]), measured_field([7])
        (7, 7)
    """
    stack = _checked(layers)
    n = 8
    while True:
        try:
            seen = gradient_map(stack, n).any(dim=0).nonzero().flatten()
        except ValueError:  # the stack does not fit yet
            n *= 2
        else:
            return int(seen[-1] - seen[0]) + 1


def measured_span(
    layers: Iterable[int | Sequence[int]], n: int, output: int
) -> tuple[int, int] | None:
    """Measure which pixels of a row one output depends on, with padding and the edge of the image.

    Like `gradient_map` a derivative through windows of ones, here along one axis. It is narrower
    than `Field.span` where the field sticks out of the image, or where pixels that rounding down
    has left over could only be reached by windows that do not exist.

    Args:
        layers: As in `receptive_field`; the padding is added on both sides.
        n: Input size in pixels, at least 1.
        output: Number of the output, from 0.

    Returns:
        The first and the last pixel with a gradient; None if the output sees nothing but padding.

    Raises:
        ValueError: If ``n`` is too small for the stack, or there is no such output.

    Examples:
        >>> measured_span([(3, 2, 1, 1)], n=7, output=0)
        (0, 1)
    """
    row = torch.zeros(1, 1, n, **_CPU, requires_grad=True)
    x = row
    with torch.enable_grad():
        for kernel_size, stride, dilation, padding in _checked(layers):
            reach = (kernel_size - 1) * dilation + 1
            *_, width = x.shape
            if width + 2 * padding < reach:
                raise ValueError(f"n={n} is too small for the stack")
            ones = torch.ones(1, 1, kernel_size, **_CPU)
            x = functional.conv1d(x, ones, stride=stride, padding=padding, dilation=dilation)
        outputs = x.flatten()
        if not 0 <= output < len(outputs):
            raise ValueError(f"output must be from 0 to {len(outputs) - 1}, got {output}")
        (gradient,) = torch.autograd.grad(outputs[output], row)
    seen = gradient.flatten().nonzero().flatten().tolist()
    return (seen[0], seen[-1]) if seen else None


def _padding_before(layer: nn.Module, axis: int) -> int:
    """Return how many pixels a layer adds before the first one of an axis."""
    if layer.padding == "same":
        return layer.dilation[axis] * (layer.kernel_size[axis] - 1) // 2
    if layer.padding == "valid":
        return 0
    return layer.padding if isinstance(layer.padding, int) else layer.padding[axis]


def _checked(layers: Iterable[int | Sequence[int]]) -> list[Window]:
    """Fill in the defaults of every window and refuse impossible ones."""
    found = []
    for index, layer in enumerate(layers):
        window = Window(layer) if isinstance(layer, int) else Window(*layer)
        if min(window[:3]) < 1 or window.padding < 0:
            raise ValueError(
                "padding must be at least 0, kernel_size, stride and dilation at least 1, "
                f"layer {index} has {window}"
            )
        found.append(window)
    return found
