"""What notes do that nobody had seen before: mixed fences, words at values, causes of failures."""

import json
from pathlib import Path

import pytest

from bookproof import cli
from bookproof.notes.reading import parse
from bookproof.notes.values import reads_as_table


def fenced(code, language="python"):
    return f"```{language}\n{code}\n```\n"


def fences(text):
    return parse(text).fences


def claims(text):
    return [(c.convention, c.claimed) for fence in fences(text) for c in fence.claims]


def pairs(code):
    """Return what is claimed, each with the line of the code that it is about."""
    lines = fenced(code).split("\n")
    return [(lines[c.about - 1], c.claimed) for f in fences(fenced(code)) for c in f.claims]


def sources(text):
    return [s.source for fence in fences(text) for s in fence.statements]


PLAIN = """\
>>> n = 6
>>> n + 1
7

# 再乘一次
m = n * 2
print(m)  # 输出: 12
m + n  # 18

print([m])
# [12]
>>> m
12"""


def test_code_below_a_session_in_the_same_fence_runs():
    assert sources(fenced(PLAIN)) == [
        "n = 6",
        "n + 1",
        "m = n * 2",
        "print(m)  # 输出: 12",
        "m + n  # 18",
        "print([m])",
        "m",
    ]
    assert [text for _, text in pairs(PLAIN)] == ["7", "12", "18", "[12]", "12"]


def test_all_code_above_the_first_prompt_is_read():
    code = "k = 5\nprint(k)  # 5\nk += 1\n>>> k\n6\n\nk = 7\nj = k\n>>> j\n7"
    assert sources(fenced(code))[2:] == ["k += 1", "k", "k = 7", "j = k", "j"]
    assert [text for _, text in pairs(code)] == ["5", "6", "7"]


def test_a_loop_below_a_session_runs():
    code = ">>> n = 6\n\nfor k in range(n):\n    print(k)\n>>> n\n6"
    assert sources(fenced(code)) == ["n = 6", "for k in range(n):\n    print(k)", "n"]
    assert claims(fenced(code)) == [("session", "6")]


def test_what_a_session_shows_below_a_blank_line_does_not_run():
    code = ">>> print(text)\nfirst\n\nsecond(3)\n\n# third\nfourth\n>>> 2\n2"
    assert sources(fenced(code)) == ["print(text)", "2"]
    assert [text for _, text in claims(fenced(code))] == ["first", "2"]


SHELL = ["shell", "bash", "sh", "console", "text", "output"]


@pytest.mark.parametrize("language", SHELL)
@pytest.mark.parametrize("label", ["输出：", "输出就是：", "Output:"])
def test_a_fence_of_a_shell_below_a_label_is_an_output(language, label):
    text = fenced("print(type('q'))\nprint('a b')")
    below = fenced("<class 'str'>\na b", language)
    assert claims(f"{text}\n{label}\n\n{below}") == [("label fence", "<class 'str'>\na b")]


@pytest.mark.parametrize(
    "shell",
    [
        "$ ls\na b",
        "pip install left",
        "python run.py",
        "> dir",
        "cd here\n3",
        "tool --all 3",
        "a | b",
    ],
)
def test_commands_are_no_output(shell):
    text = fenced("print(3)")
    assert claims(f"{text}\n输出：\n\n{fenced(shell, 'bash')}") == []


def test_a_fence_of_a_shell_without_a_label_is_no_output():
    assert claims(fenced("print(3)") + "\n" + fenced("3", "shell")) == []
    assert claims("输出：\n\n" + fenced("3", "shell")) == []
    assert claims(fenced("print(3)") + "\n输出：\n\n" + fenced("3", "yaml")) == []


BRACKETED = [
    ("print(t)\n# 输出: tensor([5, 6])（类型随输入而定）", "tensor([5, 6])"),
    ("print(t)\n# 输出: tensor([5, 6]) (类型随输入而定)", "tensor([5, 6])"),
    ("print(t)\n# Output: [5 6] (as the library shows it)", "[5 6]"),
    ("print(t)\n# 输出：9（三的平方）", "9"),
    ("print(t)\n# 结果: 'ab' (去掉空白)", "'ab'"),
    ("print(t)\n# 输出:\n# [[5 6]\n#  [7 8]]（两行两列）", "[[5 6]\n [7 8]]"),
    ("print(t)\n# -> [5, 6]（新的列表）", "[5, 6]"),
    ("print(t, '(kept)')\n# Output: [5] (kept)", "[5] (kept)"),
    ("print(t)\n# Output: five (or so)", "five (or so)"),
]


@pytest.mark.parametrize(("code", "value"), BRACKETED)
def test_an_explanation_in_brackets_is_left_out_below(code, value):
    assert [text for _, text in claims(fenced(code))] == [value]


COLUMNS = [
    "       size\ngold      7",
    "    size\n0  2.50\n1  3.25",
    "    name\n0    Ada\n1  Grace",
]


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_of_one_column_is_one(table):
    assert reads_as_table(table)
    assert claims(fenced(f"print(t)\n'''\n{table}\n'''")) == [("triple quotes", table)]


@pytest.mark.parametrize(
    "words", ["  see\nrow  2", "    name\n0   Ada", "one\ntwo  2", "   a word\nof  7"]
)
def test_words_below_an_indented_word_are_no_table(words):
    assert not reads_as_table(words)


MARKS = [
    (
        "print(t.device)\nprint(t.kind())\n>>>cuda:0\n>>>torch.Float",
        [("print(t.device)", "cuda:0"), ("print(t.kind())", "torch.Float")],
    ),
    (
        "print(t.device)\n>>>cpu\nprint(t.kind())\n>>>torch.Float",
        [("print(t.device)", "cpu"), ("print(t.kind())", "torch.Float")],
    ),
    ("print(3)\nprint([4])\n>>>3\n>>>[4]", [("print(3)", "3"), ("print([4])", "[4]")]),
    ("print(3)\nprint([4])\n\n>>>3\n\n>>>[4]", [("print(3)", "3"), ("print([4])", "[4]")]),
    ("print(2)\nprint(3)\nprint(4)\n>>>3\n>>>4", [("print(3)", "3"), ("print(4)", "4")]),
    (
        "for n in (3, 4):\n    print(n)\n>>> 3\n>>> 4",
        [("    print(n)", "3\n4")],
    ),
    ("greet('Ada')\n>>> good morning", [("greet('Ada')", "good morning")]),
]


@pytest.mark.parametrize(("code", "found"), MARKS)
def test_marks_of_outputs_that_are_no_literals(code, found):
    assert pairs(code) == found
    assert not any(source.startswith(("cpu", "cuda", "torch")) for source in sources(fenced(code)))


SESSIONS = [
    "import math\nk = 5\nprint(k)\n>>> k",
    "print(3)\n>>> cpu = 4\n>>> cpu",
    "print(3)\n>>> len('ab')\n2",
    "print(3)\n>>> word\n'ab'",
    "read('n')\n>>> rows\n>>> cols",
]


@pytest.mark.parametrize("code", SESSIONS)
def test_prompts_below_code_run_where_they_do_something(code):
    prompts = [line[4:] for line in code.split("\n") if line.startswith(">>> ")]
    assert sources(fenced(code))[-len(prompts) :] == prompts


REMARKS = [
    ("a.kind  # 'int8' 8bit integer", ["'int8'"]),
    ("a.kind  # 'int8' 8-bit integer", ["'int8'"]),
    ("a.kind  # [5, 6] 2nd row", ["[5, 6]"]),
    ("a.kind  # 8 8bit integers", []),
    ("open('n', 'r')  # 'r' 2 modes", []),
]


@pytest.mark.parametrize(("code", "found"), REMARKS)
def test_english_words_behind_a_literal(code, found):
    assert [text for _, text in claims(fenced(code))] == found


SHOWN = [
    ("rows\n[[], []] # 内层是同一个", "[[], []]"),
    ("rows\n[[], []]  #two", "[[], []]"),
    ("print(3)\n3  # three", "3"),
    ("rows\narray([[5, 6],  # first\n       [7, 8]])", "array([[5, 6],\n       [7, 8]])"),
    ("text\n'a # b'", "'a # b'"),
    ("print('[3] # x')\n[3] # x", "[3] # x"),
    ("print(open('n').read())\nname # three", "name # three"),
]


@pytest.mark.parametrize(("session", "value"), SHOWN)
def test_a_comment_behind_what_a_session_shows_is_no_part_of_it(session, value):
    assert claims(fenced(">>> " + session)) == [("session", value)]


LOOPS = [
    (">>> for n in (3, 4):\n>>>     print(n)\n3\n4", "for n in (3, 4):\n    print(n)"),
    (
        ">>> if n:\n>>>   m = 3\n>>>   print(m)\n>>> else:\n>>>   print(4)\n3\n4",
        "if n:\n  m = 3\n  print(m)\nelse:\n  print(4)",
    ),
    (">>> for n in (3, 4):\n...     m = n\n>>>     print(m)\n3\n4", None),
    (
        ">>> for n in (3, 4):\n>>>     m = n\n>>>\n>>>     print(m)\n3\n4",
        "for n in (3, 4):\n    m = n\n\n    print(m)",
    ),
    (">>>  for n in (3, 4):\n>>>      print(n)\n3\n4", "for n in (3, 4):\n    print(n)"),
]


@pytest.mark.parametrize(("code", "source"), LOOPS)
def test_a_loop_may_have_prompts_on_its_lines(code, source):
    text = fenced(code)
    assert len(sources(text)) == 1
    assert source is None or sources(text) == [source]
    assert claims(text) == [("session", "3\n4")]


def test_prompts_below_a_loop_are_statements_of_their_own():
    assert len(sources(fenced(">>> for n in (3, 4): pass\n>>> n\n4"))) == 2
    assert len(sources(fenced(">>> for n in (3, 4):\n...     m = n\n>>> m\n4"))) == 2


ENDS = [
    ("r = t[0]  #取第一行 [5 6 7]", ["[5 6 7]"]),
    ("r = t[0]  # 取第一行：[5 6 7]", ["[5 6 7]"]),
    ("r = t[[1, 2]]  #第2 3行 [[5 6] [7 8]]", ["[[5 6] [7 8]]"]),
    ("t[0]  #第一行 [5 6]", ["[5 6]"]),
    ("print(t[0])  # 第一行：[5 6]", ["[5 6]"]),
    ("r = f(t)  # 变成 [5 6]", ["[5 6]"]),
    ("r = f(t)  # 归一化均值 [0.5 0.5]", []),
    ("r = f(t)  # 取第一行 [5 6]", []),
    ("r = t[0]  # 取值范围 [5 6 7]", []),
    ("r = t[0]  # 论文 [5 6 7]", []),
    ("r = f(t)  # 它的形状是 [5 6]", []),
    ("r = f(t)  # 范围 [5, 6]", []),
    ("r = f(t)  # 相当于 [5 6 7]", []),
    ("r = f(t)  # 参数例如 [5 6 7]", []),
    ("r = t[[0, 2]]  # 取这两行 [0, 2]", []),
    ("r = f(t)  # 取前两行 t[0:2]", []),
    ("r = f(t)  # 取 [a b]", []),
    ("r = f(t)  # 取 [5]", []),
    ("r = f(t)  # 取 [1:3, 2]", []),
    ("r = f(t)  # 取第一行 [5 6 7] 再相加", []),
    ("r = f(t)  # the first row [5 6 7]", []),
]


@pytest.mark.parametrize(("code", "found"), ENDS)
def test_an_array_at_the_end_of_a_chinese_remark(code, found):
    assert [text for _, text in claims(fenced(code))] == found


CAUSES = """\
```python
from nothing_of_this_name import fold

class Cell:
    def turn(self, x):
        return fold(x)

cell = Cell()
out = cell.turn(3)
print(out)  # 3
```

```python
far = open("nowhere.txt")
near = far.read()
print(near)  # 'x'
total  # 3
table(2)  # 4
```
"""


@pytest.fixture(scope="module")
def whys(tmp_path_factory):
    """Check two folders of notes once; return the reasons by file and line."""
    root = tmp_path_factory.mktemp("causes")
    (root / "a").mkdir()
    (root / "a" / "causes.md").write_text(CAUSES, "utf-8")
    (root / "a" / "near.md").write_text(fenced("total = 3\n\ndef table(n):\n    pass"), "utf-8")
    (root / "b").mkdir()
    (root / "b" / "far.md").write_text(fenced("table(2)  # 4"), "utf-8")
    target = root / "found.json"
    cli.main(["notes", "check", str(root), "--json", str(target)])
    found = json.loads(target.read_text("utf-8"))["claims"]
    assert {claim["verdict"] for claim in found} == {"not run"}
    return {(Path(claim["file"]).name, claim["line"]): claim["why"] for claim in found}


def test_what_failed_first_is_named(whys):
    assert "line 2 failed (ModuleNotFoundError" in whys["causes.md", 10]
    assert "line 14 failed (FileNotFoundError" in whys["causes.md", 16]


def test_only_helpful_places_are_offered(whys):
    assert whys["causes.md", 17] == "`total` is never defined in the note"
    assert "near.md:4" in whys["causes.md", 18]
    assert whys["far.md", 2] == "`table` is never defined in the note"
