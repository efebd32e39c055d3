"""Find dates and times of day in a line: what `norm=date` evens out."""

from __future__ import annotations

import re

GONE = "…"

_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY = r"(?:(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?|(?:星期|周)[一二三四五六日天])"
_D, _Y = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:1[0-9]|20)[0-9]{2}"
_M = "(?:0?[1-9]|1[0-2])"
_ZONE = r"(?: ?(?:Z|UTC|GMT|CET|CEST|CST|EST|EDT|PST|PDT)\b| ?[+-][0-9]{2}:?[0-9]{2}\b)"
_SECONDS = r":[0-5][0-9](?:[.,][0-9]{1,9})?"
_HALF = r"(?: ?[AaPp](?:M|m|\.m\.))"
_TIME = (
    rf"(?:[0-2]?[0-9]:[0-5][0-9](?:{_SECONDS}{_HALF}?|{_HALF})|[0-2][0-9]:[0-5][0-9]"
    r"|(?:上午|下午|凌晨|晚上?|早上?|中午)? ?[0-2]?[0-9] ?[时点時點](?: ?[0-5]?[0-9] ?分(?: ?[0-5]?[0-9] ?秒)?|整)"
    rf"|(?:上午|下午|凌晨|晚上|早上|中午) ?(?:[0-2]?[0-9]:[0-5][0-9](?:{_SECONDS})?|[0-2]?[0-9] ?[点點]))"
)
_DATE = (
    rf"(?:{_Y}-{_M}-{_D}|{_Y}/{_M}/{_D}|{_D}/{_D}/{_Y}|{_D}\.{_D}\.{_Y}|{_D}[ -]{_MONTH}\.?[ -]{_Y}"
    rf"|{_MONTH}\.? {_D}(?:st|nd|rd|th)?,? {_Y}|{_MONTH} [ 0-3]?[0-9](?= +[0-2][0-9]:)"
    rf"|(?:{_Y} ?年 ?)?{_M} ?月 ?{_D} ?[日号])"
)
_NAMED = rf"(?:{_DAY}(?:,? +|，)?)?{_DATE}(?:[ ,，（(]*{_DAY}[）)]?)?"
_OBJECT = r"(?:datetime\.)?(?:datetime|date|time)\((?=[0-9])[^()]*\)"
_MOMENT = re.compile(
    rf"{_OBJECT}|(?<![A-Za-z0-9_./:\[-])"
    rf"(?:{_NAMED}(?:(?:[T ,，]+|, at | at ){_TIME}{_ZONE}?(?: {_Y})?)?|{_TIME}{_ZONE}?)"
    r"(?![A-Za-z0-9_:/-]|\.[0-9])"
)


def even_out(line: str) -> str:
    """Return a line with … for each date, time of day, or both.

    >>> even_out("saved on 2026-11-27 at 12:30:45")
    'saved on …'
    """
    return _MOMENT.sub(GONE, line)
