"""Values with words behind them are claims, and words with numbers in them are none."""

import pytest

from bookproof.notes.reading import parse

CLAIMS = [
    ("s = 'query'\ns[1:2]  # 'u' one letter", "'u'"),
    ("list('ab')[:1]  # ['a'] the end is left out", "['a']"),
    ("{3: 4}  # {3: 4} as it was written", "{3: 4}"),
    ("s = set()\ns |= {3}  # {3} with the new one", "{3}"),
    ("print(len([]))  # 0, nothing in it", "0"),
    ("max(3, 8)  # 输出是8, 大的那个", "8"),
    ("print(2 + 5)  # 2 + 5 = 7", "7"),
    ("t[1]  #tensor(3.)仍是张量", "tensor(3.)"),
    ("t[0]\t# tensor([7., 8.])\t\t# 第一行", "tensor([7., 8.])"),
    ("print(t.shape)\n# torch.Size([4, 5]) : (4, 2) @ (2, 5)", "torch.Size([4, 5])"),
    ("t = make()\n# tensor([0., 0.]) 全是零", "tensor([0., 0.])"),
    ("net.last\n# Dropout(p=0.2, inplace=False)", "Dropout(p=0.2, inplace=False)"),
    ("net[0]\n# Tanh()", "Tanh()"),
]

NO_CLAIMS = [
    "net.fc  # 3 channels",
    "print(x)  # 1. the first step",
    "print(x)  # (1) the first step",
    "f(x)  # [2] Somebody, a book",
    "x = f()  # [3, 4] becomes its shape",
    "f(x)  # 'a' is the name",
    "f(x)\n# 2, then the rest",
    "print(rows[2:])  # <2>",
    "y = f()\n# print('found')\n# print(y)\n# -> True",
    "y = f()\n# z = g()\n# [[1, 2],\n#  [3, 4]]",
    "y = f()\n# see [[1, 2],\n# [3, 4],\n# [5, 6]]",
    "net.add(x)\n# Linear(3, 4)",
    "x = f()\n# return (x, 3)",
]


def claimed(code):
    note = parse(f"```python\n{code}\n```\n")
    return [claim.claimed for fence in note.fences for claim in fence.claims]


@pytest.mark.parametrize(("code", "value"), CLAIMS)
def test_a_value_before_words_is_claimed(code, value):
    assert claimed(code) == [value]


@pytest.mark.parametrize("code", NO_CLAIMS)
def test_words_with_numbers_and_code_put_aside_claim_nothing(code):
    assert claimed(code) == []
