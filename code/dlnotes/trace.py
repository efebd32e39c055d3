"""Follow shapes, parameters and multiply-adds through a network without computing anything."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import nn

__all__ = ["Cost", "costs", "saved_bytes", "trace"]


@dataclass(frozen=True)
class Cost:
    """Describe what one call of one leaf layer costs.

    Args:
        name: Class name of the layer, e.g. ``"Conv2d"``.
        shape: Shape of its output, batch included.
        parameters: Number of trainable and frozen parameters that no earlier row has counted.
        multiply_adds: Number of multiplications that are followed by an addition.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int

    @property
    def elements(self) -> int:
        """Count the numbers in the output, batch included."""
        return prod(self.shape)


def trace(net: nn.Sequential, input_size: Sequence[int]) -> list[tuple[str, tuple[int, ...]]]:
    """List the class name and the output shape of every top-level layer.

    Runs on torch's meta device, where tensors have a shape but no numbers, so that a network of
    any size costs neither memory nor time. ``net`` and the random generator stay as they were.

    Args:
        net: Layers to call one after the other; built anywhere, also on the meta device.
        input_size: Shape of the input, batch included, e.g. ``(1, 1, 28, 28)``.

    Returns:
        One ``(class name, output shape)`` per layer, in the order of the calls.

    Raises:
        TypeError: If ``net`` is not an ``nn.Sequential``.
        ValueError: If a layer cannot take what the layer before it gives.

    Examples:
        >>> for name, size in trace(nn.Sequential(nn.Conv2d(1, 6, 5), nn.Flatten()), (1, 1, 8, 8)):
        ...     print(name, size)
        Conv2d (1, 6, 4, 4)
        Flatten (1, 96)

    Source: https://docs.pytorch.org/docs/stable/meta.html
    """
    if not isinstance(net, nn.Sequential):
        raise TypeError(f"net must be an nn.Sequential, got {type(net).__name__}")
    rows = []
    with _without_numbers(net, input_size) as (ghost, x):
        for index, layer in enumerate(ghost):
            x = _call(layer, x, f"layer {index} ({type(layer).__name__})")
            rows.append((type(layer).__name__, tuple(x.shape)))
    return rows


def costs(net: nn.Module, input_size: Sequence[int]) -> list[Cost]:
    """Count parameters and multiply-adds of every leaf layer, in the order of the calls.

    The rules are the usual ones for comparing architectures:

    * A convolution: numbers in its output, times input channels per group, times kernel size.
      Products with padded zeros count, since the usual implementations compute them.
    * A transposed convolution: numbers in its *input*, times output channels per group, times
      kernel size.
    * A linear layer: numbers in its output, times its input features.
    * Adding a bias, activations, pooling, normalisation, dropout and reshaping count as 0: they
      do no multiply-adds that matter beside the ones above. One multiply-add is two
      floating-point operations (FLOPs).
    * A layer that is called twice has two rows; its parameters are counted in the first.

    Args:
        net: Any module that consists of layers of these kinds.
        input_size: Shape of the input, batch included; multiply-adds grow with the batch.

    Returns:
        One row per call of a layer that has no layers inside.

    Raises:
        TypeError: If ``net`` holds a layer that no rule covers.
        ValueError: If a layer cannot take what the layer before it gives.

    Examples:
        >>> costs(nn.Conv2d(1, 6, kernel_size=5, padding=2), (1, 1, 28, 28))
        [Cost(name='Conv2d', shape=(1, 6, 28, 28), parameters=156, multiply_adds=117600)]
    """
    rows: list[Cost] = []
    counted: set[int] = set()

    def record(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        fresh = {id(p): p.numel() for p in layer.parameters() if id(p) not in counted}
        counted.update(fresh)
        shape = tuple(output.shape)
        macs = _multiply_adds(layer, tuple(inputs[0].shape), shape)
        rows.append(Cost(type(layer).__name__, shape, sum(fresh.values()), macs))

    with _without_numbers(net, input_size) as (ghost, x):
        for module in ghost.modules():
            inner = next(module.children(), None) is not None
            if inner and next(module.parameters(recurse=False), None) is not None:
                raise TypeError(
                    f"no rule to count the parameters {type(module).__name__} itself holds"
                )
            if not inner and not isinstance(module, nn.Sequential):
                _multiply_adds(module, (), ())
                module.register_forward_hook(record)
        _call(ghost, x, type(ghost).__name__)
    return rows


def saved_bytes(net: nn.Module, input_size: Sequence[int]) -> int:
    """Measure the bytes that autograd keeps from the forward pass for the backward pass.

    Parameters are not included: what is left are the feature maps, dropout masks and pooling
    indices that make training need more memory than prediction. Asks autograd itself, on the
    meta device; storage that two operations share is counted once.

    Args:
        net: Any module; its mode matters (dropout keeps a mask in training only).
        input_size: Shape of the input, batch included.

    Returns:
        Number of bytes; proportional to the batch.

    Raises:
        ValueError: If a layer cannot take what the layer before it gives.

    Examples:
        >>> saved_bytes(nn.Sequential(nn.Linear(3, 5), nn.ReLU()), (1, 3))  # 3 inputs, 5 outputs
        32

    Source: https://docs.pytorch.org/docs/stable/autograd.html#saved-tensors-default-hooks
    """
    kept: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage._cdata] = storage
        return tensor

    with _without_numbers(net, input_size) as (ghost, x):
        own = {t.untyped_storage()._cdata for t in (*ghost.parameters(), *ghost.buffers())}
        with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
            result = _call(ghost, x, type(ghost).__name__)
        del result
    return sum(storage.nbytes() for key, storage in kept.items() if key not in own)


class _without_numbers:
    """Hand out a copy of a net on the meta device and an input for it, gradients off."""

    def __init__(self, net: nn.Module, input_size: Sequence[int]) -> None:
        tensors = [*net.parameters(), *net.buffers()]
        if any(isinstance(t, nn.parameter.UninitializedTensorMixin) for t in tensors):
            raise TypeError("net has a lazy layer: call it once with real data, then trace it")
        # What deepcopy finds in its memo it does not copy, so no number is ever duplicated.
        memo = {id(t): _ghost(t) for t in tensors}
        self.net = copy.deepcopy(net, memo)
        kinds = [t.dtype for t in tensors if t.is_floating_point()]
        self.dtype = kinds[0] if kinds else torch.get_default_dtype()
        self.size = tuple(input_size)
        self.contexts = (torch.random.fork_rng(devices=[]), torch.no_grad(), torch.device("meta"))

    def __enter__(self) -> tuple[nn.Module, torch.Tensor]:
        for context in self.contexts:
            context.__enter__()
        return self.net, torch.empty(self.size, dtype=self.dtype, device="meta")

    def __exit__(self, *reason: object) -> None:
        for context in reversed(self.contexts):
            context.__exit__(*reason)


def _ghost(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor of the same kind, shape and type without numbers."""
    ghost = torch.empty_like(tensor, device="meta")
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(ghost, requires_grad=tensor.requires_grad)
    return ghost


def _call(layer: nn.Module, x: torch.Tensor, where: str) -> torch.Tensor:
    """Call a layer, and say on failure which layer was given what."""
    try:
        return layer(x)
    except (RuntimeError, ValueError) as error:
        shape = tuple(x.shape)
        raise ValueError(f"{where} cannot take an input of shape {shape}: {error}") from error


_WITHOUT_MULTIPLY_ADDS = {
    f"torch.nn.modules.{kind}"
    for kind in (
        "activation",
        "batchnorm",
        "channelshuffle",
        "dropout",
        "flatten",
        "fold",
        "instancenorm",
        "normalization",
        "padding",
        "pixelshuffle",
        "pooling",
        "upsampling",
    )
}


def _multiply_adds(layer: nn.Module, given: tuple[int, ...], made: tuple[int, ...]) -> int:
    """Count the multiply-adds of one call; raise TypeError where no rule covers the layer."""
    if isinstance(layer, nn.modules.conv._ConvTransposeNd):
        return prod(given) * layer.out_channels // layer.groups * prod(layer.kernel_size)
    if isinstance(layer, nn.modules.conv._ConvNd):
        return prod(made) * layer.in_channels // layer.groups * prod(layer.kernel_size)
    if isinstance(layer, nn.Linear):
        return prod(made) * layer.in_features
    kinds = {base.__module__ for base in type(layer).__mro__}
    if isinstance(layer, nn.Identity) or kinds & _WITHOUT_MULTIPLY_ADDS:
        return 0
    raise TypeError(f"no rule to count the multiply-adds of {type(layer).__name__}")
