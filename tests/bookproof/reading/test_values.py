"""Values in a text are found where MyST sees a role, and nowhere else, each at its place."""

import json
import re

import nbformat
import pytest
from docutils import nodes
from docutils.core import publish_doctree
from docutils.parsers.rst import roles
from myst_parser.docutils_ import Parser

from bookproof.reading.scan import is_chapter, scan
from bookproof.reading.value import numbered

CELL = "```{code-cell}\na = 1\n```\n"

TEXTS = {
    "paragraph": "See {expect}`1 <a>`.",
    "two in a line": "{expect}`1 <a>` and {expect}`2 <a + 1>`",
    "the same twice": "{expect}`1 <a>` {expect}`1 <a>`",
    "list": "- x\n  - {expect}`1 <a>`\n\n    more {expect}`1 <a>`\n\n1. {expect}`1 <a>`",
    "tab": "-\tx {expect}`1 <a>`\n\n\ty {expect}`1 <a>`",
    "quote": "> x\n> {expect}`1 <a>` and\n>\n> - {expect}`1 <a>`",
    "lazy quote": "> x\n{expect}`1 <a>`",
    "headings": "## A {expect}`1 <a>`\n\nB {expect}`1 <a>`\n---\n\n## {expect}`1 <a>` ##",
    "emphasis and links": "**b {expect}`1 <a>`** [l {expect}`1 <a>`](x) ~~s {expect}`1 <a>`~~",
    "over two lines": "it is {expect}`1\n<a>` and {expect}`1 <a\n+ 0>`",
    "over two lines of a quote": "> it is {expect}`1\n> <a>`",
    "table": "| x | {expect}`1 <a>` |\n|---|---|\n| {expect}`1 <a>` | {expect}`3 <a \\| 2>` |",
    "table of the same": "| 1 | 1 |\n|---|---|\n| `1` | {expect}`1 <a>` |\n| | {expect}`1 <a>` x |",
    "footnote": "x[^n]\n\n[^n]: note {expect}`1 <a>`\n\n    more {expect}`1 <a>`",
    "admonition": "```{note}\nx {expect}`1 <a>`\n```",
    "colon fence": ":::{admonition} T {expect}`1 <a>`\n:class: tip\n\nx {expect}`1 <a>`\n:::",
    "nested": "````{note}\n- y\n  ```{tip}\n  :name: x\n\n  {expect}`1 <a>`\n  ```\n````",
    "figure": "```{figure} x.png\n:name: y\n\nC {expect}`1 <a>`\n\nL {expect}`1 <a>`\n```",
    "definition": "Term {expect}`1 <a>`\n: said {expect}`1 <a>`",
    "double backticks": "{expect}``1 <len(f'`')>``",
    "a comparison": "{expect}`True <a < 2 and 3 > a>`",
    "Chinese": "准确率是{expect}`1 <a>`，**共{expect}`1 <a>` 次**。",
    "code": "`` {expect}`1 <a>` `` and ```` {expect}`1 <a>` ````",
    "escaped": "\\{expect}`1 <a>`",
    "code block": "```python\n{expect}`1 <a>`\n```\n\n    {expect}`1 <a>`",
    "other code block": "~~~\n{expect}`1 <a>`\n~~~",
    "directive of code": "```{code-block} md\n{expect}`1 <a>`\n```",
    "directive of mathematics": "```{math}\n{expect}`1 <a>`\n```",
    "comment": "% {expect}`1 <a>`",
    "mathematics": "$x {expect}`1 <a>`$ $$ {expect}`1 <a>` $$",
    "HTML": "<!-- {expect}`1 <a>` -->\n\n<div>\n{expect}`1 <a>`\n</div>",
    "another role": "{other}`1 <a>` {expect}x",
}


def seen_by_myst(text):
    """Return the texts of the roles that MyST's own parser runs."""
    found = []

    def role(name, rawtext, text, *_, **__):
        found.append(text)
        return [nodes.Text(text)], []

    roles.register_local_role("expect", role)
    settings = {
        "report_level": 5,
        "myst_enable_extensions": ["colon_fence", "deflist", "dollarmath", "strikethrough"],
        "output_encoding": "unicode",
        "_disable_config": True,
    }
    publish_doctree(text, parser=Parser(), settings_overrides=settings)
    return found


def in_file(path, value):
    """Return what stands in the file where a value is said to begin and end."""
    lines = path.read_text("utf-8").split("\n")
    if value.start.line == value.end.line:
        return lines[value.start.line - 1][value.start.column : value.end.column]
    first = lines[value.start.line - 1][value.start.column :]
    return "\n".join([first, lines[value.end.line - 1][: value.end.column]])


@pytest.mark.parametrize("where", TEXTS)
def test_values_are_what_myst_sees_as_roles(book, where):
    path = book.chapter("a.md", f"{CELL}\n{TEXTS[where]}\n")
    chapter = scan(book.root, "a.md")
    assert chapter.problems == ()
    bodies = [
        re.fullmatch(r"(?s)\{expect\}(`+)(.*)\1", in_file(path, v))[2] for v in chapter.values
    ]
    bodies = [re.sub(r"\n(> )?", " ", body).replace("\\|", "|") for body in bodies]
    seen = seen_by_myst(TEXTS[where])
    assert sorted(bodies) == sorted(seen)  # MyST shows footnotes last
    assert {value.cell for value in chapter.values} <= {0}


def test_the_texts_have_and_lack_values():
    counts = {where: len(seen_by_myst(text)) for where, text in TEXTS.items()}
    without = [*TEXTS][[*TEXTS].index("code") :]
    assert [where for where, count in counts.items() if not count] == without
    assert (len(without), sum(counts.values())) == (10, 40)


@pytest.mark.parametrize("where", TEXTS)
def test_in_a_notebook_values_stand_where_they_stand_in_its_file(book, where):
    cells = [nbformat.v4.new_code_cell("a = 1"), nbformat.v4.new_markdown_cell(TEXTS[where])]
    for escape in (True, False):
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook = json.loads(nbformat.writes(notebook))
        path = book.write("a.ipynb", json.dumps(notebook, indent=1, ensure_ascii=escape))
        chapter = scan(book.root, "a.ipynb")
        assert chapter.problems == ()
        assert len(chapter.values) == len(seen_by_myst(TEXTS[where]))
        for value in chapter.values:
            found = in_file(path, value)
            assert found.startswith("{expect}`")
            assert found.endswith("`")


ALT = """
```{code-cell}
---
mystnb:
  image:
    alt: 'wins {expect}`1 <a>` of 2'
  figure:
    caption: |
      Some {expect}`1 <a>` words
---
a = 1
```

```{figure} x.png
:alt: rose {expect}`1 <a>` times
:width: 3

Caption
```

![drawn {expect}`1 <a>` times](x.png)
"""


def test_where_no_role_can_stand_a_value_is_plain(book):
    path = book.chapter("a.md", ALT)
    values = scan(book.root, "a.md").values
    assert [(v.line, v.plain, v.cell) for v in values] == [
        (*(11, True), 0),
        (*(14, False), 0),
        (*(20, True), 0),
        (*(26, True), 0),
    ]
    text = numbered(path.read_text(), values)
    for words in (
        "wins 1 of 2",
        "rose 1 times",
        "![drawn 1 times]",
        "Some {expect}`1 <a#1>` words",
    ):
        assert words in text
    assert text.count("\n") == path.read_text().count("\n")


def test_the_metadata_of_a_notebook_has_alternative_texts_too(book):
    settings = {"image": {"alt": 'the "{expect}`1 <a>`"'}, "figure": {"caption": "{expect}`1 <a>`"}}
    cell = nbformat.v4.new_code_cell("a = 1", metadata={"mystnb": settings})
    path = book.write("a.ipynb", nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
    values = scan(book.root, "a.ipynb").values
    assert sorted(v.plain for v in values) == [False, True]
    notebook = json.loads(numbered(path.read_text(), values))
    assert notebook["cells"][0]["metadata"]["mystnb"]["image"]["alt"] == 'the "1"'


def test_a_value_belongs_to_the_last_cell_above(book):
    path = (
        f"{CELL}{{expect}}`1 <a>`\n\n{CELL}- {{expect}}`1 <a>`\n\n{CELL}{CELL}{{expect}}`1 <a>`\n"
    )
    book.chapter("a.md", path)
    assert [value.cell for value in scan(book.root, "a.md").values] == [0, 1, 3]


def test_text_that_is_not_on_the_page_has_no_values(book):
    removed = '+++ {"tags": ["remove-cell"]}\n'
    book.chapter("a.md", f"{CELL}\n{removed}{{expect}}`1 <a>`\n\n+++\n\n{{expect}}`2 <a + 1>`\n")
    assert [value.text for value in scan(book.root, "a.md").values] == ["2"]


PROBLEMS = {
    "{expect}`0.93`": "6: {expect} `0.93` needs the form `text <expression>`",
    "{unverified}`0.93`": "6: {unverified} `0.93` needs the form `text <reason>`",
    "{expect}`<a>`": "6: {expect} `<a>` needs the form",
    "{expect}`1 <>`": "6: {expect} `1 <>` needs the form",
    "{expect}`1 <a>`": "6: {expect} `a` stands above all cells",
    "{eval}`a`": "6: {eval} `a` stands above all cells",
}


@pytest.mark.parametrize("text", PROBLEMS)
def test_what_is_wrong_with_a_value_is_told(book, text):
    book.chapter("a.md", f"{text}\n\n{CELL}")
    [problem] = scan(book.root, "a.md").problems
    assert f"{problem.line}: {problem.message}".startswith(PROBLEMS[text])


def test_a_page_with_a_value_is_a_chapter(book):
    assert is_chapter(book.write("a.md", "# T\n\nIt is {expect}`1 <a>`.\n"))
    assert is_chapter(book.write("b.md", "# T\n\nIt is {eval}`a`.\n"))
    assert not is_chapter(book.write("c.md", "# T\n\nWrite `` {expect}`1 <a>` ``.\n"))
    [problem] = scan(book.root, "a.md").problems
    assert "no `file_format: mystnb` on top" in problem.message


def test_a_downloaded_notebook_carries_its_values_and_must_still_show_them(book):
    def carried(text):
        metadata = {"bookproof": ["{expect}`1 <a>`\n", "{expect}`2 <a + 1>`"]}
        text = nbformat.v4.new_markdown_cell(text, metadata=metadata)
        cells = [nbformat.v4.new_code_cell("a = 1"), text]
        book.write("a.ipynb", nbformat.writes(nbformat.v4.new_notebook(cells=cells)))
        return scan(book.root, "a.ipynb")

    values = carried("first 1, then 2").values
    assert [(v.text, v.target, v.plain, v.number) for v in values] == [
        ("1", "a", True, None),
        ("2", "a + 1", True, None),
    ]
    [problem] = carried("first 2, then 1").problems
    assert problem.message == "{expect} is about `2`, which the text lacks"
