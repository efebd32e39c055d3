"""Numbers in the text of a chapter that restate an output without being tied to it."""

from pathlib import Path

import pytest
import yaml

from notesite.checks.numerals import untied
from notesite.checks.prose import parser

ROOT = Path(__file__).parents[2]
PARSE = parser(
    yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["parse"]["myst_enable_extensions"]
).parse
CELL = "```{code-cell} python\nlr = 0.25\nprint(run(lr, size=64))\n```\n```{expect}\n%s\n```\n\n"


def found(output, text, front=""):
    """Return the numerals that are told in a chapter of one cell and a text."""
    head = f"---\n{front}---\n" if front else ""
    return [numeral for _, numeral in untied(PARSE, head + CELL % output + text)]


@pytest.mark.parametrize(
    ("output", "text", "told"),
    [
        ("0.9312", "准确率是 0.93。", ["0.93"]),
        ("0.9312", "准确率是 0.9312，不是 0.94。", ["0.9312"]),
        ("0.9312", "准确率是 93.1%，不到 95%。", ["93.1%"]),
        ("93.12 %", "准确率是 93%。", ["93%"]),
        ("12,345", "共 12345 个，即 12,345 个。", ["12345", "12,345"]),
        ("共 719 次", "一轮 719 次\n\n| 次 |\n|---|\n| 719 |", ["719", "719"]),
        ("1.5e-3", "误差 0.0015。", ["0.0015"]),
        ("0.9312", "准确率是 {expect}`0.93 <accuracy>`，`0.93`，$0.93$。", []),
        ("64 0.25", "批 64，学习率 0.25，即 25%。", []),
        ("3 个", "有 3 个。", []),
        ("2023 11 16 34", "2023 年 11 月 16 日，VGG16，第 16 章，34×34。", []),
        ("0.9312", "准确率是 1.93，0.9 倍。", ["0.9"]),
        ("719", "::::{dropdown} 解答\n719 次\n::::", ["719"]),
    ],
)
def test_numbers_are_told_where_an_output_says_them(output, text, told):
    assert found(output, text) == told


def test_a_caption_and_an_alt_text_are_text():
    cell = (
        "---\nmystnb:\n  image:\n    alt: 误差 0.31\n  figure:\n    caption: 从 0.31 起\n---\n1\n"
    )
    assert found("0.31", f"```{{code-cell}}\n{cell}```\n") == ["0.31", "0.31"]


def test_a_reason_in_the_front_matter_is_enough():
    front = 'given:\n  "719": 年份，不是次数\n'
    assert found("719 0.5", "719 年，0.5。", front) == ["0.5"]


def test_the_line_is_that_of_the_file():
    text = "---\ndate: x\n---\n" + CELL % "719" + "一段。\n\n又 719 次。\n"
    (told,) = untied(PARSE, text)
    assert told == (text.split("\n").index("又 719 次。") + 1, "719")
