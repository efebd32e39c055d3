"""Notebooks for readers: plain Markdown, outputs, and the expectations to check them by."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile

import nbclient
import nbformat
import pytest

from bookproof import Book, check
from bookproof.authoring.accept import accept
from bookproof.pages.export import archive, export
from bookproof.pages.plain import Plain, Surroundings
from bookproof.running.inside.describe import MIME

AROUND = Surroundings(
    notebooks=["notes/a", "notes/b", "more/c"],
    labels={"fig-x": "图 7", "sec-x": "第一节"},
    references={"lecun": ("LBB98", "Yann LeCun. *Gradients*. 1998."), "he": ("He16", "He.")},
    boxes={"note": "注", "erratum": "勘误", "admonition": ""},
    language="zh_CN",
)

TEXTS = {
    "plain text stays": ("# 标题\n\n正文，`{cite}` 与 $a_{i}$。", None),
    "tables, lists and quotes stay": ("| a |\n|---|\n| 1 |\n\n- x\n  - y\n\n> z", None),
    "code stays": ("```python\n[a](b.md) {cite}`lecun`\n```\n\n    [a](b.md)", None),
    "code in a list stays": ("- x\n\n  ```python\n  {ref}`fig-x`\n  ```", None),
    "link targets stay": ("[x][y]\n\n[y]: https://example.org", None),
    "formulas stay": ("$$\na[i](b.md)\n$$\n\n$f[i](b.md)$ 与 \\`{ref}\\`", None),
    "an anchor": ("(sec-x)=\n## 题", '<a id="sec-x"></a>\n\n## 题'),
    "comments go": ("甲\n\n% 注\n\n乙\n\n+++\n\n丙", "甲\n\n乙\n\n丙"),
    "blocks for the check go": ("```{expect}\n1\n```\n\n```{unverified} r\n```\n正文", "正文"),
    "a definition list": (
        "**你将做什么**\n: 学。\n\n`x`\n: 一\n\n  二\n\n丙\n: - 一\n  - 二",
        "**你将做什么**：学。\n\n**`x`**：一\n\n二\n\n**丙**：\n\n- 一\n- 二",
    ),
    "two definitions": ("甲\n: 一\n: 二", "**甲**：一\n\n**甲**：二"),
    "a box": (":::{note}\n正文 {cite}`lecun`\n:::", "> **注**\n>\n> 正文 [LBB98]"),
    "a box with options": ("```{note}\n:class: x\n\n正文\n```", "> **注**\n>\n> 正文"),
    "a box with a title of its own": (
        "```{admonition} 题 $x$\n---\nclass: y\n---\n正文\n```",
        "> **题 $x$**\n>\n> 正文",
    ),
    "a box of the book": (
        "```{erratum} 0911-2 多了\n笔记原说\n: 甲\n\n实际\n: 乙\n```",
        "> **勘误 0911-2 多了**\n>\n> **笔记原说**：甲\n>\n> **实际**：乙",
    ),
    "a box in a box": (
        "::::{note}\n:::{note}\n甲\n:::\n::::",
        "> **注**\n>\n> > **注**\n> >\n> > 甲",
    ),
    "a container": (":::{container} x\n- 甲\n:::", "- 甲"),
    "code that is coloured": (
        "```{code-block} python\n:linenos:\n\nx = {}\n```",
        "```python\nx = {}\n```",
    ),
    "a formula as a directive": ("```{math}\n:label: m\na = b\n```", "$$\na = b\n$$"),
    "a formula with a label": (
        "$$\na = b\n$$ (eq-a)\n\n见 {eq}`eq-a`",
        "$$\na = b\n\\tag{eq-a}\n$$\n\n见 (eq-a)",
    ),
    "citations": ("文 {cite}`lecun,he` 与 {cite:p}`no`", "文 [LBB98, He16] 与 [no]"),
    "references": (
        "{numref}`fig-x`、{numref}`见 %s <fig-x>`、{ref}`sec-x`、{ref}`此节 <sec-x>`、{term}`卷积`",
        "图 7、见 图 7、第一节、此节、卷积",
    ),
    "small roles": (
        "H{sub}`2`O {kbd}`Ctrl` {math}`a^2` {code}`x = 1`",
        "H<sub>2</sub>O <kbd>Ctrl</kbd> $a^2$ `x = 1`",
    ),
    "attributes": ("`x`{.python} [词]{.red} 与 {cite}`he`", "`x` [词] 与 [He16]"),
    "links between chapters": (
        "[`乙`](b.md#节)、[丙](../more/c.md)、[此处](#sec-x)、[网](https://x.org/a.md)",
        "[`乙`](b.ipynb)、[丙](../more/c.ipynb)、[此处](#sec-x)、[网](https://x.org/a.md)",
    ),
    "links to what is no notebook": ("见[勘误](../reference/errata.md#x)。", "见勘误。"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_becomes_plain(name):
    source, wanted = TEXTS[name]
    assert Plain("notes/a.md", AROUND).text(source) == (source if wanted is None else wanted)


def test_links_lead_to_the_site_where_its_address_is_known():
    around = Surroundings(site="https://book.example/")
    text = Plain("notes/a.md", around).text("[勘误](../reference/errata.md#x)")
    assert text == "[勘误](https://book.example/reference/errata.html#x)"


def test_what_is_cited_is_listed_once_in_the_order_of_citing():
    plain = Plain("a.md", AROUND)
    assert plain.references() == ""
    plain.text("{cite}`he` {cite}`lecun` {cite}`he,no`")
    assert plain.references().split("\n") == [
        "## 参考文献",
        "",
        "- [He16] He.",
        "- [LBB98] Yann LeCun. *Gradients*. 1998.",
    ]


CHAPTER = """
(top)=
# 标题

正文 {cite}`lecun`。

```{code-cell} python
import sys
import matplotlib.pyplot as plt
print("甲", 0.1234)
7 // 2
```
```{expect} number
甲 0.12
3
```

接着：

```{code-cell} python
---
tags: [hide-cell]
mystnb:
  image:
    alt: 一条线。
  figure:
    caption: 见 {cite}`he`。
    name: fig-x
---
fig, ax = plt.subplots()
_ = ax.plot([1, 2])
```
```{expect} figure contains
line 2 points
```

```{code-cell} python
:tags: [raises-exception]
1 / 0
```
```{expect} error
ZeroDivisionError: division by zero
```

```{code-cell} python
print("```", file=sys.stderr)
print(id(sys))
```
````{expect} stream=stderr
```
````
```{unverified} 每次不同
```

末尾。
"""


@pytest.fixture
def checked(book):
    book.chapter("notes/a.md", CHAPTER)
    report = book.check()
    assert report.green, report.failures()
    return report.chapters[0]


@pytest.fixture
def exported(checked):
    return nbformat.reads(export(checked, AROUND, {}), as_version=4)


def test_a_notebook_is_valid_and_reads_in_order(exported):
    nbformat.validate(exported)
    assert (exported.nbformat, exported.nbformat_minor) == (4, 5)
    setup, title, *_, caption, _, _, end, references, foot = exported.cells
    assert setup.metadata.bookproof == "setup"
    assert title.source == '<a id="top"></a>\n\n# 标题\n\n正文 [LBB98]。'
    assert caption.source == '<a id="fig-x"></a>**图 7**　见 [He16]。'
    assert end.source == "末尾。"
    assert references.source.endswith("[LBB98] Yann LeCun. *Gradients*. 1998.\n- [He16] He.")
    assert foot.source.startswith("本页核对了 4 处输出，另有 1 处说明了不核对的原因")
    assert "{expect}" not in "".join(cell.source for cell in exported.cells)
    code = [cell for cell in exported.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [None, 1, 2, 3, 4]
    assert len({cell.id for cell in exported.cells}) == len(exported.cells)


def test_outputs_are_inside_without_what_only_the_check_needs(exported):
    _, first, figure, error, last = [c for c in exported.cells if c.cell_type == "code"]
    assert [(o.output_type, o.get("execution_count")) for o in first.outputs] == [
        ("stream", None),
        ("execute_result", 1),
    ]
    [picture] = figure.outputs
    assert set(picture.data) == {"image/png", "text/plain"}
    assert MIME not in json.dumps(exported)
    assert picture.metadata == {"image/png": {"alt": "一条线。"}}
    assert figure.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert (figure.metadata.cellView, figure.metadata.collapsed) == ("form", True)
    assert error.outputs[0].ename == "ZeroDivisionError"
    assert error.metadata.tags == ["raises-exception"]
    assert last.metadata.bookproof == [
        "````{expect} stream=stderr\n",
        "```\n",
        "````\n",
        "```{unverified} 每次不同\n",
        "```",
    ]


def test_the_same_chapter_gives_the_same_bytes_also_from_what_was_kept(book, checked, tmp_path):
    other = tmp_path / "别 处"
    shutil.copytree(book.root, other, ignore=shutil.ignore_patterns("_build", "别 处"))
    there = check(Book.load(other)).chapters[0]
    kept = book.check().chapters[0]
    first, second, third = (export(c, AROUND, {}) for c in (checked, kept, there))
    assert first == second
    lines = zip(first.split("\n"), third.split("\n"), strict=True)
    differing = [a for a, b in lines if a != b]
    assert all(line.strip().rstrip('\\n",').lstrip('"').isdigit() for line in differing)  # id(sys)
    assert str(book.root) not in first


def facts(checked):
    """Return what a check found, but for the places."""
    return [(str(v.kind), v.expected, v.block.directive, v.block.reason) for v in checked.verdicts]


def check_alone(path):
    return check(Book.load(path.parent, [path])).chapters[0]


@pytest.fixture
def alone(checked, tmp_path_factory):
    """Return the exported notebook in a folder that holds nothing else."""
    path = tmp_path_factory.mktemp("alone") / "a.ipynb"
    path.write_text(export(checked, AROUND, {}), "utf-8")
    return path


def test_the_check_of_a_notebook_gives_the_verdicts_of_its_chapter(checked, alone):
    found = check_alone(alone)
    assert facts(found) == facts(checked)
    assert len(facts(found)) == 5


def test_a_notebook_that_does_not_give_what_the_book_says_is_found_and_accepted(alone):
    text = alone.read_text("utf-8")
    assert text.count('"3\\n"') == 1
    alone.write_text(text.replace('"3\\n"', '"4\\n"'), "utf-8")
    found = check_alone(alone)
    [wrong] = [v for v in found.verdicts if v.kind.failed]
    assert (str(wrong.kind), wrong.actual) == ("mismatch", "甲 0.1234\n3")
    assert alone.read_text("utf-8").split("\n")[wrong.place - 1].strip() == '"4\\n",'
    accept(found)
    assert alone.read_text("utf-8") == text


def test_a_changed_program_is_found(alone):
    text = alone.read_text("utf-8")
    alone.write_text(text.replace("7 // 2", "9 // 2"), "utf-8")
    assert [str(v.kind) for v in check_alone(alone).verdicts if v.kind.failed] == ["mismatch"]


@pytest.mark.parametrize("damage", ['"gone"', "{}", "[1]", '[["x"]]'])
def test_damaged_metadata_is_no_way_round_the_check(alone, damage):
    notebook = json.loads(alone.read_text("utf-8"))
    first = next(c for c in notebook["cells"] if isinstance(c["metadata"].get("bookproof"), list))
    first["metadata"]["bookproof"] = json.loads(damage)
    alone.write_text(json.dumps(notebook, indent=1), "utf-8")
    [verdict] = check_alone(alone).verdicts
    assert str(verdict.kind) == "chapter unreadable"
    assert "must be a list of lines" in verdict.message


def run(*sources):
    """Run cells after one that shows what pip would install; return what they print."""
    fake = """\
from IPython.core.magic import register_line_magic
@register_line_magic
def pip(line):
    print("pip", line)
"""
    cells = [nbformat.v4.new_code_cell(source) for source in (fake, *sources)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60).execute()
    return ["".join(output.text for output in cell.outputs) for cell in notebook.cells[1:]]


def test_the_first_cell_installs_what_is_missing_and_nothing_else(book):
    book.chapter(
        "a.md",
        """
        ```{code-cell} python
        import json
        import matplotlib
        try:
            import nowhere
        except ImportError:
            print("none")
        ```
        ```{expect}
        none
        ```
        """,
    )
    [checked] = book.check().chapters
    version = checked.versions["matplotlib"]
    setups = []
    for sources in ({}, {"nowhere": "nowhere@https://example.org/n.whl"}, {"nowhere": ""}):
        notebook = nbformat.reads(export(checked, AROUND, sources), as_version=4)
        setups.append(notebook.cells[0].source)
    assert all(f'"matplotlib": "matplotlib=={version}"' in source for source in setups)
    assert not any('"json"' in source for source in setups)
    assert run(*setups) == [
        "",
        "pip install --quiet nowhere@https://example.org/n.whl\n",
        "还没有装 nowhere：请先从本书的网站或仓库装上它，再运行下面的单元格。\n",
    ]


def test_the_zip_holds_the_notebooks_side_by_side():
    files = {"book/notes/b.ipynb": b"2", "book/notes/a.ipynb": b"1"}
    data = archive(files)
    assert data == archive(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.namelist() == ["notebooks/a.ipynb", "notebooks/b.ipynb"]
        assert file.read("notebooks/b.ipynb") == b"2"
    with zipfile.ZipFile(io.BytesIO(archive({"a.ipynb": b"", "x/b.ipynb": b""}))) as file:
        assert file.namelist() == ["notebooks/a.ipynb", "notebooks/x/b.ipynb"]


SAVING = """\
from pathlib import Path

extensions = ["myst_nb", "bookproof.sphinx_ext"]
bookproof_notebooks = ["notes/*"]
exclude_patterns = ["_build"]


def setup(app):
    app.connect("env-updated", save)


def save(app, env):
    saved = Path(app.srcdir, "saved")
    if saved.exists():
        saved.replace(Path(app.srcdir, "notes", "a.md"))
"""


@pytest.fixture
def builds(book):
    """What builds a book of two chapters; returns when its notebooks were written."""
    for name in ("a", "b"):
        body = f"# {name}\n\n```{{code-cell}} python\nprint(1)\n```\n```{{expect}}\n1\n```\n"
        book.chapter(f"notes/{name}.md", body)
    book.write("index.md", "# Front\n\n```{toctree}\n:glob:\nnotes/*\n```\n")
    book.write("conf.py", SAVING)
    out = book.root / "_build" / "html"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", book.root, out]

    def build():
        done = subprocess.run(command, timeout=100, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        found = [*out.rglob("*.ipynb"), *out.rglob("*.zip")]
        return {path.name: path.stat().st_mtime_ns for path in found}

    return build


def test_a_build_writes_the_notebooks_that_changed(book, builds):
    out = book.root / "_build" / "html"
    first = builds()
    assert sorted(first) == ["a.ipynb", "b.ipynb", "notebooks.zip"]
    assert builds() == first
    path = book.root / "notes" / "a.md"
    path.write_text(path.read_text().replace("# a", "# 甲"))
    second = builds()
    assert {name for name in second if second[name] != first[name]} == {"a.ipynb", "notebooks.zip"}
    assert "# 甲" in (out / "notes" / "a.ipynb").read_text("utf-8")
    os.remove(out / "notes" / "b.ipynb")
    assert sorted(builds()) == sorted(first)


def test_what_is_saved_during_a_build_comes_with_the_next_one(book, builds):
    text = (book.root / "notes" / "a.md").read_text("utf-8")
    (book.root / "saved").write_text(text.replace("# a", "# Saved"), "utf-8")
    site = book.root / "_build" / "html"
    builds()
    assert "Saved" in (book.root / "notes" / "a.md").read_text("utf-8")
    builds()
    for name in ("a.html", "a.ipynb"):
        assert "Saved" in (site / "notes" / name).read_text("utf-8"), name


def test_code_from_a_file_of_its_own_is_as_it_is_now(book, builds):
    book.write("notes/code.py", "print(1)  # the first\n")
    cell = "```{code-cell} python\n:load: code.py\n```\n```{expect}\n1\n```\n"
    book.chapter("notes/a.md", f"# a\n\n{cell}")
    site = book.root / "_build" / "html"
    for said in ("the first", "the second"):
        book.write("notes/code.py", f"print(1)  # {said}\n")
        builds()
        for name in ("a.html", "a.ipynb"):
            assert said in (site / "notes" / name).read_text("utf-8"), name
