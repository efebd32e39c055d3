"""Line breaks in Chinese paragraphs."""

import re

import pytest


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("最大\n池化", "最大池化"),
        ("最大，\n池化", "最大，池化"),
        ("最大\n（max）", "最大（max）"),
        ("见 padding，\nstride", "见 padding，stride"),
        ("最大\n**池化**\n层", "最大<strong>池化</strong>层"),
        ("“最大”\n池化", "“最大”池化"),
        ("最大\npooling", "最大\npooling"),
        ("max\npooling", "max\npooling"),
        ("it’s\nnot", "it’s\nnot"),
        (
            "最大\n`池化`\n层",
            "最大\n<code>池化</code>\n层",
        ),
        ("- 最大\n  池化", "最大池化"),
        ("与\nmax 最大，\n池化\nmax", "与\nmax 最大，池化\nmax"),
        ("最大\\\n池化", "最大<br />\n池化"),
    ],
)
def test_breaks(tiny_book, source, shown):
    book = tiny_book("notesite.pages.cjk_breaks").write(index=f"# T\n\n{source}\n")
    book.build()
    (paragraph,) = re.findall(r"</h1>\n(?:<ul.*>\n<li>)?<p>(.*?)</p>", book.html(), re.DOTALL)
    assert re.sub(r"</?span.*?>|(?<=<code) .*?(?=>)", "", paragraph) == shown


def test_code_and_tables_of_contents_stay_as_they_are(tiny_book):
    book = tiny_book("notesite.pages.cjk_breaks").write(index="# T\n\n```text\n最大\n池化\n```\n")
    book.build()
    assert "最大\n池化" in book.html()
