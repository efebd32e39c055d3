import doctest
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dlnotes import receptive
from dlnotes.models import VGG_CONFIGS, alexnet, vgg
from dlnotes.receptive import (
    Window,
    gradient_map,
    measured_field,
    measured_span,
    receptive_field,
    windows,
)


def inputs_of(stack, output):
    """Oracle: the input positions that output `output` depends on."""
    positions = {output}
    for kernel_size, stride, dilation in reversed(stack):
        positions = {p * stride + tap * dilation for p in positions for tap in range(kernel_size)}
    return positions


layer = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3))


@given(st.lists(layer, max_size=5))
def test_recurrence_equals_brute_force(stack):
    zero, one = inputs_of(stack, 0), inputs_of(stack, 1)
    rows = receptive_field(stack)
    assert len(rows) == len(stack)
    if rows:
        assert rows[-1].size == max(zero) - min(zero) + 1
        assert rows[-1].jump == min(one) - min(zero)
        assert rows[-1].window == Window(*stack[-1])


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(*[st.integers(1, 3)] * 3), min_size=1, max_size=3))
def test_measurement_equals_recurrence(stack):
    assert measured_field(stack) == receptive_field(stack)[-1].size


def test_gradient_support_is_where_the_field_says():
    stack = [(3, 2, 1), (3, 1, 2)]  # 20 pixels, then 9, then 5: the middle one is 2
    seen = gradient_map(stack, 20)
    places = torch.tensor(sorted(inputs_of(stack, 2)))
    expected = torch.zeros(20, 20, dtype=torch.bool)
    expected[places[:, None], places] = True
    assert torch.equal(seen > 0, expected)


def test_path_counts_of_three_threes():
    row = torch.tensor([1.0, 3, 6, 7, 6, 3, 1], dtype=torch.float64)  # (1 + x + x²)³
    assert torch.equal(gradient_map([3, 3, 3], 7), torch.outer(row, row))


def test_a_real_net_sees_what_the_windows_of_it_say():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 2, 5, stride=2, padding=1), nn.AvgPool2d(3, 2), nn.Conv2d(2, 1, 3, dilation=2)
    )
    x = torch.rand(1, 1, 64, 64, requires_grad=True)
    y = net(x)
    y[0, 0, 3, 3].backward()
    seen = x.grad[0, 0].any(dim=0).nonzero().flatten()
    assert int(seen[-1] - seen[0]) + 1 == receptive_field(windows(net))[-1].size


def test_known_networks():
    with torch.device("meta"):
        # Araujo et al. 2019 give 195 for AlexNet and 212 for VGG-16 (both without linear layers).
        assert receptive_field(windows(alexnet()))[-1].size == 195
        assert receptive_field(windows(vgg(VGG_CONFIGS["D"])))[-1].size == 212


def test_measuring_works_where_nets_are_built_without_numbers():
    with torch.device("meta"):
        assert measured_field(windows(nn.Conv2d(1, 1, 5, dilation=2))) == 9


def test_axes_are_told_apart():
    net = nn.Conv2d(1, 1, kernel_size=(3, 5), stride=(1, 2), padding=(0, 2), dilation=(2, 1))
    assert windows(net) == [Window(3, 1, 2, 0)]
    assert windows(net, axis=1) == [Window(5, 2, 1, 2)]


def test_errors_say_what_was_wanted():
    with pytest.raises(ValueError, match="at least 1, layer 1 has"):
        receptive_field([3, (3, 0)])
    with pytest.raises(ValueError, match="n=4 is too small: layer 1 needs 3 pixels, gets 2"):
        gradient_map([3, 3], 4)
    with pytest.raises(ValueError, match="at least 1"):
        measured_field([(3, 1, 0)])
    with pytest.raises(ValueError, match=r"padding must be at least 0.* layer 0 has"):
        receptive_field([(3, 1, 1, -1)])
    with pytest.raises(ValueError, match="n=2 is too small for the stack"):
        measured_span([(5, 1, 1, 1)], n=2, output=0)
    with pytest.raises(ValueError, match="output must be from 0 to 1, got 2"):
        measured_span([3], n=4, output=2)
    with pytest.raises(ValueError, match="output must be from 0 to 1, got -1"):
        measured_span([3], n=4, output=-1)
    with pytest.raises(TypeError, match="what Upsample sees"):
        windows(nn.Sequential(nn.Upsample(scale_factor=2)))


def places(stack, output):
    """Oracle: the positions an output depends on, were nothing ever cut off."""
    positions = {output}
    for kernel_size, stride, dilation, padding in reversed(stack):
        taps = range(kernel_size)
        positions = {p * stride + tap * dilation - padding for p in positions for tap in taps}
    return positions


def real_places(stack, sizes, output):
    """Oracle: the same, but padding, of every layer, leads nowhere."""
    positions = {output}
    for (kernel_size, stride, dilation, padding), size in zip(
        reversed(stack), reversed(sizes), strict=True
    ):
        taps = range(kernel_size)
        positions = {p * stride + tap * dilation - padding for p in positions for tap in taps}
        positions = {p for p in positions if 0 <= p < size}
    return positions


padded = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(0, 4))


@given(st.lists(padded, min_size=1, max_size=5), st.integers(0, 5))
def test_the_span_equals_brute_force(stack, output):
    field, seen = receptive_field(stack)[-1], places(stack, output)
    assert field.span(output) == (min(seen), max(seen))
    assert field.center(output) == (min(seen) + max(seen)) / 2
    assert field.start == min(places(stack, 0))


def test_the_measured_span_on_a_whole_grid():
    """Each pair of small layers, each output; refused where the stack does not fit."""
    layers = list(product((1, 2, 3), (1, 2), (1, 2), (0, 1)))
    checked = 0
    for stack in product(layers, repeat=2):
        n, sizes = 7, []
        for kernel_size, stride, dilation, padding in stack:
            sizes.append(n)
            n = (n + 2 * padding - (kernel_size - 1) * dilation - 1) // stride + 1
        for output in range(max(n, 0)):
            seen = real_places(stack, sizes, output)
            expected = (min(seen), max(seen)) if seen else None
            assert measured_span(stack, 7, output) == expected, (stack, output)
            checked += 1
        if n <= 0:
            with pytest.raises(ValueError, match="too small"):
                measured_span(stack, 7, 0)
    assert checked > 1500


@settings(deadline=None, max_examples=50)
@given(st.lists(padded, min_size=1, max_size=3))
def test_far_from_the_edge_the_measured_span_is_the_field(stack):
    field = receptive_field(stack)[-1]
    output = -(field.start // field.jump) + 1  # the first pixels are far enough from the edge
    first, last = field.span(output)
    n = last + field.size + 1 + 9 * field.jump
    assert measured_span(stack, n, output) == (first, last)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_padding_by_name():
    for kernel_size, dilation in product((1, 2, 3, 4, 5), (1, 2)):
        net = nn.Conv1d(1, 1, kernel_size, dilation=dilation, padding="same", bias=False)
        nn.init.ones_(net.weight)
        x = torch.zeros(1, 1, 20, requires_grad=True)
        net(x)[0, 0, 10].backward()
        first = int(x.grad.flatten().nonzero()[0])
        (window,) = windows(nn.Conv2d(1, 1, kernel_size, dilation=dilation, padding="same"))
        assert receptive_field([window])[-1].span(10)[0] == first
    assert windows(nn.Conv2d(1, 1, 3, padding="valid"))[0].padding == 0


def test_docstring_examples():
    result = doctest.testmod(receptive)
    assert result.attempted >= 11
    assert result.failed == 0
