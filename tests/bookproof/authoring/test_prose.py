"""Accepting values in a text: each number is rewritten, and not a byte around it."""

import re

import nbformat
import pytest

from bookproof.authoring.accept import Refused, accept
from bookproof.cli import main

CELL = "```{code-cell}\na, b, c, w = 0.8712, 56789, -0.0456, 'dog'\n```\n"

TEXT = """
# T {expect}`0.93 <a>`

是{expect}`93.1 % <a>`，共 {expect}`1,234 <b>` 个；{expect}`0.87 <a>`，
 {expect}`\u22121.2×10⁻³ <c>`\t
- {expect}` 1 234   < b >` {expect}``cat <w>`` {expect}`cat
  <w>` `{expect}`
- | {expect}`0.5 <a>` |

| x | {expect}`1234 <b \\| 0>` | {expect}`1234 <b>` |
|---|---|---|

```{figure} x.png
:alt: up to {expect}`0.930 <a>` of it
```
"""

AFTER = [
    ("T {expect}`0.93 <a>`", "T {expect}`0.87 <a>`"),
    ("93.1 %", "87.1 %"),
    ("1,234", "56,789"),
    ("\u22121.2×10⁻³", "\u22124.6×10⁻²"),
    (" 1 234   <", " 56 789   <"),
    ("cat <", "dog <"),
    ("cat\n", "dog\n"),
    ("0.5 <", "0.9 <"),
    ("1234 <b \\", "56789 <b \\"),
    ("1234 <b>", "56789 <b>"),
    ("0.930", "0.871"),
]


def after(text):
    for old, new in AFTER:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_numbers_are_rewritten_and_nothing_else(book, newline):
    path = book.chapter("a.md", CELL)
    path.write_bytes((path.read_text("utf-8") + TEXT).replace("\n", newline).encode())
    before = path.read_bytes().decode()
    [checked] = book.check().chapters
    assert accept(checked).count("\n+") == 8  # lines, and the head of the diff
    assert path.read_bytes().decode() == after(before.replace("\r\n", "\n")).replace("\n", newline)
    assert book.check().green
    assert accept(book.check().chapters[0]) == ""


@pytest.mark.parametrize("escape", [True, False])
def test_in_a_notebook_too(book, escape):
    text = TEXT.replace("  <w>", "<w>")
    cells = [nbformat.v4.new_code_cell(CELL.split("\n")[1]), nbformat.v4.new_markdown_cell(text)]
    notebook = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    if escape:
        notebook = re.sub("[^\0-\x7f]", lambda found: f"\\u{ord(found[0]):04x}", notebook)
    path = book.write("a.ipynb", notebook)
    [checked] = book.check().chapters
    accept(checked)
    assert path.read_text().isascii() is escape
    assert "".join(nbformat.read(path, 4).cells[1].source) == after(text)
    changed = zip(notebook.split("\n"), path.read_text("utf-8").split("\n"), strict=True)
    assert sum(old != new for old, new in changed) == 7
    assert book.check().green


def test_blocks_and_values_are_accepted_together(book):
    block = "```{expect}\n1\n```\n"
    path = book.chapter("a.md", f"{CELL[:-4]}print(b)\n```\n{block}\nIs {{expect}}`2 <b>`.\n")
    accept(book.check().chapters[0])
    assert path.read_text().endswith("```{expect}\n56789\n```\n\nIs {expect}`56789 <b>`.\n")


REFUSED = {
    "3 <a>": "an integer is compared exactly",
    "0.93 秒 <a>": "write nothing but the number",
    "cat <'`'>": "write it yourself",
    "cat <'a|b'>": "write it yourself",
    "cat <'a<b'>": "write it yourself",
}


def test_what_cannot_be_written_like_it_is_refused(book):
    for number, text in enumerate(REFUSED):
        book.chapter(f"{number}.md", f"{CELL}\n{{expect}}``{text}``\n")
    for checked, words in zip(book.check().chapters, REFUSED.values(), strict=True):
        before = checked.chapter.path.read_bytes()
        with pytest.raises(Refused, match=rf"^\d\.md:10:1: .*{words}"):
            accept(checked)
        assert checked.chapter.path.read_bytes() == before


def test_a_reader_sees_the_failures_and_the_listing(book, capsys):
    book.chapter("a.md", f"{CELL}\nIs {{expect}}`0.93 <a>`.\n")
    junit = book.root / "junit.xml"
    assert main(["check", f"--root={book.root}", "--github", f"--junit={junit}"]) == 1
    said = capsys.readouterr()
    message = "the text says 0.93, but `a` is 0.8712"
    assert f"a.md:10:4: mismatch: {message}" in said.err
    assert f"::error file=a.md,line=10,col=4,title=mismatch::{message}" in said.out
    assert "bookproof accept a.md" in said.err
    assert 'name="line 10:4"' in junit.read_text()
    assert main(["list", f"--root={book.root}"]) == 0
    assert "1 value in the text" in capsys.readouterr().out
