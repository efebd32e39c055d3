"""What no build tells, and this one does: pages, pictures and texts that are left out."""

import base64
import re
import subprocess
import sys

import pytest

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
HEAD = (
    '---\nfile_format: mystnb\nkernelspec: {name: python3}\ndate: "2026-11-20"\n'
    "sections: [2026-1120-1]\ntopic: 题\nrequires: []\ntags: [一, 二]\ndescription: 说的。\n"
    "---\n# 章\n"
)
PLOT = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\n"


CASES = [
    ("\n![一个点](dot.png)\n", ""),
    ('\n<div><img src="点.png" alt="一个点"></div>\n', ""),
    (
        '\n<div><img src="https://example.org/x.png" alt="一个点"></div>\n',
        "14: WARNING: strays: readers load no picture from another host: save https://example.org",
    ),
    ("\n![一个点](https://example.org/x.png)\n", "14: WARNING: strays: readers load no picture"),
    ("\n![](dot.png)\n", "14: WARNING: strays: say between the brackets of ![](dot.png) what"),
    ('\n<div><img src="nope.png" alt="x"></div>\n', "14: WARNING: strays: there is no picture"),
    ('\n<div><img src="%E7%82%B9.png"/></div>\n', '14: WARNING: strays: say in alt="…" what'),
    ("\n```python\n1 + 1\n```\n", "14: WARNING: strays: nothing runs this code"),
    ("\n```sh\nls\n```\n", ""),
    ("\n```{code-cell}\n1;\n```\n\n```python\n1 + 1\n```\n", ""),
    (f"\n```{{code-cell}}\n{PLOT}```\n", "15: WARNING: strays: say in the cell's option myst"),
    (
        "\n```{code-cell}\n---\nmystnb:\n  image:\n    alt: 上升的线\n---\n" + PLOT + "```\n",
        "",
    ),
    ("\n**一句话**：\n\n## 二\n\n文。\n", "14: WARNING: strays: nothing is said of 一句话"),
    ("\n**一句话**：\n\n**要做**\n: 文。\n", "14: WARNING: strays: nothing is said of 一句话"),
    ("\n**要做**\n:\n\n文。\n", "14: WARNING: strays: nothing is said of 要做"),
    ("\n**证明**：\n\n$$\nx\n$$\n\n**一**：文。\n", ""),
    (
        "\n## 练习\n\n## 小结\n\n文。\n",
        "14: WARNING: strays: nothing stands under the heading 练习",
    ),
    ("\n## 练习\n\n### 甲\n\n文。\n", ""),
    ("\n*缺图：`./x.png`*\n", "14: WARNING: strays: the picture ./x.png is missing"),
]
CONFIG = """\
extensions = ["myst_nb", "notesite.checks.strays"]
myst_enable_extensions = ["deflist", "dollarmath"]
chapter_topics, chapter_tags = ["题"], ["一", "二"]
exclude_patterns = ["_build", "unlisted.md", "unlisted.ipynb"]
"""


@pytest.fixture(scope="module")
def warnings(tmp_path_factory):
    """Build a book of all cases in a process of its own, which MyST-NB wants; return its words."""
    folder = tmp_path_factory.mktemp("strays")
    for name in ("dot.png", "点.png"):
        (folder / name).write_bytes(PIXEL)
    pages = {f"p{number}": HEAD + text for number, (text, _) in enumerate(CASES)}
    pages = {name: text.replace("1120-1", f"1120-{name[1:]}9") for name, text in pages.items()}
    pages["index"] = "# 首页\n\n```{toctree}\n" + "\n".join(pages) + "\n```\n"
    for name, text in {**pages, "unlisted": HEAD}.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    (folder / "unlisted.ipynb").write_text("{}", "utf-8")
    toc = "format: jb-book\nroot: index\nchapters:\n- file: p0.md\n- file: renamed\n"
    (folder / "_toc.yml").write_text(toc, "utf-8")
    (folder / "conf.py").write_text(CONFIG, "utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "--no-color", folder, folder / "_build"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("number", range(len(CASES)))
def test_what_is_missing_is_told_with_its_line(warnings, number):
    text, told = CASES[number]
    found = re.findall(rf"/p{number}\.md:(\d+: WARNING: strays: .*)", warnings)
    assert [line for line in found if told not in line] == []
    assert len(found) == bool(told), text


def test_a_file_beside_the_chapters_that_is_in_no_contents_is_told(warnings):
    told = "unlisted.md:1: WARNING: strays: it is no page of the book: add `- file: unlisted` to"
    assert told in warnings
    assert "unlisted.ipynb:1: WARNING: strays: it is no page" in warnings


def test_a_page_that_is_not_there_is_told_in_the_table_of_contents(warnings):
    assert "_toc.yml:5: WARNING: strays: there is no page renamed" in warnings
    assert "no page p0" not in warnings
