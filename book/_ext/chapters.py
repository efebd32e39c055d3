"""What the front matter of the chapters says: when, of what, after which others to be read.

A chapter begins like this::

    date: "2023-09-11"
    sections: ["0911-2"]
    topic: 卷积网络
    requires: [2023-09-11-pooling]
    tags: [卷积, 形状]
    description: 一句话

Topics, in their order, and tags are those of the configuration (``chapter_topics``,
``chapter_tags``). What a chapter requires are the names of other chapters' files, of this topic or
an earlier one; never, through whatever others, itself.

This only reads and checks them, before any page is read; `ways_in` shows them.
"""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import yaml
from sphinx.util import logging

from errata import SECTION, pages_in_order

logger = logging.getLogger(__name__)

KEYS = ("date", "sections", "topic", "requires", "tags", "description")
LISTS = ("sections", "requires", "tags")
_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


class Chapter(NamedTuple):
    """What the front matter of a chapter says; `requires` are pages, as `page` is."""

    page: str
    date: str
    sections: tuple[str, ...]
    topic: str
    requires: tuple[str, ...]
    tags: tuple[str, ...]
    description: str


def read(app, env, added, changed, removed):
    """Read the front matter of all pages before any page is read, and warn of its faults."""
    found = {}
    for page in sorted(env.found_docs):
        front = _front_matter(Path(env.doc2path(page)))
        if (front.keys() & set(KEYS)) - {"description"}:
            found[page] = front
    chapters = {}
    for page, front in found.items():
        if problems := [*_problems(app.config, page, front, found)]:
            for problem in problems:
                logger.warning("chapters: %s", problem, location=page)
        else:
            requires = tuple(_beside(page, name) for name in front["requires"])
            lists = {key: tuple(front[key]) for key in LISTS} | {"requires": requires}
            chapters[page] = Chapter(page, **{key: front[key] for key in KEYS} | lists)
    for page, chapter in chapters.items():  # one with faults is none
        known = tuple(other for other in chapter.requires if other in chapters)
        chapters[page] = chapter._replace(requires=known)
    try:
        TopologicalSorter({page: chapter.requires for page, chapter in chapters.items()}).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        message = "chapters: requires must not lead back to its chapter: %s"
        logger.warning(message, circle, location=error.args[1][0])
        chapters = {page: chapter._replace(requires=()) for page, chapter in chapters.items()}
    env.chapters = chapters
    return ()


def _front_matter(path):
    """Return the front matter of a source; empty where there is none, or none that MyST takes."""
    match = _FRONT_MATTER.match(path.read_text("utf-8"))
    try:
        front = match and yaml.safe_load(match[1])
    except yaml.YAMLError:
        return {}
    return front if isinstance(front, dict) else {}


def _beside(page, name):
    """Return the page with a name in the folder of another."""
    return f"{page.rpartition('/')[0]}/{name}".lstrip("/")


def _problems(config, page, front, found):
    """Yield what is wrong with the front matter of a page, `found` being that of all."""
    if missing := [key for key in KEYS if key not in front]:
        yield f"front matter wants {', '.join(KEYS)}; {', '.join(missing)} missing"
        return
    for key in KEYS:
        kind, wanted = (list, "a list") if key in LISTS else (str, "a text (a date in quotes)")
        given = front[key]
        if not isinstance(given, kind) or not all(isinstance(item, str) for item in given):
            yield f"{key} wants {wanted}, not {given!r}"
            return
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", front["date"]):
        yield f"date wants one like 2023-09-11, not {front['date']!r}"
    for section in front["sections"]:
        if not SECTION.fullmatch(section):
            yield f"sections wants ids like 0911-2, not {section!r}"
    topics, tags = config.chapter_topics, config.chapter_tags
    later = topics[topics.index(front["topic"]) + 1 :] if front["topic"] in topics else ()
    if front["topic"] not in topics:
        yield f"topic wants one of {'、'.join(topics)}, not {front['topic']!r}"
    for tag in front["tags"]:
        if tag not in tags:
            yield f"tags wants some of {'、'.join(tags)}, not {tag!r}"
    if not front["tags"]:
        yield f"tags wants some of {'、'.join(tags)}, none given"
    for name in front["requires"]:
        other = found.get(_beside(page, name))
        if other is None:
            yield f"requires wants names of chapters' files beside it, not {name!r}"
        elif other.get("topic") in later:
            yield (
                f"requires wants chapters of its topic, {front['topic']}, or an earlier one, "
                f"not {name!r} of {other['topic']}"
            )


def in_order(env):
    """Return the chapters in the order of the table of contents."""
    pages = dict.fromkeys(pages_in_order(env, env.config.root_doc))
    return [env.chapters[page] for page in pages if page in env.chapters]


def learning_path(env):
    """Return the chapters of each topic, each after those that it requires."""
    listed, path = in_order(env), dict.fromkeys(env.config.chapter_topics, ())
    done = set()

    def add(chapter):
        if chapter.page not in done:
            done.add(chapter.page)
            for page in chapter.requires:
                add(env.chapters[page])
            path[chapter.topic] += (chapter,)

    for topic in env.config.chapter_topics:
        for chapter in listed:
            if chapter.topic == topic:
                add(chapter)
    return path


def short_title(env, page):
    """Return what stands before the colon in the title of a page."""
    return env.titles[page].astext().partition("：")[0]


def setup(app):
    """Register the options and what reads the front matter."""
    app.setup_extension("errata")
    app.add_config_value("chapter_topics", [], "env", [list])
    app.add_config_value("chapter_tags", [], "env", [list])
    app.connect("env-get-outdated", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
