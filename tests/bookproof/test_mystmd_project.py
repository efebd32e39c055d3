"""Which pages of a MyST project are checked, and how, held against the real mystmd."""

import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookproof import Book, check, cli
from bookproof.notes.myst_toc import with_chapters
from bookproof.notes.toc import Entry

from . import mystmd

KERNEL = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
PYTHON = {"name": "python3", "display_name": "Python 3"}
CELL = KERNEL + "# A page\n\n```{code-cell} python\n1\n```\n"


def write(root, files, project="", more=""):
    """Write a project: the `project:` of its myst.yml, and its files."""
    for name, text in {"myst.yml": f"{mystmd.SITE}{more}project:\n  title: T\n{project}"}.items():
        (root / name).write_text(text, "utf-8")
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], "utf-8")


def chapters(root):
    return list(Book.load(root).chapters)


TREE = dict.fromkeys(
    [
        *("index.md", "a.md", "b.md", "part/c.md", "part/deep/d.md", "part/deep/e.md"),
        *("drafts/f.md", "drafts/old/g.md", ".hidden/h.md", "node_modules/i.md", "part/.j.md"),
        *("_build/k.md", "other/l.md", "README.md"),
    ],
    CELL,
) | {"other/myst.yml": "version: 1\nproject: {title: O}\n"}

PROJECTS = [
    "",
    "  exclude: drafts\n",
    "  exclude: [drafts/**, part/deep/d.md, '[ab].md']\n",
    "  exclude: ['**/d.md', '{a,b}.md', 'drafts/*']\n",
    "  toc: [{file: index}, {title: P, children: [{file: a}, {file: b.md, "
    "children: [{file: part/c}]}]}]\n",
    "  toc: [{file: a.md}, {pattern: '*.md'}, {url: 'https://example.org', title: U}]\n",
    "  exclude: drafts/**\n  toc: [{file: .hidden/h.md}, {pattern: drafts/**/*.md}]\n",
    "  toc: [{file: index.md}, {pattern: '**/*.md'}]\n",
    "  toc: [{file: index.md}, {pattern: part/**}, {pattern: '{a,b}.md'}]\n",
]


@mystmd.needed
@pytest.mark.parametrize("project", PROJECTS)
def test_the_pages_are_those_that_mystmd_builds(tmp_path, project):
    write(tmp_path, TREE, project)
    pages, _ = mystmd.build(tmp_path)
    (tmp_path / "_build" / "k.md").write_text(CELL)
    assert chapters(tmp_path) == sorted(name for name in pages if not name.startswith("_build/"))
    assert len(pages) >= 2


@mystmd.needed
def test_an_old_table_of_contents_counts_too(tmp_path):
    toc = "format: jb-book\nroot: index\nparts:\n- caption: P\n  chapters:\n  - file: part/c\n"
    write(tmp_path, {**TREE, "_toc.yml": toc})
    pages, _ = mystmd.build(tmp_path)
    assert chapters(tmp_path) == sorted(pages) == ["index.md", "part/c.md"]


@mystmd.needed
def test_what_a_project_extends_counts_too(tmp_path):
    shared = (
        "version: 1\nproject:\n  exclude: [drafts, a.md]\n  options: {bookproof: {timeout: 9}}\n"
    )
    files = {**TREE, "shared/base.yml": shared}
    write(tmp_path, files, "  exclude: b.md\n", "extends: shared/base.yml\n")
    pages, _ = mystmd.build(tmp_path)
    assert chapters(tmp_path) == sorted(pages)
    assert "b.md" not in pages
    assert "a.md" in pages
    assert Book.load(tmp_path).settings.execution_timeout == 9


CELLS = (
    KERNEL
    + """\
# Cells

```{code-cell} python
:tags: [remove-output, a]
1
```
~~~{code-cell}
---
tags:
  - remove-cell
  - raises-exception
---

2

3
~~~
:::{code-cell} python
:tag: hide-input, b

#| label: four
#| tags: [remove-output]
4
:::
````{code-cell} python
:tags: remove_output
'''
```{code-cell}
'''
````
```{code-cell} python
%%time
#| label: five
5
```
```{code-cell} python
6
#| tags: [remove-output]
```
```{code-cell} python
:tags: [remove-stderr
7
```

```{code-block} python
not a cell
```

    ```{code-cell}
    indented code
    ```

<!--
```{code-cell}
commented
```
-->

+++ {"tags": ["x"]}

```{code-cell} python
:tags: skip-execution
:unknown: option
8
```
"""
)


def cells_of_mystmd(page):
    """Return of each cell its source, whether its outputs are removed, and tags that bear."""
    found = []
    for block in mystmd.find(mystmd.tree(page), "block"):
        if block.get("kind") == "notebook-code":
            code, outputs = block["children"]
            gone = "remove" in (block.get("visibility"), outputs.get("visibility"))
            tags = {"raises-exception", "skip-execution"}.intersection(
                block.get("data", {}).get("tags", ())
            )
            found.append((code["value"].strip(), gone, tags))
    return found


def cells_of_ours(root, name):
    [chapter] = [c for c in Book.load(root).scanned() if c.name == name]
    assert chapter.problems == ()
    return [
        (
            cell.source.strip(),
            bool(cell.tags & {"remove-output", "remove-cell"}),
            set(cell.tags & {"raises-exception", "skip-execution"}),
        )
        for cell in chapter.cells
    ]


@mystmd.needed
def test_the_cells_are_those_of_mystmd(tmp_path):
    write(tmp_path, {"index.md": CELLS})
    pages, _ = mystmd.build(tmp_path)
    ours = cells_of_ours(tmp_path, "index.md")
    assert ours == cells_of_mystmd(pages["index.md"])
    assert len(ours) == 8
    assert [gone for _, gone, _ in ours] == [True, True, True, *[False] * 5]


@mystmd.needed
def test_the_cells_of_a_notebook_are_those_of_mystmd(tmp_path):
    tags = [["remove-output"], ["remove_output"], ["remove-cell"], ["raises-exception"], []]
    nodes = [new_code_cell(str(n), metadata={"tags": tags[n]}) for n in range(5)]
    nodes.append(new_code_cell("#| tags: [remove-output]\n6"))
    book = new_notebook(cells=nodes, metadata={"kernelspec": PYTHON})
    write(tmp_path, {"index.ipynb": nbformat.writes(book)})
    pages, _ = mystmd.build(tmp_path)
    ours = cells_of_ours(tmp_path, "index.ipynb")
    theirs = cells_of_mystmd(pages["index.ipynb"])
    assert [cell[1:] for cell in ours] == [cell[1:] for cell in theirs]
    assert [gone for _, gone, _ in ours] == [True, False, True, False, False, True]


def problems(root, name="index.md"):
    """Return what keeps a page from being checked, by line."""
    [chapter] = [c for c in Book.load(root).scanned() if c.name == name]
    return [(problem.line, problem.message) for problem in chapter.problems]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("```{code-cell}\n1\n```\n", 1, "no `kernelspec` on top of the page, nor under `project:`"),
        (KERNEL + ":::{note}\n```{code-cell}\n1\n```\n:::\n", 5, "inside another block is not ch"),
        (
            KERNEL + "- a\n\n  ```{code-cell}\n  1\n  ```\n",
            6,
            "inside another block is not checked",
        ),
        (
            KERNEL + '```{code-cell tags="x"} python\n1\n```\n',
            4,
            "begins in another way",
        ),
        (
            KERNEL + "```{include} part.md\n```\n{expect}`1 <1>`",
            4,
            "{include} of part.md, which has",
        ),
        ("---\nkernelspec: python3\n---\n```{code-cell}\n1\n```\n", 1, "`kernelspec` is 'python3'"),
    ],
)
def test_what_is_not_read_as_mystmd_does_is_told(tmp_path, text, line, words):
    write(
        tmp_path,
        {"index.md": text, "part.md": "```{code-cell}\n1\n```\n"},
        "  toc:\n    - file: index.md\n",
    )
    told = problems(tmp_path)
    assert any(place == line and words in message for place, message in told), told


def test_what_is_included_may_change_and_nothing_else(tmp_path):
    page = KERNEL + "```{include} part.md\n```\n\n```{code-cell}\n1\n```\n"
    write(tmp_path, {"index.md": page, "part.md": "Text.\n"}, "  toc: [{file: index.md}]\n")
    assert problems(tmp_path) == []
    (tmp_path / "part.md").write_text("```{expect}\n1\n```\n")
    assert [line for line, _ in problems(tmp_path)] == [4]
    (tmp_path / "index.md").write_text(page.replace("{include}", "{literalinclude}"))
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("project", "more", "words"),
    [
        ("  toc: 3\n", "", "toc is 3, wanted a list of entries"),
        ("  toc: [{pattern: '+(a|b).md'}]\n", "", "pattern '+(a|b).md' is not supported"),
        ("  exclude: {a: 1}\n", "", "exclude is {'a': 1}, wanted a list of patterns"),
        ("  toc: [{file: ../outside.md}]\n", "", "toc has ../outside.md, which is outside"),
        ("", "extends: https://example.org/a.yml\n", "which is not read: put a copy of it"),
        ("", "extends: lost.yml\n", "lost.yml"),
        ("  options: {bookproof: {langauge: zh}}\n", "", "has an unknown 'langauge'"),
        ("  options: {bookproof: {timeout: soon}}\n", "", "timeout is 'soon', wanted seconds"),
        ("  options: {bookproof: {not_run: [a]}}\n", "", "wanted reasons by pattern"),
        ("  options: {bookproof: {preload: numpy}}\n", "", "wanted a list of modules"),
        ("  options: {bookproof: {filters: {a: ['(', '']}}}\n", "", "a"),
    ],
)
def test_what_cannot_be_obeyed_is_told(tmp_path, capsys, project, more, words):
    (tmp_path / "outside.md").write_text(CELL)
    root = tmp_path / "book"
    root.mkdir()
    write(root, {"index.md": CELL}, project, more)
    assert cli.main(["check", "--root", str(root)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"bookproof: {root / 'myst.yml'} cannot be read: ")
    assert words in said


def test_a_project_within_the_site_is_told(tmp_path, capsys):
    (tmp_path / "myst.yml").write_text("version: 1\nsite: {projects: [{slug: a, path: sub}]}\n")
    assert cli.main(["check", "--root", str(tmp_path)]) == 2
    assert "check it with --root sub" in capsys.readouterr().err


def test_cells_in_json_are_told(tmp_path, capsys):
    write(tmp_path, {"a.myst.json": '{"mdast": {"kind": "notebook-code"}}', "index.md": CELL})
    assert cli.main(["check", "--root", str(tmp_path)]) == 2
    assert "a.myst.json has code cells, which are not read there" in capsys.readouterr().err


PRINTS = """\
```{code-cell} python
import sys

print("out")
print("err", file=sys.stderr)
```
```{unverified} a reason
```
"""


def test_the_streams_that_a_project_removes_need_no_block(tmp_path):
    own = ["", "output_stderr: show", "output_stderr: warn", "output_stdout: remove-warn"]
    front = "---\nsettings: {{{}}}\nkernelspec: {{name: python3}}\n---\n"
    pages = {f"{n}.md": front.format(words) + PRINTS for n, words in enumerate(own)}
    write(tmp_path, pages, "  settings: {stderr_output: remove}\n")
    found = [(v.kind, v.waived) for _, v in check(Book.load(tmp_path))]
    assert found == [
        ("unverified", ()),
        ("unverified", ("unexpected stderr",)),
        ("unverified", ("unexpected stderr",)),
        ("malformed block", ()),
    ]


SAYS = (
    KERNEL
    + """\
```{code-cell} python
class Line:
    def __repr__(self):
        return "<matplotlib.lines.Line2D at 0x7f>"


[Line()]
```
"""
)


@mystmd.needed
def test_what_matplotlib_says_of_itself_is_dropped_as_mystmd_does(tmp_path):
    plugin = "  plugins: [_build/bookproof/bookproof.mjs]\n"
    write(tmp_path, {"index.md": SAYS}, plugin)
    assert cli.main(["mystmd", "--root", str(tmp_path)]) == 0
    pages, log = mystmd.build(tmp_path)
    [outputs] = mystmd.find(mystmd.tree(pages["index.md"]), "outputs")
    assert outputs["children"] == []
    write(tmp_path, {"index.md": SAYS}, plugin + "  settings: {output_matplotlib_strings: show}\n")
    assert cli.main(["mystmd", "--root", str(tmp_path)]) == 1
    pages, log = mystmd.build(tmp_path)
    [outputs] = mystmd.find(mystmd.tree(pages["index.md"]), "outputs")
    assert len(outputs["children"]) == 1
    assert re.search("index.md.* missing expectation", log)


def test_dollars_may_be_dollars(tmp_path):
    page = KERNEL + "```{code-cell}\n1\n```\n\nIt costs $5, or {expect}`1 <1>` in 5$.\n"
    write(tmp_path, {"index.md": page})
    assert Book.load(tmp_path).scanned()[0].values == ()
    write(tmp_path, {}, "  settings: {parser: {dollarmath: false}}\n")
    [value] = Book.load(tmp_path).scanned()[0].values
    assert (value.text, value.target) == ("1", "1")


def test_the_kernel_may_be_the_projects_or_the_pages(tmp_path):
    other = "---\njupyter: {kernelspec: {name: julia}}\n---\n```{code-cell}\n1\n```\n"
    files = {"index.md": "```{code-cell}\n1\n```\n", "b.md": other}
    write(tmp_path, files, "  kernelspec: {name: bash}\n")
    assert [c.kernel for c in Book.load(tmp_path).scanned()] == ["julia", "bash"]
    assert [c.problems for c in Book.load(tmp_path).scanned()] == [(), ()]


def test_front_matter_may_stand_in_the_first_cell_of_a_notebook(tmp_path):
    first = "---\nexecute: {skip: true}\noptions: {bookproof: {not_run: why, after: [b]}}\n---\n# T"
    nodes = [new_markdown_cell(first), new_code_cell("1")]
    content = nbformat.writes(new_notebook(cells=nodes, metadata={"kernelspec": PYTHON}))
    write(tmp_path, {"index.ipynb": content, "b.md": CELL})
    chapter = Book.load(tmp_path).scanned()[1]
    assert (chapter.unrun, chapter.reason) == ("its execution_mode is off", "why")


def test_the_other_commands_work(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"index.md": CELL, "text.md": "# Text\n"})
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out == "index.md: 1 cell, 0 expected, 0 unverified, 0 problems\n"
    assert cli.main(["check"]) == 1
    assert cli.main(["accept", "--all"]) == 0
    assert (tmp_path / "index.md").read_text().endswith("1\n```\n```{expect}\n1\n```\n")
    assert cli.main(["check", "--json", "verification.json"]) == 0
    assert json.loads((tmp_path / "verification.json").read_text())["totals"]["verified"] == 1
    capsys.readouterr()
    assert cli.main(["freeze", "index.md"]) == 0
    assert cli.main(["check", "index.md"]) == 0
    assert capsys.readouterr().out.endswith("1 output verified in 1 chapter (1 frozen)\n")
    assert cli.main(["check", "text.md"]) == 2
    assert "it has no {code-cell}, no block and no value" in capsys.readouterr().err


def dated(day):
    return f"    - title: 2024-03-0{day}\n      children:\n        - file: {day}.md\n"


DATED = dated(4) + dated(6)
FIRST = "  toc:\n    - file: i.md\n"
ITEM = "        - file: n/s.md\n"


def group(day):
    return f'    - title: "2024-03-0{day} S"\n      children:\n{ITEM}'


@pytest.mark.parametrize(
    ("toc", "caption", "wanted"),
    [
        ("", "2024-03-05 S", ""),
        (FIRST, "2024-03-05 S", FIRST + group(5)),
        (FIRST, "", FIRST + ITEM[4:]),
        ("  toc:\n    - pattern: n/*.md\n", "", "  toc:\n    - pattern: n/*.md\n"),
        ("  toc:\n    - pattern: '**/*.md'\n", "", "  toc:\n    - pattern: '**/*.md'\n"),
        ("  toc:\n    - file: n/s\n", "", "  toc:\n    - file: n/s\n"),
        (f"  toc:\n{DATED}", "2024-03-03 S", f"  toc:\n{group(3)}{DATED}"),
        (f"  toc:\n{DATED}", "2024-03-05 S", f"  toc:\n{dated(4)}{group(5)}{dated(6)}"),
        (f"  toc:\n{DATED}", "2024-03-06 S", f"  toc:\n{DATED}{ITEM}"),
        (f"  toc:\n{DATED}", "2024-03-07 S", f"  toc:\n{DATED}{group(7)}"),
    ],
)
def test_a_chapter_joins_the_table_of_contents(toc, caption, wanted):
    before, after = "version: 1\nproject:\n  title: T\n", "site: {}  # is kept\n"
    made = with_chapters(before + toc + after, [Entry("n/s", caption)])
    assert made == before + wanted + after


@pytest.mark.parametrize("text", ["version: 1\n", "project: {toc: []}\n"])
def test_what_has_no_place_for_a_chapter_is_told(text):
    with pytest.raises(ValueError, match=r"^myst\.yml"):
        with_chapters(text, [Entry("n/s", "")])


def test_notes_become_chapters_of_a_project(tmp_path):
    root = tmp_path / "book"
    root.mkdir()
    write(root, {"index.md": "# I\n"}, "  toc:\n    - file: index.md\n")
    note = "# 2024-03-05 Sums\n\n```python\nprint(1 + 1)  # 2\n```\n"
    (tmp_path / "sums.md").write_text(note)
    words = ["notes", "import", str(tmp_path / "sums.md"), "--into", str(root), "--folder", "notes"]
    assert cli.main(words) == 0
    [made] = (root / "notes").glob("*.md")
    front = "---\nkernelspec:\n  name: python3\n  display_name: Python 3\n"
    assert made.read_text("utf-8").startswith(front)
    assert f"        - file: notes/{made.name}\n" in (root / "myst.yml").read_text("utf-8")
    assert Book.load(root).chapters == (f"notes/{made.name}",)
    assert check(Book.load(root)).green
