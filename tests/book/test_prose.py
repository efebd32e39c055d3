"""Traps of Chinese prose in Markdown that no build warns of."""

import re
import sys
from pathlib import Path

import pytest
import yaml
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

ROOT = Path(__file__).parents[2]
NOTES = sorted((ROOT / "book" / "notes").glob("*.md"))
OTHERS = [*(ROOT / "book").glob("*.md"), *(ROOT / "book" / "reference").glob("*.md")]
PAGES = [*NOTES, *sorted(OTHERS)]
ENABLED = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["parse"]
PARSER = create_md_parser(
    MdParserConfig(enable_extensions=set(ENABLED["myst_enable_extensions"])), RendererHTML
)
PROSE = {f"{{{name}}}" for name in ("admonition", "dropdown", "erratum", "note", "tip", "warning")}
MARKS = {
    "softbreak": "\n",
    "hardbreak": "\n",
    "code_inline": "\ue000",
    "math_inline": "\ue001",
    "myst_role": "\ue002",
    "image": "\ue003",
}

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from glossary import Term, read  # noqa: E402

HAN = "[㐀-鿿]"
WIDE = "[，。；：！？、（）《》【】“”‘’…]"
BOLD = "an asterisk is left: bold begins or ends with full-width punctuation"
NARROW = "half-width punctuation beside Chinese"
TIGHT = "no blank between Chinese and Latin, digits, code or formula"
LOOSE = "a blank beside full-width punctuation"
MIXED = "brackets of different width"
STRAIGHT = "straight quotation marks"
TWICE = "punctuation twice"
RULES = {
    BOLD: r"\*\*|(?<![\d ])\*(?![\d ])",
    NARROW: rf"{HAN}[,;:!?()]|[,;:!?(]{HAN}|\){HAN}|{HAN}, ",
    TIGHT: rf"{HAN}[A-Za-z0-9\ue000\ue001]|[A-Za-z0-9%\ue000\ue001]{HAN}",
    LOOSE: rf"[ \t]{WIDE}|{WIDE}[ \t]",
    MIXED: r"（[^（）]*\)|\([^()（]*）",
    STRAIGHT: '"',
    TWICE: "[，。；：、]{2}",
}


def paragraphs(text, first=1):
    """Yield the line and text of each paragraph, with a mark in place of code and formulas."""
    for token in PARSER.parse(text):
        line = first + token.map[0] if token.map else first
        if token.type == "inline":
            yield line, "".join(MARKS.get(child.type, child.content) for child in token.children)
        elif token.type in ("fence", "colon_fence"):
            name, _, title = token.info.partition(" ")
            if name in PROSE:
                yield line, re.sub(r"^\d{4}-\d+ ", "", title)  # the section of an erratum
                yield from paragraphs(token.content, line + 1)
            elif name == "{code-cell}":
                options = re.match(r"---\n(.*?)\n---\n", token.content, re.S)
                yield from ((line, text) for text in captions(options[1] if options else ""))


def captions(options):
    """Return the texts that the options of a cell give its figure."""
    image = (yaml.safe_load(options) or {}).get("mystnb", {})
    alt = image.get("image", {}).get("alt", "").replace("*", "")  # it is no Markdown
    caption = image.get("figure", {}).get("caption", "")
    return [text for whole in (alt, caption) for _, text in paragraphs(whole)]


def troubles(text):
    """Return line, rule and place of everything wrong in a page's prose."""
    return [
        (line, rule, paragraph[max(match.start() - 12, 0) : match.end() + 12])
        for line, paragraph in paragraphs(text)
        for rule, pattern in RULES.items()
        for match in re.finditer(pattern, paragraph)
    ]


# What else a term is called may be told where the term is introduced, or quoted.
TOLD = re.compile("（[^（）]*）|“[^”]*”|(?:又称|又叫|也叫|也称|也译|译作|写作|通称)[^，。；]*")


def variants(text, terms):
    """Return line, word and term of each word that the glossary has another word for."""
    found = []
    for line, paragraph in paragraphs(text):
        plain = TOLD.sub("", paragraph)
        for term in terms:
            rest = plain.replace(term.chinese, "")
            found += [(line, other, term.chinese) for other in term.others if other in rest]
    return found


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("**损失（loss）**下降", [BOLD, BOLD]),
        ("损失,下降", [NARROW]),
        ("损失(loss)", [NARROW]),
        ("（高, 宽）", [NARROW]),
        ("用GPU训练", [TIGHT, TIGHT]),
        ("用`x`", [TIGHT]),
        ("$k$个", [TIGHT]),
        ("损失 ，下降", [LOOSE]),
        ("损失（loss) 下降", [MIXED]),
        ('叫"损失"', [STRAIGHT, STRAIGHT]),
        ("损失。，下降", [TWICE]),
        ("```{note}\n用GPU 训练\n```", [TIGHT]),
        ("```{erratum} 0911-1 “步”\n笔记原说\n: 用GPU 训练\n```", [TIGHT]),
        ("```{code-cell}\n---\nmystnb:\n  image:\n    alt: 用GPU 训练\n---\n1\n```", [TIGHT]),
        ("**损失**（loss）用 `x` 和 $k$；见 [GPU](a.md)。\n\n```python\n用GPU\n```", []),
        ("2 * 3 与 2*3；`**kwargs`；换\n行", []),
    ],
)
def test_each_rule_finds_its_trap(text, rules):
    assert [rule for _, rule, _ in troubles(text)] == rules


def test_a_variant_of_a_term_is_found_unless_it_is_told_as_one():
    terms = [Term("池化", "pooling", ("汇聚", "池化操作"))]
    assert variants("池化（pooling，又称汇聚）\n\n也译作“汇聚”。也叫汇聚，", terms) == []
    assert variants("一段。\n\n做汇聚", terms) == [(3, "汇聚", "池化")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_prose_of_the_book_has_no_traps(path):
    assert troubles(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_a_chapter_calls_things_by_their_terms(path):
    assert variants(path.read_text("utf-8"), read()) == []


def test_the_front_matter_of_every_chapter_is_whole():
    assert len(NOTES) >= 29
    for path in NOTES:
        text = path.read_text("utf-8")
        head = text.split("\n---", 1)[0]
        date = path.name[:10]
        assert f'\ndate: "{date}"' in head, path  # without quotes it would be no string
        front = yaml.safe_load(head)
        day = date[5:].replace("-", "")
        assert all(re.fullmatch(rf"{day}-\d", section) for section in front["sections"]), path
        anchors = set(re.findall(r"(?m)^\(sec-(\d{4}-\d)(?:-[a-z-]+)?\)=$", text))
        assert anchors == set(front["sections"]) != set(), path
        assert front["description"], path
