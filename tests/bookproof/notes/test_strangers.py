"""What strangers write: series, tables, objects, sessions and fences of other manners."""

import json

import pytest

from bookproof import cli
from bookproof.notes.findings import Verdict
from bookproof.notes.reading import parse
from bookproof.notes.same import compare, compare_error
from bookproof.notes.values import reads_as_table


def fenced(code, language="python"):
    return f"```{language}\n{code}\n```\n"


def claims(text):
    return [(c.convention, c.claimed) for fence in parse(text).fences for c in fence.claims]


def sources(text):
    return [s.source for fence in parse(text).fences for s in fence.statements]


def test_lines_of_a_session_without_prompts_run():
    code = (
        "import math\nk = 5\n>>> k + 1\n6\n\nk = 7\n>>> k\n7\n\ndef f():\n    return 2\n>>> f()\n2"
    )
    assert sources(fenced(code)) == [
        "import math",
        "k = 5",
        "k + 1",
        "k = 7",
        "k",
        "def f():\n    return 2",
        "f()",
    ]
    assert [text for _, text in claims(fenced(code))] == ["6", "7", "2"]


def test_what_a_prompt_shows_does_not_run():
    code = ">>> print('k = 5')\nk = 5\n>>> f\nseen()\n\nseen()"
    assert sources(fenced(code)) == ["print('k = 5')", "f"]


@pytest.mark.parametrize("language", ["text", "txt", "log", "output", "console"])
def test_fences_of_text_never_run(language):
    text = fenced("rows = 3\nfor row in range(rows):\n    print(row)", language)
    assert sources(text) == []
    assert sources(text.replace(language, "", 1)) != []


@pytest.mark.parametrize("code", ["list(reversed(range(4)))", "set([5, 5, 6])", "range(6)"])
def test_a_call_of_a_type_is_code(code):
    assert sources(fenced("print(1)") + "\n" + fenced(code))[1:] == [code]
    assert claims(fenced(f"{code}\n[3, 2, 1, 0]")) == [("bare lines", "[3, 2, 1, 0]")]


def test_what_a_label_announces_is_an_output():
    text = "{}\nOut[3]:\n\n{}".format(fenced("model.fit(x)"), fenced("Tree(depth=2,\n     leaf=5)"))
    assert claims(text) == [("label fence", "Tree(depth=2,\n     leaf=5)")]


def test_pseudo_code_below_prose_is_no_output():
    text = fenced("for p in net.all():\n    print(p)")
    assert claims(text + "\n它会这样走：\n\n" + fenced("遍历全部层\n遍历各层参数", "text")) == []


SHOWN = [
    ("s = make()\n \nx    7.5\ny   -2.5", ("bare lines", "x    7.5\ny   -2.5")),
    (
        "for n in (1, 2):\n    print('{}: {}, {}'.format(n, 'p', 'q'))\n1: p, q\n2: p, q",
        ("bare lines", "1: p, q\n2: p, q"),
    ),
    (
        "print(t)\n'''\n       name  size\ncode\n07     gold    12\n'''",
        ("triple quotes", "       name  size\ncode\n07     gold    12"),
    ),
    (
        "print('first', a)\nprint('second', b)\n'''\nfirst red\nsecond blue\n'''",
        ("triple quotes", "first red\nsecond blue"),
    ),
    (
        "print(m)\n'''small(\n  (one): Linear(3, 4)\n)'''",
        ("triple quotes", "small(\n  (one): Linear(3, 4)\n)"),
    ),
    (
        "s = make()\n'''\n这个 序列\nx    3\ny    4\ndtype: int64\n'''",
        ("triple quotes", "x    3\ny    4\ndtype: int64"),
    ),
    ("word = 'open sesame'\nprint(word)\n\n### open sesame", ("below", "open sesame")),
    ("'{} of {}'.format(2, 9)  # 2 of 9", ("trailing", "2 of 9")),
]


@pytest.mark.parametrize(("code", "claim"), SHOWN)
def test_what_code_shows_is_claimed(code, claim):
    assert claims(fenced(code)) == [claim]


def test_values_above_code_are_claimed_where_that_is_a_habit():
    code = "# '{0}'\nf'{{x}}'\n\n# 7.5\nmax(7.5, 1)\n\n# 4\nround(4.4)\n\n# [5]\nprint([5])\n"
    assert [how for how, _ in claims(fenced(code))] == ["above"] * 4
    assert claims(fenced(code.replace("# [5]\n", ""))) == []
    steps = "\n\n".join(f"# {n}\nstep({n})" for n in range(1, 6))
    assert claims(fenced(steps)) == []


COMPARED = [
    ("|   | a | b |\n| 0 | 3 | x |", "   a  b\n0  3  x", Verdict.STYLE),
    ("| a | b |\n| 3 | x |", "   a  b\n0  3  x", Verdict.STYLE),
    ("|   | a | b |\n| 0 | 4 | x |", "   a  b\n0  3  x", None),
    ("| a |\n| 3 |", "   a  b\n0  3  x", None),
    ("Norm(3, eps=0.1)", "Norm(3, eps=0.1, bias=True)", Verdict.STYLE),
    ("net: Norm(3, eps=0.1)", "net: Norm(3, eps=0.1, bias=True)", Verdict.STYLE),
    ("Norm(4, eps=0.1)", "Norm(3, eps=0.1, bias=True)", None),
    ("Norm(3, eps=0.1, bias=True)", "Norm(3, eps=0.1)", None),
    ("a    2\ndtype: int64", "a    2\nName: count, dtype: int64", Verdict.STYLE),
    ("a    2\ndtype: int64", "a    3\nName: count, dtype: int64", None),
]


@pytest.mark.parametrize(("claimed", "actual", "verdict"), COMPARED)
def test_tables_and_older_reprs(claimed, actual, verdict):
    assert compare(claimed, actual) is verdict


def test_an_error_about_other_numbers_is_another():
    assert compare_error("ValueError: 10 into (4, 3)", "ValueError", "9 into (4, 3)") is None
    assert compare_error("ValueError: no 9 there", "ValueError", "9 is not there") is Verdict.STYLE


def test_series_and_tables_of_one_row():
    assert reads_as_table("x    7.5\ny   -2.5")
    assert not reads_as_table("one  two\nsix  ten")


NOTE = """\
```python
import numpy as np

print([4][0:])
print([5, 6][1:])
'''
[4]
[6]
'''
left = int('q7')
print(left)

# ValueError: invalid literal for int() with base 10: 'q7'
```

```python
>>> np.arange(8).reshape(3, 3)
ValueError: cannot reshape array of size 9 into shape (3,3)
```

```python
np.arange(2, dtype='int8')  # array([0., 1.], dtype=float64)
```
"""


def test_verdicts_on_several_prints_and_errors(tmp_path):
    (tmp_path / "note.md").write_text(NOTE, "utf-8")
    target = tmp_path / "found.json"
    cli.main(["notes", "check", str(tmp_path / "note.md"), "--json", str(target)])
    found = json.loads(target.read_text("utf-8"))["claims"]
    assert [claim["verdict"] for claim in found] == ["true", "true", "false", "false"]
