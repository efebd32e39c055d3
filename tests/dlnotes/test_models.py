import pytest
import torch

from dlnotes.models import VGG_CONFIGS, alexnet, alexnet_2012, lenet, vgg, vgg_block


def sizes(net, input_size):
    x, rows = torch.zeros(input_size), []
    with torch.no_grad():
        for layer in net:
            x = layer(x)
            rows.append(f"{type(layer).__name__} {'x'.join(map(str, x.shape[1:]))}")
    return rows


def parameters(net):
    return sum(p.numel() for p in net.parameters())


def test_lenet_by_a_real_forward_pass():
    assert sizes(lenet(), (1, 1, 28, 28)) == [
        "Conv2d 6x28x28",
        "Sigmoid 6x28x28",
        "AvgPool2d 6x14x14",
        "Conv2d 16x10x10",
        "Sigmoid 16x10x10",
        "AvgPool2d 16x5x5",
        "Flatten 400",
        "Linear 120",
        "Sigmoid 120",
        "Linear 84",
        "Sigmoid 84",
        "Linear 10",
    ]


def test_alexnet_by_a_real_forward_pass():
    rows = sizes(alexnet(), (1, 1, 224, 224))
    assert len(rows) == 21
    assert rows[:6] == [
        "Conv2d 96x54x54",
        "ReLU 96x54x54",
        "MaxPool2d 96x26x26",
        "Conv2d 256x26x26",
        "ReLU 256x26x26",
        "MaxPool2d 256x12x12",
    ]
    assert rows[6:13:2] == [
        "Conv2d 384x12x12",
        "Conv2d 384x12x12",
        "Conv2d 256x12x12",
        "MaxPool2d 256x5x5",
    ]
    assert rows[13] == "Flatten 6400"
    assert rows[-1] == "Linear 10"


def test_alexnet_of_the_paper():
    net = alexnet_2012()
    # Caffe's model of the paper, bvlc_alexnet, is known to hold this number of parameters.
    assert parameters(net) == 60_965_224
    rows = sizes(net, (1, 3, 227, 227))
    assert rows[0] == "Conv2d 96x55x55"
    assert "Flatten 9216" in rows
    assert rows[-1] == "Linear 1000"


def test_response_normalisation_is_that_of_the_paper():
    layer = next(m for m in alexnet_2012() if type(m).__name__ == "LocalResponseNorm")
    a = torch.rand(1, 9, 2, 2, generator=torch.Generator().manual_seed(0)) * 20
    expected = torch.empty_like(a)
    for i in range(9):
        near = a[:, max(0, i - 2) : min(8, i + 2) + 1]
        expected[:, i] = a[:, i] / (2 + 1e-4 * near.square().sum(1)) ** 0.75
    torch.testing.assert_close(layer(a), expected)


def test_vgg_by_a_real_forward_pass():
    rows = sizes(vgg(), (1, 1, 224, 224))
    assert [row.split()[1] for row in rows[:6]] == [
        "64x112x112",
        "128x56x56",
        "256x28x28",
        "512x14x14",
        "512x7x7",
        "25088",
    ]
    assert rows[-1] == "Linear 10"
    assert len(rows) == 13


@pytest.mark.parametrize(
    ("name", "layers", "millions"),
    # Tables 1 and 2 of arXiv:1409.1556.
    [("A", 11, 133), ("B", 13, 133), ("C", 16, 134), ("D", 16, 138), ("E", 19, 144)],
)
def test_vgg_configurations_of_the_paper(name, layers, millions):
    with torch.device("meta"):
        net = vgg(VGG_CONFIGS[name], in_channels=3, classes=1000)
    assert round(parameters(net) / 1e6) == millions
    assert sum(p.dim() > 1 for p in net.parameters()) == layers


def test_configuration_c_ends_its_last_three_blocks_with_1x1():
    with torch.device("meta"):
        net = vgg(VGG_CONFIGS["C"])
    kernels = [[m.kernel_size[0] for m in block if hasattr(m, "in_channels")] for block in net[:5]]
    assert kernels == [[3, 3], [3, 3], [3, 3, 1], [3, 3, 1], [3, 3, 1]]


@pytest.mark.parametrize("num_convs", [1, 2, 4])
@pytest.mark.parametrize("size", [6, 7])
def test_vgg_block_halves_height_and_width(num_convs, size):
    out = vgg_block(num_convs, 2, 5)(torch.zeros(3, 2, size, size))
    assert out.shape == (3, 5, 3, 3)


@pytest.mark.parametrize("make", [lenet, alexnet, vgg])
def test_channels_and_classes(make):
    with torch.device("meta"):
        net = make(in_channels=3, classes=7)
    shapes = [tuple(p.shape) for p in net.parameters()]
    assert shapes[0][1] == 3
    assert shapes[-1] == (7,)


def test_errors_say_what_was_wanted():
    with pytest.raises(ValueError, match="num_convs must be at least 1, got 0"):
        vgg_block(0, 1, 1)
    with pytest.raises(ValueError, match="last_kernel_size must be odd"):
        vgg_block(1, 1, 1, 2)
    with pytest.raises(ValueError, match=r"5 blocks .* got 4"):
        vgg(VGG_CONFIGS["A"][:4])
