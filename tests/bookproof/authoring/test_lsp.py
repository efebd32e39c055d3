"""`bookproof lsp`, with a real client over stdio."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys

import pytest
from lsprotocol import types
from tests.bookproof.conftest import FRONT, processes_below
from tests.editing import Editor

from bookproof import Book, check
from bookproof.cli import main
from bookproof.judging.verdict import Kind
from bookproof.reading.block import PARTS, SHAPES, TOLERANCES
from bookproof.reading.scan import scan
from bookproof.running.frozen import Frozen
from bookproof.running.result import Run


def cell(code, block=""):
    return f"```{{code-cell}}\n{code}\n```\n" + (f"```{block}\n```\n" if block else "")


GOOD = cell("0", "{expect}\n0")
PLOT = "import matplotlib.pyplot as plt\nimport warnings"
WRONG = {
    "many.md": GOOD
    + cell("print('one\\ntwo 中文')", "{expect}\none\n  three")
    + cell("1 / 3", "{expect} number\n0.34")
    + cell("print('nobody says')")
    + cell("import sys\nprint('x', file=sys.stderr)")
    + cell(f"{PLOT}\n_ = plt.subplots()\n")
    + cell("pass", "{expect} figure\naxes: x from 0 to 1")
    + cell("_ = plt.title('\\u0e01')\nwarnings.filterwarnings('ignore')\n_ = plt.plot([1, 2])")
    + cell("x = 0.87", "{unverified} why")
    + "\n汉字😀😀与 {expect}`0.93 <x>` 和 {expect}`1 <y>`，{eval}`z`。\n\n"
    + "```{expect}\nnothing above\n```\n",
    "ends.md": GOOD + cell("a = 1\n\n1 / 0\n") + cell("print(a)"),
    "late.md": GOOD + cell("import time\ntime.sleep(60)"),
    "dies.md": GOOD + cell("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "bare.md": cell("print('alone')"),
    "frozen.md": GOOD,
}
OTHERS = {
    "none.md": FRONT.replace("python3", "no-such-kernel") + GOOD,
    "broken.md": "---\nfile_format: [\n---\n" + GOOD,
    "gbk.md": "---\nfile_format: mystnb\n---\n汉字\n",
}


def expected(book, name):
    """Return what `bookproof check` finds wrong with a chapter: place and message of each."""
    [checked] = check(Book.load(book.root, [book.root / name])).chapters
    return sorted(
        (v.value.start.line if v.value else v.place, f"{v.kind}: {v.message}")
        for v in checked.verdicts
        if v.kind.failed
    )


def shown(diagnostics):
    return sorted((found.range.start.line + 1, found.message) for found in diagnostics)


@pytest.fixture(scope="module")
def book(make_book):
    book = make_book()
    book.root = book.root.resolve()
    for name, text in WRONG.items():
        book.chapter(name, text)
    late = (book.root / "late.md").read_text()
    (book.root / "late.md").write_text(
        late.replace("---\n```", "execution: {timeout: 2}\n---\n```", 1)
    )
    for name, text in OTHERS.items():
        (book.root / name).write_bytes(text.encode("gbk" if name == "gbk.md" else "utf-8"))
    Frozen(book.root).save(scan(book.root, "frozen.md", (FRONT + cell("1")).encode()), Run(([],)))
    (book.root / "text.md").write_text("# No chapter\n")
    return book


@pytest.fixture(scope="module")
def editor(book):
    """An editor for all tests; at the end nothing of it is left."""
    editor = Editor(book.root)
    yield editor
    assert editor.close() == 0
    assert processes_below(book.root) == []
    assert editor.client.errors == []


@pytest.fixture(autouse=True)
def shut(editor):
    yield
    editor.shut_all()


def fresh(book, editor, name, body):
    """Write a new chapter and open it; return what is wrong with it."""
    book.chapter(name, body)
    return editor.opened(name)


def test_every_kind_of_failure_is_shown_where_check_finds_it(book, editor):
    kinds = set()
    names = [*WRONG, *OTHERS]
    for name in names:
        text = (book.root / name).read_bytes().decode("utf-8", "replace")
        editor.open(name, text)
    for name in names:
        found = editor.told(name, 0)
        assert shown(found) == expected(book, name), name
        kinds |= {diagnostic.code for diagnostic in found}
        assert {diagnostic.source for diagnostic in found} == {"bookproof"}
    never = {Kind.VERIFIED, Kind.UNVERIFIED, Kind.FLAKY}
    assert kinds == {str(kind) for kind in Kind if kind not in never}


def test_ranges_are_exact_also_behind_chinese_and_emoji(editor):
    editor.opened("many.md")
    marked = {
        (d.code, editor.marked("many.md", d)) for d in editor.diagnostics[editor.uri("many.md")]
    }
    fences = {text for kind, text in marked if kind == Kind.MISSING}
    assert fences == {"```{code-cell}"}
    assert marked >= {
        ("mismatch", "three"),
        ("mismatch", "0.34"),
        ("mismatch", "{expect}`0.93 <x>`"),
        ("expression failed", "{expect}`1 <y>`"),
        ("expression failed", "{eval}`z`"),
        ("figure not drawn", "axes: x from 0 to 1"),
        ("malformed block", "```{unverified} why"),
        ("malformed block", "```{expect}"),
    }
    editor.opened("ends.md")
    [failed] = [d for d in editor.diagnostics[editor.uri("ends.md")] if d.code == "cell failed"]
    assert editor.marked("ends.md", failed) == "1 / 0"
    [follows] = [d for d in editor.diagnostics[editor.uri("ends.md")] if d.code == "cell not run"]
    assert follows.severity > failed.severity


def test_what_is_no_chapter_gets_nothing(book, editor, tmp_path):
    (tmp_path / ".git").mkdir()  # whatever this machine has above it
    outside = tmp_path / "a.md"
    outside.write_text(FRONT + cell("1"))
    for name in ("text.md", str(outside)):
        editor.open(name)
        assert editor.hover(name, 1) is None
        assert list(editor.actions(name, editor.whole(name))) == []
    fresh(book, editor, "after.md", GOOD)
    assert editor.uri("text.md") not in editor.heard
    assert outside.as_uri() not in editor.heard


NUMBERS = """\
```{code-cell}
print("loss 0.98765", "accuracy 0.12345", sep="\\n")
acc = 0.8712
```
```{expect} number
loss 0.91
accuracy 0.123
```

汉字😀 {expect}`0.93 <acc>`，{expect}`87 % <acc>` 和 {expect}`0.9 <acc>`。

```{code-cell}
print("`a`", "new", sep="\\n")
```

```{code-cell}
2 + 2
```
```{expect}
5
```
the end"""


def accepted(tmp_path, book, name, *options):
    """Return the bytes that `bookproof accept` writes, in a copy."""
    copy = tmp_path / "-".join(["copy", *options])
    copy.mkdir()
    shutil.copy(book.root / "_config.yml", copy)
    shutil.copy(book.root / name, copy)
    assert main(["accept", f"--root={copy}", *options]) == 0
    return (copy / name).read_bytes()


@pytest.mark.parametrize(("end", "mark"), [("\n", ""), ("\r\n", "\ufeff")])
def test_accept_writes_what_the_command_writes(book, editor, tmp_path, end, mark):
    name = f"numbers{len(end)}.md"
    path = book.chapter(name, NUMBERS)
    path.write_bytes((mark + path.read_text("utf-8").replace("\n", end)).encode())
    found = editor.opened(name)
    assert shown(found) == expected(book, name)
    actions = {action.title: action for action in editor.actions(name, editor.whole(name))}
    assert {action.kind for action in actions.values()} == {
        "quickfix",
        "source.acceptOutputs.bookproof",
        "source.acceptEverything.bookproof",
    }
    assert all(action.edit is None for action in actions.values())
    for title, options in (
        ("Accept all in this file", ()),
        ("Accept all in this file, and propose a block for each output without one", ("--all",)),
    ):
        edit = editor.resolved(actions[title]).edit
        wanted = accepted(tmp_path, book, name, *options)
        assert (mark + editor.apply(name, edit)).encode() == wanted
    assert editor.save(name, editor.apply(name, edit)) == ()
    assert path.read_bytes() == wanted


def test_one_after_the_other_is_all_at_once(book, editor, tmp_path):
    fresh(book, editor, "single.md", NUMBERS)
    wanted = accepted(tmp_path, book, "single.md", "--all")
    titles = []
    while found := editor.diagnostics[editor.uri("single.md")]:
        [action] = editor.actions("single.md", found[0].range, ["quickfix"])
        assert action.diagnostics == (found[0],)
        titles.append(action.title)
        editor.save("single.md", editor.apply("single.md", editor.resolved(action).edit))
    assert sorted(titles) == ["Accept this output"] * 3 + ["Propose a block"]
    assert (book.root / "single.md").read_bytes() == wanted


def test_what_cannot_be_accepted_is_refused_with_the_reason(book, editor):
    body = cell("import random\nprint(random.random())", "{expect}\n0.5")
    [found] = fresh(book, editor, "random.md", body)
    [action] = editor.actions("random.md", found.range, ["quickfix"])
    assert editor.resolved(action).edit is None
    assert "differs from run to run" in editor.messages[-1]


def test_a_text_that_was_not_saved_is_never_edited(book, editor):
    [found] = fresh(book, editor, "unsaved.md", cell("1", "{expect}\n2"))
    [action] = editor.actions("unsaved.md", found.range, ["quickfix"])
    text = (book.root / "unsaved.md").read_text()
    editor.type("unsaved.md", text.replace("```{code", "A line more.\n\n```{code"))
    [refused] = editor.actions("unsaved.md", editor.whole("unsaved.md"), ["quickfix"])
    assert "save it first" in refused.disabled.reason
    assert editor.resolved(action).edit is None
    assert "save it first" in editor.messages[-1]

    # What is asked about a place is answered for that place: lines have moved, some are new.
    line = editor.line_of("unsaved.md", "2")
    assert "first difference" in editor.hover("unsaved.md", line)
    assert editor.hover("unsaved.md", editor.line_of("unsaved.md", "A line")) is None
    [found] = editor.save("unsaved.md")
    assert found.range.start.line + 1 == line
    assert editor.resolved(action).edit is None  # it is about the check before
    [action] = editor.actions("unsaved.md", found.range, ["quickfix"])
    (book.root / "unsaved.md").write_text(text)  # by somebody else
    assert editor.resolved(action).edit is None


def test_hover_tells_the_output_and_the_verdict(book, editor):
    fresh(book, editor, "hover.md", NUMBERS.replace("5\n```\nthe", "4\n```\nthe"))
    for word in ("```{expect} number", "accuracy 0.123"):
        text = editor.hover("hover.md", editor.line_of("hover.md", word))
        assert text.startswith("**mismatch**: first difference at line 1")
        assert "```text\nloss 0.99\naccuracy 0.123\n```" in text
    line = editor.line_of("hover.md", "汉字")
    assert "Accepting it writes `0.87`." in editor.hover("hover.md", line, "0.93")
    assert editor.hover("hover.md", line, "87 %").startswith("**verified**")
    assert editor.hover("hover.md", line, "和") is None
    verified = editor.hover("hover.md", editor.line_of("hover.md", "4"))
    cell_line = editor.line_of("hover.md", "2 + 2") - 1
    assert verified == f"**verified**\n\nThe cell at line {cell_line} gives:\n\n```text\n4\n```"
    told = editor.hover("hover.md", editor.line_of("hover.md", "acc = "))
    assert f"- line {line}, `{{expect}} acc`: mismatch" in told
    assert re.search(r"took \d+\.\d s", told)
    assert "missing expectation" in editor.hover(
        "hover.md", editor.line_of("hover.md", 'print("`a')
    )


def test_from_a_claim_to_its_cell_and_back(book, editor):
    fresh(book, editor, "ways.md", NUMBERS)
    first, second = (editor.line_of("ways.md", "```{code-cell}", n) for n in (0, 2))
    assert editor.definition("ways.md", editor.line_of("ways.md", "loss 0.91")) == first
    assert editor.definition("ways.md", editor.line_of("ways.md", "汉字"), "87 %") == first
    assert editor.definition("ways.md", editor.line_of("ways.md", "汉字"), "和") is None
    assert editor.definition("ways.md", editor.line_of("ways.md", "5")) == second
    prose = editor.line_of("ways.md", "汉字")
    claims = [editor.line_of("ways.md", "```{expect} number"), prose, prose, prose]
    assert editor.references("ways.md", editor.line_of("ways.md", "acc = ")) == claims


def test_the_words_of_a_block_are_completed(book, editor):
    book.write(
        "_config.yml",
        "execute: {timeout: 20}\nsphinx: {config: {bookproof_filters: {ours: [a, b]}}}\n",
    )
    fresh(book, editor, "words.md", GOOD)

    def words(line):
        editor.type("words.md", f"{FRONT}{line}\n```\n")
        number = editor.line_of("words.md", line)
        end = types.Position(number - 1, len(line.encode("utf-16-le")) // 2)
        items = editor.completion("words.md", end)
        assert all(item.documentation for item in items)
        return {item.label: item.text_edit for item in items}

    found = words("```{expect} ")
    tolerances = [f"{name}=" for name in TOLERANCES]
    assert found.keys() >= {"exact", "number", "unordered", *SHAPES, *PARTS, *tolerances}
    assert {"norm=time", "norm=ours"} <= found.keys()
    found = words("> ````{expect} contains norm=addr,ti")
    assert not found.keys() & {"lines", "contains", "norm=addr,addr"}
    edit = found["norm=addr,time"]
    assert (edit.range.start.character, edit.range.end.character) == (24, 36)
    assert words("```{expect}") == words("```{expect} 😀x number") == words("text ") == {}
    names = words("```{")
    assert {"{code-cell}", "{expect}", "{unverified}", "{eval}"} <= names.keys()
    assert words("```{}") == {}
    editor.type("words.md", FRONT + "```{}\n```\n")
    [item, *_] = editor.completion("words.md", types.Position(5, 4))
    assert item.text_edit.range.end.character == 5


LINES = [
    *("", "0.66", "0.7", "😀 {expect}`3 <x>`", "...", "```{expect}", "```{expect} lines"),
    *("```{unverified} so", "```{expect} numbers", "- {expect}`2 <y>`"),
]


def test_fifty_edits_give_what_check_gives(book, editor):
    """Blocks, values and prose of one chapter change at random; sometimes a cell, or a module."""
    choice = random.Random(16)
    (book.root / "helper.py").write_text("N = 3\n")
    body = [
        *("```{code-cell}", "import helper", "x = 2", "print(helper.N, x)", "```"),
        *("```{expect}", "3 2", "```", "", "之前 {expect}`2 <x>` 之后", ""),
        *("```{code-cell}", "x / 3", "```", "```{expect} number", "0.67", "```"),
    ]
    fresh(book, editor, "edits.md", "\n".join(body) + "\n")
    kinds, wrong = set(), 0
    for turn in range(50):
        lines = list(body)
        for n in choice.sample([5, 6, 8, 9, 10, 14, 15], choice.randint(0, 3)):  # no line of code
            lines[n] = choice.choice([*LINES, lines[n - 1], f"{lines[n]}0"])
        if turn % 12 == 5:
            lines[2] = f"x = {turn}"
        if turn == 30:
            before = editor.heard.count(editor.uri("edits.md"))
            (book.root / "helper.py").write_text("N = 4\n")
            event = types.FileEvent(editor.uri("helper.py"), types.FileChangeType.Changed)
            editor.client.workspace_did_change_watched_files(
                types.DidChangeWatchedFilesParams([event])
            )
            found = editor.told("edits.md", before)
        else:
            found = editor.save("edits.md", FRONT + "\n".join(lines) + "\n")
        wanted = expected(book, "edits.md")
        assert shown(found) == wanted, lines
        kinds |= {diagnostic.code for diagnostic in found}
        wrong += bool(found)
    assert 20 < wrong < 50
    assert {"mismatch", "missing expectation", "malformed block"} <= kinds


def test_the_newest_save_wins(book, editor):
    slow = "import time\ntime.sleep({})\nprint({})"
    fresh(book, editor, "slow.md", cell(slow.format(0, 1), "{expect}\n1"))
    seen = editor.heard.count(editor.uri("slow.md"))
    for wait in (50, 0, 0, 0):
        text = FRONT + cell(slow.format(wait, 2), f"{{expect}}\n{wait}")
        editor.write("slow.md", text)
        if wait:  # let it begin with that
            editor.until(lambda: editor.log.count("slow.md: checking") == 2)
    found = editor.told("slow.md", seen)
    assert [editor.marked("slow.md", one) for one in found] == ["0"]


def test_a_configuration_that_cannot_be_read_is_told(book, editor):
    fresh(book, editor, "config.md", GOOD)
    config = (book.root / "_config.yml").read_text()
    (book.root / "_config.yml").write_text("[")
    [found] = editor.save("config.md")
    assert "_config.yml cannot be read" in found.message
    (book.root / "_config.yml").write_text(config)
    assert editor.save("config.md") == ()


def test_notebooks_are_told_too(book, editor):
    import nbformat

    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("1 + 1"),
            nbformat.v4.new_markdown_cell("```{expect}\n3\n```"),
        ]
    )
    (book.root / "a.ipynb").write_text(nbformat.writes(notebook) + "\n")
    [found] = editor.opened("a.ipynb")
    assert editor.marked("a.ipynb", found).strip(' ",') == "3\\n"
    [action] = editor.actions("a.ipynb", found.range, ["quickfix"])
    assert editor.save("a.ipynb", editor.apply("a.ipynb", editor.resolved(action).edit)) == ()


def test_a_plain_editor_gets_edits_at_once_and_a_signal_ends_all(make_book):
    """Its editor can neither ask later nor see versions; then the server is terminated."""
    book = make_book()
    book.root = book.root.resolve()
    book.chapter("a.md", cell("6 * 7", "{expect}\n41"))
    book.chapter("long.md", cell("import time\nprint('on', flush=True)\ntime.sleep(90)"))
    editor = Editor(book.root, types.ClientCapabilities())
    [found] = editor.opened("a.md")
    accept, accept_all = editor.actions("a.md", found.range)
    text = editor.apply("a.md", accept.edit)
    assert text == editor.apply("a.md", accept_all.edit)
    assert editor.save("a.md", text) == ()
    editor.open("long.md")
    editor.until(lambda: "long.md: checking" in editor.log)
    editor.until(lambda: any(b"ipykernel" in command for command in processes_below(book.root)))
    editor.process.send_signal(signal.SIGTERM)
    assert editor.ended() == 130
    assert processes_below(book.root) == []


def test_without_its_library_it_says_what_to_install(tmp_path):
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError('x', name='pygls')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "bookproof", "lsp"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "bookproof: this needs pygls, which is not installed: pip install 'bookproof[lsp]'\n"
    )
