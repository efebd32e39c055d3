"""Read dates as people write them in headings, file names and front matter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*)\.?"
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_FORMS = [
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_YEAR}\s*年\s*(?P<m>\d{{1,2}})\s*月\s*(?P<d>\d{{1,2}})\s*[日号]?",
        rf"(?<!\d){_YEAR}(?P<sign>[-./_])(?P<m>\d{{1,2}})(?P=sign)(?P<d>\d{{1,2}})(?!\d)",
        rf"(?<!\d){_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
        rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b",
        rf"\b{_DAY}\s+{_MONTH},?\s+{_YEAR}\b",
    )
]
_WEEKDAY = re.compile(
    r"(?:星期|礼拜|周)[一二三四五六日天]|[月火水木金土日]曜日?|"
    r"\b(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b\.?",
    re.I,
)
_AROUND = " \t\u3000,，.。:：;；、-—–~|·()（）[]【】<>《》*_#"


@dataclass(frozen=True)
class Dated:
    """A date in a text, and what the text says besides."""

    day: date
    rest: str


def dated(text: str) -> Dated | None:
    """Return the first date of a text, without weekday and signs in what is left of it.

    >>> dated("2019/4/5 星期五"), dated("20230603-池化").rest
    (Dated(day=datetime.date(2019, 4, 5), rest=''), '池化')
    """
    for form in _FORMS:
        for found in form.finditer(text):
            if day := _day(found):
                after = _WEEKDAY.sub("", text[found.end() :], count=1)
                parts = (text[: found.start()], after)
                kept = (part.strip(_AROUND) for part in parts)
                return Dated(day, " ".join(part for part in kept if part))
    return None


def opens_with_date(text: str) -> Dated | None:
    """Return the date with which a heading begins, as that of a day in a diary does.

    >>> opens_with_date("2023年8月16日").day, opens_with_date("版本 2023.10.11 的变化")
    (datetime.date(2023, 8, 16), None)
    """
    plain = re.sub(r"^(?:日期|date)\s*[:：]\s*", "", text.strip(_AROUND), flags=re.I)
    plain = _WEEKDAY.sub("", plain, count=1).strip(_AROUND) if _WEEKDAY.match(plain) else plain
    if any(form.match(plain) and dated(plain) for form in _FORMS):
        return dated(plain)
    return None


def _day(found: re.Match) -> date | None:
    parts = found.groupdict()
    month = parts.get("m") or 1 + _MONTHS.index(parts["month"][:3].lower())
    try:
        return date(int(parts["y"]), int(month), int(parts["d"]))
    except ValueError:
        return None
