"""Dates as people write them, and names of titles in any script."""

from datetime import date

import pytest

from bookproof.notes.dates import dated, opens_with_date
from bookproof.notes.slugs import slug, unique, without_number


@pytest.mark.parametrize(
    ("text", "day", "rest"),
    [
        ("2021年3月5日", (2021, 3, 5), ""),
        ("2021 年 3 月 5 日 星期五", (2021, 3, 5), ""),
        ("2021-03-05", (2021, 3, 5), ""),
        ("2021.3.5", (2021, 3, 5), ""),
        ("2021/3/5 周五", (2021, 3, 5), ""),
        ("20210305", (2021, 3, 5), ""),
        ("20210305-池化", (2021, 3, 5), "池化"),
        ("2021_03_05 notes", (2021, 3, 5), "notes"),
        ("March 5, 2021", (2021, 3, 5), ""),
        ("Mar. 5th, 2021 (Friday)", (2021, 3, 5), ""),
        ("5 March 2021: pooling", (2021, 3, 5), "pooling"),
        ("Friday, March 5, 2021", (2021, 3, 5), ""),
        ("日期：2021-03-05", (2021, 3, 5), ""),
    ],
)
def test_dates(text, day, rest):
    found = opens_with_date(text)
    assert found is not None
    assert found.day == date(*day)
    if not text.startswith(("日期", "Friday")):
        assert found.rest == rest


@pytest.mark.parametrize(
    "text", ["2021-13-05", "20211340", "3.14.15", "123202103056", "2021", "March 2021", ""]
)
def test_no_dates(text):
    assert dated(text) is None


@pytest.mark.parametrize("text", ["version 2021.3.5", "可以用到 2021年3月5日", "Since May 3, 2021"])
def test_a_heading_that_names_a_date_is_no_day(text):
    assert dated(text) is not None
    assert opens_with_date(text) is None


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("池化层", "chi-hua-ceng"),
        ("卷积 Conv2d 的用法", "juan-ji-conv2d-de-yong-fa"),
        ("What is `x`?", "what-is-x"),
        ("**粗**体", "cu-ti"),
        ("！？", "note"),
        ("プーリング", None),
        ("합성곱", None),
        ("x" * 200, "x" * 48),
    ],
)
def test_slugs(title, wanted):
    found = slug(title)
    assert found.isascii()
    assert len(found) <= 48
    if wanted:
        assert found == wanted
    else:
        assert found != "note"


def test_a_taken_name_gets_a_number():
    assert [unique("a", taken) for taken in ((), {"a"}, {"a", "a-2"})] == ["a", "a-2", "a-3"]


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("一、求和", "求和"),
        ("第二章 求和", "求和"),
        ("（三）求和", "求和"),
        ("1. 求和", "求和"),
        ("1.2 求和", "求和"),
        ("3x3 卷积", "3x3 卷积"),
        ("一", "一"),
    ],
)
def test_a_number_before_a_title(heading, wanted):
    assert without_number(heading) == wanted
