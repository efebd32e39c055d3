import time

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dlnotes.models import alexnet, alexnet_2012, lenet, vgg
from dlnotes.trace import Cost, costs, saved_bytes, trace


def small(inplace=False):
    return nn.Sequential(
        nn.Conv2d(2, 4, kernel_size=(3, 5), stride=(2, 1), padding=1, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=inplace),
        nn.ConvTranspose2d(4, 6, kernel_size=3, stride=2, groups=2),
        nn.Dropout(0.5),
        nn.Sequential(nn.Conv2d(6, 6, 3, groups=3, dilation=2), nn.AvgPool2d(2)),
        nn.Flatten(),
        nn.LazyLinear(7),
        nn.Softmax(dim=1),
    )


@pytest.fixture
def net():
    net = small()
    net(torch.zeros(3, 2, 12, 11))
    return net


def really_called(net, input_size):
    """Oracle: the shapes of a real forward pass on real numbers."""
    x, rows = torch.zeros(input_size), []
    with torch.no_grad():
        for layer in net:
            x = layer(x)
            rows.append((type(layer).__name__, tuple(x.shape)))
    return rows


@pytest.mark.parametrize(
    ("make", "size"), [(lenet, (2, 1, 28, 28)), (alexnet_2012, (1, 3, 227, 227))]
)
def test_trace_equals_a_real_forward_pass(make, size):
    net = make()
    assert trace(net, size) == really_called(net, size)


def test_trace_of_every_kind_of_layer(net):
    assert trace(net, (3, 2, 12, 11)) == really_called(net, (3, 2, 12, 11))


def test_tracing_changes_nothing(net):
    net.eval()
    net[4].train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    modes = [module.training for module in net.modules()]
    state = torch.get_rng_state()
    for look in (trace, costs, saved_bytes):
        look(net, (3, 2, 12, 11))
    assert torch.equal(state, torch.get_rng_state())
    assert modes == [module.training for module in net.modules()]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())
    assert all(p.device.type == "cpu" and p.grad is None for p in net.parameters())
    assert torch.is_grad_enabled()


def test_random_numbers_drawn_by_a_layer_do_not_advance_the_generator():
    class Noise(nn.Module):
        def forward(self, x):
            return x + torch.rand(x.shape)

    state = torch.get_rng_state()
    assert trace(nn.Sequential(Noise()), (2, 3)) == [("Noise", (2, 3))]
    assert torch.equal(state, torch.get_rng_state())


def test_batch_norm_statistics_stay_in_training_mode():
    norm = nn.BatchNorm2d(2).train()
    trace(nn.Sequential(norm), (4, 2, 3, 3))
    assert norm.num_batches_tracked == 0
    assert torch.equal(norm.running_var, torch.ones(2))


def test_a_large_net_costs_no_time():
    with torch.device("meta"):
        net = vgg(in_channels=3, classes=1000)
    start = time.process_time()
    assert trace(net, (512, 3, 224, 224))[-1] == ("Linear", (512, 1000))
    assert time.process_time() - start < 2


def test_double_precision_nets_are_traced():
    assert trace(nn.Sequential(nn.Linear(2, 3)).double(), (1, 2)) == [("Linear", (1, 3))]


def test_errors_name_the_layer_and_the_shape():
    with pytest.raises(ValueError, match=r"layer 7 \(Linear\) .* shape \(1, 256\)"):
        trace(lenet(), (1, 1, 24, 24))
    with pytest.raises(TypeError, match=r"must be an nn\.Sequential, got Linear"):
        trace(nn.Linear(1, 1), (1, 1))
    with pytest.raises(TypeError, match="lazy layer"):
        trace(small(), (3, 2, 12, 11))
    with pytest.raises(ValueError, match=r"Sequential cannot take an input of shape \(1, 9\)"):
        costs(nn.Sequential(nn.Linear(8, 1)), (1, 9))


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (lenet, (3, 1, 28, 28)),
        (alexnet, (1, 1, 224, 224)),
        (alexnet_2012, (2, 3, 227, 227)),
        (vgg, (1, 1, 224, 224)),
    ],
)
def test_costs_agree_with_torch(make, size):
    with torch.device("meta"):
        net = make()
    rows = costs(net, size)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net(torch.empty(size, device="meta"))
    assert 2 * sum(row.multiply_adds for row in rows) == counter.get_total_flops()
    assert sum(row.parameters for row in rows) == sum(p.numel() for p in net.parameters())


def test_costs_of_groups_strides_and_transposed_convolutions_agree_with_torch(net):
    rows = costs(net, (3, 2, 12, 11))
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net(torch.zeros(3, 2, 12, 11))
    assert 2 * sum(row.multiply_adds for row in rows) == counter.get_total_flops()
    assert sum(row.parameters for row in rows) == sum(p.numel() for p in net.parameters())
    assert [row.name for row in rows].count("Conv2d") == 2
    assert all(row.multiply_adds == 0 for row in rows if row.name in {"ReLU", "AvgPool2d"})


def test_multiply_adds_of_a_convolution_counted_one_by_one():
    count = 0
    for _ in range(3):  # output channels
        for top in range(-1, 5 + 1 - 2 + 1, 2):  # window tops with padding 1 around 5 rows
            for left in range(-1, 4 + 1 - 2 + 1, 2):  # window lefts around 4 columns
                count += 2 * len(range(top, top + 2)) * len(range(left, left + 2))
    (row,) = costs(nn.Conv2d(2, 3, kernel_size=2, stride=2, padding=1), (1, 2, 5, 4))
    assert row == Cost("Conv2d", (1, 3, 3, 3), 2 * 3 * 4 + 3, count)


def test_shared_layers_are_called_twice_and_stored_once():
    layer = nn.Linear(4, 4)
    rows = costs(nn.Sequential(layer, nn.ReLU(), layer), (1, 4))
    assert rows == [
        Cost("Linear", (1, 4), 20, 16),
        Cost("ReLU", (1, 4), 0, 0),
        Cost("Linear", (1, 4), 0, 16),
    ]
    assert rows[0].elements == 4


def test_layers_without_a_rule_are_refused():
    class Strange(nn.Module):
        def forward(self, x):
            return x

    with pytest.raises(TypeError, match="multiply-adds of Strange"):
        costs(nn.Sequential(Strange()), (1, 1))
    with pytest.raises(TypeError, match="MultiheadAttention itself holds"):
        costs(nn.MultiheadAttention(4, 1), (1, 4))


def really_saved(net, input_size):
    """Oracle: bytes of the distinct memory that autograd keeps of a real forward pass."""
    kept = {}

    def pack(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    own = {p.data_ptr() for p in net.parameters()}
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        net(torch.zeros(input_size))
    return sum(t.untyped_storage().nbytes() for pointer, t in kept.items() if pointer not in own)


@pytest.mark.parametrize("batch", [1, 4])
def test_saved_bytes_equal_those_of_a_real_forward_pass(batch):
    size = (batch, 1, 28, 28)
    assert saved_bytes(lenet(), size) == really_saved(lenet(), size)
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    assert saved_bytes(net, size) == really_saved(net, size)
