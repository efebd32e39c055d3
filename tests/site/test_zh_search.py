"""What is indexed of a page, and what Sphinx does with the index."""

import gzip
import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from notesite.chapters import glossary
from notesite.search.zh_search import names

ROOT = Path(__file__).parents[2]
GLOSSARY = "book/reference/glossary"
TERMS = glossary.read(ROOT / f"{GLOSSARY}.md")
PREFIX = "Search.setIndex("
PAGE = r"""---
description: 讲一张网格。
---

# 网格：$2\times3$ 格

第一段有**重点**和 `nn.Conv2d`，$\lfloor\frac{n}{2}\rfloor$ 格。

$$\sum_i x_i$$

<p>不该有的 HTML</p>

% 看不见的注释

| 列甲 | 列乙 |
|---|---|
| 一 | 二 |

术语甲
: 解释甲。

## 代码

```python
weights = torch.load("a.pt", weights_only=True)  # 只读权重
```

![替代文字](a.png)
"""


def read_index(folder):
    """Return the index in the folder of a built book: the pages by their names, and the rest."""
    text = (folder / "searchindex.js").read_text("utf-8")
    assert text.startswith(PREFIX)
    data = json.loads(text[len(PREFIX) : -1])
    return dict(zip(data["docnames"], data["pages"], strict=True)), data


@pytest.fixture(scope="module")
def index(site):
    """Return the pages of the index of the built book."""
    return read_index(site)[0]


@pytest.fixture
def book(tiny_book):
    """Return a small book with the search."""
    extensions = ["dollarmath", "deflist"]
    return tiny_book(
        "notesite.search.zh_search", language="zh_CN", myst_enable_extensions=extensions
    )


def test_a_page_is_indexed_as_it_reads(book):
    app = book.write(index=PAGE).build()
    pages, data = read_index(app.outdir)
    description, (first, second) = pages["index"]
    assert description == "讲一张网格。"
    assert first[0] == "网格：2×3 格"
    assert f'id="{first[1]}"' in book.html()
    assert first[2].split("\n") == [
        "第一段有重点和 nn.Conv2d，⌊n/2⌋ 格。",
        "列甲 · 列乙",
        "一 · 二",
        "术语甲：解释甲。",
    ]
    assert second[0] == "代码"
    assert second[2:] == ["", "torch.load a.pt weights_only True 只读权重"]
    assert data["terms"] == data["titleterms"] == data["alltitles"] == {}
    assert "Search.query" in (app.outdir / "_static" / "language_data.js").read_text("utf-8")


def test_the_index_keeps_up_with_the_pages(book):
    one = "---\norphan: true\n---\n\n# 一\n\n{}。\n"
    book.write(index="# 首页\n\n开头。\n", one=one.format("旧句"), two=one.format("留下")).build()
    book.write(one=one.format("新句"))
    pages, _ = read_index(book.build().outdir)
    assert {name: page[1][0][2] for name, page in pages.items()} == {
        "index": "开头。",
        "one": "新句。",
        "two": "留下。",
    }
    (book.folder / "two.md").unlink()
    book.write(one=one.format("再改"))
    assert set(read_index(book.build().outdir)[0]) == {"index", "one"}
    assert book.warnings == ""


def test_writing_the_index_leaves_the_pages_as_they_are(book, tiny_book):
    book.write(index=PAGE).build()
    with_search = book.html()
    extensions = ["dollarmath", "deflist"]
    without = tiny_book(language="zh_CN", myst_enable_extensions=extensions)
    without.build(freshenv=True)
    assert without.html() == with_search


def test_whatever_stands_in_the_paragraphs_of_a_page_is_in_its_index(site, index):
    checked = 0
    for name, (_, sections) in index.items():
        text = "\n".join(part for section in sections for part in section[::2])
        article = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
        for part in article.select(
            ".headerlink, math, .bookproof, nav, footer, header, aside, .rubric,"
            ".chapter-head, .chapter-launch, .chapter-list, .lab-open, .tags, .term-chapters"
        ):
            part.replace_with("\n")
        paragraphs = article.select("article section > p, article section > ul > li > p")
        for paragraph in paragraphs:
            if any(name.startswith("bookproof") for name in paragraph.get("class", [])):
                continue
            for run in re.findall(r"[\u4e00-\u9fff]+|[A-Za-z0-9_.]+", paragraph.get_text()):
                checked += 1
                assert run in text, f"{name}: {run}"
    assert checked > 10_000


def test_nothing_is_indexed_that_is_not_read(site, index):
    text = json.dumps(index, ensure_ascii=False)
    for hidden in ("\\n✓", "<Figure", "\\\\frac", "\\\\times", "¶", "</"):
        assert hidden not in text
    pages = [(site / f"{name}.html").read_text("utf-8") for name in index]
    images = [image for page in pages for image in BeautifulSoup(page, "html.parser").select("img")]
    alts = [image["alt"] for image in images if len(image.get("alt", "")) > 20]
    assert len(alts) > 50
    assert [alt for alt in alts if alt in text] == []


def test_printed_messages_are_indexed_and_copies_are_not(index):
    text = {name: json.dumps(page, ensure_ascii=False) for name, page in index.items()}
    message = "Expected more than 1 value per channel when training"
    assert message in text["book/notes/2023-09-01-epoch-batch"]
    assert sum("笔记原说：" in one for one in text.values()) > 20
    assert "笔记原说：" not in text["book/reference/errata"]
    assert message not in text["book/reference/ledger"]


def test_names_are_those_of_the_glossary_and_more():
    called = names(ROOT, GLOSSARY, "book/aliases.txt")
    assert len(TERMS) > 100
    for term in TERMS:
        [one] = [words for _, words in called if words[0] == term.chinese]
        assert {term.chinese, *term.others, *term.english.split(", ")} <= {*one}
    everything = [word for _, words in called for word in words]
    assert {"BN", "CNN", "RF", "SGD", "PSF", "汇聚", "feature map"} <= {*everything}
    assert sorted(everything) == sorted({*everything}), "a name of two things"


def test_every_term_leads_to_its_chapter(index):
    pages = [page for page, _ in names(ROOT, GLOSSARY, "book/aliases.txt") if page]
    assert len(pages) == len(TERMS)
    assert {*pages} <= {*index}


def test_the_index_is_small(site):
    data = (site / "searchindex.js").read_bytes()
    assert len(data) < 565_000
    assert len(gzip.compress(data)) < 230_000
    assert (site / "_static" / "language_data.js").stat().st_size < 20_000
