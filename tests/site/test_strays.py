"""What no build tells, and this one does: pages, pictures and texts that are left out."""

import base64

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


@pytest.fixture
def book(tiny_book):
    """Return a book of one chapter, with a picture beside it."""
    settings = {"chapter_topics": ["题"], "chapter_tags": ["一", "二"]}
    book = tiny_book("strays", **settings)
    book.config["extensions"] = ["myst_nb", "strays"]
    for name in ("dot.png", "点.png"):
        (book.folder / name).write_bytes(PIXEL)
    return book.write(index="# 首页\n\n```{toctree}\na\n```\n", a=HEAD)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n![一个点](dot.png)\n", ""),
        ('\n<div><img src="点.png" alt="一个点"></div>\n', ""),
        ('\n<div><img src="https://example.org/x.png" alt="一个点"></div>\n', ""),
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
    ],
)
def test_what_is_missing_is_told_with_its_line(book, text, told):
    book.write(a=HEAD + text).build()
    assert f"a.md:{told}" in book.warnings if told else book.warnings == ""


def test_a_file_beside_the_chapters_that_is_in_no_contents_is_told(book):
    book.config["exclude_patterns"] = ["b.md", "c.ipynb"]  # as jupyter-book leaves them out
    book.write(b=HEAD)
    (book.folder / "c.ipynb").write_text("{}", "utf-8")
    book.build()
    assert "b.md:1: WARNING: strays: it is no page of the book: add `- file: b` to _toc.yml" in (
        book.warnings
    )
    assert "c.ipynb:1: WARNING: strays: it is no page" in book.warnings


def test_a_page_that_is_not_there_is_told_in_the_table_of_contents(book):
    (book.folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: a.md\n- file: renamed\n", "utf-8"
    )
    book.build()
    assert "_toc.yml:5: WARNING: strays: there is no page renamed" in book.warnings
    assert "no page a" not in book.warnings
