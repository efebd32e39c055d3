"""How a claimed output holds of what the code gave."""

import ast

import numpy as np
import pandas as pd
import pytest
import torch

from bookproof.notes.chance import never
from bookproof.notes.findings import Verdict
from bookproof.notes.same import compare, compare_error
from bookproof.notes.values import reads_as_error, reads_as_table, reads_as_value

TRUE, DIGITS, STYLE = Verdict.TRUE, Verdict.DIGITS, Verdict.STYLE

CASES = [
    ("3", "3", TRUE),
    ("a \t b", "a  b", TRUE),
    ("(1,4)", "(1, 4)", TRUE),
    ("0.33", "0.3333", DIGITS),
    ("mean 0.5", "mean 0.4996", DIGITS),
    ("1\n...\n9", "1\n2\n3\n9", TRUE),
    ("[1, 2]", "[1 2]", STYLE),
    ("[1 2]", "array([1, 2])", STYLE),
    ("(2, 3)", "torch.Size([2, 3])", STYLE),
    ("4.0", "np.float64(4.0)", STYLE),
    ("{'b': 1, 'a': 2}", "{'a': 2, 'b': 1}", STYLE),
    ("set([1, 2])", "{1, 2}", STYLE),
    ("OrderedDict([('k', 1)])", "OrderedDict({'k': 1})", STYLE),
    ("5 6", "5\n6", STYLE),
    ("tensor([7.])", "sum: tensor([7.])", STYLE),
    ("'x'", "x", STYLE),
    ("a  1  # first\nb  2", "a  1\nb  2", STYLE),
    ("int64", "torch.int64", STYLE),
    ("[0, 1, ..., 9]", "array([0, 1, 2, 9])", STYLE),
    ("3", "4", None),
    ("1", "11", None),
    ("1", "x1", None),
    ("3", "n: 13", None),
    ("[1, 2]", "[2, 1]", None),
    ("[1, 2]", "[1, 2, 3]", None),
    ("0.34", "0.3333", None),
    ("", "0", None),
    ("0", "", None),
    ("[1, 2] # int32", "array([1, 2])", None),
    ("array([1], dtype=int32)", "array([1], dtype=int8)", None),
    ("array([1], dtype=int32)", "array([1])", None),
    ("array([1], dtype=int64)", "array([1])", STYLE),
    ("array([1], dtype=int32)", "[1]", STYLE),
    ("array([1])", "array([1], dtype=int8)", STYLE),
    ("tensor([1, 2], dtype=torch.int32)", "tensor([1, 2])", None),
    ("tensor([1, 2], dtype=torch.int64)", "tensor([1, 2])", STYLE),
    ("tensor([1., 2.], dtype=torch.float64)", "tensor([1., 2.])", None),
    ("tensor([1., 2.], dtype=torch.float32)", "tensor([1., 2.])", STYLE),
    ("x: tensor([1], dtype=torch.int8)", "x: tensor([1])", None),
    ("Index(['a'], dtype='object')", "Index(['a'], dtype='str')", None),
    ("{'a': 1}", "{'a': 2}", None),
    ("[[1, 2], [3, 4]]", "[[1, 2, 3, 4]]", None),
    ("True", "False", None),
    ("-2", "2", None),
]


@pytest.mark.parametrize(("claimed", "actual", "verdict"), CASES)
def test_compare(claimed, actual, verdict):
    assert compare(claimed, actual) is verdict


SHOWN = [
    np.arange(6).reshape(2, 3),
    np.linspace(0, 1, 4),
    np.array(["a", "b"]),
    np.array([True, False]),
    np.zeros((2, 2, 2)),
    np.float32(0.5),
    torch.arange(3),
    torch.ones(2, 2, requires_grad=True) * 2,
    torch.rand(2, 2).shape,
    torch.nn.Parameter(torch.zeros(1)),
    torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU()),
    torch.float16,
    {"a": [1, (2,)], 3: None},
    {1.5, 2.5},
    range(3),
    {}.keys(),
    pd.Index(["a"]),
    3 + 4j,
    b"xy",
    int,
]


def test_what_libraries_show_reads_as_a_value_and_is_true_of_itself():
    for value in SHOWN:
        for text in (repr(value), str(value)):
            assert reads_as_value(text, loose=True), text
            assert compare(text, text) is TRUE
    assert len(SHOWN) == 20


def test_a_changed_number_is_found_wherever_it_stands():
    found = 0
    for value in SHOWN[:9]:
        text = repr(value)
        for place, sign in enumerate(text):
            if sign in "123" and not text[place - 1].isalpha():
                assert compare(text[:place] + "7" + text[place + 1 :], text) is None
                found += 1
    assert found > 10


def test_other_manners_of_the_same_array():
    array = np.arange(8).reshape(2, 2, 2)
    for text in (str(array), repr(array), str(array.tolist()), repr(torch.from_numpy(array))):
        assert compare(str(array.tolist()), text) in (TRUE, STYLE)
        assert ast.literal_eval(str(array.tolist())) == array.tolist()


def test_tables_of_pandas_read_as_tables():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    for shown in (frame, frame["a"], frame.describe(), pd.DataFrame(np.eye(70))):
        assert reads_as_table(str(shown))
    assert not reads_as_table("one line\nand  another")


@pytest.mark.parametrize("text", ["a", "print(3)", "x = 3", "f(x)", "3 个", "(N, 3)", "np.ones(3)"])
def test_code_and_words_read_as_no_value(text):
    assert not reads_as_value(text)


def test_errors():
    assert compare_error("TypeError", "TypeError", "bad") is TRUE
    assert compare_error("TypeError: bad", "TypeError", "bad") is TRUE
    assert compare_error("TypeError: other", "TypeError", "bad") is STYLE
    assert compare_error("ValueError: bad", "TypeError", "bad") is None
    assert reads_as_error("Traceback (most recent call last)\n  ...\nKeyError: 'a'")
    assert not reads_as_error("an Error in the code")


def test_what_chance_could_not_give():
    assert never("[1., 1., 1., 1.]", ["[0.3, 0.1, 0.7, 0.2]", "[0.4, 0.9, 0.6, 0.5]"])
    assert never("[0.3, 0.1]", ["[0.3, 0.1, 0.7]", "[0.4, 0.9, 0.6]"])
    assert not never("[0.3, 0.1, 0.2]", ["[0.3, 0.1, 0.7]", "[0.4, 0.9, 0.6]"])
    assert not never("[1., 1., 1., 1.]", ["[1., 0., 1., 1.]", "[0., 0., 1., 1.]"])
