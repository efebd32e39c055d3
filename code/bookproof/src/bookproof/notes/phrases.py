"""The words that an import writes into chapters, by the language of the book."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """What is written where a note alone does not say it."""

    alt: str
    missing: str
    stays: str
    said: str
    given: str
    undefined: str
    package: str
    file: str
    network: str


CHINESE = Phrases(
    alt="待写：图里有什么",
    missing="缺图",
    stays="没有运行：",
    said="笔记里写的是：",
    given="# 笔记这一节里没有写的",
    undefined="用到的 {} 在笔记里没有定义",
    package="没有安装 {}",
    file="缺少文件",
    network="需要网络",
)
ENGLISH = Phrases(
    alt="to be written: what the picture shows",
    missing="missing picture",
    stays="not run: ",
    said="The notes say:",
    given="# not written in this section of the notes",
    undefined="{} is never defined in the notes",
    package="{} is not installed",
    file="a file is missing",
    network="it needs the network",
)


def phrases_for(language: str | None) -> Phrases:
    """Return the words for a Sphinx language code."""
    return CHINESE if (language or "").startswith("zh") else ENGLISH


def reason(why: str, phrases: Phrases) -> str:
    """Return why code does not run, for readers: on one line, without marks."""
    first = why.split("\n")[0]
    if found := re.search(r"name '(\w+)' is not defined|^`(\w+)` is (?:never|not) defined", first):
        first = phrases.undefined.format(found[1] or found[2])
    elif found := re.search(r"No module named '([\w.]+)'|package ([\w.]+) is not", first):
        first = phrases.package.format(found[1] or found[2])
    elif re.match(r"a file is missing|FileNotFoundError", first):
        path = re.search(r"'([^']+)'\s*$", first)
        first = phrases.file + (f" {path[1]}" if path else "")
    elif first.startswith("it needs the network"):
        first = phrases.network
    return re.sub(r"\s+", " ", re.sub(r"[<>`]", "", first)).strip()[:160]
