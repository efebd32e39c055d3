"""Build the convolutional networks of the notes, layer by layer as they are printed there."""

from collections.abc import Sequence
from types import MappingProxyType

from torch import nn

__all__ = ["VGG_CONFIGS", "alexnet", "alexnet_2012", "lenet", "vgg", "vgg_block"]

VGG_CONFIGS = MappingProxyType(
    {
        "A": ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)),
        "B": ((2, 64), (2, 128), (2, 256), (2, 512), (2, 512)),
        "C": ((2, 64), (2, 128), (3, 256, 1), (3, 512, 1), (3, 512, 1)),
        "D": ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)),
        "E": ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)),
    }
)
"""Table 1 of arXiv:1409.1556 as arguments of `vgg`; A is VGG-11, B 13, C and D 16, E 19."""


def lenet(in_channels: int = 1, classes: int = 10) -> nn.Sequential:
    """Build LeNet as it is usually taught: sigmoids, average pooling, three linear layers.

    Args:
        in_channels: Channels of the input, >= 1. Its height and width must be 28.
        classes: Number of outputs, >= 1.

    Returns:
        12 layers, from (N, in_channels, 28, 28) to (N, classes) logits.

    Examples:
        >>> sum(p.numel() for p in lenet().parameters())
        61706

    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition", for
    the architecture; its trainable pooling and its RBF output layer are not reproduced.
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, 6, kernel_size=5, padding=2),
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5),
        nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.Sigmoid(),
        nn.Linear(120, 84),
        nn.Sigmoid(),
        nn.Linear(84, classes),
    )


def alexnet(in_channels: int = 1, classes: int = 10) -> nn.Sequential:
    """Build AlexNet as the notes do: one column, no response normalisation, padding 1 at first.

    Args:
        in_channels: Channels of the input, >= 1. Its height and width must be 224.
        classes: Number of outputs, >= 1.

    Returns:
        21 layers, from (N, in_channels, 224, 224) to (N, classes) logits.

    Examples:
        >>> import torch
        >>> with torch.device("meta"):  # shapes only: the 47 million numbers are never made
        ...     net = alexnet()
        >>> net[14]
        Linear(in_features=6400, out_features=4096, bias=True)

    Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep
    convolutional neural networks"; see `alexnet_2012` for the network of the paper.
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, 96, kernel_size=11, stride=4, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(96, 256, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(256, 384, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 384, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Flatten(),
        nn.Linear(256 * 5 * 5, 4096),
        nn.ReLU(),
        nn.Dropout(p=0.5),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(p=0.5),
        nn.Linear(4096, classes),
    )


def alexnet_2012(in_channels: int = 3, classes: int = 1000) -> nn.Sequential:
    """Build the AlexNet of the paper: two halves (``groups=2``) and response normalisation.

    The two halves ran on two GPUs and met only in the third convolution and in the linear layers;
    ``groups=2`` computes the same in one place. torch divides ``alpha`` by ``size`` where the paper
    does not, hence 5e-4 for the paper's 1e-4.

    Args:
        in_channels: Channels of the input, >= 1. Its height and width must be 227 (see the notes
            on AlexNet for why the paper's 224 cannot be meant literally).
        classes: Number of outputs, >= 1.

    Returns:
        23 layers, from (N, in_channels, 227, 227) to (N, classes) logits.

    Examples:
        >>> import torch
        >>> with torch.device("meta"):
        ...     net = alexnet_2012()
        >>> sum(p.numel() for p in net.parameters())  # the paper says 60 million
        60965224

    Source: Krizhevsky, Sutskever and Hinton 2012, sections 3.3 to 3.5 and 4.2.
    """

    def normalise() -> nn.LocalResponseNorm:
        return nn.LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)

    return nn.Sequential(
        nn.Conv2d(in_channels, 96, kernel_size=11, stride=4),
        nn.ReLU(),
        normalise(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=2),
        nn.ReLU(),
        normalise(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(256, 384, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=2),
        nn.ReLU(),
        nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=2),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Flatten(),
        nn.Linear(256 * 6 * 6, 4096),
        nn.ReLU(),
        nn.Dropout(p=0.5),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(p=0.5),
        nn.Linear(4096, classes),
    )


def vgg_block(
    num_convs: int, in_channels: int, out_channels: int, last_kernel_size: int = 3
) -> nn.Sequential:
    """Build a VGG block: convolutions that keep height and width, then a pooling that halves them.

    Args:
        num_convs: Number of convolutions, each followed by a ReLU, >= 1.
        in_channels: Channels of the input, >= 1.
        out_channels: Channels that every convolution of the block gives, >= 1.
        last_kernel_size: Kernel size of the last convolution, odd; configuration C has 1.

    Returns:
        2 * num_convs + 1 layers, from (N, in_channels, H, W) to (N, out_channels, H//2, W//2).

    Raises:
        ValueError: If ``num_convs`` is below 1 or ``last_kernel_size`` is even.

    Examples:
        >>> [type(layer).__name__ for layer in vgg_block(2, 64, 128)]
        ['Conv2d', 'ReLU', 'Conv2d', 'ReLU', 'MaxPool2d']

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 2.1.
    """
    if num_convs < 1:
        raise ValueError(f"num_convs must be at least 1, got {num_convs}")
    if last_kernel_size % 2 == 0:
        raise ValueError(f"last_kernel_size must be odd to keep the size, got {last_kernel_size}")
    layers: list[nn.Module] = []
    for index in range(num_convs):
        kernel_size = last_kernel_size if index == num_convs - 1 else 3
        padding = kernel_size // 2
        layers += [nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding), nn.ReLU()]
        in_channels = out_channels
    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


def vgg(
    conv_arch: Sequence[tuple[int, ...]] = VGG_CONFIGS["A"],
    in_channels: int = 1,
    classes: int = 10,
) -> nn.Sequential:
    """Build a VGG network: blocks of convolutions, then three linear layers.

    Args:
        conv_arch: One ``(num_convs, out_channels)`` or ``(num_convs, out_channels,
            last_kernel_size)`` per block. Exactly five blocks, since 224 / 2**5 = 7 is what the
            first linear layer is made for.
        in_channels: Channels of the input, >= 1. Its height and width must be 224.
        classes: Number of outputs, >= 1.

    Returns:
        The blocks and 8 more layers, from (N, in_channels, 224, 224) to (N, classes) logits.

    Raises:
        ValueError: If ``conv_arch`` does not have five blocks.

    Examples:
        >>> import torch
        >>> with torch.device("meta"):
        ...     net = vgg(in_channels=3, classes=1000)
        >>> sum(p.numel() for p in net.parameters())  # Table 2 of the paper: 133 million
        132863336

    Source: Simonyan and Zisserman, arXiv:1409.1556, Table 1.
    """
    if len(conv_arch) != 5:
        raise ValueError(f"conv_arch must have 5 blocks (224 / 2**5 = 7), got {len(conv_arch)}")
    blocks = []
    for num_convs, out_channels, *last_kernel_size in conv_arch:
        blocks.append(vgg_block(num_convs, in_channels, out_channels, *last_kernel_size))
        in_channels = out_channels
    return nn.Sequential(
        *blocks,
        nn.Flatten(),
        nn.Linear(in_channels * 7 * 7, 4096),
        nn.ReLU(),
        nn.Dropout(p=0.5),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(p=0.5),
        nn.Linear(4096, classes),
    )
