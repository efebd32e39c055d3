"""In which language bookproof speaks to people: English, or Chinese where they do.

All messages are English, and so are files and verdicts. Where somebody reads a message, `words()`
puts it into his language. Nothing else may depend on that.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LANGUAGES = ("zh", "en")
"""The languages that there are, by the names that are given to `--language`."""

Words = Callable[[str], str]
"""What puts a message into a language; `str` leaves it in English."""

_chosen: str | None = None


def choose(language: str | None) -> None:
    """Let this process speak a language; with None, the one of its environment."""
    global _chosen
    _chosen = language


def current(locale: str | None = None) -> str:
    """Return the language that this process speaks; to somebody with a locale, where it is given.

    What was chosen counts for more.
    """
    return _chosen or locale or from_environment(os.environ)


def asked(arguments: Sequence[str]) -> str | None:
    """Return the language that the words of a command line ask for, before anything reads them."""
    own = list(map(str, arguments))
    own = own[: own.index("--")] if "--" in own else own
    found = None
    for word, following in itertools.pairwise([*own, ""]):
        name, _, value = word.partition("=")
        if name == "--language":
            found = value or following
    return found if found in LANGUAGES else None


def from_environment(variables: Mapping[str, str]) -> str:
    """Return the language of a locale, which is read as gettext reads it.

    >>> from_environment({"LANG": "zh_CN.UTF-8"})
    'zh'
    >>> from_environment({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"})
    'en'
    """
    locales = [variables.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    locale = next(filter(None, locales), "")
    listed = "" if locale in ("C", "POSIX") else variables.get("LANGUAGE", "")
    for one in (listed or locale).split(":"):
        language = one.replace("-", "_").partition("_")[0].partition(".")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def words() -> Words:
    """Return what puts messages into the language that this process speaks."""
    return words_for(current())


def each(text: str, words: Words) -> str:
    """Return several messages, one a line, in a language; what is indented by four is no message.

    So are outputs, and the differences between them.
    """
    lines = text.split("\n")
    return "\n".join(line if line.startswith("    ") else words(line) for line in lines)


def words_for(language: str) -> Words:
    """Return what puts messages into a language, given as `zh`, `zh-CN` and the like."""
    return _chinese() if language.lower().startswith("zh") else str


@functools.cache
def _chinese() -> Words:
    from bookproof.telling.catalogue import Catalogue  # English needs none

    return Catalogue(Path(__file__).with_name("chinese.txt").read_text("utf-8"))
