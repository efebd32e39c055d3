"""Which outputs are found in notes: each convention, and what must not be taken for one."""

import textwrap

import pytest

from bookproof.notes import conventions
from bookproof.notes.note import OTHER, OUTPUT, PYTHON
from bookproof.notes.reading import parse


def note(text):
    """Return the note that a text without its indentation is."""
    return parse(textwrap.dedent(text).strip("\n") + "\n")


def claims(text):
    """Return (convention, line, end, about, claimed) of all claims."""
    return [
        (claim.convention, claim.line, claim.end, claim.about, claim.claimed)
        for fence in note(text).fences
        for claim in fence.claims
    ]


def fenced(code, language="python"):
    """Return a note with one fence."""
    return f"```{language}\n{textwrap.dedent(code).strip(chr(10))}\n```\n"


CONVENTIONS = [
    ("session", ">>> 2 ** 5\n32", (3, 3, 2, "32")),
    ("session", ">>>7 // 2\n3", (3, 3, 2, "3")),
    ("session", ">>> for i in (4, 5):\n    print(i)\n4\n5", (4, 5, 3, "4\n5")),
    ("below", ">>> x = [4, 6]\n>>> x[1]\n# 6", (4, 4, 3, "6")),
    ("below", ">>> for c in 'ab':\n...     print(c)\n# a\n# b", (4, 5, 3, "a\nb")),
    ("below", ">>> x = [6, 4]\n# sorted in place\n\nx.sort()\nx\n# [4, 6]", (7, 7, 6, "[4, 6]")),
    ("session", "$ python\n>>> 'a' * 3\n'aaa'", (4, 4, 3, "'aaa'")),
    ("session", "In [3]: 8 - 1\nOut[3]: 7", (3, 3, 2, "7")),
    (
        "session",
        '>>> 1 / 0\nTraceback (most recent call last):\n  File "<stdin>"\nZeroDivisionError: no',
        (
            3,
            5,
            2,
            'Traceback (most recent call last):\n  File "<stdin>"\nZeroDivisionError: no',
        ),
    ),
    ("trailing", "import numpy as np\nnp.ones((4, 2)).shape  # (4, 2)", (3, 3, 3, "(4, 2)")),
    ("trailing", "print(len('abcd'))  # Output: 4", (2, 2, 2, "4")),
    ("trailing", "print(5, 6)   #打印 5 6", (2, 2, 2, "5 6")),
    ("trailing", "print(5 > 6)  # 出力：False", (2, 2, 2, "False")),
    ("trailing", "print(5 > 6)  # 출력: False", (2, 2, 2, "False")),
    ("trailing", "sum([1, 2])  # 3（两数之和）", (2, 2, 2, "3")),
    ("trailing", "int('q')  # ValueError", (2, 2, 2, "ValueError")),
    ("trailing", "name = 'Ada'\nprint(name)  # Ada", (3, 3, 3, "Ada")),
    ("trailing", "print(f'total {4 * 5}')  # total 20", (2, 2, 2, "total 20")),
    ("trailing", "for k in [8]:\n    print(k)  # 8", (3, 3, 3, "8")),
    ("trailing", "x = dict(a=1)  # {'a': 1}", (2, 2, 2, "{'a': 1}")),
    ("trailing", "type(3.5)  # float", (2, 2, 2, "float")),
    ("below", "import numpy as np\nprint(np.arange(3))\n# [0 1 2]", (4, 4, 3, "[0 1 2]")),
    ("below", "x = [2] * 3\n# [2, 2, 2]", (3, 3, 2, "[2, 2, 2]")),
    ("below", "print([1, 2])\nprint(3)\n# [1, 2]\n# 3", (4, 5, 3, "[1, 2]\n3")),
    ("label comment", "for i in range(2):\n    print(i)\n# Out:\n# 0\n# 1", (5, 6, 3, "0\n1")),
    ("label comment", "print(9 - 2)\n\n# 输出为：7", (4, 4, 2, "7")),
    ("label comment", "print('a b')\n# 输出结果：\n# a b", (4, 4, 2, "a b")),
    ("arrow", "[3] + [4]  # => [3, 4]", (2, 2, 2, "[3, 4]")),
    ("arrow", "max(3, 4)  # -> 4", (2, 2, 2, "4")),
    ("arrow", "min(3, 4)\n#--> 3", (3, 3, 2, "3")),
    ("arrow", "set('aa') #> {'a'}", (2, 2, 2, "{'a'}")),
    ("mark", "pow(2, 3)\n>>>8", (3, 3, 2, "8")),
    ("bare lines", "print(4 == 4)\n输出：\nTrue", (4, 4, 2, "True")),
    ("bare lines", "import numpy as np\nprint(np.arange(2))\n[0 1]", (4, 4, 3, "[0 1]")),
    ("triple quotes", "print([[1], [2]])\n'''\n[[1], [2]]\n'''", (4, 4, 2, "[[1], [2]]")),
]


@pytest.mark.parametrize(("convention", "code", "wanted"), CONVENTIONS)
def test_conventions_within_a_fence(convention, code, wanted):
    assert claims(fenced(code)) == [(convention, *wanted)]


BELOW = [
    ("plain fence", "```\n21\n```", (6, 6, "21")),
    ("plain fence", "```text\n21\n```", (6, 6, "21")),
    ("plain fence", "```python\n[21]\n```", (6, 6, "[21]")),
    ("label fence", "输出：\n\n```python\n[21]\n```", (8, 8, "[21]")),
    ("label fence", "**Output:**\n\n~~~\n21\n~~~", (8, 8, "21")),
    ("label paragraph", "输出：21", (5, 5, "21")),
    ("label paragraph", "结果：\n\n21", (7, 7, "21")),
    ("indented", "出力:\n\n    21", (7, 7, "21")),
    ("pre", "<pre>\n21\n</pre>", (6, 6, "21")),
    ("quote", "> 21", (5, 5, "21")),
    ("table", "Output:\n\n| a | b |\n|---|---|\n| 1 | 2 |", (7, 9, "| a | b |\n| 1 | 2 |")),
]


@pytest.mark.parametrize(("convention", "below", "wanted"), BELOW)
def test_conventions_below_a_fence(convention, below, wanted):
    first, last, claimed = wanted
    found = claims(f"```python\nprint(3 * 7)\n```\n\n{below}\n".replace("```\n\n", "```\n", 1))
    assert found == [(convention, first - 1, last - 1, 2, claimed)] or found == [
        (convention, first, last, 2, claimed)
    ]


def test_the_table_has_every_convention():
    tested = {name for name, *_ in [*CONVENTIONS, *BELOW]}
    assert len(tested) == 15
    for name in tested:
        assert name in conventions.__doc__


EXPLANATIONS = [
    "x = 3  # 初始值",
    "x = 3  # 3 个通道",
    "lr = 0.1  # 0.01",
    "y = net(x)  # (batch, channel)",
    "# 1\nx = 5",
    "x = f(4)\n\n# 2\ny = f(5)",
    "import os  # 3",
    "def area(w, h):  # (3, 4)\n    return w * h",
    "print(x)  # 打印 x 的形状",
    "print(x)\n# 下面计算平均值\nmean(x)",
    "x = f()\n# y = g(3)",
    "x = f()\n# print(x)",
    "f(x)\n# torch.manual_seed(0)",
    "f(x)\n# x.view(2, 3)",
    "print(x)  # see https://example.org",
    "net = Sequential(\n    Linear(3, 6),  # (6, 28)\n    Linear(6, 1),\n)",
    "f(x)  # returns the sum of both",
    "'''\n[1, 2]\n'''\nprint(x)",
    "print(x)\n'''\n这里印出了全部的值\n'''",
    "print(x)\n# TODO: 3 more",
    "print(x)  # noqa",
    "for i in range(3):  # 0 1 2\n    f(i)",
    "x = 5\n# out = f(x)",
    ">>> x = f()  # 4 columns\n>>> y = 3",
    ">>> x = 3\n# 这一句等价于 x = 4",
]


@pytest.mark.parametrize("code", EXPLANATIONS)
def test_an_explanation_is_no_claim(code):
    assert claims(fenced(code)) == []


PROSE = [
    "输出结果将会是行数与列数",
    "-   输入 $X: 3$\n-   输出 $Y: 4$",
    "![输出](./a.png)",
    "打印的是形状，见下文。",
    "```bash\nls\n```",
]


@pytest.mark.parametrize("below", PROSE)
def test_prose_and_other_languages_below_are_no_claims(below):
    assert claims(f"```python\nprint(a.shape)\n```\n\n{below}\n") == []


def test_several_conventions_in_one_fence():
    found = claims(
        fenced(
            """
            a = [3, 1]
            a.index(1)  # 1
            sorted(a)
            # [1, 3]
            print(a)
            # 输出：
            # [3, 1]
            """
        )
    )
    assert [claim[0] for claim in found] == ["trailing", "below", "label comment"]


def test_fences_in_lists_quotes_and_of_any_length():
    text = """
    -   one

        ````py
        3 + 4
        # 7
        ````

    > ~~~python
    > 4 + 4  # 8
    > ~~~
    """
    assert [claim[1:] for claim in claims(text)] == [(5, 5, 4, "7"), (9, 9, 9, "8")]


def test_an_output_never_runs():
    found = note("```python\nprint([7])\n```\n输出：\n```python\n[7]\n```\n```sh\nls\n```\n")
    assert [fence.role for fence in found.fences] == [PYTHON, OUTPUT, OTHER]
    assert "sh" in found.fences[2].why


def test_a_claim_knows_its_statement_and_its_expression():
    fence = note(fenced("a = 2\nb = a * 3  # 6\nprint(b)\n# 6")).fences[0]
    one, two = fence.claims
    assert (one.statement, one.expression, two.statement, two.expression) == (1, "b", 2, None)
    assert [s.source for s in fence.statements][:2] == ["a = 2", "b = a * 3  # 6"]


def test_code_that_is_no_python_leaves_the_rest_alone():
    fence = note(fenced("print 3\nx = f（4）\nprint(5)  # 5")).fences[0]
    assert [s.source for s in fence.statements] == ["print(5)  # 5"]
    assert [c.claimed for c in fence.claims] == ["5"]


def test_pseudo_code_without_a_language_does_not_run():
    found = note("```\nfor each layer:\n    x <- layer(x)\n```\n")
    assert found.fences[0].role == OTHER


def test_lines_are_counted_with_front_matter_tabs_and_line_ends():
    text = "---\ntitle: x\n---\n\n```python\ndef f():\n\treturn 3\n\nf()  # 3\n```\n"
    assert [claim[1:4] for claim in claims(text)] == [(9, 9, 9)]


def test_a_fence_that_is_never_closed_ends_before_the_next():
    found = note("```python\n1 + 1  # 2\n\n## more\n\n```python\n2 + 2  # 4\n```\n")
    assert [p.line for p in found.problems] == [1]
    assert [c.line for f in found.fences for c in f.claims] == [2, 7]


def test_front_matter_that_is_no_yaml_is_told():
    found = note("---\ntags: [a\n---\n\n```python\n3  # 3\n```\n")
    assert "YAML" in found.problems[0].message
