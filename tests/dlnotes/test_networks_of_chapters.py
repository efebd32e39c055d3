"""The networks written out in the chapters are those of `dlnotes.models`, which other pages use."""

import re
from pathlib import Path

import pytest
import torch
from torch import nn

from dlnotes import models

NOTES = Path(__file__).parents[2] / "book" / "notes"
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?:---\n.*?\n---\n)?(.*?)^```$", re.M | re.S)


def defined(chapter, name):
    """Run the cell of a chapter that defines a function, with torch's names; return it."""
    text = (NOTES / f"{chapter}.md").read_text("utf-8")
    cells = [cell for cell in CELL.findall(text) if f"def {name}(" in cell]
    assert len(cells) == 1, f"{chapter} has {len(cells)} cells that define {name}"
    names = {"torch": torch, "nn": nn}
    exec(compile(cells[0], chapter, "exec"), names)
    return names[name]


def hold_equal(ours, theirs, side):
    """Compare layers with their settings, parameters, and the shapes they give."""
    assert repr(ours) == repr(theirs)
    named = zip(ours.state_dict().items(), theirs.state_dict().items(), strict=True)
    for (name, one), (other, two) in named:
        assert (name, one.shape) == (other, two.shape)
        assert one.is_meta or torch.equal(one, two)
    assert shapes(ours, side) == shapes(theirs, side)


def shapes(net, side):
    first = next(net.parameters())
    x, sizes = torch.zeros(1, first.shape[1], side, side, device=first.device), []
    with torch.no_grad():
        for layer in net:
            x = layer(x)
            sizes.append(tuple(x.shape))
    return sizes


def test_lenet():
    nets = []
    for make in (defined("2023-09-11-lenet", "lenet"), models.lenet):
        torch.manual_seed(0)
        nets.append(make())
    hold_equal(*nets, side=28)


def test_lenet_with_another_activation():
    net = defined("2023-09-11-lenet", "lenet")(nn.ReLU)
    kinds = [type(layer).__name__ for layer in net]
    assert kinds == [
        "ReLU" if isinstance(layer, nn.Sigmoid) else type(layer).__name__
        for layer in models.lenet()
    ]


@pytest.mark.parametrize(("name", "side"), [("alexnet", 224), ("alexnet_2012", 227)])
def test_alexnet(name, side):
    with torch.device("meta"):
        ours, theirs = defined("2023-09-11-alexnet", name)(), getattr(models, name)()
        hold_equal(ours, theirs, side)


@pytest.mark.parametrize("name", ["A", "B", "D", "E"])  # the chapter's block has no 1x1, as in C
@pytest.mark.parametrize("channels_and_classes", [(), (3, 1000)])
def test_vgg(name, channels_and_classes):
    vgg = defined("2023-09-11-vgg", "vgg")
    arguments = models.VGG_CONFIGS[name], *channels_and_classes
    with torch.device("meta"):
        hold_equal(vgg(*arguments), models.vgg(*arguments), 224)
