"""The shape lab: its arithmetic against torch, its drawings by counting, its page in a browser."""

import random
import re
from collections import Counter
from itertools import product

import pytest
import torch
from torch import nn

from dlnotes.models import VGG_CONFIGS, alexnet, alexnet_2012, lenet, vgg
from dlnotes.receptive import receptive_field, windows

LAB = "book/lab.html"
FIELDS = {"conv": "kspd", "max": "kspd", "avg": "ksp", "transposed": "kspdo"}
KINDS = tuple(FIELDS)
CASES = 3200

SIZES = """cases => cases.map(([n, layer]) => {
  const {message, rows: [row]} = ShapeLab.stack(n, [{...ShapeLab.newLayer(layer.kind), ...layer}]);
  return message || row.errors.length ? null : row.size;
})"""
STACKS = """stacks => stacks.map(([n, layers]) => ShapeLab.stack(
  n, layers.map((layer) => ({...ShapeLab.newLayer(layer.kind), ...layer}))
).rows.map(({size, field, jump}) => size ? [size, field, jump] : null))"""
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture
def lab(page, server):
    """Open the lab; return how to show a state there."""

    def show(state=""):
        page.goto("about:blank")
        page.goto(f"{server}{LAB}{'#' if state else ''}{state}")
        page.locator("#lab-result:not(:empty)").wait_for()
        return page.locator("#lab")

    yield show
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith((server, "data:", "about:"))] == []


def module(kind, k, s=None, p=0, d=1, o=0, ceil=False):
    """Make torch's layer; the weights of the convolutions are ones."""
    if kind == "max":
        return nn.MaxPool2d(k, s, p, d, ceil_mode=ceil)
    if kind == "avg":
        return nn.AvgPool2d(k, s, p, ceil_mode=ceil)
    if kind == "conv":
        layer = nn.Conv2d(1, 1, k, 1 if s is None else s, p, d, bias=False)
    else:
        layer = nn.ConvTranspose2d(1, 1, k, 1 if s is None else s, p, o, bias=False, dilation=d)
    nn.init.ones_(layer.weight)
    return layer


def by_torch(n, layer):
    """Measure the output on the CPU, which refuses more than the meta device; None if refused.

    For transposed convolutions an empty output counts as refused: some of torch's kernels let it
    pass (oneDNN's), the others do not.
    """
    options = {"ceil": layer["ceil"]} if "ceil" in layer else {}
    numbers = {name: int(text) for name, text in layer.items() if len(name) == 1 and text}
    try:
        with torch.no_grad():
            out = module(layer["kind"], **numbers, **options)(torch.zeros(1, 1, int(n), int(n)))
    except (RuntimeError, ZeroDivisionError):
        return None
    height, width = out.shape[-2:]
    assert height == width
    return width or None


def configurations():
    """Draw layers of every kind; some fields are out of torch's range or do not fit together."""
    draw = random.Random(6)
    for number in range(CASES):
        kind = KINDS[number % len(KINDS)]
        n, k = draw.randint(1, 24), draw.randint(1, 6)
        odd = draw.random() < 0.24  # anything goes
        half = k // 2 if kind in ("max", "avg") else 3
        layer = {"k": k, "s": draw.randint(1, 5), "p": draw.randint(0, half + odd)}
        layer["d"] = draw.choice((1, 1, 2, 3))
        layer["o"] = draw.randint(0, max(layer["s"], layer["d"]) - 1 + odd)
        if odd:
            layer[draw.choice("kspdo")] = draw.randint(-1, 1)
            n = draw.randint(0, 4)
        texts = {name: str(layer[name]) for name in FIELDS[kind]}
        if kind in ("max", "avg"):
            texts["ceil"] = draw.random() < 0.5
            if draw.random() < 0.2:
                texts["s"] = ""  # torch's default
        yield str(n), {"kind": kind, **texts}


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_sizes_and_refusals_are_those_of_torch(page, lab):
    lab()
    cases = list(configurations())
    ours = page.evaluate(SIZES, cases)
    theirs = [by_torch(*case) for case in cases]
    wrong = [case for case in zip(cases, ours, theirs, strict=True) if case[1] != case[2]]
    assert wrong == []
    kinds = [layer["kind"] for _, layer in cases]
    counts = Counter(zip(kinds, [size is not None for size in theirs], strict=True))
    for kind in KINDS:
        assert counts[kind, True] + counts[kind, False] == CASES // 4
        assert 0.15 < counts[kind, False] / (CASES // 4) < 0.4, counts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("７", 7),
        ("+7", 7),
        ("2147483647", 2147483647),
        ("2147483648", "最多"),
        ("9" * 400, "最多"),
        ("0", "至少"),
        ("−3", "至少"),
        ("", "空着"),
        ("1.5", "整数"),
        ("1e3", "整数"),
        ("0x10", "整数"),
        ("Infinity", "整数"),
        ("7格", "整数"),
    ],
)
def test_a_field_takes_integers_only(page, lab, text, value):
    lab()
    found = page.evaluate("text => ShapeLab.integer('k', text)", text)
    if isinstance(value, int):
        assert found == {"value": value}
    else:
        assert value in found["message"]


def test_huge_numbers_are_exact_or_refused_and_quick(page, lab):
    lab()
    most = 2**31 - 1
    cases = [
        (most, {"kind": "conv", "k": 3, "s": 2, "p": 1}, (most - 1) // 2 + 1),
        (most, {"kind": "conv", "k": most, "d": most}, None),
        (most, {"kind": "max", "k": 46341, "d": 46341, "s": most, "ceil": True}, 1),
        (most, {"kind": "transposed", "k": 1, "s": most}, None),
        (1, {"kind": "transposed", "k": most, "p": most // 2}, 1),
        (2, {"kind": "transposed", "k": 1, "s": most - 1}, most),
    ]
    texts = [
        (str(n), {name: v if name in ("kind", "ceil") else str(v) for name, v in layer.items()})
        for n, layer, _ in cases
    ]
    assert page.evaluate(SIZES, texts) == [size for *_, size in cases]
    huge = "{k: 46341, d: 46341, s: 46349, p: 0}"
    took = page.evaluate(
        f"""() => {{ const start = performance.now();
            for (let cell = 0; cell < 40; cell++) ShapeLab.touched({huge}, 9000, 2e9 + cell);
            return performance.now() - start; }}"""
    )
    assert took < 500


def test_taps_and_untouched_cells_are_those_of_torch(page, lab):
    lab()
    draw = random.Random(60)
    cases = []
    while len(cases) < 200:
        kind = draw.choice(("conv", "transposed"))
        values = {"k": draw.randint(1, 4), "s": draw.randint(1, 5), "p": draw.randint(0, 2)}
        values["d"] = draw.randint(1, 3)
        n = draw.randint(1, 9)
        texts = {name: str(value) for name, value in values.items()}
        size = by_torch(str(n), {"kind": kind, **texts})
        if size is not None:
            cases.append((kind, n, size, values))
    ours = page.evaluate(
        """cases => cases.map(([kind, n, size, values]) => {
          const [count, length] = kind === "conv" ? [size, n] : [n, size];
          const inside = (cell) => cell >= 0 && cell < length;
          const list = (many) => Array.from({length: many}, (_, i) => i);
          return [list(count).map((i) => ShapeLab.taps(values, i).filter(inside)),
                  list(count).map((i) => ShapeLab.taps(values, i, 0, length - 1)),
                  list(length).filter((cell) => ShapeLab.touched(values, count, cell))];
        })""",
        cases,
    )
    for (kind, n, _, values), (whole, clipped, touched) in zip(cases, ours, strict=True):
        identity = torch.eye(n).reshape(n, 1, n, 1)  # every input cell by itself
        layer = module(kind, **{**values, "k": (values["k"], 1), "p": (values["p"], 0)})
        matrix = layer(identity)[:, 0, :, 0].detach() != 0
        if kind == "conv":
            matrix = matrix.T
        assert whole == clipped == [row.nonzero().flatten().tolist() for row in matrix]
        assert touched == matrix.any(dim=0).nonzero().flatten().tolist()


def test_fields_of_stacks_are_those_of_the_book(page, lab):
    lab()
    draw = random.Random(600)
    stacks = []
    for _ in range(300):
        layers = [
            {"kind": draw.choice(KINDS[:3]), "k": draw.randint(1, 5), "s": draw.randint(1, 3)}
            for _ in range(draw.randint(1, 7))
        ]
        for layer in layers:
            layer["d"] = 1 if layer["kind"] == "avg" else draw.randint(1, 3)
            layer["p"] = draw.randint(0, layer["k"] // 2)
        stacks.append((draw.choice((20, 90, 400)), layers))
    texts = [
        (str(n), [{a: b if a == "kind" else str(b) for a, b in one.items()} for one in layers])
        for n, layers in stacks
    ]
    ours = page.evaluate(STACKS, texts)
    ends = Counter()
    for (n, layers), rows in zip(stacks, ours, strict=True):
        fields = receptive_field((x["k"], x["s"], x["d"], x["p"]) for x in layers)
        sizes = [n]
        for layer in layers:
            last = sizes[-1]
            room = None if last is None else last + 2 * layer["p"] - layer["d"] * (layer["k"] - 1)
            sizes.append(None if room is None or room < 1 else (room - 1) // layer["s"] + 1)
        expected = [
            None if size is None else [size, field.size, field.jump]
            for size, field in zip(sizes[1:], fields, strict=True)
        ]
        assert rows == expected
        ends[rows[-1] is None] += 1
    assert min(ends.values()) >= 60, ends


@pytest.mark.parametrize(
    ("name", "net", "shape"),
    [
        ("LeNet", lenet, (1, 1, 28, 28)),
        ("AlexNet", alexnet, (1, 1, 224, 224)),
        ("AlexNet 2012", alexnet_2012, (1, 3, 227, 227)),
        ("VGG-11", vgg, (1, 1, 224, 224)),
        ("VGG-16", lambda: vgg(VGG_CONFIGS["D"]), (1, 1, 224, 224)),
    ],
)
def test_presets_are_the_nets_of_the_book(page, lab, name, net, shape):
    root = lab()
    root.locator(".lab-presets a").get_by_text(name, exact=True).click()
    page.wait_for_url(f"**#n={shape[-1]}&*")
    traced = []
    with torch.device("meta"):
        model = net()
        for layer in model.modules():
            if isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
                layer.register_forward_hook(lambda _, __, out: traced.append(out.shape[-1]))
        model(torch.zeros(shape))
    fields = receptive_field(windows(model))
    assert len(traced) == len(fields) >= 4
    expected = [
        [str(size), str(field.size), str(field.jump)]
        for size, field in zip(traced, fields, strict=True)
    ]
    rows = root.locator("#lab-stack tr").all()
    assert [row.locator("td").all_inner_texts() for row in rows[1:]] == expected
    first_kinds = [row.locator("th").inner_text().split()[1] for row in rows[1:]]
    chinese = {nn.Conv2d: "卷积", nn.MaxPool2d: "最大池化", nn.AvgPool2d: "平均池化"}
    kinds = [chinese[type(layer)] for layer in model.modules() if type(layer) in chinese]
    assert first_kinds == kinds


def test_what_is_suggested_is_what_is_promised(page, lab):
    root = lab()
    links = page.locator('article a[href^="#n="]:not(#network a)')
    seen = {link.inner_text(): link.get_attribute("href") for link in links.all()}
    assert len(seen) == 16
    results = {}
    for text, state in seen.items():
        results[text] = re.search(r"输出大小 (\d+)，", lab(state[1:]).inner_text())[1]
        write = "text => ShapeLab.write(ShapeLab.read(text))"
        assert page.evaluate(write, state) == state[1:], "not as the page itself would write it"
    assert [results[text] for text in ("看一看", "为什么", "7", "54", "55")] == [
        "4", "4", "7", "54", "55",
    ]  # fmt: skip
    assert results["在右侧多留一格"] == "8"
    assert (results["多出一个窗口"], results["要丢弃"]) == ("3", "2")
    root = lab(seen["要丢弃"][1:])
    assert "3 − 1 = 2" in root.inner_text()
    assert root.locator(".lab-not-taken").text_content() == "丢弃"


DRAWN = [
    f"n={n}&{layer}"
    for n, layer in product(
        (5, 8),
        ("conv=k3,s2,p1", "conv=k2,s3", "conv=k3,d2", "max=k2,s3,p1,ceil", "avg=k2,ceil",
         "transposed=k3,s2,p1,o1", "transposed=k2,s3", "transposed=k3,p1,d2,o1"),
    )
]  # fmt: skip


@pytest.mark.parametrize("state", DRAWN)
def test_the_drawing_has_every_window_tap_and_untouched_cell(page, lab, state):
    root = lab(state)
    n = int(state[2])
    kind, settings = state[4:].split("=")
    given = {text[0]: int(text[1:]) for text in settings.split(",") if text != "ceil"}
    layer = {"kind": kind, **{name: str(value) for name, value in given.items()}}
    if kind in ("max", "avg"):
        layer["ceil"] = "ceil" in settings
    size = by_torch(str(n), layer)
    transposed = kind == "transposed"
    assert f"输出大小 {size}，" in root.locator("#lab-result").inner_text()
    s = given.get("s", given["k"] if kind in ("max", "avg") else 1)
    drawn = page.evaluate(
        """[...document.querySelectorAll("#lab-line .lab-window")].map((one) =>
             [...one.querySelectorAll(".lab-tap")].map((tap) => Number(tap.dataset.cell)))"""
    )
    taps = [
        [i * s - given.get("p", 0) + j * given.get("d", 1) for j in range(given["k"])]
        for i in range(n if transposed else size)
    ]
    assert drawn == taps
    length = size if transposed else n
    cells = page.evaluate(
        """Object.fromEntries([...document.querySelectorAll("#lab-line > .lab-cell")].map(
             (one) => [one.dataset.cell, one.getAttribute("class").split(" ")[1]]))"""
    )
    inside = {cell for window in taps for cell in window}
    extra = set(range(length - given.get("o", 0), length))
    unseen = set(range(length)) - inside - extra
    assert {int(cell) for cell, name in cells.items() if name == "lab-unseen"} == unseen
    assert {int(cell) for cell, name in cells.items() if name == "lab-extra"} == extra
    outside = {int(c) for c, name in cells.items() if name in ("lab-pad", "lab-cut", "lab-beyond")}
    assert inside - set(range(length)) <= outside
    assert not outside & set(range(length))
    assert root.locator("#lab-output .lab-cell").count() >= min(size, 18) ** 2
    label = root.locator("#lab-line").get_attribute("aria-label")
    assert f"输入 {n}，输出 {size}。" in label


def test_the_two_directions_show_the_same_window(page, lab):
    root = lab("n=7&conv=k3,s2,p1")
    root.locator("#lab-output .lab-cell").nth(2 * 4 + 3).click()
    assert page.evaluate("location.hash") == "#n=7&conv=k3,s2,p1"  # written a little later
    page.wait_for_url("**&w=3&r=2")
    chosen = "all => all.map((one) => one.dataset.cell)"
    assert root.locator("#lab-output .lab-chosen").evaluate_all(chosen) == ["2,3"]
    assert root.locator("#lab-input .lab-chosen").evaluate_all(chosen) == [
        f"{row},{column}" for row in (3, 4, 5) for column in (5, 6, 7)
    ]
    assert root.locator("#lab-line > .lab-chosen.lab-cell").evaluate_all(chosen) == ["5", "6", "7"]


def test_a_big_drawing_says_that_it_is_a_part(page, lab):
    for state in ("n=224&conv=k11,s4,p1&w=30", "n=2147483647&conv=k3,s1&w=2147480000",
                  "n=2147483647&max=k2147483647,d1", "n=900&transposed=k3,s2&w=899"):  # fmt: skip
        root = lab(state)
        assert "只画了第" in root.locator("#lab-line-note").inner_text()
        assert "只画了" in root.locator("#lab-plane-note").inner_text()
        assert 0 < root.locator("#lab-line .lab-tap").count() <= 400
        assert root.locator("#lab-line .lab-window.lab-chosen").count() == 1
        assert root.locator("#lab-line > .lab-cell.lab-chosen").count() > 0


def fill(page, field, text):
    """Type into a field."""
    page.locator(f"#lab-{field}").fill(text)


def test_the_address_keeps_everything(page, lab):
    root = lab()
    page.locator("#lab-kind").select_option("max")
    for field, text in {"n": "20", "k": "4", "s": "3", "p": "2", "d": "2"}.items():
        fill(page, field, text)
    page.locator("#lab-ceil").check()
    page.locator("#lab-add").click()
    fill(page, "k", "1,5&=%#")
    page.wait_for_url("**at=2*")
    page.wait_for_timeout(400)
    text = root.inner_text()
    assert "1,5&=%#" in text
    page.reload()
    page.locator("#lab-result:not(:empty)").wait_for()
    assert page.locator("#lab").inner_text() == text
    assert page.locator("#lab-k").input_value() == "1,5&=%#"
    page.locator("#lab-stack button").first.click()
    values = {name: page.locator(f"#lab-{name}").input_value() for name in "nkspd"}
    assert values == {"n": "20", "k": "4", "s": "3", "p": "2", "d": "2"}
    assert page.locator("#lab-ceil").is_checked()


def test_the_back_button_returns_to_the_last_step(page, lab):
    root = lab()
    fill(page, "n", "30")
    root.locator(".lab-presets a").first.click()
    page.wait_for_url("**#n=28*")
    assert root.locator("#lab-stack tr").count() == 5
    page.locator("#lab-add").click()
    assert root.locator("#lab-stack tr").count() == 6
    page.go_back()
    assert root.locator("#lab-stack tr").count() == 5
    page.go_back()
    page.wait_for_function("document.querySelector('#lab-n').value === '30'")
    assert root.locator("#lab-stack tr").count() == 2
    page.go_forward()
    page.wait_for_function("document.querySelector('#lab-n').value === '28'")


def test_a_strange_address_changes_nothing(page, lab):
    for strange in ("id1", "n=7", "n=7&conv=k%E0%A4%A", "n=7&transposed=k3&conv=k3", "&".join(
            ["n=7"] + ["conv=k1"] * 41)):  # fmt: skip
        assert "输出大小 4，" in lab(strange).inner_text()
    assert "输出大小 5，" in lab("n=7&conv=k3,,z9&toString=1&at=-5&w=1e99&r=x").inner_text()


def test_the_keyboard_is_enough(page, lab):
    root = lab("n=7&conv=k3,s2,p1")
    page.locator("#lab-kind").focus()
    order = []
    for _ in range(40):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.id || document.activeElement.ariaLabel"))
    steps = ["lab-n", "lab-k", "lab-s", "lab-p", "lab-d", "lab-column", "lab-row", "lab-add"]
    assert [name for name in order if name in steps] == steps
    page.locator("#lab-column").focus()
    for expected in (1, 2, 3, 3):
        page.keyboard.press("ArrowRight")
        chosen = root.locator("#lab-line .lab-window.lab-chosen")
        assert chosen.get_attribute("data-window") == str(expected)
    page.locator("#lab-n").focus()
    page.keyboard.press("ArrowUp")
    assert page.locator("#lab-n").input_value() == "8"
    page.locator("#lab-add").focus()
    page.keyboard.press("Enter")
    page.locator("#lab-up").focus()
    page.keyboard.press("Space")
    names = root.locator("#lab-stack button").all_inner_texts()
    assert names == ["1. 卷积 k=3", "2. 卷积 k=3 s=2 p=1"]
    page.locator("#lab-stack button").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "lab-title"
    assert page.locator("#lab-s").input_value() == "2"
    page.locator("#lab-remove").focus()
    page.keyboard.press("Enter")
    assert root.locator("#lab-stack button").all_inner_texts() == ["1. 卷积 k=3"]


@pytest.mark.parametrize(
    ("state", "field", "said"),
    [
        ("n=&conv=k3", "n", "输入大小 n 要填整数，现在空着"),
        ("n=7&conv=kabc", "k", "窗口 k 要填整数，现在是“abc”"),
        ("n=7&conv=k3,s0", "s", "步幅 s 至少是 1，现在是 0"),
        ("n=7&conv=k3,p-1", "p", "填充 p 至少是 0，现在是 -1"),
        ("n=9999999999&conv=k3", "n", "输入大小 n 最多是 2147483647，现在是 9999999999"),
        ("n=3&conv=k3,d2", "k", "窗口盖住 2 × (3 − 1) + 1 = 5 格"),
        ("n=7&avg=k3,p2", "p", "池化的填充 p 最多是窗口的一半：窗口 3，最多 1，现在是 2"),
        ("n=7&transposed=k3,s2,o2", "o", "多留 o 要小于步幅 2 或空洞 1，现在是 2"),
        ("n=1&transposed=k3,p2", "p", "铺开后有 3 格，两侧各切掉 2 格就什么也不剩"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(page, lab, state, field, said):
    root = lab(state)
    assert root.locator("[aria-invalid=true]").evaluate_all("all => all.map((one) => one.id)") == [
        f"lab-{field}"
    ]
    error = root.locator(f"#lab-{field}").get_attribute("aria-describedby")
    assert said in root.locator(f"#{error}").inner_text()
    result = root.locator("#lab-result")
    assert result.get_attribute("role") == "status"
    assert said in result.inner_text()
    assert not root.locator("#lab-pictures").is_visible()
    assert "NaN" not in root.inner_text()
    assert "undefined" not in root.inner_text()


def test_an_invalid_layer_stops_those_after_it(page, lab):
    root = lab("n=9&conv=k3&conv=k9&conv=k3&max=k2&at=4")
    rows = [row.locator("td").all_inner_texts() for row in root.locator("#lab-stack tr").all()]
    assert rows[1] == ["7", "3", "1"]
    assert "窗口盖住 1 × (9 − 1) + 1 = 9 格" in rows[2][0]
    assert rows[3:] == [["前一层没有输出"]] * 2
    assert "前一层没有输出" in root.locator("#lab-result").inner_text()
    root = lab("n=x&conv=k3&conv=k3")
    texts = root.locator("#lab-stack td").all_inner_texts()
    assert texts[3:] == ["输入大小 n 不对，没有输出", "前一层没有输出"]


def test_transposed_convolutions_stand_alone(page, lab):
    root = lab("n=4&transposed=k3,s2")
    assert page.locator("#lab-add").is_disabled()
    assert "不能叠" in page.locator("#lab-stack-note").inner_text()
    root = lab("n=9&conv=k3&conv=k3")
    assert root.locator("#lab-kind option[value=transposed]").is_disabled()


def test_it_plays_only_when_asked_and_never_with_reduced_motion(page, lab):
    root = lab("n=7&conv=k3")
    chosen = root.locator("#lab-line .lab-window.lab-chosen")
    page.wait_for_timeout(900)
    assert chosen.get_attribute("data-window") == "0"
    root.locator("#lab-play").click()
    root.locator("#lab-line .lab-window.lab-chosen[data-window='2']").wait_for()
    root.locator("#lab-play").click()
    stopped = chosen.get_attribute("data-window")
    page.wait_for_timeout(900)
    assert chosen.get_attribute("data-window") == stopped
    page.emulate_media(reduced_motion="reduce")
    assert not root.locator("#lab-play").is_visible()


def test_it_works_from_a_file(page, site):
    page.goto((site / LAB).as_uri() + "#n=28&conv=k5,p2&avg=k2")
    assert "输出大小 28，" in page.locator("#lab-result").inner_text()
    fill(page, "k", "3")
    page.wait_for_url("**conv=k3,p2&avg=k2")
    page.locator(".lab-presets a").first.click()
    page.wait_for_url("**#n=28&conv=k5,p2&avg=k2,s2&*")
    page.go_back()
    page.wait_for_url("**conv=k3,p2&avg=k2")
    assert page.locator("#lab-k").input_value() == "3"
    assert page.troubles == []
    assert [url for url in page.requests if not url.startswith(("file:", "data:"))] == []


WIDE = ("n=7&conv=k3,s2,p1", "n=224&conv=k11,s4,p1&max=k3,s2&conv=kmuch_too_l&w=30",
        "n=2147483647&conv=k2147483647,s2147483647,p1147483647&w=1",
        "n=2147483647&conv=k2147483647,d2147483647", "n=5&max=k2,s3,p1,ceil",
        "n=14&transposed=k3,s2,p1,o1&w=13&r=13")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(page, lab, scheme):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    small = """root => [...root.querySelectorAll("button, select, input, a")].filter((one) => {
      const {width, height} = one.getBoundingClientRect();
      return width > 0 && (width < 24 || height < 24);
    }).map((one) => one.outerHTML)"""
    for state in WIDE:
        root = lab(state)
        assert page.evaluate(OVERFLOW) <= 0, state
        assert root.evaluate(small) == []
        edges = root.locator("svg, fieldset, input, button, table").evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().right)"
        )
        assert len(edges) > 20
        assert max(edges) <= 360, state


CONTRAST = """root => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const solid = (colour) => !/^(none|transparent)/.test(colour) && numbers(colour)[3] !== 0;
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (solid(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.disabled) continue;
    const style = getComputedStyle(element);
    const svg = element.closest("svg");
    const own = element.previousElementSibling?.matches(".lab-own, .lab-cell > *");
    const box = own && element.parentElement.querySelector(".lab-own, .lab-cell > rect");
    const under = box ? getComputedStyle(box).fill : behind(svg?.parentElement ?? element);
    const two = [light(svg ? style.fill : style.color), light(under)].sort((a, b) => b - a);
    found.push([(two[0] + 0.05) / (two[1] + 0.05), walker.currentNode.data]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(page, lab, scheme):
    page.emulate_media(color_scheme=scheme)
    for state in ("n=9&conv=k3,s4,p1&w=1", "n=5&max=k2,s3,p1,ceil", "n=7&conv=kx&conv=k3"):
        found = lab(state).evaluate(CONTRAST)
        assert len(found) > 30
        assert [entry for entry in found if entry[0] < 4.5] == []
