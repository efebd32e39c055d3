"""Read the words of a command line, and speak of them in the language of who gave them."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any, NoReturn

from bookproof.telling.language import LANGUAGES, words

_SPEAKS = "what is said is in English or Chinese (default: as your locale says)"


class _Formatter(argparse.HelpFormatter):
    """Writes help; its lines are as wide as they look, and Chinese breaks anywhere."""

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        prefix = words()("usage: ") if prefix is None else prefix
        super().add_usage(usage, actions, groups, prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if text.isascii() else _wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.isascii():
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in _wrapped(text, width - len(indent)))


class Parser(argparse.ArgumentParser):
    """Reads a command line; every command knows `--language`, which `speaks` describes."""

    def __init__(self, *arguments: Any, speaks: str = _SPEAKS, **options: Any):
        for name in {"description", "epilog"}.intersection(options):
            options[name] = words()(options[name])
        options |= {"formatter_class": _Formatter, "add_help": False}
        super().__init__(*arguments, **options)
        # What argparse calls these it says in English only.
        self._positionals.title = words()("positional arguments")
        self._optionals.title = words()("options")
        self.add_argument("-h", "--help", action="help", help="show this help message and exit")
        # A command's parser says nothing where its own words do not: the one above may know.
        default = argparse.SUPPRESS if " " in self.prog else None
        self.add_argument("--language", choices=LANGUAGES, default=default, help=speaks)

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add what can be given; its help is a message."""
        if options.get("help"):
            options["help"] = words()(options["help"])
        return super().add_argument(*names, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {words()(f'error: {message}')}\n")


def _wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text, where a character of Chinese is two columns wide."""
    lines, taken = [""], 0
    for piece in _pieces(text):
        wide = sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in piece)
        if taken + wide > width and lines[-1]:
            lines, taken = [*lines, ""], 0
        lines[-1] += piece if lines[-1] else piece.lstrip()
        taken += wide
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> Iterable[str]:
    """Yield what is not broken: words of Latin letters, and single characters with what ends it."""
    piece = ""
    for character in text:
        ascii_goes_on = piece and piece[-1].isascii() and character.isascii()
        if piece and not (ascii_goes_on and character != " ") and character not in "，。；：）、":
            yield piece
            piece = ""
        piece += character
    yield piece
