"""The pasted network of the shape lab: what it says against torch, and its page in a browser."""

import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
import torch
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from playwright.sync_api import expect
from tests.site import pasted
from tests.site.networks import HEAD, build, by_torch, draw

from dlnotes.receptive import receptive_field, windows
from dlnotes.trace import costs

ROOT = Path(__file__).parents[2]
LAB = "book/lab.html"
SCRIPTS = ROOT / "book" / "_static" / "lab" / "network"
FILES = " ".join(
    re.findall(r'^    "([\w ]+)"', (SCRIPTS / "open.js").read_text("utf-8"), re.M)
).split()
PAGE = ["mistakes", "links", "form", "page"]
MISTAKES = yaml.safe_load((ROOT / "book" / "_ext" / "mistakes.yml").read_text("utf-8"))
MANY = int(os.environ.get("NETWORKS", "300"))  # 4000 by hand: NETWORKS=4000 pytest …
# The faster kernels of torch on some CPUs have their own words for these, or let them pass.
VARYING = ("could not construct a memory descriptor", "could not create a primitive descriptor")

FOLLOW = """cases => JSON.stringify(JSON.parse(cases).map(([text, shape]) => {
  try {
    const found = Network.follow(text, shape);
    const {rows, fault, totals, broken} = found;
    const layers = rows.filter((row) => row.layer && !row.layer.functional);
    const done = layers.filter((row) => row.output);
    return {
      rows: done.map((row) => [row.path, row.name, row.output]),
      costs: done.map((row) => [row.name, row.parameters, row.multiplyAdds]),
      fields: done.filter((row) => row.layer.kind.window).map((row) => row.field),
      bytes: rows.map((row) => row.bytes),
      shape: rows.filter((row) => row.output).at(-1)?.output ?? shape,
      parameters: totals.parameters, multiplyAdds: totals.multiplyAdds,
      kind: fault?.refusal.kind ?? "", error: fault?.refusal.message ?? "",
      line: fault?.node.line ?? 0, varies: Boolean(fault?.refusal.about.varies),
      layer: fault && !broken && fault.layer && !fault.layer.functional ? fault.layer.path : null,
      broken: Boolean(broken), unused: found.unused, skipped: found.skipped, name: found.name,
      why: fault ? NetworkWhy(found) : "",
      remedies: fault ? NetworkRemedies(text, shape, found) : [],
    };
  } catch (error) {
    if (error instanceof Unreadable) return {unreadable: error.message, at: error.line};
    return {crash: error.stack};
  }
}))"""


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Let torch work with one thread: for small tensors the others only stand in the way."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def follow(browser):
    """Return how to follow networks in a browser that has nothing but the scripts."""
    tab = browser.new_page()
    for name in FILES[: -len(PAGE)]:
        tab.add_script_tag(path=SCRIPTS / f"{name}.js")
    yield lambda cases: json.loads(tab.evaluate(FOLLOW, json.dumps(cases)))
    tab.close()


def differences(ours, theirs):
    """Return where the lab and torch do not agree."""
    if ours["varies"] and (theirs.error.startswith(VARYING) or 0 in theirs.shape):
        theirs.kind, theirs.error, theirs.layer = ours["kind"], ours["error"], ours["layer"]
        theirs.rows = theirs.rows[: len(ours["rows"])]
    pairs = {"kind": theirs.kind, "error": theirs.error}
    if not ours["broken"]:
        pairs |= {"rows": [list(row) for row in theirs.rows], "parameters": theirs.parameters}
        pairs |= {"layer": theirs.layer}
    if not theirs.error:
        pairs |= {"shape": list(theirs.shape)}
    if theirs.line and theirs.layer is None:
        pairs |= {"line": theirs.line}
    return {name: (ours[name], value) for name, value in pairs.items() if ours[name] != value}


def by_meta(text, shape):
    """Return shapes and parameters on the meta device."""
    truth = by_torch(text, shape, device="meta")
    return truth.error, [list(row) for row in truth.rows], truth.parameters


@pytest.fixture(scope="module")
def networks(follow):
    """Return random networks with what the lab says of each, and torch."""
    cases = [draw(seed) for seed in range(MANY)]
    return list(zip(cases, follow(cases), (by_torch(*case) for case in cases), strict=True))


def test_random_networks_are_as_torch_says(networks):
    """Shapes, parameters, the failing layer and its message; what is not read is said."""
    wrong, ends, kinds, unread = [], Counter(), Counter(), []
    for seed, (case, ours, theirs) in enumerate(networks):
        if "unreadable" in ours:
            unread.append((seed, ours["unreadable"], ours["at"]))
            continue
        if "crash" in ours or (found := differences(ours, theirs)):
            wrong.append((seed, case, ours.get("crash") or found))
        ends["refused" if theirs.error else "runs"] += 1
        kinds.update(set(re.findall(r"\b[A-Z]\w+(?=\()", case[0])) - {"Sequential", "Net"})
    print(ends, len(unread), dict(sorted(kinds.items())))
    assert wrong == []
    assert all(re.search("[一-鿿]", said) and line for _, said, line in unread)
    assert len(unread) < 0.08 * MANY
    assert ends["refused"] > 0.25 * MANY
    assert ends["runs"] > 0.5 * MANY
    assert len(kinds) >= 80
    assert kinds["Conv2d"] > 0.08 * MANY


def test_what_runs_is_the_same_on_the_meta_device(networks):
    same = 0
    for case, ours, theirs in networks:
        if "unreadable" in ours or theirs.error:
            continue
        error, rows, parameters = by_meta(*case)
        assert (error, rows, parameters) == ("", ours["rows"], ours["parameters"]), case
        same += 1
    assert same > 0.5 * MANY


@pytest.mark.filterwarnings("ignore")
def test_multiply_adds_and_parameters_are_those_of_the_book(networks):
    counted = 0
    for (_, shape), ours, theirs in networks:
        leaf = theirs.net is not None and not list(theirs.net.children())
        if "unreadable" in ours or theirs.error or leaf:
            continue
        rows = costs(theirs.net, shape)
        assert ours["costs"] == [[r.name, r.parameters, r.multiply_adds] for r in rows]
        assert ours["multiplyAdds"] == sum(row.multiply_adds for row in rows)
        counted += 1
    assert counted > 0.5 * MANY


def test_a_remedy_that_is_offered_works_in_torch(networks):
    tried = Counter()
    for _, ours, theirs in networks:
        for remedy in ours.get("remedies", ()):
            large = torch.Size(remedy["shape"]).numel() > 50_000
            truth = by_torch(remedy["text"], remedy["shape"], "meta" if large else "cpu")
            if remedy["whole"]:
                assert truth.error == "", remedy
            else:
                assert (truth.error, truth.layer) != (theirs.error, theirs.layer), remedy
            tried[remedy["whole"]] += 1
        if "unreadable" not in ours and ours["error"]:
            tried["helped" if ours["remedies"] else "not helped"] += 1
    print(tried)
    assert tried[True] > 0.3 * MANY
    assert tried["helped"] > 4 * tried["not helped"]


def stack(seed):
    """Draw windows over two axes, with layers between that see one pixel each."""
    choice = random.Random(seed)
    layers = []
    for _ in range(choice.randint(1, 8)):
        k, s, d, p = (
            [choice.randint(*range_) for _ in "hw"] for range_ in ((1, 5), (1, 3), (1, 3), (0, 2))
        )
        kind = choice.choice(["Conv2d(2, 2, ", "MaxPool2d(", "AvgPool2d("])
        half = tuple(min(a, b // 2) for a, b in zip(p, k, strict=True))
        dilation = "" if kind.startswith("Avg") else f", dilation={tuple(d)}"
        layers.append(f"nn.{kind}{tuple(k)}, stride={tuple(s)}, padding={half}{dilation})")
        layers += choice.choice([[], ["nn.ReLU()"], ["nn.BatchNorm2d(2)", "nn.Dropout2d()"]])
    return f"net = nn.Sequential({', '.join(layers)})", (2, 2, 3000, 3000)


def test_receptive_fields_are_those_of_the_book(follow):
    cases = [stack(seed) for seed in range(300)]
    compared = 0
    for case, ours in zip(cases, follow(cases), strict=True):
        with torch.device("meta"):
            net = build(case[0])
        both = [receptive_field(windows(net, axis)) for axis in (0, 1)]
        fields = [
            [{"size": one.size, "jump": one.jump} for one in pair]
            for pair in zip(*both, strict=True)
        ]
        assert ours["fields"] == fields[: len(ours["fields"])], case
        assert ours["error"] or len(ours["fields"]) == len(fields)
        compared += len(ours["fields"])
    assert compared > 900


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["name"])
def test_a_mistake_is_named_and_mended(follow, mistake):
    shape = sizes(mistake["input"])
    theirs = by_torch(mistake["code"], shape)
    (ours,) = follow([(mistake["code"], shape)])
    assert mistake["message"] == ours["error"] == theirs.error
    assert differences(ours, theirs) == {}
    assert ours["line"] == mistake["line"]
    assert ours["why"]
    remedy = ours["remedies"][0]
    assert (remedy["said"], remedy["whole"]) == (mistake["remedy"], True)
    for remedy in ours["remedies"]:
        truth = by_torch(remedy["text"], remedy["shape"])
        assert (truth.error == "") == remedy["whole"]


def test_there_are_enough_mistakes():
    assert len(MISTAKES) >= 25
    assert len({mistake["name"] for mistake in MISTAKES}) == len(MISTAKES)
    assert len({mistake["id"] for mistake in MISTAKES}) == len(MISTAKES)
    assert len({re.sub(r"\d+", "", mistake["message"]) for mistake in MISTAKES}) >= 15


RESIDUAL = """
class Residual(nn.Module):
    def __init__(self, given, made, strides=1, *, shortcut=False):
        super(Residual, self).__init__()
        self.conv1 = nn.Conv2d(given, made, kernel_size=3, padding=1, stride=strides)
        self.conv2 = nn.Conv2d(made, made, 3, padding="same")
        self.conv3 = nn.Conv2d(given, made, kernel_size=1, stride=strides) if shortcut else None
        self.bn1, self.bn2 = nn.BatchNorm2d(made), nn.BatchNorm2d(made)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.conv3 is not None:
            x = self.conv3(x)
        y += x
        return F.relu(y)


def block(given, made, many, first=False):
    layers = []
    for i in range(many):
        if i == 0 and not first:
            layers.append(Residual(given, made, 2, shortcut=True))
        else:
            layers.append(Residual(made, made))
    return layers


stages = [nn.Sequential(*block(16, 16, 2, first=True)), nn.Sequential(*block(16, 32, 2))]
net = nn.Sequential(nn.Conv2d(3, 16, 3), *stages, nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())
"""
READ = {
    "残差": (RESIDUAL, (2, 3, 20, 20)),
    "推导式": ("net = nn.Sequential(*[nn.Linear(8, 8) for _ in range(4)], nn.ReLU())", (2, 8)),
    "字典": (
        "from collections import OrderedDict\n"
        "net = nn.Sequential(OrderedDict([('a', nn.Linear(4, 3)), ('b', nn.Tanh())]))",
        (2, 4),
    ),
    "从 nn 导入": (
        "from torch.nn import Conv2d, Sequential as S\nnet = S(Conv2d(1, 2, (3, 2)))",
        (1, 1, 8, 8),
    ),
    "ModuleList": (
        "class Net(nn.Module):\n    def __init__(self, sizes=(6, 5, 4)):\n"
        "        super().__init__()\n        self.layers = nn.ModuleList()\n"
        "        for a, b in zip(sizes, sizes[1:]):\n"
        "            self.layers.append(nn.Linear(a, b))\n"
        "    def forward(self, x):\n        for layer in self.layers[:-1]:\n"
        "            x = torch.relu(layer(x))\n        return self.layers[-1](x)\n",
        (3, 6),
    ),
    "继承": (
        "class Base(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n"
        "        self.n = n\n        self.fc = nn.Linear(n, n // 2)\n"
        "    def forward(self, x):\n        return self.fc(x)\n\n"
        "class Net(Base):\n    '''子类'''\n    def __init__(self):\n        super().__init__(8)\n"
        "        self.last = nn.Linear(self.n // 2, 2, bias=False)\n"
        "    def forward(self, x):\n        return self.last(F.relu(self.fc(x)))\n",
        (2, 8),
    ),
    "拼接": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = nn.Conv2d(3, 4, 1)\n        self.b = nn.Conv2d(3, 5, 3, padding=1)\n"
        "    def forward(self, x):\n        return torch.cat([self.a(x), self.b(x)], dim=1)\n",
        (2, 3, 6, 6),
    ),
    "共用一层": (
        "shared = nn.Linear(5, 5)\nnet = nn.Sequential(shared, nn.ReLU(), shared)",
        (2, 5),
    ),
    "别的行": (
        "import numpy as np\nimport torch.optim as optim\nnet = nn.Sequential(nn.Linear(5, 5))\n"
        "loss = nn.CrossEntropyLoss()\noptimizer = optim.SGD(net.parameters(), lr=0.1)\n"
        "with torch.no_grad():\n    print(net(torch.zeros(1, 5)).shape)\n"
        "for epoch in range(3):\n    optimizer.step()\n",
        (2, 5),
    ),
}


@pytest.mark.parametrize("name", list(READ))
def test_other_ways_to_write_a_network_are_read(follow, name):
    text, shape = READ[name]
    (ours,) = follow([(text, shape)])
    assert "unreadable" not in ours, ours
    theirs = by_torch("import torch.optim\n" + text if name == "别的行" else text, shape)
    theirs.line = 0
    if name == "共用一层":
        assert ours["parameters"] == 30
        assert ours["costs"][2][1] == 0
        theirs.rows[1] = ["1", *theirs.rows[1][1:]]
    assert differences(ours, theirs) == {}


@pytest.mark.parametrize("name", list(pasted.RUNNING))
def test_what_people_paste_is_read_as_torch_reads_it(follow, name):
    text, shape = pasted.RUNNING[name]
    (ours,) = follow([(text, shape)])
    assert "unreadable" not in ours, ours
    theirs = by_torch(pasted.HEAD + text, shape)
    theirs.line -= pasted.HEAD.count("\n") if theirs.line else 0
    assert differences(ours, theirs) == {}


@pytest.mark.parametrize("name", list(pasted.AROUND))
def test_what_stands_around_the_code_is_left_out(follow, name):
    text, shape, made, skipped = pasted.AROUND[name]
    (ours,) = follow([(text, shape)])
    assert (ours.get("shape"), ours.get("skipped")) == (list(made), skipped), ours


@pytest.mark.parametrize("name", list(pasted.REFUSED))
def test_a_refusal_helps(follow, name):
    text, line, said = pasted.REFUSED[name]
    (ours,) = follow([(text, (2, 4))])
    assert said in ours.get("unreadable", ""), ours
    assert ours["at"] == line


def cls(forward, init="self.a = nn.Linear(4, 4)"):
    """Write a class with one line in each method."""
    return (
        f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        {init}\n    def forward(self, x):\n        {forward}\n"
    )


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("net = nn.Sequential(\n    nn.Linear(4, 4)\n    nn.ReLU()\n)", 3, "少了“,”"),
        ("net = nn.Sequential(\n    nn.Linear(4, 4),", 1, "没有合上"),
        ("net = nn.Sequential(nn.Linear(4, 4)]", 1, "没有与它成对的括号"),
        ("net = nn.Sequential(\n    nn.Linear(4, 4),\n    nn.LSTM(4, 4))", 3, "nn.LSTM"),
        ("net = nn.Sequential([nn.Linear(4, 4)])", 1, "前面加 *"),
        ("net = nn.Sequential(nn.Linear(4, 4), nn.ReLU)", 1, "少了括号"),
        ("net = nn.Sequential(Linear(4, 4))", 1, "没有导入 Linear"),
        ("net = nn.Sequential(nn.Linear(n, 4))", 1, "不知道“n”是什么"),
        ("net = nn.Sequential(nn.Linear(4, 8 / 2))", 1, "整除写作 //"),
        ("net = nn.Sequential(nn.Linear(4, '4'))", 1, "out_features 要整数"),
        ("net = nn.Sequential(nn.Conv2d(1, 1, (3, 3, 3)))", 1, "kernel_size 要一个整数或 2 个"),
        (cls("return self.b(x)"), 6, "没有“b”"),
        (cls("return x.mystery()"), 6, "mystery"),
        (cls("return F.grid_sample(x, x)"), 6, "F.grid_sample"),
        (cls("return torch.einsum('i->i', x)"), 6, "torch.einsum"),
        (cls("if x.sum() > 0: return x"), 6, "还读不懂"),
        (cls("return x @ x"), 6, "运算 @"),
        (cls("return self.a(x, x)"), 6, "恰好一个张量"),
        (cls("return x.transpose(0, 1).view(-1)"), 6, "请写 reshape"),
        (cls("return self.a(x)", "self.w = nn.Parameter(torch.zeros(3))"), 4, "nn.Parameter"),
        (cls("return x").replace("(self)", "(self, n)"), 1, "net = Net(…)"),
        (
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()",
            1,
            "forward",
        ),
        ("@dataclass\nclass Net(nn.Module):\n    pass", 1, "装饰器"),
        ("x = 3", 1, "没有找到网络"),
        ("net = nn.Sequential(nn.Linear(4, 4))\nnet[0] = nn.Linear(3, 3)", 2, "赋值"),
        ("def f():\n    return f()\nnet = nn.Sequential(f())", 2, "太深"),
        ("net = nn.Sequential(*[nn.ReLU() for i in range(10**9)])", 1, "太长"),
        ("net = nn.Sequential(nn.Linear(4, 4)) $", 1, "$"),
        (
            "Net(\n  (a): Linear(in_features=4, out_features=4, bias=True)\n  (b): Odd(3)\n)",
            3,
            "Odd",
        ),
        ("今天", 1, "不知道“今天”是什么"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(follow, text, line, said):
    (ours,) = follow([(text, (2, 4))])
    assert "crash" not in ours, ours
    assert said in ours.get("unreadable", ""), ours
    assert ours["at"] == line


def test_what_has_no_part_in_the_network_is_left_out_and_said(follow):
    text, shape = READ["别的行"]
    (ours,) = follow([(text, shape)])
    assert ours["skipped"] == [4, 5, 6, 8]
    assert ours["name"] == "net"
    unused = cls("return x", "self.a = nn.Linear(4, 4)")
    (ours,) = follow([(unused, (2, 4))])
    assert (ours["unused"], ours["parameters"]) == (["a"], 20)


def test_activations_are_what_the_outputs_take(follow):
    text = "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(8, 3))"
    (ours,) = follow([(text, (5, 1, 4, 4))])
    assert ours["bytes"] == [5 * 2 * 2 * 2 * 4, 0, 0, 5 * 3 * 4]


# The page


@pytest.fixture
def lab(page, server):
    """Open the lab; return how to show a network there."""

    def show(code=None, size=""):
        state = f"#{urlencode({'net': code, 'in': size})}" if code is not None else ""
        page.goto("about:blank")
        page.goto(f"{server}{LAB}{state}")
        page.locator("#network").scroll_into_view_if_needed()
        page.locator("#network-result:not(:empty)").wait_for()
        return page.locator("#network")

    yield show
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith((server, "data:", "about:"))] == []


def example(name):
    return next(mistake for mistake in MISTAKES if mistake["name"] == name)


def paste(page, text):
    """Put a text where the network goes, as a paste does: at once."""
    page.locator("#network-text").fill(text)


def test_a_network_is_pasted_marked_and_mended(page, lab):
    root = lab()
    wrong = example("展平后的大小算错")
    paste(page, wrong["code"])
    page.locator("#network-input").fill(wrong["input"])
    result = root.locator("#network-result")
    assert result.inner_text() == "第 8 行的 Linear 收不下它的输入 (1, 256)。"
    assert result.get_attribute("role") == "status"
    assert root.locator("#network-message").inner_text() == f"RuntimeError: {wrong['message']}"
    assert "in_features 是 400" in root.locator("#network-why").inner_text()
    rows = root.locator("#network-rows tr")
    assert rows.count() == 7
    assert root.locator(".network-fault").count() == 1
    assert "收不下 (1, 256)" in rows.last.inner_text()
    assert rows.nth(0).locator("td").all_inner_texts() == [
        "(1, 6, 24, 24)", "156", "86,400", "5", "13.5 KiB",
    ]  # fmt: skip
    root.locator("#network-show").click()
    selected = "(one) => one.value.slice(one.selectionStart, one.selectionEnd)"
    assert root.locator("#network-text").evaluate(selected) == "nn.Linear(16 * 5 * 5, 120)"
    root.locator("#network-remedies button").first.click()
    assert "能跑：输入 (1, 1, 28, 28)，输出 (1, 10)。" in result.inner_text()
    assert "16 * 4 * 4" in page.locator("#network-text").input_value()
    assert page.evaluate("document.activeElement.id") == "network-result"
    assert not root.locator("#network-fault").is_visible()
    mended = by_torch(page.locator("#network-text").input_value(), (1, 1, 28, 28))
    totals = root.locator("#network-totals").inner_text()
    assert f"合计：参数 {mended.parameters:,}（" in totals
    root.locator("#network-undo").click()
    assert page.locator("#network-text").input_value() == wrong["code"]
    assert "收不下" in result.inner_text()


def test_the_address_keeps_a_network_and_the_back_button_returns(page, lab):
    root = lab()
    assert page.evaluate("location.hash") == ""
    text = "# 中文 & + % = #\nnet = nn.Sequential(nn.Linear(3, 2))\n"
    paste(page, text)
    page.locator("#network-input").fill("7, 3")
    page.wait_for_url("**in=7%2C+3")
    page.reload()
    page.locator("#network-result:not(:empty)").wait_for()
    assert page.locator("#network-text").input_value() == text
    assert "输出 (7, 2)" in root.inner_text()
    paste(page, "net = nn.Sequential(nn.Linear(4, 2))")
    page.locator("#network-remedies button").first.click()
    assert "输出 (7, 2)" in root.inner_text()
    page.go_back()
    page.locator("#network-fault").wait_for()
    assert "nn.Linear(4, 2)" in page.locator("#network-text").input_value()


def test_a_long_network_is_not_put_into_the_address(page, lab):
    lab()
    paste(page, "net = nn.Sequential(\n" + "    nn.Linear(3, 3),\n" * 300 + ")")
    page.locator("#network-input").fill("1, 3")
    page.wait_for_timeout(600)
    assert page.evaluate("location.hash") == ""
    assert "输出 (1, 3)" in page.locator("#network-result").inner_text()


def test_a_layer_opens_in_the_laboratory_of_one_layer(page, lab):
    code = "net = nn.Sequential(nn.Conv2d(1, 2, (3, 5), stride=2, padding=1), nn.MaxPool2d(2))"
    root = lab(code, "1, 1, 9, 9")
    assert root.locator("#network-rows a").all_inner_texts() == [
        "单看高",
        "单看宽",
        "单看高",
        "单看宽",
    ]
    root.locator("#network-rows a").nth(1).click()
    page.wait_for_url("**#n=9&conv=k5,s2,p1")
    assert "输出大小 4，" in page.locator("#lab-result").inner_text()
    page.locator("#lab-k").fill("4")
    page.wait_for_url("**#n=9&conv=k4,s2,p1")
    page.go_back()
    page.wait_for_url("**#net=*")
    assert page.locator("#network-text").input_value() == code
    page.locator("#lab-k").fill("2")  # an edit beside a pasted network does not lose it
    page.wait_for_url("**conv=k2,s2,p1")
    page.go_back()
    page.wait_for_url("**#net=*")


SLIDING = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.known = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding="same", dilation=2),
            nn.Conv2d(4, 4, (3, 5), stride=2),
            nn.ConvTranspose2d(4, 3, 3, stride=2, output_padding=1),
            nn.MaxPool2d(3, 2, 1, dilation=2, ceil_mode=True),
            nn.AvgPool2d(2, ceil_mode=True),
        )
        self.unknown = nn.Sequential(
            nn.Conv2d(3, 3, 2, padding="same"),
            nn.LPPool2d(2, 2),
            nn.AdaptiveAvgPool2d(6),
            nn.BatchNorm2d(3),
            nn.Upsample(scale_factor=2),
            nn.Flatten(2),
        )
        self.line = nn.Conv1d(3, 2, 3, stride=2)
        self.solid = nn.MaxPool3d((1, 1, 2))

    def forward(self, x):
        x = F.max_pool2d(self.known(x), 2)
        return self.solid(self.line(self.unknown(x)).view(2, 1, 1, 1, -1))
"""
OPENED = """root => [...root.querySelectorAll("#network-rows tr")].map((row) => [
  row.querySelector("th code").textContent,
  row.querySelector("td").textContent,
  [...row.querySelectorAll("a")].map((link) => {
    const {n, layers} = ShapeLab.read(new URL(link.href).hash);
    return ShapeLab.stack(n, layers).rows[0].size;
  }),
])"""


def test_only_what_the_laboratory_of_one_layer_knows_opens_there(page, lab):
    root = lab(SLIDING, "2, 3, 64, 60")
    opened = set()
    rows = root.evaluate(OPENED)
    assert len(rows) == 15
    for said, output, there in rows:
        name, number = re.match(r"(\w+?)(\d?)(?:d\b|\W)", said).groups()
        if there:
            opened.add(f"{name}{number}d")
            assert there * (int(number) // len(there)) == sizes(output.strip("()"))[-int(number) :]
        else:
            assert "padding" in said or name not in {"Conv", "ConvTranspose", "MaxPool", "AvgPool"}
    known = ["Conv1d", "Conv2d", "ConvTranspose2d", "MaxPool2d", "MaxPool3d", "AvgPool2d"]
    assert sorted(opened) == sorted(known)


def test_full_width_marks_are_changed_with_a_click(page, lab):
    text, _, _ = pasted.REFUSED["全角的括号"]
    root = lab(text.replace("16", "16 '（'") + "  # （注释）", "1, 3, 8, 8")
    root.locator("#network-line").click()
    selected = "(one) => one.value.slice(one.selectionStart, one.selectionEnd)"
    assert "（3，" in root.locator("#network-text").evaluate(selected)
    root.locator("#network-wide").click()
    assert page.locator("#network-text").input_value() == (
        "net = nn.Sequential(\n    nn.Conv2d(3, 16 '（', 3),\n)  # （注释）"
    )
    root.locator("#network-undo").click()
    assert "（3，" in page.locator("#network-text").input_value()


def test_an_example_is_shown_and_the_address_names_it(page, lab):
    root = lab()
    wrong = example("忘记展平")
    page.get_by_label("看一个跑不通的例子").select_option(wrong["name"])
    assert wrong["message"] in root.inner_text()
    assert page.evaluate("location.hash") == "#mistake=no-flatten"
    options = page.locator("#network-mistake option").all_inner_texts()
    assert options[1:] == [mistake["name"] for mistake in MISTAKES]
    paste(page, "net = nn.Sequential(nn.ReLU())")
    page.wait_for_url("**#net=*")
    assert page.locator("#network-mistake").input_value() == ""


def test_nothing_of_it_is_loaded_before_the_reader_comes_to_it(page, server):
    page.goto(f"{server}{LAB}")
    page.locator("#lab-result:not(:empty)").wait_for()
    page.wait_for_timeout(300)
    loaded = [url for url in page.requests if "/lab/network/" in url]
    assert [url.rpartition("/")[2] for url in loaded] == ["open.js"]
    page.get_by_role("link", name="贴上你的网络").click()
    page.locator("#network-result:not(:empty)").wait_for()
    loaded = {url.rpartition("/")[2] for url in page.requests if "/lab/network/" in url}
    assert loaded == {"open.js", "network.css", *(f"{name}.js" for name in FILES)}
    there = {path.name for path in SCRIPTS.iterdir()} | {"mistakes.js"}
    assert loaded == there


def test_it_is_said_when_the_scripts_do_not_come(page, server):
    page.route("**/lab/network/steps.js", lambda route: route.abort())
    page.goto(f"{server}{LAB}#net=nn.ReLU()&in=1,3")
    expect(page.locator("#network")).to_contain_text("重新打开本页")
    page.troubles.clear()


def test_the_size_that_the_code_itself_makes_is_offered(page, lab):
    root = lab("net = nn.Sequential(nn.Linear(6, 2))\nx = torch.rand(size=(4, 6))\n", "1, 9")
    root.locator("#network-given").click()
    assert page.locator("#network-input").input_value() == "4, 6"
    assert "输出 (4, 2)" in root.inner_text()
    assert not root.locator("#network-given").is_visible()


def test_a_strange_size_is_refused_where_it_stands(page, lab):
    root = lab("nn.Sequential(nn.ReLU())", "1, 3")
    strange = {
        "": "写出输入的大小",
        "1, x, 3": "这里有“x”",
        "1, 0, 3": "至少是 1",
        "1.5": "只能是整数",
        "99999999, 99999999": "太大",
        "1,1,1,1,1,1,1": "最多 6 维",
    }
    for size, said in strange.items():
        page.locator("#network-input").fill(size)
        expect(root.locator("#network-input-error")).to_contain_text(said)
        assert page.locator("#network-input").get_attribute("aria-invalid") == "true"
        assert not root.locator("table").is_visible()


def test_sizes_are_read_as_people_write_them(page, lab):
    lab()
    read = "texts => texts.map((text) => Network.readShape(text).shape)"
    texts = [
        "1,3,8,8",
        "(1, 3, 8, 8)",
        "[1 3 8 8]",
        "1x3x8x8",
        "１，３，８，８",
        "torch.Size([1, 3, 8, 8])",
    ]
    assert page.evaluate(read, texts) == [[1, 3, 8, 8]] * len(texts)


def test_what_cannot_be_read_is_shown_with_its_line(page, lab):
    root = lab("net = nn.Sequential(\n    nn.LSTM(3, 3),\n)", "1, 3")
    assert "第 2 行：nn.LSTM 不在这里读得懂的层之中" in root.inner_text()
    assert not root.locator("#network-table").is_visible()


def test_what_print_shows_is_read_with_a_warning(page, lab):
    printed = "Net(\n  (a): Linear(in_features=4, out_features=2, bias=True)\n  (b): ReLU()\n)"
    root = lab(printed, "1, 4")
    assert "输出 (1, 2)" in root.inner_text()
    assert "没有 forward" in root.locator("#network-note").inner_text()


def test_the_keyboard_is_enough(page, lab):
    wrong = example("步幅是 0")
    lab(wrong["code"], wrong["input"])
    page.locator("#network-text").focus()
    order = []
    for _ in range(5):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert order == ["network-input", "network-clear", "BUTTON", "BUTTON", "network-show"]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert "能跑" in page.locator("#network-result").inner_text()
    page.locator("#network-clear").press("Enter")
    assert page.locator("#network-text").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "network-text"


def test_it_works_from_a_file(page, site):
    wrong = example("按另一种大小的图写的全连接层")
    state = urlencode({"net": wrong["code"], "in": wrong["input"]})
    page.goto(f"{(site / LAB).as_uri()}#{state}")
    page.locator("#network-remedies button").first.click()
    assert "能跑" in page.locator("#network-result").inner_text()
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
SMALL = """root => [
  ...root.querySelectorAll("button, input, select, a, textarea, summary"),
].filter((one) => {
  const {width, height} = one.getBoundingClientRect();
  return width > 0 && (width < 24 || height < 24);
}).map((one) => one.outerHTML)"""


@pytest.mark.parametrize("name", ["残差的两条路大小不一样", "转置卷积多留得太多", None])
def test_it_fits_every_screen_and_eye(page, lab, name):
    shown = example(name) if name else {"code": RESIDUAL, "input": "2, 3, 64, 48"}
    root = lab(shown["code"], shown["input"])
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERFLOW) <= 0
        assert root.evaluate(SMALL) == []
        right = "all => Math.max(...all.map((one) => one.getBoundingClientRect().right))"
        assert root.locator("table, td, pre, button, textarea").evaluate_all(right) <= width
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        faults = Axe().run(page, "#network").response["violations"]
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults] == []


# Where the book leads into it


def sizes(text):
    """Read an input size."""
    return [int(part) for part in text.split(",")]


def lab_links(site, name):
    """Return the networks that a page opens in the lab: text and input."""
    page = BeautifulSoup((site / "book" / name).read_text("utf-8"), "html.parser")
    links = [link["href"].partition("#") for link in page.select(".lab-open a")]
    assert all(address.endswith("lab.html") for address, _, _ in links)
    states = [parse_qs(state) for _, _, state in links]
    named = {mistake["id"]: mistake for mistake in MISTAKES}
    return [
        (named[state["mistake"][0]]["code"], sizes(named[state["mistake"][0]]["input"]))
        if "mistake" in state
        else (state["net"][0], sizes(state["in"][0]))
        for state in states
    ]


@pytest.mark.parametrize(
    ("name", "many"),
    [("lenet", 1), ("alexnet", 2), ("vgg", 1), ("receptive-field", 1)],
)
def test_the_chapters_open_their_networks(site, follow, name, many):
    (path,) = (site / "book" / "notes").glob(f"*-{name}.html")
    cases = lab_links(site, f"notes/{path.name}")
    assert len(cases) == many
    for case, ours in zip(cases, follow(cases), strict=True):
        with torch.device("meta"):
            error, rows, parameters = by_meta(*case)
        assert (error, ours["error"]) == ("", "")
        assert (ours["rows"], ours["parameters"]) == (rows, parameters)
        assert len(rows) >= 5


def test_the_index_of_messages_shows_them(site, follow):
    page = BeautifulSoup((site / "book/reference/errors.html").read_text("utf-8"), "html.parser")
    items = [item for item in page.select("ul.error-index > li") if item.select(".lab-open")]
    cases = lab_links(site, "reference/errors.html")
    assert len(cases) == len(items) >= 11
    for item, ours in zip(items, follow(cases), strict=True):
        words = re.split(r"[\d, ]*\d[\d, ]*", item.code.text.replace("\xa0", " "))
        assert all(word in ours["error"] for word in words), item.code.text
        assert ours["remedies"][0]["whole"]


SEEN = """heading => {
  const {left, top, height} = heading.getBoundingClientRect();
  return [0.1, 0.9].every(
    part => heading.contains(document.elementFromPoint(left + 9, top + part * height)));
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_click_in_the_index_fills_the_lab(page, server, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{server}book/reference/errors.html")
    page.locator("li", has_text="mat1 and mat2 shapes").locator(".lab-open a").first.click()
    page.locator("#network-fault").wait_for()
    assert "mat1 and mat2 shapes cannot be multiplied" in page.locator("#network").inner_text()
    expect(page.locator("#network-text")).to_be_in_viewport()
    page.wait_for_load_state()
    assert page.get_by_role("heading", name="你的网络").evaluate(SEEN)  # no bar lies over it


def test_nothing_is_run(page, lab):
    """What the text says is only read, whatever it says."""
    page.evaluate("window.touched = 0")
    root = lab("net = nn.Sequential(nn.ReLU())\n<img src=x onerror='touched=1'>\n", "1, 3")
    paste(
        page,
        "net = nn.Sequential(nn.ReLU())\n__import__('os').system('touched')\nnet = nn.Odd('<b>')",
    )
    assert "第 3 行" in root.inner_text()
    assert root.locator("b, img").count() == 0
    assert HEAD.startswith("import")


def test_a_hostile_text_ends_soon(follow):
    texts = [
        "(" * 5000,
        "x = " + "-" * 3000 + "1",
        "net = nn.Sequential(" + "nn.Sequential(" * 500 + ")" * 501,
        "x = 9\nfor i in range(999):\n    for j in range(999):\n        x = x + 1\n",
        "a = [1]\n" + "a = a + a\n" * 60 + "net = nn.Sequential(nn.ReLU())",
        "x = 2 ** 3 ** 9 ** 9\nnet = nn.Sequential(nn.Linear(x, 1))",
        "s = 'a'\n" + "s = s + s\n" * 40 + "net = nn.Sequential(nn.ReLU())",
    ]
    for ours in follow([(text, (1, 3)) for text in texts]):
        assert "crash" not in ours, ours["crash"][:300]


RELU = "net = nn.Sequential(nn.ReLU())"
NESTED = "class Net(nn.Module):\n    def forward(self, x):\n        return {}\nnet = Net()"


@pytest.mark.parametrize(
    ("deep", "line"),
    {
        "brackets": ("x = " + "(" * 9000 + "1" + ")" * 9000, 1),
        "signs": ("x = " + "-" * 30000 + "1", 1),
        "not": ("x = " + "not " * 30000 + "1", 1),
        "powers": ("x = " + "1 ** " * 30000 + "1", 1),
        "sum": ("x = " + "1 + " * 40000 + "1", 1),
        "members": ("x = nn" + ".nn" * 60000, 1),
        "choices": ("x = " + "1 if 1 else " * 9000 + "1", 1),
        "blocks": ("".join(f"{' ' * n}if True:\n" for n in range(300)) + " " * 300 + "pass", 101),
        "elif": ("if 0:\n    pass\n" + "elif 0:\n    pass\n" * 9000, 1),
        "call": (f"def f(x):\n    return {'-' * 9000}f(x)\nf(1)", 2),
        "blanks": (f"x{' ' * 90000}y", 1),
        "loops": ("for " * 30000, 1),
    }.values(),
)  # fmt: skip
def test_what_is_nested_too_deeply_is_refused_with_its_line(follow, deep, line):
    before, after = follow([(f"{RELU}\n{deep}", (1, 3)), (f"{deep}\n{RELU}", (1, 3))])
    for ours, moved in ((before, 1), (after, 0)):
        assert "crash" not in ours, ours["crash"][:300]
        assert ours.get("at", line + moved) == line + moved
        assert ours.get("skipped") or "嵌套" in ours["unreadable"]


@pytest.mark.parametrize(
    "text",
    {
        "modules": "net = nn.ReLU()\nfor i in range(20000):\n    net = nn.Sequential(net)",
        "written": "net = " + "nn.Sequential(" * 9000 + ")" * 9000,
        "long": "net = nn.ReLU()\n" * 20000,
        "forward": NESTED.format("-" * 30000 + "x"),
        "printed": "".join(f"{'  ' * n}(0): Sequential(\n" for n in range(3000)),
    }.values(),
)
def test_a_network_that_is_nested_too_deeply_is_refused(follow, text):
    (ours,) = follow([(text.removeprefix("(0): "), (1, 3))])
    assert "crash" not in ours, ours["crash"][:300]
    assert ours["unreadable"]
