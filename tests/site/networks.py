"""Random networks as people write them, valid and not, and what torch says about each.

`draw` writes the text of a network and an input size; `by_torch` runs that text on the CPU, which
refuses what the reader's computer refuses (the meta device lets some of it pass, and words some
messages otherwise), and follows every layer with hooks.
"""

import random
import re
import traceback
import warnings
from dataclasses import dataclass, field

import torch
from torch import nn

KINDS = {
    0: ["Linear", "BatchNorm1d", "LayerNorm", "Unflatten", "GroupNorm", "GLU", "PReLU"],
    1: ["Conv", "Conv", "ConvTranspose", "MaxPool", "AvgPool", "LPPool", "AdaptiveMaxPool",
        "AdaptiveAvgPool", "BatchNorm", "InstanceNorm", "Upsample", "ZeroPad", "Flatten",
        "LayerNorm", "GroupNorm", "PReLU", "Dropoutd", "Linear", "Softmax", "GLU",
        "ConstantPad", "LocalResponseNorm", "ChannelShuffle"],
}  # fmt: skip
KINDS[3] = KINDS[1]
KINDS[2] = [*KINDS[1], "Conv", "PixelShuffle", "PixelUnshuffle", "UpsamplingNearest2d",
            "UpsamplingBilinear2d", "Softmax2d"]  # fmt: skip
PLAIN = (
    "ReLU() ReLU(inplace=True) ReLU6() LeakyReLU(0.2) ELU() SELU() CELU() GELU() SiLU() Mish() Sigmoid() "
    "LogSigmoid() Tanh() Hardtanh() Hardsigmoid() Hardswish() Softplus() Softsign() Hardshrink() "
    "Softshrink() Tanhshrink() Threshold(0.1,20) PReLU() RReLU() Dropout() Dropout(p=0.3) AlphaDropout() "
    "FeatureAlphaDropout() Identity() GELU(approximate='tanh') Softmin(dim=1) Softmax(dim=-1) "
    "LogSoftmax(dim=1) Dropout1d(0.1) Dropout2d() Dropout3d(0.2)"
).split()
FUNCTIONAL = ["F.relu({})", "torch.relu({})", "F.leaky_relu({}, 0.2)", "torch.sigmoid({})",
              "F.dropout({}, 0.5, training=self.training)", "{}.relu()", "F.gelu({})"]  # fmt: skip


@dataclass
class Truth:
    """What torch says: the layers that were run, each with class, output and parameters."""

    rows: list = field(default_factory=list)
    parameters: int = 0
    error: str = ""
    kind: str = ""
    line: int = 0
    layer: str | None = None
    shape: tuple = ()
    net: nn.Module = None


def calls(draw, kind, axes, shape):
    """Return a layer that fits a shape: its class, and pairs of argument and value."""
    channels = shape[1] if len(shape) > 1 else shape[0]
    wide = shape[2:]
    each = lambda low, high: [draw.randint(low, high) for _ in range(axes)]  # noqa: E731
    groups = draw.choice([n for n in range(1, channels + 1) if channels % n == 0])
    kernel = [draw.randint(1, max(1, min(5, n))) for n in wide] or [1]
    name = f"{kind}{axes}d"
    if kind == "Linear":
        return kind, [("in_features", shape[-1]), ("out_features", draw.randint(1, 12))]
    if kind == "Conv":
        out = groups * draw.randint(1, 4)
        args = [("in_channels", channels), ("out_channels", out), ("kernel_size", kernel)]
        if draw.random() < 0.15:
            args += [("padding", draw.choice(["same", "valid"]))]
            dilation = [1] * axes
        else:
            dilation = each(1, 2) if min(wide) > 4 else [1] * axes
            args += [("stride", each(1, 3)), ("padding", [d * (k // 2) for d, k in zip(dilation, kernel, strict=True)])]
        args += [("dilation", dilation), ("groups", groups), ("bias", draw.random() < 0.7)]
        if draw.random() < 0.08:
            args += [("padding_mode", draw.choice(["circular", "replicate", "reflect"]))]
        return name, args
    if kind == "ConvTranspose":
        stride = each(1, 3)
        return name, [
            ("in_channels", channels), ("out_channels", groups * draw.randint(1, 3)),
            ("kernel_size", each(2, 4)), ("stride", stride), ("padding", each(0, 1)),
            ("output_padding", [draw.randint(0, s - 1) for s in stride]), ("groups", groups),
        ]  # fmt: skip
    if kind in ("MaxPool", "AvgPool", "LPPool"):
        args = [("norm_type", 2)] if kind == "LPPool" else []
        args += [("kernel_size", kernel)]
        if draw.random() < 0.6:
            args += [("stride", each(1, 3))]
        if kind != "LPPool" and draw.random() < 0.5:
            args += [("padding", [k // 2 for k in kernel])]
        if kind == "MaxPool" and draw.random() < 0.2:
            args += [("dilation", each(1, 2))]
        return name, [*args, ("ceil_mode", draw.random() < 0.4)]
    if kind in ("AdaptiveMaxPool", "AdaptiveAvgPool"):
        return name, [("output_size", each(1, 4))]
    if kind in ("BatchNorm", "InstanceNorm", "BatchNorm1d"):
        args = [("num_features", channels)]
        for word in ("affine", "track_running_stats"):
            if draw.random() < 0.4:
                args += [(word, draw.random() < 0.5)]
        return name if kind != "BatchNorm1d" else kind, args
    if kind == "LayerNorm":
        last = list(shape[-draw.randint(1, len(shape) - 1) :]) if len(shape) > 1 else list(shape)
        return kind, [("normalized_shape", last if len(last) > 1 else last[0])]
    if kind == "GroupNorm":
        return kind, [("num_groups", groups), ("num_channels", channels)]
    if kind == "Upsample":
        modes = {1: ["nearest", "linear"], 2: ["nearest", "bilinear", "bicubic", "nearest-exact"],
                 3: ["nearest", "trilinear"]}[axes]  # fmt: skip
        size = ("scale_factor", draw.choice([2, 3, 1.5])) if draw.random() < 0.7 else ("size", each(2, 9))
        return kind, [size, ("mode", draw.choice(modes))]
    if kind.startswith("Upsampling"):
        return kind, [("scale_factor", 2)]
    if kind in ("ZeroPad", "ConstantPad"):
        more = [("value", 0.5)] if kind == "ConstantPad" else []
        return name, [("padding", draw.choice([draw.randint(0, 2), [draw.randint(0, 2) for _ in range(2 * axes)]])), *more]
    if kind == "Flatten":
        return kind, [] if draw.random() < 0.8 else [("start_dim", draw.randint(1, 2))]
    if kind == "Unflatten":
        size = shape[1] if len(shape) > 1 else shape[0]
        part = draw.choice([n for n in range(1, size + 1) if size % n == 0])
        parts = [part, size // part] if draw.random() < 0.6 else [part, size // part, 1]
        if draw.random() < 0.2:
            parts[1] = -1
        return kind, [("dim", 1), ("unflattened_size", parts)]
    if kind in ("PixelShuffle", "PixelUnshuffle"):
        if kind == "PixelShuffle":
            return kind, [("upscale_factor", draw.choice([r for r in (1, 2, 3) if channels % (r * r) == 0]))]
        return kind, [("downscale_factor", draw.choice([r for r in (1, 2, 3) if not wide[0] % r and not wide[1] % r]))]
    if kind == "ChannelShuffle":
        return kind, [("groups", groups)]
    if kind == "PReLU":
        return kind, [("num_parameters", draw.choice([1, channels]))]
    if kind == "GLU":
        even = [i for i, n in enumerate(shape) if n % 2 == 0 and i]
        return (kind, [("dim", draw.choice(even))]) if even else ("ReLU", [])
    if kind == "Softmax":
        return draw.choice(["Softmax", "LogSoftmax", "Softmin"]), [("dim", draw.randint(1, len(shape) - 1))]
    if kind == "LocalResponseNorm":
        return kind, [("size", draw.randint(1, 5))]
    if kind == "Dropoutd":
        return f"Dropout{axes}d", []
    return kind, []


def spoil(draw, args):
    """Change one number of a layer, as mistakes do; or nothing that matters."""
    args = [list(pair) for pair in args]
    numbers = [pair for pair in args if not isinstance(pair[1], (str, bool, float))]
    if not numbers:
        return args
    pair = draw.choice(numbers)
    change = draw.choice([lambda n: n + 1, lambda n: n * 2, lambda n: n - 1, lambda n: 0,
                          lambda n: -1, lambda n: n + draw.randint(2, 9), lambda n: n * 4])  # fmt: skip
    if isinstance(pair[1], list):
        index = draw.randrange(len(pair[1]))
        whole = draw.random() < 0.5
        pair[1] = [change(n) if whole or i == index else n for i, n in enumerate(pair[1])]
    else:
        pair[1] = change(pair[1])
    if draw.random() < 0.12 and any(name == "stride" for name, _ in args):
        args = [[name, "same" if name == "padding" else value] for name, value in args]
    return args


POSITIONAL = 3  # this many arguments may stand without their names


def write(draw, name, args):
    """Write a layer as source, its arguments with or without names."""
    parts = []
    bare = True
    for index, (word, value) in enumerate(args):
        bare &= index < POSITIONAL and draw.random() < (0.9 if index < 2 else 0.4)
        if isinstance(value, list):
            single = len(set(value)) == 1 and word not in ("normalized_shape", "unflattened_size") and draw.random() < 0.7
            value = value[0] if single else tuple(value) if draw.random() < 0.8 else value
        text = repr(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 3 and value % 2 == 0 and draw.random() < 0.2:
            text = f"{value // 2} * 2"
        first = ("norm_type", "in_", "out_", "kernel_size", "num_", "output_size", "dim", "unfl", "norm", "up", "down", "groups", "size", "value")
        positional = bare and index == len([p for p in parts if "=" not in p]) and word.startswith(first)
        if name in ("Upsample",) or (word == "stride" and name.startswith("LPPool")):
            positional = False
        if word == "groups" and name != "ChannelShuffle":
            positional = False
        bare &= positional
        parts.append(text if positional else f"{word}={text}")
    return f"nn.{name}({', '.join(parts)})"


def make(source):
    """Make a module from its source."""
    return eval(source, {"nn": nn, "torch": torch})


def run(source, shape):
    """Return the output shape of a layer on the CPU, or None."""
    try:
        with torch.no_grad():
            return tuple(make(source)(torch.zeros(shape)).shape)
    except Exception:
        return None


def draw_input(draw):
    """Return the number of axes of the images, and an input shape."""
    axes = draw.choice([0, 1, 1, 2, 2, 2, 2, 3])
    most = {0: 1, 1: 30, 2: 20, 3: 9}[axes]
    wide = [draw.randint(4, most) for _ in range(axes)]
    if axes == 2 and draw.random() < 0.6:
        wide = [wide[0]] * 2
    channels = draw.choice([1, 2, 3, 4, 6, 8, 9, 12, 16])
    return axes, (draw.choice([1, 2, 2, 3]), channels, *wide)


def draw_layers(draw, axes, shape, spoiled):
    """Yield sources of layers that fit each other, until one, if it is to be spoiled."""
    many = draw.randint(1, 9)
    wrong = draw.randrange(many) if spoiled else -1
    for index in range(many):
        now = len(shape) - 2
        pool = KINDS.get(now, KINDS[0])
        if draw.random() < 0.3:
            source = f"nn.{draw.choice(PLAIN)}"
        else:
            name, args = calls(draw, draw.choice(pool), max(now, 1) if now in KINDS else 1, shape)
            if index == wrong:
                args = spoil(draw, args)
                if draw.random() < 0.15 and "Upsampling" not in name:  # of another number of axes
                    name = re.sub(r"\dd$", lambda _: f"{draw.randint(1, 3)}d", name)
            source = write(draw, name, args)
        out = run(source, shape)
        if index == wrong:
            yield source, out
            if out is None or 0 in out:
                for _ in range(draw.randint(0, 2)):
                    yield f"nn.{draw.choice(PLAIN)}", None
                return
            shape = out
        elif out is not None and 0 not in out and torch.Size(out).numel() < 30000:
            yield source, out
            shape = out


def sequential(draw, sources, depth=0):
    """Write layers as nn.Sequential, now and then one in another."""
    pad = "    " * (depth + 1)
    lines, rest = [], list(sources)
    while rest:
        if depth < 2 and len(rest) > 2 and draw.random() < 0.2:
            cut = draw.randint(1, len(rest) - 1)
            lines.append(sequential(draw, rest[:cut], depth + 1))
            rest = rest[cut:]
        else:
            lines.append(rest.pop(0))
    note = draw.choice(["", "", "  # 注释"])
    body = "".join(f"{pad}{line},{note}\n" for line in lines)
    return f"nn.Sequential(\n{body}{'    ' * depth})"


def module(draw, layers, shape):
    """Write layers as a class: attributes, and a forward with functions and additions between."""
    init, forward = [], []
    for number, (source, out) in enumerate(layers):
        if "Flatten()" in source and draw.random() < 0.7:
            forward += [draw.choice(["x = torch.flatten(x, 1)", "x = x.view(x.size(0), -1)", "x = x.flatten(1)",
                                     "x = x.reshape(x.shape[0], -1)"])]  # fmt: skip
        else:
            init += [f"self.layer{number} = {source}"]
            keeps = out is not None and out == shape
            if keeps and draw.random() < 0.35:
                forward += [draw.choice([f"x = x + self.layer{number}(x)",
                                         f"identity = x\n        x = self.layer{number}(x)\n        x += identity"])]  # fmt: skip
            elif draw.random() < 0.3:
                forward += ["x = " + draw.choice(FUNCTIONAL).format(f"self.layer{number}(x)")]
            else:
                forward += [f"x = self.layer{number}(x)"]
        if out is not None and len(out) == 4 and draw.random() < 0.1:
            k = draw.randint(2, 4)
            forward += [draw.choice([f"x = F.max_pool2d(x, {k})", f"x = F.avg_pool2d(x, {k}, 1)", "x = F.adaptive_avg_pool2d(x, (1, 1))"])]
            break
        shape = out
    if draw.random() < 0.15:
        forward += [f"x = x.view(-1, {draw.randint(1, 40)})"]
    join = "\n        ".join
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        {join(init or ['pass'])}\n\n    def forward(self, x):\n        {join(forward)}\n"
        "        return x\n\n\nnet = Net()\n"
    )


HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"


def draw(seed):
    """Return the text of a network, and an input size."""
    choice = random.Random(seed)
    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        axes, shape = draw_input(choice)
        spoiled = choice.random() < 0.6
        layers = list(draw_layers(choice, axes, shape, spoiled)) or [("nn.ReLU()", shape)]
        if choice.random() < 0.06:
            shape = shape[1:]  # without the batch
        elif choice.random() < 0.05:
            shape = (shape[0], shape[1] + 1, *shape[2:])
        elif choice.random() < 0.05 and len(shape) > 2:
            shape = (shape[0], *shape[2:], shape[1])  # channels last
        form = choice.random()
        sources = [source for source, _ in layers]
        if form < 0.3:
            return HEAD + module(choice, layers, shape), shape
        text = HEAD + f"net = {sequential(choice, sources)}\n"
        if form > 0.85:
            try:
                return str(make(text[text.index("nn.Sequential") :])), shape
            except Exception:
                pass
        return text, shape


def build(text):
    """Run the text of a network; of a printed one, turn its lines into source first."""
    if text.startswith(("import", "from")):
        space = {}
        exec(compile(text, "<net>", "exec"), space)
        return space["net"]
    source = re.sub(r"\((\w+)\): ", r"\1=", text)
    source = re.sub(r"(padding|padding_mode|approximate|mode)=([a-z]\w+)", r"\1='\2'", source)
    source = re.sub(r"\n", ",\n", source).replace("(,", "(").replace(",\n", ",\n")
    return None if source is None else eval_printed(text)


def eval_printed(text):
    """Make the modules that a printed text shows."""
    lines = text.split("\n")
    made, stack = [], []
    for line in lines:
        body = re.sub(r"^\s*(\(\d+(-\d+)?\): )?(\d+ x )?", "", line)
        times = re.match(r"\s*\(\d+(?:-\d+)?\): (\d+) x ", line)
        if body == "Sequential(":
            stack.append(made)
            made = []
        elif body == ")":
            inner = nn.Sequential(*made)
            made = stack.pop()
            made.append(inner)
        else:
            source = re.sub(r"\b(padding|padding_mode)=([a-z]+)", r"\1='\2'", body)
            if source.startswith("Upsampling"):
                source = re.sub(r", mode='\w+'", "", source)
            made += [eval(f"nn.{source}", {"nn": nn}) for _ in range(int(times[1]) if times else 1)]
    (net,) = made
    return net


def by_torch(text, shape, device="cpu"):
    """Run a network and tell what happened."""
    truth = Truth()
    entered = []
    with warnings.catch_warnings(), torch.device(device):
        warnings.simplefilter("ignore")
        try:
            net = truth.net = build(text)
            truth.parameters = sum(p.numel() for p in net.parameters())
            for name, layer in net.named_modules():
                if name and not list(layer.children()):
                    layer.register_forward_pre_hook(lambda *_, name=name: entered.append(name))
                    layer.register_forward_hook(
                        lambda layer, _, out: truth.rows.append([type(layer).__name__, list(out.shape)])
                    )
            truth.shape = tuple(net(torch.zeros(shape)).shape)
        except Exception as error:
            truth.kind, truth.error = type(error).__name__, str(error)
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<net>"]
            truth.line = lines[-1] if lines else 0
            if len(entered) > len(truth.rows):
                truth.layer = entered[-1]
    return truth
