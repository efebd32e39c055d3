"""Random networks as people write them, valid and not, and what torch says about each.

`draw` writes the text of a network and an input size; `by_torch` runs that text on the CPU, which
is what readers see: the meta device lets some mistakes pass, and words some messages otherwise.
"""

import random
import re
import traceback
import warnings
from dataclasses import dataclass, field

import torch
from torch import nn

FLAT = ["Linear", "BatchNorm1d", "LayerNorm", "Unflatten", "GroupNorm", "GLU", "PReLU"]
COMMON = [
    *["Conv", "Conv", "ConvTranspose", "MaxPool", "AvgPool", "LPPool", "AdaptiveMaxPool"],
    *["AdaptiveAvgPool", "BatchNorm", "InstanceNorm", "Upsample", "ZeroPad", "ConstantPad"],
    *["Flatten", "LayerNorm", "GroupNorm", "PReLU", "Dropout", "Linear", "Softmax", "GLU"],
    *["LocalResponseNorm", "ChannelShuffle"],
]
FLATWISE = ["UpsamplingNearest2d", "UpsamplingBilinear2d", "Softmax2d"]
KINDS = {
    0: FLAT,
    1: COMMON,
    2: [*COMMON, "Conv", "PixelShuffle", "PixelUnshuffle", *FLATWISE],
    3: COMMON,
}
PLAIN = [
    *["ReLU()", "ReLU(inplace=True)", "ReLU6()", "LeakyReLU(0.2)", "ELU()", "SELU()", "CELU()"],
    *["GELU()", "GELU(approximate='tanh')", "SiLU()", "Mish()", "Sigmoid()", "LogSigmoid()"],
    *["Tanh()", "Hardtanh()", "Hardsigmoid()", "Hardswish()", "Softplus()", "Softsign()"],
    *["Hardshrink()", "Softshrink()", "Tanhshrink()", "Threshold(0.1, 20)", "PReLU()", "RReLU()"],
    *["Dropout()", "Dropout(p=0.3)", "AlphaDropout()", "FeatureAlphaDropout()", "Identity()"],
    *["Softmin(dim=1)", "Softmax(dim=-1)", "LogSoftmax(dim=1)", "Dropout1d(0.1)", "Dropout2d()"],
]
FUNCTIONAL = [
    *["F.relu({})", "torch.relu({})", "F.leaky_relu({}, 0.2)", "torch.sigmoid({})", "{}.relu()"],
    *["F.dropout({}, 0.5, training=self.training)", "F.gelu({})"],
]
FLATTENING = [
    *["torch.flatten(x, 1)", "x.view(x.size(0), -1)", "x.flatten(1)"],
    "x.reshape(x.shape[0], -1)",
]
POOLING = ["F.max_pool2d(x, {})", "F.avg_pool2d(x, {}, 1)", "F.adaptive_avg_pool2d(x, (1, {}))"]
HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\n"
MOST = 30000  # numbers in a layer's output


class Drawer:
    """Draw the arguments of layers that fit a shape."""

    def __init__(self, draw, axes, shape):
        self.draw, self.axes, self.shape = draw, axes, shape
        self.channels = shape[1] if len(shape) > 1 else shape[0]
        self.wide = shape[2:]
        self.groups = draw.choice(divisors(self.channels))
        self.kernel = [draw.randint(1, max(1, min(5, n))) for n in self.wide] or [1]

    def each(self, low, high):
        """Draw a number for each axis."""
        return [self.draw.randint(low, high) for _ in range(self.axes)]

    def often(self, chance):
        """Tell whether something happens that has a chance."""
        return self.draw.random() < chance

    def layer(self, kind):
        """Return the name of a layer's class, and its arguments as pairs."""
        own = getattr(self, kind, None) or getattr(self, re.sub(r"\dd$", "", kind), None)
        name = f"{kind}{self.axes}d" if kind in COMMON and hasattr(nn, f"{kind}1d") else kind
        return name, own() if own else []

    def Linear(self):
        return [("in_features", self.shape[-1]), ("out_features", self.draw.randint(1, 12))]

    def Conv(self):
        args = [("in_channels", self.channels)]
        args += [("out_channels", self.groups * self.draw.randint(1, 4))]
        args += [("kernel_size", self.kernel)]
        dilation = [1] * self.axes
        if self.often(0.15):
            args += [("padding", self.draw.choice(["same", "valid"]))]
        else:
            dilation = self.each(1, 2) if min(self.wide) > 4 else dilation
            half = [d * (k // 2) for d, k in zip(dilation, self.kernel, strict=True)]
            args += [("stride", self.each(1, 3)), ("padding", half)]
        args += [("dilation", dilation), ("groups", self.groups), ("bias", self.often(0.7))]
        if self.often(0.08):
            args += [("padding_mode", self.draw.choice(["circular", "replicate", "reflect"]))]
        return args

    def ConvTranspose(self):
        stride = self.each(1, 3)
        return [
            ("in_channels", self.channels),
            ("out_channels", self.groups * self.draw.randint(1, 3)),
            ("kernel_size", self.each(2, 4)),
            ("stride", stride),
            ("padding", self.each(0, 1)),
            ("output_padding", [self.draw.randint(0, s - 1) for s in stride]),
            ("groups", self.groups),
        ]

    def pool(self, padded=True, dilated=False):
        args = [("kernel_size", self.kernel)]
        if self.often(0.6):
            args += [("stride", self.each(1, 3))]
        if padded and self.often(0.5):
            args += [("padding", [k // 2 for k in self.kernel])]
        if dilated and self.often(0.2):
            args += [("dilation", self.each(1, 2))]
        return [*args, ("ceil_mode", self.often(0.4))]

    def MaxPool(self):
        return self.pool(dilated=True)

    def AvgPool(self):
        return self.pool()

    def LPPool(self):
        return [("norm_type", 2), *self.pool(padded=False)]

    def AdaptiveMaxPool(self):
        return [("output_size", self.each(1, 4))]

    AdaptiveAvgPool = AdaptiveMaxPool

    def BatchNorm(self):
        words = [word for word in ("affine", "track_running_stats") if self.often(0.4)]
        return [("num_features", self.channels), *((word, self.often(0.5)) for word in words)]

    InstanceNorm = BatchNorm

    def LayerNorm(self):
        last = list(self.shape[-self.draw.randint(1, max(len(self.shape) - 1, 1)) :])
        return [("normalized_shape", last if len(last) > 1 else last[0])]

    def GroupNorm(self):
        return [("num_groups", self.groups), ("num_channels", self.channels)]

    def Upsample(self):
        modes = {1: ["linear"], 2: ["bilinear", "bicubic", "nearest-exact"], 3: ["trilinear"]}
        scale = ("scale_factor", self.draw.choice([2, 3, 1.5]))
        size = scale if self.often(0.7) else ("size", self.each(2, 9))
        return [size, ("mode", self.draw.choice(["nearest", *modes[self.axes]]))]

    def UpsamplingNearest(self):
        return [("scale_factor", 2)]

    UpsamplingBilinear = UpsamplingNearest

    def ZeroPad(self):
        sides = [self.draw.randint(0, 2) for _ in range(2 * self.axes)]
        return [("padding", self.draw.choice([self.draw.randint(0, 2), sides]))]

    def ConstantPad(self):
        return [*self.ZeroPad(), ("value", 0.5)]

    def Flatten(self):
        return [] if self.often(0.8) else [("start_dim", self.draw.randint(1, 2))]

    def Unflatten(self):
        part = self.draw.choice(divisors(self.channels))
        rest = -1 if self.often(0.2) else self.channels // part
        return [("dim", 1), ("unflattened_size", [part, rest, *([1] if self.often(0.4) else [])])]

    def PixelShuffle(self):
        fitting = [r for r in (1, 2, 3) if self.channels % (r * r) == 0]
        return [("upscale_factor", self.draw.choice(fitting))]

    def PixelUnshuffle(self):
        fitting = [r for r in (1, 2, 3) if not any(n % r for n in self.wide)]
        return [("downscale_factor", self.draw.choice(fitting))]

    def ChannelShuffle(self):
        return [("groups", self.groups)]

    def PReLU(self):
        return [("num_parameters", self.draw.choice([1, self.channels]))]

    def GLU(self):
        even = [i for i, n in enumerate(self.shape) if n % 2 == 0 and i]
        return [("dim", self.draw.choice(even or [1]))]

    def Softmax(self):
        return [("dim", self.draw.randint(1, max(len(self.shape) - 1, 1)))]

    def LocalResponseNorm(self):
        return [("size", self.draw.randint(1, 5))]


def divisors(number):
    """Return what divides a number."""
    return [n for n in range(1, number + 1) if number % n == 0]


def spoil(draw, args):
    """Change a number of a layer, as mistakes do."""
    args = [list(pair) for pair in args]
    numbers = [pair for pair in args if not isinstance(pair[1], (str, bool, float))]
    if not numbers:
        return args
    pair = draw.choice(numbers)
    more = draw.randint(2, 9)
    change = draw.choice(
        [
            lambda n: n + 1,
            lambda n: n - 1,
            lambda n: n * 2,
            lambda n: n * 4,
            lambda n: 0,
            lambda n: -1,
            lambda n: n + more,
        ]
    )
    if isinstance(pair[1], list):
        index, whole = draw.randrange(len(pair[1])), draw.random() < 0.5
        pair[1] = [change(n) if whole or i == index else n for i, n in enumerate(pair[1])]
    else:
        pair[1] = change(pair[1])
    if draw.random() < 0.12 and any(name == "stride" for name, _ in args):
        args = [[name, "same" if name == "padding" else value] for name, value in args]
    return args


def write(draw, name, args):
    """Write a layer as source, the first arguments with or without their names."""
    parts, bare = [], True
    for index, (word, value) in enumerate(args):
        if isinstance(value, list):
            listed = word in ("normalized_shape", "unflattened_size") or len(set(value)) > 1
            if not listed and draw.random() < 0.7:
                value = value[0]
            elif draw.random() < 0.8:
                value = tuple(value)
        text = repr(value)
        if type(value) is int and value > 3 and value % 2 == 0 and draw.random() < 0.2:
            text = f"{value // 2} * 2"
        first = word in ("stride", "padding", "groups", "mode", "bias", "dilation", "ceil_mode")
        bare &= not first or name == "ChannelShuffle"
        bare &= index < 3 and word not in ("scale_factor", "affine", "track_running_stats")
        bare &= draw.random() < (0.9 if index < 2 else 0.4)
        parts.append(text if bare else f"{word}={text}")
    return f"nn.{name}({', '.join(parts)})"


def make(source):
    """Make a module from its source."""
    return eval(source, {"nn": nn})


def run(source, shape):
    """Return the output shape of a layer on the CPU, or None."""
    try:
        with torch.no_grad():
            return tuple(make(source)(torch.zeros(shape)).shape)
    except Exception:
        return None


def draw_input(draw):
    """Return an input shape of a batch with 0 to 3 axes."""
    axes = draw.choice([0, 1, 1, 2, 2, 2, 2, 3])
    wide = [draw.randint(4, {1: 30, 2: 20, 3: 9}[axes]) for _ in range(axes)]
    if axes == 2 and draw.random() < 0.6:
        wide = [wide[0]] * 2
    return (draw.choice([1, 2, 2, 3]), draw.choice([1, 2, 3, 4, 6, 8, 9, 12, 16]), *wide)


def draw_layers(draw, shape, spoiled):
    """Yield sources and outputs of layers that fit each other; one of them may be spoiled."""
    many = draw.randint(1, 9)
    wrong = draw.randrange(many) if spoiled else -1
    for index in range(many):
        axes = len(shape) - 2
        if draw.random() < 0.3:
            source = f"nn.{draw.choice(PLAIN)}"
        else:
            kinds = KINDS.get(axes, FLAT)
            drawer = Drawer(draw, max(axes, 1), shape)
            name, args = drawer.layer(draw.choice(kinds))
            if index == wrong:
                args = spoil(draw, args)
                if draw.random() < 0.15 and "Upsampling" not in name and name != "Softmax2d":
                    name = re.sub(r"\dd$", f"{draw.randint(1, 3)}d", name)
            source = write(draw, name, args)
        out = run(source, shape)
        empty = out is None or 0 in out
        if index == wrong and empty:
            yield source, None
            yield from [(f"nn.{draw.choice(PLAIN)}", None)] * draw.randint(0, 2)
            return
        if not empty and torch.Size(out).numel() < MOST:
            yield source, out
            shape = out


def sequential(draw, sources, depth=0):
    """Write layers as nn.Sequential, now and then one in another."""
    pad, lines, rest = "    " * (depth + 1), [], list(sources)
    while rest:
        cut = draw.randint(1, len(rest))
        if depth < 2 and 1 < len(rest) != cut and draw.random() < 0.2:
            lines.append(sequential(draw, rest[:cut], depth + 1))
            rest = rest[cut:]
        else:
            lines.append(rest.pop(0))
    body = "".join(f"{pad}{line},{draw.choice(['', '', '  # 注释'])}\n" for line in lines)
    return f"nn.Sequential(\n{body}{'    ' * depth})"


def module(draw, layers, shape):
    """Write layers as a class whose forward has functions and additions between them."""
    init, forward = [], []
    for number, (source, out) in enumerate(layers):
        called = f"self.layer{number}(x)"
        if source == "nn.Flatten()" and draw.random() < 0.7:
            forward += [f"x = {draw.choice(FLATTENING)}"]
        else:
            init += [f"self.layer{number} = {source}"]
            if out == shape and draw.random() < 0.2:
                forward += [f"x = x + {called}"]
            elif out == shape and draw.random() < 0.2:
                forward += ["identity = x", f"x = {called}", "x += identity"]
            elif draw.random() < 0.3:
                forward += ["x = " + draw.choice(FUNCTIONAL).format(called)]
            else:
                forward += [f"x = {called}"]
        shape = out
        if out is not None and len(out) == 4 and draw.random() < 0.1:
            forward += ["x = " + draw.choice(POOLING).format(draw.randint(2, 4))]
            break
    if draw.random() < 0.15:
        forward += [f"x = x.view(-1, {draw.randint(1, 40)})"]
    join = "\n        ".join
    return (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        {join(init or ['pass'])}\n\n    def forward(self, x):\n        {join(forward)}\n"
        "        return x\n\n\nnet = Net()\n"
    )


def draw(seed):
    """Return the text of a network, and an input size."""
    choice = random.Random(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shape = draw_input(choice)
        layers = list(draw_layers(choice, shape, choice.random() < 0.65))
        layers = layers or [("nn.ReLU()", shape)]
        text = sequential(choice, [source for source, _ in layers])
        form = choice.random()
        if form < 0.3:
            text = HEAD + module(choice, layers, shape)
        elif form < 0.85 or (printed := printed_form(text)) is None:
            text = f"{HEAD}net = {text}\n"
        else:
            text = printed
    change = choice.random()
    if change < 0.06:
        shape = shape[1:]  # without the batch
    elif change < 0.1:
        shape = (shape[0], shape[1] + 1, *shape[2:])
    elif change < 0.14 and len(shape) > 2:
        shape = (shape[0], *shape[2:], shape[1])  # channels last
    return text, shape


def printed_form(source):
    """Return what print(net) prints, or None where it cannot be built."""
    try:
        return str(make(source))
    except Exception:
        return None


@dataclass
class Truth:
    """What torch says: of each layer that ran its path, class, output; the error and its place."""

    rows: list = field(default_factory=list)
    parameters: int = 0
    error: str = ""
    kind: str = ""
    line: int = 0
    layer: str | None = None
    shape: tuple = ()
    net: nn.Module = None


def build(text):
    """Run the text of a network, or make what a printed one shows."""
    if re.match(r"\w+\(\n", text):
        return from_print(text)
    space = {}
    exec(HEAD, space)
    exec(compile(text, "<net>", "exec"), space)
    if "net" in space:
        return space["net"]
    found = [value for value in space.values() if isinstance(value, nn.Module)]
    classes = [v for v in space.values() if isinstance(v, type) and issubclass(v, nn.Module)]
    return found[-1] if found else classes[-1]()


def from_print(text):
    """Make the modules that a printed text shows, line by line."""
    made, outer = [], []
    for line in text.strip().split("\n"):
        times = int((re.search(r"\): (\d+) x ", line) or [1, 1])[1])
        body = re.sub(r"^\s*(\([\d-]+\): )?(\d+ x )?", "", line)
        if body == "Sequential(":
            outer.append((made, times))
            made = []
        elif body == ")":
            inner, (made, times) = made, outer.pop()
            made += [nn.Sequential(*inner) for _ in range(times)]
        else:
            source = re.sub(r"\b(padding|padding_mode)=([a-z]+)", r"\1='\2'", body)
            if source.startswith("Upsampling"):
                source = re.sub(r", mode='\w+'", "", source)
            made += [make(f"nn.{source}") for _ in range(times)]
    (net,) = made
    return net


def by_torch(text, shape, device="cpu"):
    """Run a network and tell what happened."""
    truth, entered = Truth(), []

    def leave(name):
        return lambda layer, _, out: truth.rows.append([name, type(layer).__name__, [*out.shape]])

    def enter(name):
        return lambda *_: entered.append(name)

    with warnings.catch_warnings(), torch.device(device):
        warnings.simplefilter("ignore")
        try:
            net = truth.net = build(text)
            truth.parameters = sum(p.numel() for p in net.parameters())
            for name, layer in net.named_modules():
                if name and not list(layer.children()):
                    layer.register_forward_pre_hook(enter(name))
                    layer.register_forward_hook(leave(name))
            truth.shape = tuple(net(torch.zeros(shape)).shape)
        except Exception as error:
            truth.kind, truth.error = type(error).__name__, str(error)
            frames = traceback.extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename == "<net>"]
            truth.line = lines[-1] if lines else 0
            truth.layer = entered[-1] if len(entered) > len(truth.rows) else None
    return truth
