"""Find dates and times of day in a line: what `norm=date` evens out."""

from __future__ import annotations

import re

GONE = "…"

_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_WEEKDAY = (
    "(?:(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
    "|(?:星期|周)[一二三四五六日天])"
)
_Y, _M, _D = "(?:1[0-9]|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = (
    rf"(?:{_Y}-{_M}-{_D}|{_Y}/{_M}/{_D}|{_D}/{_D}/{_Y}|{_D}\.{_D}\.{_Y}"
    rf"|{_D}[ -]{_MONTH}\.?[ -]{_Y}|{_MONTH}\.? {_D}(?:st|nd|rd|th)?,? {_Y}"
    rf"|{_MONTH} [ 0-3]?[0-9](?= +[0-2][0-9]:)"  # the year comes behind the time
    rf"|(?:{_Y} ?年 ?)?{_M} ?月 ?{_D} ?[日号])"
)
_NAMED = rf"(?:{_WEEKDAY}(?:,? +|，)?)?{_DATE}(?:[ ,，（(]*{_WEEKDAY}[）)]?)?"

_HOUR, _MINUTES, _SECONDS = "[0-2]?[0-9]", ":[0-5][0-9]", ":[0-5][0-9](?:[.,][0-9]{1,9})?"
_HALF = r"(?: ?[AaPp](?:[Mm]|\.m\.))"
_PART = "(?:上午|下午|凌晨|晚上|早上|中午)"
_TIME = (
    rf"(?:{_HOUR}{_MINUTES}(?:{_SECONDS}{_HALF}?|{_HALF})|[0-2][0-9]{_MINUTES}"
    rf"|{_PART}? ?{_HOUR} ?[时点時點] ?[0-5]?[0-9] ?分(?: ?[0-5]?[0-9] ?秒)?"
    rf"|{_PART} ?{_HOUR}(?:{_MINUTES}(?:{_SECONDS})?| ?[时点時點]))"
)
_ZONE = r"(?: ?(?:Z|UTC|GMT|CES?T|CST|E[SD]T|P[SD]T)\b| ?[+-][0-9]{2}:?[0-9]{2}\b)"
_AT = "(?:[T ,，]+|, at | at )"

_MOMENT = re.compile(
    r"(?:datetime\.)?(?:datetime|date|time)\((?=[0-9])[^()]*\)|(?<![A-Za-z0-9_./:\[-])"
    rf"(?:{_NAMED}(?:{_AT}{_TIME}{_ZONE}?(?: {_Y})?)?|{_TIME}{_ZONE}?)"
    r"(?![A-Za-z0-9_:/-]|\.[0-9])"
)

_UNIX = re.compile(r"(?<![A-Za-z0-9_.,-])(?:1[5-9]|2[01])[0-9]{8}(?:[0-9]{3})?(?![A-Za-z0-9_])")


def has_moment(line: str) -> bool:
    """Tell whether a line has a time of these decades in it, in (milli)seconds since 1970.

    >>> has_moment("started 1795911786"), has_moment("id 140487868182816")
    (True, False)
    """
    return _UNIX.search(line) is not None


def even_out(line: str) -> str:
    """Return a line with … for each date, time of day, or both.

    >>> even_out("saved on 2026-11-27 at 12:30:45")
    'saved on …'
    """
    return _MOMENT.sub(GONE, line)
