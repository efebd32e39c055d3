"""Output sizes of convolution, transposed or not, and pooling, along one axis, in plain integers.

Height and width never influence each other, so every function works on a single axis:
call it once with the height and once with the width.
"""

from operator import index


def conv_output_size(
    n: int,
    kernel_size: int,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
) -> int:
    """Count the positions of a convolution kernel along one axis.

    Args:
        n: Input size in pixels, at least 1.
        kernel_size: Kernel size in pixels, at least 1.
        stride: Step between neighbouring windows in pixels, at least 1.
        padding: Pixels added on *each* side, or a pair ``(before, after)``; at least 0.
        dilation: Distance between neighbouring kernel taps in pixels, at least 1.

    Returns:
        The output size in pixels, at least 1.

    Raises:
        TypeError: If an argument is not an integer.
        ValueError: If an argument is out of range, or the kernel does not fit.

    Examples:
        >>> conv_output_size(28, kernel_size=5, padding=2)
        28
        >>> conv_output_size(7, kernel_size=3, stride=2, padding=1)
        4
        >>> conv_output_size(7, kernel_size=3, stride=2, padding=(0, 1))
        3
        >>> conv_output_size(3, kernel_size=7, padding=1)
        Traceback (most recent call last):
        ...
        ValueError: kernel_size=7 with dilation=1 exceeds input 3 with padding 1 + 1

    Source:
        ``torch.nn.Conv2d``, section "Shape":
        https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """
    n = _integer("n", n, at_least=1)
    kernel_size = _integer("kernel_size", kernel_size, at_least=1)
    stride = _integer("stride", stride, at_least=1)
    dilation = _integer("dilation", dilation, at_least=1)
    before, after = _sides(padding)

    room = n + before + after - _effective(kernel_size, dilation)
    if room < 0:
        raise ValueError(_does_not_fit(n, kernel_size, before, after, dilation))
    return room // stride + 1


def pool_output_size(
    n: int,
    kernel_size: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Count the windows of a pooling layer along one axis, exactly as PyTorch does.

    Args:
        n: Input size in pixels, at least 1.
        kernel_size: Window size in pixels, at least 1.
        stride: Step between neighbouring windows in pixels, at least 1; ``None`` means
            ``kernel_size``.
        padding: Pixels added on each side, from 0 to half the kernel size.
        dilation: Distance between neighbouring taps in pixels, at least 1.
        ceil_mode: Round up, so that a last window may reach over the right edge. It is dropped
            if it would start in the right padding or beyond.

    Returns:
        The output size in pixels, at least 1.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range, or no window fits.

    Examples:
        >>> pool_output_size(4, kernel_size=3, padding=1)
        2
        >>> pool_output_size(6, kernel_size=3, stride=2)
        2
        >>> pool_output_size(6, kernel_size=3, stride=2, ceil_mode=True)
        3
        >>> pool_output_size(5, kernel_size=2, stride=3, padding=1, ceil_mode=True)
        2

    Source:
        ``torch.nn.MaxPool2d``, section "Shape", and ``pooling_output_shape`` in PyTorch's
        ``aten/src/ATen/native/Pool.h``:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """
    n = _integer("n", n, at_least=1)
    kernel_size = _integer("kernel_size", kernel_size, at_least=1)
    stride = kernel_size if stride is None else _integer("stride", stride, at_least=1)
    padding = _integer("padding", padding, at_least=0)
    dilation = _integer("dilation", dilation, at_least=1)
    if not isinstance(ceil_mode, bool):
        raise TypeError(f"ceil_mode must be True or False, got {ceil_mode!r}")
    if padding > kernel_size // 2:
        raise ValueError(f"padding={padding} exceeds half of kernel_size={kernel_size}")

    room = n + 2 * padding - _effective(kernel_size, dilation)
    if not ceil_mode:
        size = room // stride + 1
    else:
        size = -(-room // stride) + 1
        if (size - 1) * stride >= n + padding:
            size -= 1
    if size < 1:
        raise ValueError(_does_not_fit(n, kernel_size, padding, padding, dilation))
    return size


def conv_transpose_output_size(
    n: int,
    kernel_size: int,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Measure the output of a transposed convolution along one axis, exactly as PyTorch does.

    Args:
        n: Input size in pixels, at least 1.
        kernel_size: Kernel size in pixels, at least 1.
        stride: Step between the copies of the kernel on the output in pixels, at least 1.
        padding: Pixels cut *off* each side of the output, at least 0.
        output_padding: Pixels that the output reaches further on the right, from 0 to below the
            larger of stride and dilation.
        dilation: Distance between neighbouring kernel taps in pixels, at least 1.

    Returns:
        The output size in pixels, at least 1. With equal kernel size, stride, padding and
        dilation, `conv_output_size` maps it back to ``n`` if ``output_padding < stride``.

    Raises:
        TypeError: If an argument is not an integer.
        ValueError: If an argument is out of range, or nothing is left of the output.

    Examples:
        >>> conv_transpose_output_size(4, kernel_size=3, stride=2, padding=1)
        7
        >>> conv_transpose_output_size(4, kernel_size=3, stride=2, padding=1, output_padding=1)
        8
        >>> conv_output_size(7, 3, 2, 1), conv_output_size(8, 3, 2, 1)
        (4, 4)
        >>> conv_transpose_output_size(2, kernel_size=3, padding=2)
        Traceback (most recent call last):
        ...
        ValueError: padding 2 + 2 leaves nothing of an output of 4

    Source:
        ``torch.nn.ConvTranspose2d``, section "Shape":
        https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """
    n = _integer("n", n, at_least=1)
    kernel_size = _integer("kernel_size", kernel_size, at_least=1)
    stride = _integer("stride", stride, at_least=1)
    padding = _integer("padding", padding, at_least=0)
    output_padding = _integer("output_padding", output_padding, at_least=0)
    dilation = _integer("dilation", dilation, at_least=1)
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding={output_padding} must be below stride={stride} or dilation={dilation}"
        )

    covered = (n - 1) * stride + _effective(kernel_size, dilation) + output_padding
    size = covered - 2 * padding
    if size < 1:
        raise ValueError(f"padding {padding} + {padding} leaves nothing of an output of {covered}")
    return size


def _effective(kernel_size: int, dilation: int) -> int:
    """Return the extent of a dilated kernel."""
    return dilation * (kernel_size - 1) + 1


def _integer(name: str, value: object, at_least: int) -> int:
    """Return value as an int, or say what was wrong with it."""
    try:
        number = None if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
    if number < at_least:
        raise ValueError(f"{name} must be at least {at_least}, got {number}")
    return number


def _sides(padding: int | tuple[int, int]) -> tuple[int, int]:
    """Return the padding before and after."""
    if not isinstance(padding, tuple | list):
        each = _integer("padding", padding, at_least=0)
        return each, each
    if len(padding) != 2:
        raise ValueError(f"padding must be an integer or (before, after), got {padding!r}")
    before, after = padding
    return (
        _integer("padding before", before, at_least=0),
        _integer("padding after", after, at_least=0),
    )


def _does_not_fit(n: int, kernel_size: int, before: int, after: int, dilation: int) -> str:
    """Say which kernel does not fit into which input."""
    kernel = f"kernel_size={kernel_size} with dilation={dilation}"
    return f"{kernel} exceeds input {n} with padding {before} + {after}"
