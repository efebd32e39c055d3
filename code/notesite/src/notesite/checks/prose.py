"""Traps of Chinese prose in Markdown, and words that the glossary has other words for.

Pages are read as they stand in their files, before anything is made of them: each warning has the
line, the words around the place, and what to write.
"""

import re
from functools import cache, lru_cache

import yaml
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from sphinx.util import logging

from notesite.chapters import glossary

logger = logging.getLogger(__name__)

BOXES = ("addendum", "admonition", "dropdown", "erratum", "note", "tip", "warning")
PROSE = {f"{{{name}}}" for name in BOXES}
MARKS = {
    "softbreak": "\n",
    "hardbreak": "\n",
    "code_inline": "\ue000",
    "math_inline": "\ue001",
    "myst_role": "\ue002",
    "image": "\ue003",
}
HAN = "[㐀-鿿]"
WIDE = "[，。；：！？、（）《》【】“”‘’…]"
BOLD = "an asterisk is left: keep full-width punctuation outside of **bold**"
NARROW = "half-width punctuation beside Chinese: use ，；：！？（）"
TIGHT = "put a blank between Chinese and Latin, digits, code or formula"
LOOSE = "leave out the blank beside full-width punctuation"
MIXED = "brackets of different width: use （ and ）"
STRAIGHT = "straight quotation marks: use “ and ”"
TWICE = "punctuation twice: leave one out"
RULES = {
    BOLD: r"\*\*|(?<![\d ])\*(?![\d ])",
    NARROW: rf"{HAN}[,;:!?()]|[,;:!?(]{HAN}|\){HAN}|{HAN}, ",
    TIGHT: rf"{HAN}[A-Za-z0-9\ue000\ue001]|[A-Za-z0-9%\ue000\ue001]{HAN}",
    LOOSE: rf"[ \t]{WIDE}|{WIDE}[ \t]",
    MIXED: r"（[^（）]*\)|\([^()（]*）",
    STRAIGHT: '"',
    TWICE: "[，。；：、]{2}",
}
MANY = 3
"""How many places of one kind are told one by one; more are told together."""
# What else a term is called may be told where the term is introduced, or quoted.
TOLD = re.compile("（[^（）]*）|“[^”]*”|(?:又称|又叫|也叫|也称|也译|译作|写作|通称)[^，。；]*")


def parser(extensions):
    """Return a parser of MyST with some extensions."""
    return _parser(frozenset(extensions))


@cache
def _parser(extensions):
    return create_md_parser(MdParserConfig(enable_extensions=set(extensions)), RendererHTML)


@lru_cache(maxsize=1)
def paragraphs(parse, text):
    """Return the line and text of each paragraph, with a mark in place of code and formulas.

    Those of the last page are kept: it is looked at for one thing after the other.
    """
    return [*_paragraphs(parse, text, 1)]


def _paragraphs(parse, text, first):
    for token in parse(text):
        line = first + token.map[0] if token.map else first
        if token.type == "inline":
            yield line, "".join(MARKS.get(child.type, child.content) for child in token.children)
        elif token.type in ("fence", "colon_fence"):
            name, _, title = token.info.partition(" ")
            if name in PROSE:
                yield line, re.sub(r"^[\d-]+ ", "", title)  # the section of an erratum
                yield from _paragraphs(parse, token.content, line + 1)
            elif name == "{code-cell}":
                options = re.match(r"---\n(.*?)\n---\n", token.content, re.S)
                for words in _captions(options[1] if options else ""):
                    yield from ((line, text) for _, text in _paragraphs(parse, words, 1))


def _captions(options):
    """Return the texts that the options of a cell give its figure."""
    if "mystnb" not in options:
        return []
    try:
        image = (yaml.safe_load(options) or {}).get("mystnb", {})
        alt, caption = image.get("image", {}).get("alt"), image.get("figure", {}).get("caption")
    except (yaml.YAMLError, AttributeError):  # MyST-NB tells
        return []
    return [str(alt or "").replace("*", ""), str(caption or "")]  # an alt text is no Markdown


def troubles(parse, text):
    """Return line, rule and place of everything wrong in a page's prose."""
    return [
        (line, rule, paragraph[max(match.start() - 12, 0) : match.end() + 12])
        for line, paragraph in paragraphs(parse, text)
        for rule, pattern in RULES.items()
        for match in re.finditer(pattern, paragraph)
    ]


def variants(parse, text, terms):
    """Return line, word and term of each word that the glossary has another word for."""
    found = []
    for line, paragraph in paragraphs(parse, text):
        plain = TOLD.sub("", paragraph)
        for term in terms:
            rest = plain.replace(term.chinese, "")
            found += [(line, other, term.chinese) for other in term.others if other in rest]
    return found


def warn(app, docname, source):
    """Warn of what is wrong in the prose of a page, and of the words of a chapter."""
    wanted = "prose" in app.config.chapter_checks
    if not wanted or not app.env.doc2path(docname).endswith(".md"):
        return
    parse = parser(app.config.myst_enable_extensions).parse
    found = troubles(parse, source[0])
    for rule in RULES:
        lines = [line for line, broken, _ in found if broken == rule]
        many = f" (and at lines {', '.join(map(str, lines[1:]))})" if len(lines) > MANY else ""
        for line, broken, place in found:
            if broken == rule:
                shown = place.replace("\n", " ").translate(
                    dict.fromkeys(range(0xE000, 0xE004), "▢")
                )
                logger.warning("prose: %s: …%s…%s", rule, shown, many, location=(docname, line))
                if many:
                    break
    if docname in getattr(app.env, "chapters", ()):
        for line, word, term in variants(parse, source[0], app.glossary_terms):
            message = "prose: %s is called %s in this book (see its glossary)"
            logger.warning(message, word, term, location=(docname, line))


def keep_terms(app):
    """Read the glossary once; files that are opened while chapters run would count as theirs."""
    app.glossary_terms = glossary.read(glossary.source(app))


def setup(app):
    """Read each page as it is about to be parsed."""
    app.setup_extension("notesite.chapters.front_matter")
    app.connect("builder-inited", keep_terms)
    app.connect("source-read", warn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
