"""The glossary: one Chinese term for each concept, its English, and what else it is called.

The page is an ordinary one, which `glossary_page` in the configuration names. Under its headings
stand definition lists like::

    中位数（median，又称中值、二分位数）
    : 把数排成一列，站在正中间的那一个。

Each term gets an anchor made of its English, here ``term-median``. The search knows all its
words; the lint of the prose sees to it that chapters use the term, not what else it is called.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

_TERM = re.compile(r"([^（），、\s][^（），、]*)（([\x20-\x7e–é]+)(?:，又称([^（）]+))?）")


class Term(NamedTuple):
    """A term: its Chinese, its English, and what else it is called in Chinese."""

    chinese: str
    english: str
    others: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Return the name of its place on the page."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", self.english.lower()).strip("-")


def parse(line: str) -> Term | None:
    """Read the line that names a term, None where it is none."""
    if not (match := _TERM.fullmatch(line.strip())):
        return None
    return Term(match[1], match[2], tuple(match[3].split("、") if match[3] else ()))


def source(app) -> Path | None:
    """Return the file of the glossary, None where the book has none."""
    page = app.config.glossary_page
    return Path(app.srcdir, f"{page}.md") if page else None


def read(path: Path | None) -> list[Term]:
    """Return the terms of a glossary's source, none where there is none."""
    if path is None or not path.is_file():
        return []
    lines = path.read_text("utf-8").split("\n")
    above = (line for line, below in pairwise(lines) if below.startswith(": "))
    return [term for line in above if (term := parse(line))]


def add_anchors(app, doctree):
    """Give each term of the glossary its anchor; warn of one that is not as above."""
    if app.env.docname != app.config.glossary_page:
        return
    for node in doctree.findall(nodes.term):
        term = parse(node.astext())
        if term is None:
            message = "glossary: wanted 术语（English，又称甲、乙）, not %r"
            logger.warning(message, node.astext(), location=node)
        elif term.anchor in doctree.ids:
            logger.warning("glossary: %r stands here twice", term.english, location=node)
        else:
            node["ids"].append(term.anchor)
            doctree.note_explicit_target(node)


def check_tags(app, env):
    """Warn of a tag that is no name, such as NumPy, and that the glossary does not explain."""
    page = app.config.glossary_page
    if page not in env.found_docs:
        return
    terms = {term.chinese for term in read(source(app))}
    for tag in app.config.chapter_tags:
        if tag not in terms and not re.search("[A-Za-z]", tag):
            message = "glossary: add the term %s, which is a tag (chapter_tags in _config.yml)"
            logger.warning(message, tag, location=page)


def setup(app):
    """Register the handlers."""
    app.setup_extension("notesite.settings")
    app.connect("doctree-read", add_anchors)
    app.connect("env-check-consistency", check_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
