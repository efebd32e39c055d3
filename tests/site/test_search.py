"""The search page in a real browser: what readers ask, and what they see."""

import json
import re
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

# What a reader would type, on a phone and from memory, and the page that answers it.
QUERIES = {
    "训练集上很准，测试集上很差怎么办": "notes/2023-08-16-generalization",
    "early stoping": "notes/2023-08-16-generalization",
    "训练误差很小为什么预测新数据不准": "notes/2023-08-16-generalization",
    "为什么一定要激活函数": "notes/2023-08-17-activation",
    "relu 死掉 梯度消失": "notes/2023-08-17-activation",
    "sigmoid 和 relu 哪个好": "notes/2023-08-17-activation",
    "XOR": "notes/2023-08-17-activation",
    "测量误差 随机误差和系统误差的区别": "notes/2023-08-18-measurement-error",
    "多测几次取平均有用吗": "notes/2023-08-18-measurement-error",
    "get_dummies": "notes/2023-09-01-one-hot",
    "OneHotEncoder handle_unknown": "notes/2023-09-01-one-hot",
    "性别、颜色这种文字类别怎么变成数字": "notes/2023-09-01-one-hot",
    "cv2.imread 颜色不对 RGB BGR": "notes/2023-09-01-image-shape",
    "opencv 读出来的图片是蓝色的": "notes/2023-09-01-image-shape",
    "减均值除以标准差": "notes/2023-09-01-z-score",
    "StandardScaler": "notes/2023-09-01-z-score",
    "方差为0 除以0 nan": "notes/2023-09-01-z-score",
    "epoch 和 iteration 有什么区别": "notes/2023-09-01-epoch-batch",
    "batch size 选多大": "notes/2023-09-01-epoch-batch",
    "(3,) 和 (3,1) 的区别": "notes/2023-09-02-numpy-shape",
    "numpy 广播": "notes/2023-09-02-numpy-shape",
    "reshape(-1,1)": "notes/2023-09-02-numpy-shape",
    "read_csv 千分位 缺失值": "notes/2023-09-04-csv-and-plots",
    "怎么画直方图": "notes/2023-09-04-csv-and-plots",
    "pandas 读 csv 乱码": "notes/2023-09-04-csv-and-plots",
    "卷积后图片尺寸怎么算": "notes/2023-09-06-conv-output-shape",
    "stirde padding": "notes/2023-09-06-conv-output-shape",
    "receptive field 公式": "notes/2023-09-06-receptive-field",
    "感受也怎么算": "notes/2023-09-06-receptive-field",
    "RF": "notes/2023-09-06-receptive-field",
    "怎么去除照片的运动模糊": "notes/2023-09-07-motion-blur-psf",
    "PSF": "notes/2023-09-07-motion-blur-psf",
    "NCHW": "notes/2023-09-07-tensor-shape",
    "view size is not compatible with input tensor's size": "notes/2023-09-07-tensor-shape",
    "unsqueeze 加一维": "notes/2023-09-07-tensor-shape",
    "1x1卷积有什么用": "notes/2023-09-07-conv-channels",
    "feature map": "notes/2023-09-07-conv-channels",
    "汇聚层": "notes/2023-09-11-pooling",
    "最大池化的步幅": "notes/2023-09-11-pooling",
    "MaxPool2d stride 默认值": "notes/2023-09-11-pooling",
    "lennet": "notes/2023-09-11-lenet",
    "手写数字识别": "notes/2023-09-11-lenet",
    "CNN": "notes/2023-09-11-lenet",
    "alexent 第一层 54 还是 55": "notes/2023-09-11-alexnet",
    "VGG16": "notes/2023-09-11-vgg",
    "两个3x3卷积代替一个5x5": "notes/2023-09-11-vgg",
    "学习率太大 loss 变成 nan": "notes/2023-09-11-sgd",
    "torch.optim.SGD": "notes/2023-09-11-sgd",
    "批量规一化": "notes/2023-09-11-batch-norm",
    "BatchNorm2d": "notes/2023-09-11-batch-norm",
    "Expected more than 1 value per channel when training": "notes/2023-09-11-batch-norm",
    "ConvTranspose2d": "notes/2023-09-14-transposed-conv",
    "上采样 棋盘效应": "notes/2023-09-14-transposed-conv",
    "cv2.warpAffine 旋转图片": "notes/2023-09-15-affine",
    "ｔｏｒｃｈ．ｌｏａｄ weights_only": "notes/2023-09-19-saving-models",
    "怎样保存训练好的模型": "notes/2023-09-19-saving-models",
    "missing key(s) in state_dict": "notes/2023-09-19-saving-models",
    "lucas kanade": "notes/2023-10-16-optical-flow",
    "calcOpticalFlowPyrLK": "notes/2023-10-16-optical-flow",
    "*args **kwargs": "notes/2023-10-16-star-args",
    "got an unexpected keyword argument": "notes/2023-10-16-star-args",
    "论文里说 10x faster 是什么意思": "notes/2023-10-17-reading-10x",
    "LN 和 BN 的区别": "notes/2023-10-17-layer-norm-vs-batch-norm",
    "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)": "notes/2023-10-17-hadamard-matmul",
    "星号和 @ 两种矩阵乘法": "notes/2023-10-17-hadamard-matmul",
    "大图切成小块 patch": "notes/2023-10-18-patch-and-batch",
    "术语表": "reference/glossary",
    "公式里的字母什么意思": "reference/notation",
    "笔记里写错的地方": "reference/errata",
    "参考文献": "reference/bibliography",
    "怎么复现这本书": "reference/about",
}


def search(page, server, query):
    """Open the search page with a query, wait for its results; return their pages in order."""
    page.goto(f"{server}search.html?q={quote(query)}")
    page.locator(".search-summary:not(:empty)").wait_for()
    links = page.locator("a.search-result-title").evaluate_all("all => all.map(one => one.href)")
    return [link.removeprefix(f"{server}book/").removesuffix(".html") for link in links]


@pytest.fixture
def find(page, server):
    """Return the ranked pages of any query, on one open search page."""
    page.goto(f"{server}search.html")
    page.wait_for_function("Search.hasIndex()")
    script = "query => Search.find(query).results.map(({page}) => page.name)"
    return lambda query: [name.removeprefix("book/") for name in page.evaluate(script, query)]


def test_readers_find_their_chapter_among_the_first_three(page, find):
    found = {query: find(query)[:3] for query in QUERIES}
    assert len(found) >= 40
    missed = {query: got for query, got in found.items() if QUERIES[query] not in got}
    assert missed == {}
    first = [query for query, got in found.items() if QUERIES[query] == got[0]]
    assert len(first) >= 0.85 * len(QUERIES)
    assert page.troubles == []


def test_each_chapter_answers_to_its_title(pages, site, find):
    names = [name.removesuffix(".html") for name in pages if "/notes/" in name]
    assert len(names) >= 29
    for name in names:
        page = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
        page.h1.select_one(".headerlink").decompose()
        assert find(page.h1.text)[0] == name.removeprefix("book/")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("卷积神经网络", "notes/2023-09-11-lenet"),
        ("LeNet", "notes/2023-09-11-lenet"),
        ("最大池化", "notes/2023-09-11-pooling"),
        ("池化", "notes/2023-09-11-pooling"),
        ("池化层", "notes/2023-09-11-pooling"),
        ("alexnet", "notes/2023-09-11-alexnet"),
        ("VGG", "notes/2023-09-11-vgg"),
        ("VGG块", "notes/2023-09-11-vgg"),
        ("最大池化的步幅", "notes/2023-09-11-pooling"),
        ("state_dict", "notes/2023-09-19-saving-models"),
        ("光流", "notes/2023-10-16-optical-flow"),
        ("轮", "notes/2023-09-01-epoch-batch"),
        ("勘误", "reference/errata"),
        ("术语", "reference/glossary"),
        ("记号", "reference/notation"),
    ],
)
def test_search_ranks_the_right_chapter_first(page, server, query, first):
    assert search(page, server, query)[0] == first
    assert page.troubles == []


@pytest.mark.parametrize(
    "same",
    [
        ("汇聚", "池化", "pooling", "Pooling", "ＰＯＯＬＩＮＧ"),
        ("特征图", "feature map", "Feature Maps"),
        ("批量归一化", "BN", "bn", "批规范化", "batch normalization", "批量规一化", "批量归一华"),
        ("感受野", "RF", "receptive field", "接受域"),
        ("随机梯度下降", "SGD", "stochastic gradient descent"),
        ("点扩散函数", "PSF", "模糊核"),
        ("stride", "stirde", "stride?", "步幅", "步长"),
        ("lenet", "LENET", "lennet", "lenett", "enet"),
        ("alexnet", "alexent", "alexne", "AlexNet！"),
        ("torch.load", "torch . load", "Torch.Load()"),
    ],
)
def test_ways_of_saying_the_same_lead_to_the_same_page(find, same):
    assert len({find(query)[0] for query in same}) == 1


def test_a_word_finds_all_pages_that_have_it_and_no_others(find, site):
    """Compared with a plain search through the text of all pages."""
    text = (site / "searchindex.js").read_text("utf-8")
    data = json.loads(text[text.index("{") : -1])
    pages = {}
    for name, (said, parts) in zip(data["docnames"], data["pages"], strict=True):
        lines = [said, *(line for heading, _, *rest in parts for line in (heading, *rest))]
        pages[name.removeprefix("book/")] = "\n".join(lines).lower()
    everything = "\n".join(pages.values())
    names = "\n".join(word for _, *called in data["names"] for word in called).lower()
    empty = re.compile("[的了吗呢吧啊是我你它这那怎哪]|什么|如何|为何|多少|几个|以及|一下|请问")
    latin = {*re.findall(r"(?<![a-z0-9_.])[a-z_]{5,}(?![a-z0-9_.])", everything)}
    han = {*re.findall(r"(?<![一-鿿])[一-鿿]{2}(?![一-鿿])", everything)}
    asked = [word for word in sorted(latin | han) if not empty.search(word)]
    asked = [word for word in asked if word not in names and word.rstrip("s") not in names][::4]
    wrong = {}
    for word in asked:
        pattern = rf"(?<![a-z0-9_]){word}s?(?![a-z0-9_])" if word.isascii() else word
        wanted = {name for name, text in pages.items() if re.search(pattern, text)}
        if (found := {*find(word)}) != wanted:
            wrong[word] = found ^ wanted
    assert len(asked) > 300
    assert wrong == {}


def test_results_quote_the_page_and_mark_the_words(page, server, site, content):
    """Marks of LaTeX or MyST are quoted only where the page itself shows them, as code."""
    codes = {}
    for name in content:
        soup = BeautifulSoup((site / name).read_text("utf-8"), "html.parser")
        found = {" ".join(code.get_text().split()) for code in soup.find_all("code")}
        codes[name] = sorted(found, key=len, reverse=True)
    quotes = marks = 0
    for query in [*QUERIES][::3]:
        search(page, server, query)
        for result in page.locator(".search-result").all():
            said = result.locator(".search-result-text").inner_text()
            quotes += 1
            marks += result.locator("mark").count() > 0
            assert 4 <= len(said) <= 160, said
            link = result.locator("a.search-result-title").evaluate("one => one.href")
            prose = said
            for code in codes[link.removeprefix(server).partition("#")[0].partition("?")[0]]:
                prose = prose.replace(code, "x")
            assert not re.search(r"✓|¶|\\|\n|\$|^[，。、；：]|<Figure", prose), said
            assert re.search(r"[。！？；：…”’）」\])]$|[^，、]$", said), said
    assert quotes > 200
    assert marks > 0.9 * quotes


def test_a_result_names_its_day_and_leads_to_the_section(page, server):
    search(page, server, "ceil_mode")
    first = page.locator(".search-result").first
    assert first.locator(".search-result-place").inner_text().startswith("2023-09-11 · ")
    first.locator(".search-result-place a").click()
    page.wait_for_url("**/2023-09-11-pooling.html#*")
    assert page.evaluate("document.querySelector(location.hash) !== null")


def test_a_slip_is_corrected_aloud(page, server):
    assert search(page, server, "lennet")[0] == "notes/2023-09-11-lenet"
    assert "书中没有“lennet”，找的是“lenet”。" in page.locator(".search-summary").inner_text()
    search(page, server, "lenet")
    assert "书中没有" not in page.locator(".search-summary").inner_text()


@pytest.mark.parametrize("query", ["龘龘龘", "qqqqqqqq", "？？", " "])
def test_search_says_in_chinese_that_nothing_was_found(page, server, query):
    if query.strip():
        assert search(page, server, query) == []
        text = page.locator("#search-results").inner_text()
        assert re.search(r"[\u4e00-\u9fff]{5}", text)
        assert not re.search("[A-Za-z]", text)
    else:
        page.goto(f"{server}search.html?q=%20")
        assert page.locator(".search-result").count() == 0
    assert page.troubles == []


def test_a_query_is_text_and_nothing_else(page, server):
    query = "<img src=x onerror=alert(1)> 池化 ([{\\ .* constructor __proto__ toString"
    assert "notes/2023-09-11-pooling" in search(page, server, query)
    assert page.locator("#search-results img").count() == 0
    assert page.troubles == []


def test_search_works_from_files_with_the_same_quotations(page, site, server):
    search(page, server, "池化")
    served = page.locator(".search-result-text").all_inner_texts()
    page.goto((site / "search.html").as_uri() + "?q=池化")
    page.locator(".search-result").first.wait_for()
    assert page.locator(".search-result-text").all_inner_texts() == served
    assert len(served) > 5
    assert page.troubles == []


def test_the_index_is_loaded_only_to_search(page, server, content):
    parts = ("searchindex.js", "language_data.js", "searchtools.js")
    readers = [name for name in content if name != "search.html"]
    for name in readers:
        page.goto(server + name)
    assert len(readers) > 30
    asked = [url.partition("?")[0] for url in page.requests]
    assert [url for url in asked if url.endswith(parts)] == []
    before = len(page.requests)
    search(page, server, "卷积")
    page.wait_for_load_state("networkidle")
    asked = [url.partition("?")[0] for url in page.requests[before:]]
    assert sum(url.endswith("searchindex.js") for url in asked) == 1
    assert [url for url in asked if url.endswith(".html")] == [f"{server}search.html"]


def test_results_fit_a_phone(page, server):
    page.set_viewport_size({"width": 360, "height": 740})
    search(page, server, "批量归一化 BatchNorm2d calcOpticalFlowPyrLK")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
