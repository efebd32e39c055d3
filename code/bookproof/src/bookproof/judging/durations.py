"""Find the durations in a line: what `norm=time` evens out.

A unit of more than one letter is enough. `s` and `h` are letters that stand for much else, so
they count where they are attached, behind a decimal point, or beside a word that a duration goes
with; `m` counts only before seconds or behind hours, because alone it is a length.
"""

from __future__ import annotations

import re

GONE = "…"
"""What stands for a duration."""

_N = r"(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_FRACTION = r"(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)"
_START = r"(?<![A-Za-z0-9_.])(?<![0-9],)(?<![0-9]:)(?<!第)(?<!第 )"
_END = r"(?![A-Za-z0-9_^⁻¹²³−])(?!-[A-Za-z])(?!\.[A-Za-z])"

_DAYS = f"{_N} ?(?:days?|d|天)"
_HOURS = f"{_N} ?(?:(?i:hours?)|hrs?|h|[个個]?小[时時])"
_MINUTES = f"{_N} ?(?:(?i:minutes?)|mins?|m|分[钟鐘]?)"
_SECONDS = f"{_N} ?(?:(?i:seconds?)|secs?|s|秒[钟鐘]?)"
_LESS = f"{_N} ?(?:(?i:(?:milli|micro|nano)seconds?)|[mµμun]s(?:ecs?)?|[毫微纳納]秒)"
_AND = "(?:, and |, ?| and | ?)"
_PAIRS = [(_DAYS, _HOURS), (_HOURS, _MINUTES), (_MINUTES, _SECONDS), (_HOURS, _SECONDS)]
_PAIRS += [(_DAYS, _MINUTES), (_SECONDS, _LESS)]
_PARTS = (
    f"(?:{'|'.join(_AND.join(pair) for pair in _PAIRS)})"
    f"(?:{_AND}(?:{_MINUTES}|{_SECONDS}|{_LESS})){{0,3}}{_END}(?!/)"
)
_PART = (
    f"{_N} ?(?:(?i:(?:milli|micro|nano)?seconds?|minutes?|hours?)|[mµμun]?secs?|[mµμun]s|hrs?"
    f"|mins?(?! ?[=:]? ?[+-]?[0-9])){_END}"
)
_CHINESE = f"{_N} ?(?:[毫微纳納]?秒[钟鐘]?|分[钟鐘]|[个個]?小[时時])"
_SURE = (
    r"(?<!the )(?<!their )(?!(?:1[0-9]|20)[0-9]0s)[0-9]+[sh]" + _END,
    rf"{_FRACTION} ?[sh]{_END}",
    rf"{_N} ?[sh](?= (?:elapsed|per|later|ago|left|remaining)\b|/| ?(?:±|\+/?-))",
    rf"(?<=[(\[]){_N} ?[sh](?=[)\]])",
    rf"(?<![\s\S]){_N} [sh](?![\s\S])",  # the whole line
)

_LENGTH = f"{_N} ?[a-zµμ]+(?: {_N} ?[a-zµμ]+){{0,3}}"  # as IPython writes it
_LOOP = (
    rf"{_LENGTH} (?:±|\+/?-) {_LENGTH} per loop"
    r" \(mean (?:±|\+/?-) std\. dev\. of [0-9,]+ runs?, [0-9,]+ loops? each\)",
    rf"[0-9,]+ loops?, best of [0-9]+: {_LENGTH} per loop",
)
_CLOCK = "[0-9]+:[0-9]{2}(?::[0-9]{2})?"
_RATE = r" *(?:\?|[0-9.]+)[^\s/,\]]*/[^\s,\]]+"
_BAR = rf"(?:{_CLOCK}<(?:{_CLOCK}|\?),{_RATE}|(?<=\[){_CLOCK},{_RATE})"
_LONG_CLOCK = "[0-9]+:[0-5][0-9]:[0-5][0-9]"
_COUNTED = (
    rf"(?:[0-9]+ days?,? {_LONG_CLOCK}"
    r"|(?<![T-])(?<![0-9]{2} )(?<!at )(?:0?0|[1-9]):[0-5][0-9]:[0-5][0-9])"
    r"(?:\.[0-9]+)?(?![0-9:])(?! ?[AaPp]\.?[Mm])"
)
_OBJECT = r"(?:datetime\.)?timedelta\([^()]*\)"

_DURATION = re.compile(
    rf"(?<=CPU times: ).+|{_OBJECT}|"
    rf"{_START}(?:{'|'.join((*_LOOP, _BAR, _COUNTED, _PARTS, _PART, _CHINESE, *_SURE))})"
)

_CUE = (
    r"(?:\b(?:took|takes|in|after|for|within|every|over|under|about|around|nearly|almost|than"
    r"|total|times?|elapsed|duration|runtime|timeout|latency|waited|wait|sleep|slept|spent)\b[ :=]*"
    r"|[:=~≈<>≤≥：±] *"
    r"|(?:[用耗历费]时|时间|用了|花了|花费|需要?|只要|约|共|等待|等了|经过|不到|超过|[每仅])"
    r"[为：:]? *)"
)
_CUED = re.compile(rf"({_CUE}){_START}{_N} [sh]{_END}")
_CUED_CLOCK = re.compile(
    rf"((?:\b(?i:took|elapsed|eta|remaining)|[用耗历]时|剩余)[ :：=]*){_START}{_CLOCK}(?:\.[0-9]+)?"
)

_PADDING = re.compile(rf"^[ \t]+(?={GONE})|[ \t]{{2,}}(?={GONE})|(?<={GONE})[ \t]{{2,}}")

_NOT_ALWAYS = re.compile(
    r"The slowest run took .* times longer than the fastest\."
    r" This could mean that an intermediate result is being cached\."
    r"|(?:Compiler|Parser) *: .*|Compiler time: .*"
)


def even_out(line: str) -> str | None:
    """Return a line with … for each duration, None for one that a timing does not always print.

    Blanks beside a duration, which may be there to align it, count as one.

    >>> even_out("class 3 s took 3 s")
    'class 3 s took …'
    """
    if _NOT_ALWAYS.fullmatch(line):
        return None
    line = _DURATION.sub(GONE, line)
    line = _CUED.sub(rf"\1{GONE}", line)
    line = _CUED_CLOCK.sub(rf"\1{GONE}", line)
    return _PADDING.sub(lambda found: " " if found.start() else "", line)
