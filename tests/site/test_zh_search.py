"""How pages are indexed and queries are cut."""

import json
import subprocess
import sys

import pytest

from zh_search import TERMS, SearchChineseTerms


@pytest.fixture(scope="module")
def language():
    """Return the search language."""
    return SearchChineseTerms({})


@pytest.fixture
def cut(page):
    """Cut queries in a browser, against an index of given words."""
    page.set_content("<p></p>")

    def run(query, *words):
        index = {"terms": dict.fromkeys(words, 0), "titleterms": {}}
        setup = f"var Search = {{_index: {json.dumps(index)}}}, Scorer = {{}};"
        return page.evaluate(
            f"{setup} {SearchChineseTerms.js_splitter_code}\nsplitQuery({json.dumps(query)})"
        )

    return run


def test_every_term_of_the_book_is_indexed_wherever_it_stands(language):
    assert len(TERMS) == len(set(TERMS)) >= 30
    for term in TERMS:
        assert term in language.split(f"这是{term}的例子")


def test_words_within_words_are_indexed(language):
    words = language.split("卷积神经网络与 LeNet-5")
    assert {"卷积神经网络", "神经网络", "卷积", "神经", "网络", "LeNet"} <= set(words)


def test_every_known_query_is_cut_into_indexed_words(language, cut):
    text = "卷积神经网络由卷积层、最大池化层和全连接层组成"
    words = {word for word in language.split(text) if len(word) > 1}
    for query in ("卷积神经网络", "最大池化", "神经网络组成", "全连接层"):
        parts = cut(query, *words)
        assert set(parts) <= words
        assert "".join(parts) == query


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("卷积神经网络", ["卷积", "神经网络"]),
        ("卷积的神经网络", ["卷积", "神经网络"]),
        ("LeNet卷积", ["LeNet", "卷积"]),
        ("卷积 LeNet-5", ["卷积", "LeNet", "5"]),
        ("VGG", ["VGG"]),
        ("卷积层", ["卷积"]),
        ("龘龘", ["龘龘"]),
        ("", []),
    ],
)
def test_cutting(cut, query, parts):
    assert cut(query, "卷积", "神经", "网络", "神经网络") == parts


def test_index_of_a_book_holds_compound_terms(tiny_book):
    book = tiny_book("zh_search", language="zh_CN")
    app = book.write(index="# 卷积神经网络 LeNet\n\n最大池化层，AlexNet。\n").build()
    index = json.loads(
        (app.outdir / "searchindex.js").read_text("utf-8").removeprefix("Search.setIndex(")[:-1]
    )
    assert {"卷积神经网络", "卷积", "lenet"} <= set(index["titleterms"])
    assert {"最大池化", "最大", "池化层", "alexnet"} <= set(index["terms"])
    assert "splitQuery" in (app.outdir / "_static" / "language_data.js").read_text("utf-8")


def test_it_is_silent_and_refuses_to_work_without_jieba():
    script = "import sys; {}; import zh_search; zh_search.SearchChineseTerms({{}}).split('池化')"

    def run(first):
        command = [sys.executable, "-c", script.format(f"sys.path[:0] = {sys.path[:1]}; {first}")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    normal = run("pass")
    assert (normal.returncode, normal.stdout, normal.stderr) == (0, "", "")
    missing = run("sys.modules['jieba'] = None")
    assert missing.returncode == 1
    assert "pip install jieba" in missing.stderr
