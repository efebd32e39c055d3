"""What commands tell somebody who reads Chinese: no English sentence is left."""

import json
import os
import re
import subprocess
import sys

import pytest
from lsprotocol import types
from tests.editing import Editor

from bookproof import cli
from bookproof.telling import language

from .conftest import FRONT
from .test_faults import ENDS, GOOD, cell
from .test_unsupported import PROJECTS, QMD, RMD, RST

LATIN = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z]{2,}")
"""Two words of English, side by side."""

NAMES = re.compile(
    r"(?:\[Errno|while parsing|must be of type|\b\w+Error:|可以用：|用法：) ?.*"
    r"|(?:bookproof accept|bookproof check|pip install|jupyter-book build) .*"
    r"|::error file=[^:]*|bookproof (?:notes )?[a-z]+: |\{expect\} lines number"
    r"|`[^`]*`|'[^']*'|\"[^\"]*\"|\{[^}]*\}|\[[^]]*\]"
    r"|(?:https?:/)?[/~]\S+|[\w*]+[./-][\w*][\w./*-]*"
)
"""What has the same name in every language, and what Python says."""


def left(text):
    """Return what is English in what was told, but for outputs and what stands beside them."""
    lines = [
        line for line in text.splitlines() if not re.match(r" {4}(?! *\S+ {2})| (?! )|[-+@]", line)
    ]
    return [line for line in lines if LATIN.search(NAMES.sub("N", line))]


@pytest.fixture
def run(capsys):
    """Give a command; return its status and what it told, which is Chinese."""

    def given(*words):
        try:
            status = cli.main([*map(str, words), "--language", "zh"])
        except SystemExit as end:
            status = end.code
        told = "".join(capsys.readouterr())
        assert left(told) == [], told
        assert re.search("[\u4e00-\u9fff]", told) or words[:1] == ("lsp",), told
        return status, told

    yield given
    language.choose(None)


HELP = [[], ["check"], ["accept"], ["freeze"], ["list"], ["merge"], ["diff"], ["summary"], ["seal"]]
HELP += [["serve"], ["lsp"], ["new"], ["notes"], ["notes", "check"], ["notes", "import"]]


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_help(run, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "400")
    assert run(*command, "--help")[0] == 0


USAGE = [
    ["chek"],
    ["merge"],
    ["check", "--colour"],
    ["check", "--shard"],
    ["check", "--shard", "3/2"],
    ["serve", "--port", "x"],
    ["serve", "--port", "99999"],
    ["notes", "check", "--workers", "none", "x"],
    ["notes", "check", "--timeout", "0", "x"],
    ["notes", "import", "x"],
    ["summary", "/dev/null"],
    ["summary", "/no/such/file"],
    ["list", "--root", "/no/such/folder"],
    ["freeze", "--remove"],
    ["notes", "check", "/no/such/note.md"],
]


@pytest.mark.parametrize("command", USAGE, ids=" ".join)
def test_wrong_usage(run, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*command)[0] == 2


MALFORMED = {
    "word": "```{code-cell}\n1\n```\n```{expect} foo\n1\n```\n",
    "filter": "```{code-cell}\n1\n```\n```{expect} norm=foo\n1\n```\n",
    "tolerance": "```{code-cell}\n1\n```\n```{expect} rtol=-1\n1\n```\n",
    "beside": "```{code-cell}\n1\n```\n```{expect} exact number\n1\n```\n",
    "alone": "```{expect}\n1\n```\n",
    "empty": "```{code-cell}\n1\n```\n```{expect}\n```\n",
    "reason": "```{code-cell}\n1\n```\n```{unverified}\n```\n",
    "open": "```{code-cell}\n1\n```\n```{expect}\n1\n",
    "two": GOOD + "```{expect}\nok\n```\n",
    "hidden": "````{note}\n```{code-cell}\n1\n```\n```{expect}\n1\n```\n````\n",
    "value": GOOD + "\n{expect}`2 <1>`, {expect}`50% <0.4>`, {expect}`3 <3.5>`, {expect}`1 <no>`\n",
    "form": GOOD + "\n{expect}`2` and {unverified}`x`\n",
    "above": "{expect}`2 <1>`\n\n" + GOOD,
    "eval": GOOD + "\n{eval}`1 + 1` and {eval}`missing`\n",
    "idle": "```{code-cell}\n1\n```\n```{unverified} why\n```\n```{expect}\n1\n```\n",
    "skipped": "```{code-cell}\n:tags: [skip-execution]\n1\n```\n```{expect}\n1\n```\n",
    "bare": cell("1"),
    "error": cell("1 / 0") + "```{expect} error\nZeroDivisionError: no\n```\n",
    "quiet": cell("x = 1") + "```{expect}\n1\n```\n",
    "nofigure": cell("1") + "```{expect} figure\nfigure 1 x 1\n```\n```{expect}\n1\n```\n",
    "noerror": cell("1") + "```{expect} error\nE\n```\n```{expect}\n1\n```\n",
    "contains": cell("print('a')") + "```{expect} contains\nb\n```\n",
    "unordered": cell("print('a')") + "```{expect} unordered\nb\n```\n",
    "invisible": cell("print('a\u00a0b')") + "```{expect}\na b\n```\n",
    "long": cell("for i in range(99): print(i)") + "```{expect}\nno\n```\n",
    "stderr": cell("import sys\nprint('x', file=sys.stderr)"),
    "html": cell("from IPython.display import HTML\nHTML('<script>1</script><img src=x.png>')"),
}


def test_everything_that_can_be_wrong_in_a_chapter(run, book):
    for name, text in MALFORMED.items():
        book.chapter(f"{name}.md", "\n# T\n\n" + text)
    book.chapter("after.md", GOOD)
    for name, after in {"after": "[nowhere]", "bad": "1"}.items():
        book.write(f"{name}.md", FRONT.replace("---\n", f"---\nbookproof: {{after: {after}}}\n", 1))
        path = book.root / f"{name}.md"
        path.write_text(path.read_text() + GOOD)
    (book.root / "bytes.md").write_bytes(FRONT.encode() + b"\xff")
    book.write("nokernel.md", (FRONT + GOOD).replace("python3", "no-such"))
    book.write("front.md", GOOD)
    book.write("spec.ipynb", '{"cells": [], "metadata": {"kernelspec": 3}, "nbformat": 4}')
    status, told = run("check", "--root", book.root, "--github", "--json", book.root / "v.json")
    assert status == 1
    assert len(told.splitlines()) > 100
    places = set(re.findall(r"^([\w]+)\.(?:md|ipynb):\d+", told, re.MULTILINE))
    assert places >= MALFORMED.keys() - {"idle", "form"}
    assert json.loads((book.root / "v.json").read_text())["totals"]["failed"] > 30
    assert not re.search("[\u4e00-\u9fff]", (book.root / "v.json").read_text())
    assert run("accept", "--all", "--force", "--root", book.root)[0] == 1
    assert run("list", "--why", "--root", book.root)[0] == 0
    assert run("summary", book.root / "v.json")[0] == 1


def test_every_way_to_end(run, book):
    book.write("_config.yml", "execute:\n  timeout: 3\n")
    for name, (code, _) in ENDS.items():
        book.chapter(name, GOOD + "\n" + cell(code))
    assert run("check", "--root", book.root)[0] == 1


def test_a_book_that_holds(run, book):
    book.chapter("a.md", GOOD)
    book.chapter("b.md", GOOD + "\n" + cell("print(1)") + "```{unverified} because\n```\n")
    one, two, whole = (book.root / name for name in ("1.json", "2.json", "all.json"))
    assert run("check", "--root", book.root, "--json", whole)[0] == 0
    assert run("check", "--root", book.root, "--twice")[0] == 0
    assert run("check", "--root", book.root, "--shard", "1/2", "--json", one)[0] == 0
    assert run("merge", one)[0] == 2
    assert run("merge", one, one)[0] == 2
    assert run("merge", whole)[0] == 2
    assert run("summary", one)[0] == 1
    assert run("check", "--root", book.root, "--shard", "2/2", "--json", two)[0] == 0
    assert run("merge", one, two)[0] == 0
    assert run("diff", whole, whole)[0] == 0
    assert run("list", "--why", "--root", book.root)[0] == 0
    book.chapter("b.md", GOOD)
    assert run("list", "--why", "--root", book.root)[0] == 0
    assert run("seal", book.root)[0] == 1
    (book.root / "verification.json").write_bytes(whole.read_bytes())
    assert run("seal", "--check", book.root)[0] == 1
    assert run("freeze", "--root", book.root)[0] == 0
    assert run("freeze", "--root", book.root, book.root / "a.md")[0] == 0
    assert run("list", "--root", book.root)[0] == 0
    book.chapter("a.md", GOOD.replace("'ok'", "'no'"))
    assert run("check", "--root", book.root)[0] == 1
    assert run("freeze", "--remove", "--root", book.root, book.root / "a.md")[0] == 0
    assert run("freeze", "--remove", "--root", book.root, book.root / "a.md")[0] == 2


def test_what_differs_from_run_to_run(run, book):
    book.chapter("a.md", cell("import random\nprint(random.random())"))
    book.chapter("b.md", cell("print(object())\nimport os\nprint(os.getcwd())"))
    book.chapter("c.md", cell("print([x / 7 for x in range(50)])\nfor i in range(60): print(i)"))
    book.chapter("d.md", cell("import time\nprint(time.time())") + "```{expect}\n1\n```\n")
    status, told = run("accept", "--all", "--root", book.root)
    assert (status, "每次运行都不同" in told) == (1, True)
    assert run("check", "--twice", "--root", book.root)[0] == 1


def test_what_is_not_supported(run, tmp_path):
    folders = {"q": {"a.qmd": QMD}, "r": {"a.Rmd": RMD, "b.Rmd": RMD}, "t": {"index.rst": RST}}
    folders |= {"p": {"a.py": "# %%\n1\n"}, "m": {"a.md": "# A\n"}, "e": {}, "c": {"a.csv": "1\n"}}
    folders |= {name: {name: text, "a.qmd": QMD} for name, text, *_ in PROJECTS}
    folders["x"] = {"_config.yml": "exclude_patterns: ['*.ipynb']\n", "a.ipynb": "{}"}
    for config in ("x: [", "- a\n", "execute:\n  timeout: soon\n", "sphinx: 3\n"):
        folders[f"c{len(folders)}"] = {"_config.yml": config, "a.md": FRONT + GOOD}
    for name, value in {"filters": "{x: 1}", "not_run": "3", "preload": "x"}.items():
        text = f"sphinx:\n  config:\n    bookproof_{name}: {value}\n"
        folders[name] = {"_config.yml": text, "a.md": FRONT + GOOD}
    for folder, files in folders.items():
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
        assert run("check", "--root", tmp_path / folder)[0] == 2
    assert run("check", "--root", tmp_path, tmp_path / "q" / "a.qmd")[0] == 2
    assert run("check", "--root", tmp_path, tmp_path / "m" / "a.md")[0] == 2
    assert run("check", "--root", tmp_path / "q", tmp_path / "m" / "a.md")[0] == 2


NOTE = """\
# 2026-11-20 notes

```python
x = 3
print(x + 1)  # 4
print(x * 2)  # 7
y  # 5
import random
print(random.random())  # 0.5
print(round(1 / 3, 5))  # 0.33
import no_such_package
```

![](no.png) and [[elsewhere]] and ![[thing.pdf]]

```python
open("no such file")  # 1
input()  # 2
```
"""


def test_notes(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    note, book = tmp_path / "a.md", tmp_path / "book"
    note.write_text(NOTE)
    assert run("notes", "check", "--list", note)[0] == 0
    assert run("notes", "check", "--all", note)[0] == 1
    assert run("notes", "check", note, tmp_path / "none.md")[0] == 1
    assert run("notes", "import", note, "--into", tmp_path)[0] == 2
    assert run("new", book, "--bookproof", "bookproof")[0] == 0
    assert run("new", book)[0] == 1
    assert run("notes", "import", note, "--into", book)[0] == 1
    assert run("notes", "import", note, "--into", book)[0] == 0
    [chapter] = (book / "notes").glob("*.md")
    chapter.write_text(chapter.read_text() + "\nmine\n")
    note.write_text(NOTE.replace("x = 3", "x = 4"))
    assert run("notes", "import", note, "--into", book)[0] == 0


def test_an_editor(book):
    book.chapter("a.md", cell("import random\nprint(random.random())") + "```{expect}\n9.5\n```\n")
    book.chapter("b.md", cell("print(1)") + cell("2") + "```{expect}\n3\n```\n{expect}`4 <5>`\n")
    editor = Editor(book.root, locale="zh-cn")
    try:
        [found] = editor.opened("a.md")
        assert found.message == "不符：第一处不同在第 1 行第 1 列"
        assert found.code == "mismatch"
        [action] = editor.actions("a.md", found.range, ["quickfix"])
        assert action.title == "采用这个输出"
        assert editor.resolved(action).edit is None
        found = editor.opened("b.md")
        titles = {action.title for action in editor.actions("b.md", editor.whole("b.md"))}
        hovers = [editor.hover("b.md", line) for line in range(1, len(editor.lines("b.md")) + 1)]
        hovers.append(editor.hover("b.md", editor.line_of("b.md", "{expect}`4"), "4"))
        editor.type("b.md", f"{FRONT}```{{expect}} \n```\n")
        place = types.Position(editor.line_of("b.md", "```{expect}") - 1, len("```{expect} "))
        words = [item.documentation for item in editor.completion("b.md", place)]
        told = [*(one.message for one in found), *titles, *filter(None, hovers), *editor.messages]
        told += [*editor.log, *words]
        assert len(titles) == 4
        assert len(words) > 8
        assert "每次运行都不同" in editor.messages[-1]
        assert left("\n".join(told)) == []
    finally:
        editor.close()


def test_a_build_and_pytest(book):
    book.write(
        "conf.py",
        "extensions = ['myst_nb', 'bookproof.sphinx_ext']\nexclude_patterns = ['_build']\n",
    )
    book.chapter("index.md", "\n# T\n\n" + GOOD.replace("ok\n```\n", "no\n```\n"))
    variables = {"LANGUAGE": "zh_CN", "LC_ALL": "C.UTF-8"}
    build = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build/html"]
    for command in (build, [sys.executable, "-m", "pytest", "-q", "--bookproof", "index.md"]):
        done = subprocess.run(
            command,
            cwd=book.root,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=120,
        )
        told = done.stdout + done.stderr
        assert done.returncode == 1, told
        assert "index.md:13: 不符：第一处不同在第 1 行第 1 列" in told
        assert "如果新的输出是对的：bookproof accept index.md" in told
