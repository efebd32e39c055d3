"""What expressions in a text are worth: asked of the kernel, exactly, and without a trace."""

import json

import pytest
from tests.bookproof.conftest import installed

CODE = """
import decimal, enum, fractions, math, pathlib
import numpy as np
with __import__("contextlib").suppress(ImportError):
    import torch

class Colour(enum.Enum):
    RED = 1

class Odd:
    def __str__(self):
        return "an  odd\\nthing"

Pair = __import__("collections").namedtuple("Pair", "x y")
"""

WORTH = {
    "3": "3",
    "10**30": "1" + "0" * 30,
    "0.1 + 0.2": "0.30000000000000004",
    "1e-320": "1e-320",
    "math.nan": "nan",
    "-math.inf": "-inf",
    "fractions.Fraction(1, 3)": "1/3",
    "fractions.Fraction(4, 2)": "2",
    "decimal.Decimal('0.10')": "0.10",
    "1.5 - 2j": "1.5-2.0j",
    "True": "True",
    "None": "None",
    "'it\\'s'": '"it\'s"',
    "np.float64(0.1)": "0.1",
    "np.float32(0.1)": "0.10000000149011612",
    "np.int8(-3)": "-3",
    "np.bool_(True)": "True",
    "np.str_('a')": "'a'",
    "np.array(2.5)": "2.5",
    "np.zeros((3, 4)).shape": "(3, 4)",
    "np.array([1, 2])": "[1 2]",
    "np.arange(3).tolist()": "[0, 1, 2]",
    "torch.tensor(7)": "7",
    "torch.tensor(0.5, requires_grad=True)": "0.5",
    "torch.tensor(True)": "True",
    "torch.zeros(3, 4).shape": "(3, 4)",
    "torch.zeros(3).dtype": "torch.float32",
    "(np.float64(0.5), 'a', (1,))": "(0.5, 'a', (1,))",
    "{'a': np.int64(1)}": "{'a': 1}",
    "Pair(1, 2.0)": "(1, 2.0)",
    "Colour.RED": "Colour.RED",
    "pathlib.PurePosixPath('a/b')": "a/b",
    "Odd()": "an odd thing",
    "len([n for n in range(9) if n % 2])": "4",
    "print('quiet') or 5": "5",
    "'x' * 9999": "'" + "x" * 1999 + "…",
}
WORTH = installed(WORTH)

WRONG = {
    "nothing": "NameError: name 'nothing' is not defined",
    "1 / 0": "ZeroDivisionError: division by zero",
    "3 +": "SyntaxError: invalid syntax (<string>, line 1)",
    "__import__('sys').exit()": "SystemExit",
    "(_ for _ in ()).throw(KeyboardInterrupt)": "KeyboardInterrupt",
    "assert True": "SyntaxError: invalid syntax (<string>, line 1)",
}

AFTER = """
```{code-cell}
print(_, __, len(Out), get_ipython().execution_count)
```
```{expect}
3 2 2 4
```
"""


def cell(code):
    return f"```{{code-cell}}\n{code}\n```\n"


@pytest.fixture(scope="module")
def answers(make_book):
    """Check a chapter that asks for everything; return answers and errors by expression."""
    book = make_book()
    asked = "\n".join(f"- {{expect}}``1 <{expression}>``\n" for expression in [*WORTH, *WRONG])
    book.chapter("a.md", f"{cell(CODE + '2')}\n{cell('_ + 1')}\n{asked}\n{AFTER}")
    [checked] = book.check(timeout=120).chapters
    assert checked.run.failure is None
    questions = [question.expression for question in checked.chapter.questions]
    assert questions == [*WORTH, *WRONG]
    return checked, dict(zip(questions, checked.run.values, strict=True))


@pytest.mark.parametrize("expression", WORTH)
def test_worth(answers, expression):
    assert answers[1][expression] == {"text": WORTH[expression]}


@pytest.mark.parametrize("expression", WRONG)
def test_what_an_expression_raises_is_told(answers, expression):
    assert answers[1][expression] == {"error": WRONG[expression]}
    messages = [v.message for v in answers[0].verdicts if v.kind == "expression failed"]
    assert f"`{expression}`: {WRONG[expression]}" in messages


def test_asking_leaves_no_trace(answers):
    [after] = [v for v in answers[0].verdicts if v.block]
    assert (after.kind, after.actual) == ("verified", "3 2 2 4")
    assert all(
        not output.get("text", "").startswith("quiet") for output in answers[0].run.outputs[1]
    )


def test_editing_a_number_runs_nothing_and_editing_its_expression_runs_the_chapter(book):
    def check(text):
        book.chapter("a.md", f"{cell('a = 3')}\n{text}\n")
        report, ran = book.ran()
        return [str(v.kind) for _, v in report], ran

    assert check("It is {expect}`3 <a>`.") == (["verified"], ["a.md"])
    assert check("It is {expect}`4 <a>`.") == (["mismatch"], [])
    assert check("And now it is {unverified}`5 <why not>` or {expect}`3.0 <a>`.")[1] == []
    assert check("It is {expect}`4 <a + 1>`.") == (["verified"], ["a.md"])
    [path] = book.load().store.folder.glob("*.json")
    kept = json.loads(path.read_text("utf-8").partition("\n")[2])
    assert kept["run"]["values"] == [{"text": "4"}]


def test_values_are_those_of_their_place(book):
    text = "".join(f"{cell(f'a = {n}')}\n{{expect}}`{n} <a>` {{eval}}`a`\n\n" for n in range(3))
    book.chapter("a.md", text)
    report, _ = book.ran()
    assert [(str(v.kind), v.actual) for _, v in report] == [
        (kind, str(n)) for n in range(3) for kind in ("verified", "unverified")
    ]


def test_what_ends_a_run_is_told(book):
    book.chapter("endless.md", f"{cell('a = 3')}\n{{expect}}`1 <[0 for _ in iter(int, 1)]>`\n")
    dead = "{expect}`1 <__import__('os')._exit(3)>`"
    book.chapter("dead.md", f"{cell('a = 3')}\n{dead}\n\n{cell('a = 4')}\n")
    book.chapter("failed.md", f"{cell('1 / 0')}\n{{expect}}`1 <a>`\n")
    assert [(name, line, kind) for name, line, kind in book_verdicts(book, 2)] == [
        ("dead.md", 6, "kernel died"),
        ("dead.md", 10, "cell not run"),
        ("dead.md", 12, "cell not run"),
        ("endless.md", 6, "cell never ended"),
        ("endless.md", 10, "cell not run"),
        ("failed.md", 7, "cell failed"),
        ("failed.md", 10, "cell not run"),
    ]


def book_verdicts(book, timeout):
    report = book.check(timeout=timeout)
    assert "in the text below it, did not end within 2 s" in report.failures()
    assert "the kernel ended with status 3 while it told a value" in report.failures()
    return [(chapter.name, v.line, str(v.kind)) for chapter, v in report]
