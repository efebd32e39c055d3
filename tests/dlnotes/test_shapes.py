"""Shape arithmetic against torch, over a whole grid, and against brute-force counting."""

import doctest
from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from dlnotes import shapes
from dlnotes.shapes import conv_output_size, conv_transpose_output_size, pool_output_size

SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS = (
    range(1, 11),
    range(1, 6),
    range(1, 5),
    range(4),
    (1, 2, 3),
)


def torch_conv(n, kernel_size, stride, padding, dilation):
    """Let torch answer; None where it refuses. Works on the meta device: nothing is computed."""
    x = torch.empty(1, 1, n, device="meta")
    weight = torch.empty(1, 1, kernel_size, device="meta")
    try:
        return F.conv1d(x, weight, stride=stride, padding=padding, dilation=dilation).shape[-1]
    except RuntimeError:
        return None


def torch_conv_transpose(n, kernel_size, stride, padding, output_padding, dilation):
    """Let torch's CPU code answer; None where it refuses."""
    x, weight = torch.zeros(1, n), torch.zeros(1, 1, kernel_size)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    try:
        return F.conv_transpose1d(x, weight, output_padding=output_padding, **options).numel()
    except RuntimeError:
        return None


def torch_pool(pool, *args, **kwargs):
    try:
        return pool(*args, **kwargs).shape[-1]
    except RuntimeError:
        return None


def ours(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except ValueError:
        return None


def test_conv_agrees_with_torch_on_a_whole_grid():
    grid = list(product(SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS))
    assert len(grid) == 2400
    for case in grid:
        assert ours(conv_output_size, *case) == torch_conv(*case), case


def test_conv_transpose_agrees_with_torch_on_a_whole_grid():
    """Sizes that torch refuses are part of the grid, zero and negative ones included."""
    grid = list(product(range(6), range(5), range(5), range(-1, 4), range(-1, 4), range(4)))
    assert len(grid) == 15000
    refused = 0
    for case in grid:
        expected = torch_conv_transpose(*case)
        assert ours(conv_transpose_output_size, *case) == expected, case
        refused += expected is None
    assert 0 < refused < len(grid)


def test_max_pool_agrees_with_torch_on_a_whole_grid():
    grid = list(product(SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS, (False, True)))
    assert len(grid) == 4800
    refused = 0
    for n, *case in grid:
        expected = torch_pool(F.max_pool2d, torch.zeros(1, n, n), *case)
        assert ours(pool_output_size, n, *case) == expected, (n, *case)
        refused += expected is None
    assert 0 < refused < len(grid)


def test_average_pool_agrees_with_torch_on_a_whole_grid():
    for n, kernel, stride, padding, ceil in product(
        SIZES, KERNELS, STRIDES, PADDINGS, (False, True)
    ):
        x = torch.zeros(1, n, n)
        expected = torch_pool(F.avg_pool2d, x, kernel, stride, padding, ceil)
        given_ = ours(pool_output_size, n, kernel, stride, padding, ceil_mode=ceil)
        assert given_ == expected, (n, kernel, stride, padding, ceil)


@given(
    n=st.integers(1, 300),
    kernel_size=st.integers(1, 20),
    stride=st.integers(1, 20),
    before=st.integers(0, 20),
    after=st.integers(0, 20),
    dilation=st.integers(1, 5),
)
def test_conv_counts_the_windows_that_fit(n, kernel_size, stride, before, after, dilation):
    """Slide a window by hand: no formula, no torch."""
    last_tap = dilation * (kernel_size - 1)
    count, start = 0, 0
    while start + last_tap < before + n + after:
        count, start = count + 1, start + stride
    args = (n, kernel_size, stride, (before, after), dilation)
    assert ours(conv_output_size, *args) == (count or None)


@given(
    n=st.integers(1, 40),
    kernel_size=st.integers(1, 12),
    stride=st.integers(1, 12),
    padding=st.integers(0, 30),
    output_padding=st.integers(0, 12),
    dilation=st.integers(1, 6),
)
def test_conv_transpose_measures_what_the_copies_of_the_kernel_reach(
    n, kernel_size, stride, padding, output_padding, dilation
):
    """Lay down each tap by hand: no formula, no torch."""
    args = (n, kernel_size, stride, padding, output_padding, dilation)
    reached = {i * stride + tap * dilation for i in range(n) for tap in range(kernel_size)}
    kept = range(padding, max(reached) + 1 + output_padding - padding)
    allowed = output_padding < stride or output_padding < dilation
    assert ours(conv_transpose_output_size, *args) == ((len(kept) or None) if allowed else None)
    assert ours(conv_transpose_output_size, *args) == torch_conv_transpose(*args)


@given(
    n=st.integers(1, 300),
    kernel_size=st.integers(1, 20),
    stride=st.integers(1, 20),
    padding=st.integers(0, 20),
    dilation=st.integers(1, 5),
)
def test_the_remainder_is_the_output_padding_that_undoes_a_convolution(
    n, kernel_size, stride, padding, dilation
):
    small = ours(conv_output_size, n, kernel_size, stride, padding, dilation)
    if small is not None:
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        sizes = [
            conv_transpose_output_size(small, kernel_size, output_padding=extra, **options)
            for extra in range(stride)
            if (small - 1) * stride + dilation * (kernel_size - 1) + 1 + extra > 2 * padding
        ]
        assert sizes.count(n) == 1
        assert all(conv_output_size(size, kernel_size, **options) == small for size in sizes)


@given(
    n=st.integers(1, 200),
    kernel_size=st.integers(1, 20),
    stride=st.integers(1, 25),
    data=st.data(),
)
def test_ceil_mode_adds_one_window_at_most(n, kernel_size, stride, data):
    padding = data.draw(st.integers(0, kernel_size // 2))
    floor = ours(pool_output_size, n, kernel_size, stride, padding) or 0
    ceil = ours(pool_output_size, n, kernel_size, stride, padding, ceil_mode=True) or 0
    assert floor <= ceil <= floor + 1
    if ceil > 1:
        assert (ceil - 1) * stride < n + padding, "the last window starts in the right padding"


@given(n=st.integers(1, 200), kernel_size=st.integers(1, 20), stride=st.integers(1, 20))
def test_pool_and_conv_share_one_formula(n, kernel_size, stride):
    assert ours(pool_output_size, n, kernel_size, stride) == ours(
        conv_output_size, n, kernel_size, stride
    )


def test_default_pool_stride_is_the_kernel_size():
    for kernel_size in KERNELS:
        assert torch.nn.MaxPool2d(kernel_size).stride == kernel_size
        assert pool_output_size(12, kernel_size) == 12 // kernel_size


def test_padding_is_per_side():
    assert conv_output_size(7, 3, stride=2, padding=1) == 4
    assert conv_output_size(7, 3, stride=2, padding=(1, 0)) == 3
    assert conv_output_size(8, 3, stride=2, padding=1) == 4
    assert conv_output_size(8, 3, stride=2, padding=(1, 0)) == 4


def test_results_are_plain_integers():
    assert type(conv_output_size(torch.tensor(5), 3)) is int
    assert type(conv_transpose_output_size(torch.tensor(5), 3)) is int
    assert type(pool_output_size(torch.tensor(5), 3)) is int


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: conv_output_size(3, 7, padding=1),
            ValueError,
            "kernel_size=7 with dilation=1 exceeds input 3 with padding 1 + 1",
        ),
        (
            lambda: conv_output_size(3, 7, padding=(1, 0)),
            ValueError,
            "kernel_size=7 with dilation=1 exceeds input 3 with padding 1 + 0",
        ),
        (
            lambda: conv_output_size(3, 7),
            ValueError,
            "kernel_size=7 with dilation=1 exceeds input 3 with padding 0 + 0",
        ),
        (
            lambda: conv_output_size(4, 3, dilation=2),
            ValueError,
            "kernel_size=3 with dilation=2 exceeds input 4 with padding 0 + 0",
        ),
        (lambda: conv_output_size(0, 1), ValueError, "n must be at least 1, got 0"),
        (lambda: conv_output_size(4, 0), ValueError, "kernel_size must be at least 1, got 0"),
        (lambda: conv_output_size(4, 2, stride=0), ValueError, "stride must be at least 1, got 0"),
        (
            lambda: conv_output_size(4, 2, padding=-1),
            ValueError,
            "padding must be at least 0, got -1",
        ),
        (
            lambda: conv_output_size(4, 2, padding=(0, -1)),
            ValueError,
            "padding after must be at least 0, got -1",
        ),
        (
            lambda: conv_output_size(4, 2, padding=(1, 1, 1)),
            ValueError,
            "padding must be an integer or (before, after), got (1, 1, 1)",
        ),
        (
            lambda: conv_output_size(4, 2, padding="same"),
            TypeError,
            "padding must be an integer, got 'same'",
        ),
        (lambda: conv_output_size(4.0, 2), TypeError, "n must be an integer, got 4.0"),
        (lambda: conv_output_size(True, 1), TypeError, "n must be an integer, got True"),
        (
            lambda: conv_transpose_output_size(2, 3, padding=2),
            ValueError,
            "padding 2 + 2 leaves nothing of an output of 4",
        ),
        (
            lambda: conv_transpose_output_size(2, 3, stride=2, output_padding=2),
            ValueError,
            "output_padding=2 must be below stride=2 or dilation=1",
        ),
        (
            lambda: conv_transpose_output_size(2, 3, stride=2, output_padding=-1),
            ValueError,
            "output_padding must be at least 0, got -1",
        ),
        (
            lambda: conv_transpose_output_size(2, 3, padding=(1, 1)),
            TypeError,
            "padding must be an integer, got (1, 1)",
        ),
        (
            lambda: pool_output_size(4, 3, padding=2),
            ValueError,
            "padding=2 exceeds half of kernel_size=3",
        ),
        (
            lambda: pool_output_size(2, 3),
            ValueError,
            "kernel_size=3 with dilation=1 exceeds input 2 with padding 0 + 0",
        ),
        (
            lambda: pool_output_size(4, 2, ceil_mode=1),
            TypeError,
            "ceil_mode must be True or False, got 1",
        ),
    ],
)
def test_errors_say_what_was_given(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_docstring_examples():
    result = doctest.testmod(shapes)
    assert result.attempted >= 12
    assert result.failed == 0
