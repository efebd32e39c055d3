"""Networks as people paste them from chats, notebooks and forums: read right, or refused."""

HEAD = (
    "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nimport numpy as np\n"
)

# What Python itself runs: torch says what is right. Text and input size.
RUNNING = {
    "平铺的特征数": (
        """
class Digits(nn.Module):
    def __init__(self):
        super(Digits, self).__init__()
        self.a = nn.Conv2d(1, 4, 5); self.b = nn.Conv2d(4, 8, 5)  # two in a line
        self.out = nn.Linear(8 * 4 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.a(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.b(x)), 2)
        x = x.view(-1, self.many(x))
        return self.out(x)

    def many(self, x):
        many = 1
        for size in x.size()[1:]:
            many *= size
        return many

net = Digits()
""",
        (2, 1, 28, 28),
    ),
    "写死的 view": (
        """
class Net(nn.Module):
  def __init__(self, classes = 10):
    super().__init__()
    self.features=nn.Sequential(nn.Conv2d(3,6,5),nn.ReLU(inplace=True),nn.MaxPool2d(2,2),
      nn.Conv2d(6,16,5),nn.ReLU(inplace=True),nn.MaxPool2d(2,2))
    self.classifier=nn.Sequential(nn.Linear(16*5*5,120),nn.Linear(120,classes))
  def forward(self,x):
    x=self.features(x)
    x=x.view(-1,400)
    return self.classifier(x)
""",
        (4, 3, 28, 28),
    ),
    "初始值和设备": (
        """
import math
device = torch.device("cpu")
cfg = {"small": [8, "M", 16, "M"]}

def body(cfg, channels=3):
    layers = []
    for v in cfg:
        if v == "M":
            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
        else:
            conv = nn.Conv2d(channels, v, kernel_size=3, padding=1)
            layers += [conv, nn.BatchNorm2d(v), nn.ReLU(True)]
            channels = v
    return nn.Sequential(*layers)

class Net(nn.Module):
    expansion = 2
    def __init__(self, features, init=True):
        super().__init__()
        self.features = features
        self.head = nn.Linear(8 * self.expansion * 4, 5)
        if init:
            self._init()
    def _init(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data.normal_(0, math.sqrt(2.0 / n))
                if m.bias is not None:
                    m.bias.data.zero_()
            elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.constant_(m.weight, 1)
    def forward(self, x):
        x = self.features(x.to(device))
        assert x.dim() == 4, f"{x.shape}"
        print("now:", x.shape, f"{x.size(0):>3}")
        return self.head(x.view(x.size(0), -1))

net = Net(body(cfg["small"])).to(device)
""",
        (2, 3, 8, 8),
    ),
    "f-string 的名字": (
        """
net = nn.Sequential()
channels = 1
for i, made in enumerate([4, 8]):
    net.add_module(f"conv{i}", nn.Conv2d(channels, made, 3, stride=2, padding=1))
    net.add_module(f"act{i}", nn.LeakyReLU(negative_slope=1e-2))
    channels = made
""",
        (1, 1, 12, 12),
    ),
    "补边再拼接": (
        """
class Up(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 2, stride=2)
        self.up = nn.ConvTranspose2d(8, 3, kernel_size=2, stride=2)
    def forward(self, x):
        y = self.up(self.down(x))
        high, wide = x.size(2) - y.size(2), x.shape[3] - y.shape[3]
        y = F.pad(y, [wide // 2, wide - wide // 2, high // 2, high - high // 2])
        return torch.cat([x, y], dim=1)
""",
        (1, 3, 9, 11),
    ),
    "通道的权重": (
        """
class Gate(nn.Module):
    def __init__(self, channels, by=4):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(channels, channels // by), nn.ReLU(),
                                nn.Linear(channels // by, channels), nn.Sigmoid())
    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.fc(self.pool(x).view(b, c)).view(b, c, 1, 1)
        return x * y.expand_as(x)

layer = Gate(16)
""",
        (2, 16, 5, 5),
    ),
    "字典参数和 np.prod": (
        """
def block(a, b, act=nn.ReLU, **more):
    return [nn.Linear(a, b, **more), act()]

shape = (1, 8, 8)
many = int(np.prod(shape))
net = nn.Sequential(nn.Flatten(), *block(many, 32, bias=False), *block(32, 4, act=nn.Tanh))
""",
        (3, 1, 8, 8),
    ),
    "没用到的方法读不懂": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(x).relu()
    @property
    def many(self):
        return sum(p.numel() for p in self.parameters())
    def fit(self, data):
        with torch.no_grad():
            while True:
                yield from data
""",
        (3, 4),
    ),
    "父类的 forward": (
        """
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
    def forward(self, x):
        return self.fc(x)
class Net(Base):
    def forward(self, x):
        return super().forward(x) + x
""",
        (3, 4),
    ),
    "expand 对不上": (
        """
class Net(nn.Module):
    def forward(self, x):
        return x.expand(-1, 5, -1)
""",
        (2, 3, 4),
    ),
    "训练的几行": (
        """
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(18, 2))
if torch.cuda.is_available():
    net = net.cuda()
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
criterion = nn.CrossEntropyLoss()
with torch.no_grad():
    guess = F.softmax(net(torch.rand(1, 1, 5, 5)), dim=1)
""",
        (1, 1, 5, 5),
    ),
    "pad 太多": (
        """
class Net(nn.Module):
    def forward(self, x):
        return F.pad(x, (1, 1, 1, 1, 1, 1))
""",
        (3, 4),
    ),
}

# A class to stand in other texts.
LINEAR = """class N(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.l = nn.Linear(n, 2)
    def forward(self, x):
        return self.l(x)
"""

# What stands around the code, or before each line. Text, input size, output size, lines left out.
AROUND = {
    ">>> 提示符": (
        """>>> import torch
>>> from torch import nn
>>> m = nn.Sequential(
...     nn.Conv2d(16, 33, (3, 5)),
...     nn.ReLU(),
... )
>>> m(torch.randn(2, 16, 9, 9)).shape
torch.Size([2, 33, 7, 5])
""",
        (2, 16, 9, 9),
        (2, 33, 7, 5),
        [7],
    ),
    "IPython 的提示符": (
        "In [1]: " + LINEAR.replace("\n", "\n   ...: ") + "\n\nIn [2]: net = N()\n",
        (3, 4),
        (3, 2),
        [],
    ),
    "print(net) 和提示符": (
        """>>> print(net)
Net(
  (a): Linear(in_features=4, out_features=2, bias=True)
  (b): ReLU()
)
>>>
""",
        (1, 4),
        (1, 2),
        [],
    ),
    "整段缩进": (
        "    net = nn.Sequential(\n        nn.Linear(4, 2),\n    )\n    net.eval()\n",
        (1, 4),
        (1, 2),
        [],
    ),
    "制表符和回车": (LINEAR.replace("    ", "\t").replace("\n", "\r\n"), (2, 4), (2, 2), []),
    "前后的话和报错": (
        """各位好，我的网络跑不通，求助！
```python
net = nn.Sequential(nn.Linear(4, 3))  # 没错呀？
```
Traceback (most recent call last):
  File "a.py", line 3, in <module>
    y = net(x)
RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x5 and 4x3)
谢谢～ it's late
""",
        (2, 4),
        (2, 3),
        [1, 2, 4, 5, 8, 9],
    ),
    "__main__": (
        LINEAR + "if __name__ == '__main__':\n    net = N(6)\n    print(net(torch.rand(2, 6)))\n",
        (2, 6),
        (2, 2),
        [],
    ),
    "from torch.nn import *": (
        "from torch.nn import *\nnet = Sequential(Linear(4, 2), ReLU())",
        (1, 4),
        (1, 2),
        [],
    ),
}

# What is refused: the line, and words that help.
REFUSED = {
    "全角的括号": ("net = nn.Sequential(\n    nn.Conv2d（3， 16， 3）,\n)", 2, "要写 ("),
    "弯引号": ("net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=“same”))", 1, '要写 "'),
    "乘号": ("net = nn.Sequential(nn.Linear(4, 2×3))", 1, "要写 *"),
    "只有 __init__ 的一段": (
        "        self.conv1 = nn.Conv2d(3, 6, 5)\n        self.b = 2\n",
        1,
        "把整个 class 贴上来",
    ),
    "造它的那一行才知道": (
        LINEAR.replace("n=4", "n").replace("Linear", "LSTM") + "net = N(3)\n",
        4,
        "nn.LSTM",
    ),
    "lambda": ("f = lambda x: x\nnet = nn.Sequential(nn.ReLU(), f)", 1, "lambda 还读不懂"),
    "带格式的 f-string": (
        "net = nn.Sequential()\nnet.add_module(f'{1:02d}', nn.ReLU())",
        2,
        "还读不懂",
    ),
    "setattr": (
        LINEAR.replace("self.l = nn.Linear(n, 2)", "setattr(self, 'l', nn.ReLU())"),
        4,
        "setattr 还读不懂",
    ),
    "造到一半的列表": (
        "def make(n):\n    return nn.Linear(n, n)\nlayers = []\nfor n in [4, 4]:\n"
        "    layers.append(make(n))\n    layers.append(odd(n))\nnet = nn.Sequential(*layers)\n",
        6,
        "不知道“odd”",
    ),
    "装进读不懂的网络": (
        LINEAR + "part = nn.Sequential(nn.ReLU())\nnet = N(odd(part))\n",
        8,
        "不知道“odd”",
    ),
    "换掉的网络": ("net = nn.Sequential(nn.ReLU())\nnet = wrap(net)\n", 2, "不知道“wrap”"),
    "删掉的一层": ("net = nn.Sequential(nn.ReLU(), nn.Tanh())\ndel net[0]\n", 2, "del"),
    "带装饰的 forward": (
        LINEAR + "class M(N):\n    @odd\n    def forward(self, x):\n        return x\nnet = M()\n",
        8,
        "装饰器",
    ),
    "少了参数的函数": (
        LINEAR.replace("self.l(x)", "F.max_pool2d(x)"),
        6,
        "max_pool2d 的参数不对",
    ),
    "含有自己": (LINEAR.replace("nn.Linear(n, 2)", "self"), 4, "它自己"),
}
