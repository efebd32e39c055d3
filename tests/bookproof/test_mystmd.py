"""The pages that mystmd makes of a checked project, with the real mystmd."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import bookproof
from bookproof import cli

from . import mystmd, stories

pytestmark = mystmd.needed

MANUAL = Path(__file__).parents[2] / "code" / "bookproof" / "docs" / "mystmd.md"
PLUGIN_SOURCE = Path(bookproof.__file__).with_name("pages") / "mystmd.mjs"
PLUGIN_SOURCE = PLUGIN_SOURCE.read_text("utf-8")
PLUGIN = "  plugins: [_build/bookproof/bookproof.mjs]\n"
KERNEL = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"

EVERY_KIND = (
    KERNEL
    + """\
# Every kind of {unverified}`8 <of all>`

Before {unverified}`3 <of the world>`.

```{code-cell} python
:label: sum
print("a sum")
total = 1 + 1
total
```
```{expect} stream=stdout
a sum
```
```{expect} stream=result number
2
```

:::{code-cell} python
import random

random.random()
:::
```{unverified} differs *every* time
```

```{code-cell} python
---
tags: [hide-input]
---
#| label: third
{"b": [1, 2]}
```

:::{expect}
{'b': [1, 2]}
:::

```{code-cell} python
:tags: [raises-exception]
1 / 0
```
~~~{expect} error
ZeroDivisionError: division by zero
~~~

```{code-cell} python
:tags: skip-execution
this is not run
```

```{code-cell} python
:caption: Of {expect}`2 <total>`
print(":key: value")
```
```{expect}
:key: value
```

The total is {expect}`2 <total>`, *and
{expect}`50 % <1 / total>`*, or {eval}`total * 2`.

| in a table |
|---|
| {expect}`2 <total>` |

:::{note}
{expect}`4
<total ** 2>`[^foot]
:::

![A picture of {expect}`2 <total>` things](picture.svg)

```{figure} picture.svg
:alt: Again {expect}`2 <total>` things
Below {expect}`2 <total>`
```

[^foot]: Of {expect}`8 <total ** 3>`.

```{code-cell} python
import matplotlib.pyplot as plt

plt.plot([1, 2], [3, 5], label="a line")
plt.legend();
```
```{expect} figure
figure 6.4 x 4.8
axes
  x [0.95, 2.05]
  y [2.9, 5.1]
  line "a line" 2 points x 1.0 2.0 y 3.0 5.0
  legend "a line"
```

```{code-cell} python
:tags: [remove-output]
print("unseen")
```
"""
)

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

INDEX = """\
# Totals

{verification}`verified` and {verification}`frozen`.

```{verification-ledger}
```
"""

PLAIN = """\
# Plain

Nothing {sub}`here` is code, `{expect}` neither.

```python
1 + 1
```

```{note}
A [link](index.md).
```
"""


def text(value):
    return {"type": "text", "value": value}


def paragraph(value):
    return {"type": "paragraph", "children": [text(value)]}


def badge(state, words):
    return {
        "type": "div",
        "class": f"bookproof bookproof-{state}",
        "children": [paragraph(words)],
    }


def value(state, tip, *children):
    child = {"type": "abbreviation", "title": tip, "children": list(children)}
    return {
        "type": "span",
        "class": f"bookproof-value bookproof-{state}",
        "children": [child],
    }


VERIFIED = badge("verified", "✓ output verified")


def output(**data):
    return {"type": "output", "children": [], "jupyter_data": data}


def notebook(**more):
    """Return a notebook with all kinds of cells that have blocks."""
    nodes = [
        new_markdown_cell("# A notebook"),
        new_code_cell(
            "print('inside')",
            metadata={"bookproof": ["```{expect}\n", "inside\n", "```\n"], "tags": ["x"]},
            outputs=[new_output("stream", name="stdout", text="an older output\n")],
        ),
        new_markdown_cell("Text between {expect}`2 <1 + 1>`."),
        new_code_cell("print('below')"),
        new_markdown_cell("```{expect}\nbelow\n```\nand text."),
        new_markdown_cell("Of 2 things.", metadata={"bookproof": ["{expect}`2 <1 + 1>`\n"]}),
        new_code_cell(""),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.writes(new_notebook(cells=nodes, metadata={"kernelspec": kernel, **more}))


class Project:
    """A project of mystmd in a folder."""

    def __init__(self, root):
        self.root = root
        self.write("picture.svg", PICTURE)

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")

    def configure(self, project=""):
        self.write("myst.yml", f"{mystmd.SITE}project:\n  title: T\n{PLUGIN}{project}")

    def check(self):
        return cli.main(["mystmd", "--root", str(self.root)])

    def build(self):
        return mystmd.build(self.root)


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path)
    made.configure()
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Check and build a project with every kind of block and value; return it, pages and log."""
    made = Project(tmp_path_factory.mktemp("project"))
    made.configure()
    for name, content in {
        "index.md": INDEX,
        "every.md": EVERY_KIND,
        "note.ipynb": notebook(),
        "plain.md": PLAIN,
    }.items():
        made.write(name, content)
    assert made.check() == 0
    pages, log = made.build()
    return made, {name: mystmd.tree(page) for name, page in pages.items()}, pages, log


def test_mystmd_tells_of_no_error(built):
    assert mystmd.errors(built[3]) == []


def test_every_kind_of_block_shows_what_became_of_it(built):
    page = built[1]["every.md"]
    shown = [n for n in mystmd.find(page, "div") if n["class"].startswith("bookproof ")]
    reason = badge("unverified", "not verified: differs *every* time")
    assert shown == [VERIFIED, VERIFIED, reason, *[VERIFIED] * 4]
    top = [place for block in page["children"] for place in [block, *block["children"]]]
    order = [n.get("kind") or n.get("class", "").partition("bookproof-")[2] for n in top]
    assert [word for word in order if word not in ("", "note", "figure")] == [
        *("notebook-code", "verified", "verified"),
        *("notebook-code", "unverified"),
        *("notebook-code", "verified"),
        *("notebook-code", "verified"),
        "notebook-code",
        *("notebook-code", "verified"),
        *("notebook-code", "verified"),
        "notebook-code",
        "foot",
    ]


def test_the_outputs_are_those_that_were_compared(built):
    page = built[1]["every.md"]
    shown = [n["children"] for n in mystmd.find(page, "outputs")]
    assert [len(outputs) for outputs in shown] == [2, 1, 1, 1, 0, 1, 1, 1]
    said = output(output_type="stream", name="stdout", text="a sum\n")
    assert {"identifier": "sum-outputs-0", "html_id": "sum-outputs-0", **said} == shown[0][0]
    data = [o["jupyter_data"].get("data") for outputs in shown for o in outputs]
    [chance] = data[2].values()
    assert 0 < float(chance["content"]) < 1
    assert data[3]["text/plain"]["content"] == "{'b': [1, 2]}"
    error = shown[3][0]["jupyter_data"]
    assert (error["output_type"], error["ename"]) == ("error", "ZeroDivisionError")
    [(mime, picture)] = shown[6][0]["jupyter_data"]["data"].items()
    file = built[0].root / "_build" / "site" / "public" / Path(picture["path"]).name
    assert mime == "image/png"
    assert file.read_bytes().startswith(b"\x89PNG")
    outputs = list(mystmd.find(page, "outputs"))
    assert [n.get("visibility") == "remove" for n in outputs] == [False] * 7 + [True]


def test_every_value_in_the_text_has_its_mark(built):
    page = built[1]["every.md"]
    shown = [n for n in mystmd.find(page, "span") if "value" in n["class"]]
    two = value("verified", "✓ checked: total", text("2"))
    answer = {"status": "ok", "data": {"text/plain": "4"}, "metadata": {}}
    inserted = {
        "type": "inlineExpression",
        "value": "total * 2",
        "result": answer,
        "children": [text("4")],
    }
    assert shown == [
        value("unverified", "not verified: of the world", text("3")),
        two,
        two,
        value("verified", "✓ checked: 1 / total", text("50 %")),
        value("unverified", "not verified: the code gives it, and nothing compares it", inserted),
        two,
        value("verified", "✓ checked: total ** 2", text("4")),
        two,
        value("verified", "✓ checked: total ** 3", text("8")),
    ]
    assert json.loads(built[2]["every.md"])["frontmatter"]["title"] == "Every kind of 8"
    pictures = [node["alt"] for node in mystmd.find(page, "image")]
    assert pictures == ["A picture of 2 things", "Again 2 things"]
    feet = [n for n in mystmd.find(page, "div") if n["class"] == "bookproof-foot"]
    [foot] = [words_of(n) for n in feet]
    told = r"15 outputs of this page verified, 4 left unverified, with Python 3\.\d+\.\d+, mat.*\."
    assert re.fullmatch(told, foot)


def words_of(node):
    """Return the text of a node."""
    return node.get("value", "") + "".join(map(words_of, node.get("children", ())))


def test_nothing_that_is_not_for_readers_is_left(built):
    for name, page in built[2].items():
        assert b'"bookproof":' not in page
        assert (b"{expect" in page) == (name == "plain.md")
    every = words_of(built[1]["every.md"])
    assert "a sum" not in every.replace('print("a sum")', "")


def test_a_notebook_shows_blocks_of_its_metadata_and_of_its_texts(built):
    page = built[1]["note.ipynb"]
    order = [
        n.get("class", "").partition("bookproof-")[2] or n["type"]
        for block in page["children"]
        for n in block["children"]
    ]
    assert order == [
        *("code", "outputs", "verified", "paragraph"),
        *("code", "outputs", "verified", "paragraph"),
        *("paragraph", "foot"),
    ]
    first, second = mystmd.find(page, "outputs")
    assert [o["jupyter_data"]["text"] for o in first["children"]] == ["inside\n"]
    assert [o["jupyter_data"]["text"] for o in second["children"]] == ["below\n"]
    [span] = mystmd.find(page, "span")
    assert span == value("verified", "✓ checked: 1 + 1", text("2"))
    blocks = [b for b in mystmd.find(page, "block") if b.get("kind") == "notebook-code"]
    assert blocks[0]["data"] == {"tags": ["x"]}


def test_the_overviews_list_the_whole_book(built):
    page = built[1]["index.md"]
    [totals, ledger] = page["children"][0]["children"]
    assert words_of(totals) == "19 and 0."
    assert ledger["class"] == "bookproof-ledger"
    summary, *_ = ledger["children"]
    assert words_of(summary) == "19 outputs verified in 2 chapters, 4 left unverified, 0 failed."
    links = [node["url"] for node in mystmd.find(ledger, "link")]
    assert links == ["/every", "/note"]
    tables = list(mystmd.find(ledger, "table"))
    assert [len(table["children"]) for table in tables] == [1 + 19, 1 + 4]
    rows = [[words_of(cell) for cell in row["children"]] for row in tables[0]["children"]]
    assert rows[0] == ["line", "compared", "verdict", "claim or reason"]
    assert rows[2] == ["6", "—", "unverified", "of the world"]
    assert rows[4] == ["17", "stream=result number", "verified", "2"]


def test_a_page_without_bookproof_is_left_alone_byte_for_byte(built):
    made, _, with_plugin, _ = built
    config = (made.root / "myst.yml").read_text("utf-8")
    made.write("myst.yml", config.replace(PLUGIN, ""))
    without, log = made.build()
    made.write("myst.yml", config)
    assert "unknown directive: expect" in log
    assert without["every.md"] != with_plugin["every.md"]
    assert without["plain.md"] == with_plugin["plain.md"]
    assert len(without["plain.md"]) > 1000


def states(page):
    """Return what the marks of a page say, blocks first."""
    marks = [*mystmd.find(page, "div"), *mystmd.find(page, "span")]
    return [n["class"].rpartition("-")[2] for n in marks if "foot" not in n["class"]]


SHORT = (
    KERNEL
    + """\
```{code-cell} python
a = 2
print(a)
```
```{expect}
2
```
It is {expect}`2 <a>`, not {expect}`3 <a + 1>`.
"""
)

CHANGES = [
    ("It is", "It surely is", ["verified"] * 3),
    ("a = 2", "a = 1 + 1", ["failed"] * 3),
    ("expect}\n2", "expect}\n3", ["failed", "verified", "verified"]),
    ("expect}\n", "expect} number\n", ["failed", "verified", "verified"]),
    ("`2 <a>`", "`4 <a>`", ["verified", "failed", "verified"]),
    ("`2 <a>`", "`2 <a + 0>`", ["verified", "failed", "verified"]),
    ("not {", "{expect}`2 <a>` {", ["verified", "verified", "failed", "verified"]),
    ("```{code-cell}", "```{expect}\n2\n```\n```{code-cell}", ["failed", *["verified"] * 3]),
    ("```\nIt", "```\n```{code-cell}\n0\n```\nIt", ["failed"] * 3),
    (", not {expect}`3 <a + 1>`", "", ["verified"] * 2),
]


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Check a project, change each page, build; return the trees of the pages, and the log."""
    made = Project(tmp_path_factory.mktemp("changed"))
    made.configure()
    for number in range(len(CHANGES)):
        made.write(f"p{number}.md", SHORT)
    made.write("new.md", PLAIN)
    assert made.check() == 0
    for number, (old, new, _) in enumerate(CHANGES):
        assert SHORT.count(old) == 1
        made.write(f"p{number}.md", SHORT.replace(old, new))
    made.write("new.md", SHORT)
    pages, log = made.build()
    return {name: mystmd.tree(page) for name, page in pages.items()}, log


def errors_on(page, log):
    return [e for e in mystmd.errors(log) if re.match(rf"{re.escape(page)}[: ]", e)]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_what_was_not_checked_as_it_stands_is_never_said_to_be(changed, number):
    pages, log = changed
    wanted = CHANGES[number][2]
    assert states(pages[f"p{number}.md"]) == wanted
    assert bool(errors_on(f"p{number}.md", log)) == (wanted != ["verified"] * 3)


def test_a_page_that_lost_a_value_fails(changed):
    name = f"p{len(CHANGES) - 1}.md"
    said = f"{name} bookproof: {{expect}} `3` was checked, but the page does not show it"
    assert errors_on(name, changed[1]) == [said]


def test_a_page_that_nobody_checked_fails(changed):
    pages, log = changed
    assert states(pages["new.md"]) == ["failed"] * 3
    said = "this page was not checked: run `bookproof mystmd`, then build again"
    assert [e.partition("bookproof: ")[2] for e in errors_on("new.md", log)] == [said]


def test_without_a_check_nothing_is_verified(project):
    project.write("a.md", SHORT)
    project.write("_build/bookproof/bookproof.mjs", PLUGIN_SOURCE)
    pages, log = project.build()
    assert states(mystmd.tree(pages["a.md"])) == ["failed"] * 3
    assert len(mystmd.errors(log)) == 1


def test_what_fails_is_shown_and_told(project, capsys):
    wrong = SHORT.replace("expect}\n2", "expect}\n3").replace("`2 <a>`", "`9 <a>`")
    project.write("a.md", wrong + "```{code-cell}\n'no block'\n```\n")
    assert project.check() == 1
    assert "a.md:9: mismatch" in capsys.readouterr().err
    pages, log = project.build()
    page = mystmd.tree(pages["a.md"])
    assert states(page) == ["failed", "failed", "failed", "verified"]
    missing = "the cell prints text, and no block under it says what is right"
    marks = [words_of(n) for n in mystmd.find(page, "div")][:2]
    assert marks == [
        "✗ not as the book says: first difference at line 1, column 1",
        f"✗ not as the book says: {missing}",
    ]
    assert mystmd.errors(log) == [
        "a.md bookproof: 9: mismatch: first difference at line 1, column 1",
        "a.md bookproof: 11: mismatch: the text says 9, but `a` is 2",
        f"a.md bookproof: 12: missing expectation: {missing}",
    ]


def test_the_pages_speak_the_language_of_the_book(project):
    project.configure("  options: {bookproof: {language: zh}}\n")
    project.write("a.md", SHORT)
    assert project.check() == 0
    pages, _ = project.build()
    page = mystmd.tree(pages["a.md"])
    marks = [words_of(n) for n in mystmd.find(page, "div")]
    assert marks[0] == "✓ 输出已核对"
    assert marks[1].startswith("本页核对了 3 处输出；运行环境：Python 3")
    [tip, *_] = mystmd.find(page, "abbreviation")
    assert tip["title"] == "✓ 已核对：a"


def test_what_is_not_run_keeps_its_outputs_and_says_why(project):
    project.write("note.ipynb", notebook(execute={"skip": True}, options={}))
    assert project.check() == 1
    content = json.loads((project.root / "_build/bookproof/bookproof.json").read_text("utf-8"))
    [page] = content["pages"].values()
    assert [cell["outputs"] for cell in page["cells"]] == [None, None, None]
    said = {"bookproof": {"not_run": "it needs a GPU"}}
    content = json.loads(notebook(execute={"skip": True}, options=said))
    for cell in content["cells"]:
        cell["metadata"].pop("bookproof", None)
        cell["source"] = "".join(cell["source"]).replace("expect}\nbelow", "unverified} no GPU")
        cell["source"] = cell["source"].replace("{expect}`2 <1 + 1>`", "2")
    del content["cells"][4]
    project.write("note.ipynb", json.dumps(content))
    assert project.check() == 0
    pages, log = project.build()
    assert mystmd.errors(log) == []
    tree = mystmd.tree(pages["note.ipynb"])
    first = next(mystmd.find(tree, "outputs"))
    assert [o["jupyter_data"]["text"] for o in first["children"]] == ["an older output\n"]
    marks = [words_of(n) for n in mystmd.find(tree, "div")]
    assert marks[0] == "not verified: it needs a GPU"
    assert marks[-1].startswith("Nothing on this page was run by the build")


def test_a_book_of_sphinx_is_refused(book, capsys):
    assert cli.main(["mystmd", "--root", str(book.root)]) == 2
    book.chapter("a.md", "```{code-cell}\n1\n```\n```{expect}\n1\n```\n")
    assert cli.main(["mystmd", "--root", str(book.root)]) == 1
    assert "has no myst.yml of its own" in capsys.readouterr().err


def test_a_plugin_that_is_not_named_is_told_of(project, capsys):
    project.write("a.md", SHORT)
    project.write("myst.yml", mystmd.SITE + "project: {title: T}\n")
    assert project.check() == 0
    said = "put `_build/bookproof/bookproof.mjs` under `project: plugins:` in myst.yml"
    assert said in capsys.readouterr().err


def test_the_project_of_the_manual_is_built_as_it_says(tmp_path):
    told = list(stories.tell(MANUAL.read_text("utf-8"), tmp_path))
    assert [step.name for step, _ in told][-1] == "bookproof mystmd"
    pages, log = mystmd.build(tmp_path)
    assert mystmd.errors(log) == []
    assert words_of(mystmd.tree(pages["index.md"])).endswith("run: 2 outputs are as it says.")
    page = mystmd.tree(pages["scores.md"])
    assert states(page) == ["verified", "verified"]
    assert (tmp_path / "_build/bookproof/bookproof.css").is_file()
