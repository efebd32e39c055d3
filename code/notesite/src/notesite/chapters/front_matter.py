"""What the front matter of the chapters says: when, of what, after which others to be read.

A chapter begins like this::

    date: "2023-09-11"
    sections: ["2023-0911-2"]
    topic: 统计
    requires: [2023-09-11-mean]
    tags: [平均, 离群值]
    description: 一句话

Topics, in their order, and tags are those of the configuration (``chapter_topics``,
``chapter_tags``). A book that has neither demands none of this: there a chapter is a page that has
a date, or that readers get as a notebook (``bookproof_notebooks``). What a chapter requires are the
names of other chapters' files, of this topic or an earlier one; never, through whatever others,
itself. The file's name begins with the date, and the ids of the sections of the notes are of that
day.

This only reads and checks them, before any page is read; `ways_in` shows them. Each warning has
the line of what it is about, and says what to do.
"""

import datetime
import re
from difflib import get_close_matches
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import yaml
from sphinx.util import logging

from notesite.chapters.errata import SECTION
from notesite.chapters.lists import pages_in_order
from notesite.durable_warnings import AGAIN

logger = logging.getLogger(__name__)

KEYS = ("date", "sections", "topic", "requires", "tags", "description")
LISTS = ("sections", "requires", "tags")
TEXT = object()
"""The key of what is below the front matter."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a tenth of the time
_FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


class Chapter(NamedTuple):
    """What the front matter of a chapter says; `requires` are pages, as `page` is.

    `lines` has the line of each of its keys.
    """

    page: str
    date: str
    sections: tuple[str, ...]
    topic: str
    requires: tuple[str, ...]
    tags: tuple[str, ...]
    description: str
    lines: dict[str, int]


def read(app, env, added, changed, removed):
    """Read the front matter of all pages before any page is read, and warn of its faults."""
    found, lines = {}, {}
    wanted = demanded(app.config)
    marks = {*wanted, "date", "sections", "requires"} - {"description"}
    for page in sorted(env.found_docs):
        front, lines[page] = _front_matter(Path(env.doc2path(page)))
        if front.keys() & marks or (not wanted and _is_notebook(app.config, page)):
            found[page] = front
    chapters = {}
    for page, front in found.items():
        if problems := [*_problems(app.config, page, front, found)]:
            for key, problem in problems:
                line = lines[page].get(key, 1)
                logger.warning("chapters: %s", problem, location=(page, line), extra=AGAIN)
        else:
            front = _whole(front)
            requires = tuple(_beside(page, name) for name in front["requires"])
            lists = {key: tuple(front[key]) for key in LISTS} | {"requires": requires}
            values = {key: front[key] for key in KEYS} | lists
            chapters[page] = Chapter(page, **values, lines=lines[page])
    for page, chapter in chapters.items():  # one with faults is none
        known = tuple(other for other in chapter.requires if other in chapters)
        chapters[page] = chapter._replace(requires=known)
    try:
        TopologicalSorter({page: chapter.requires for page, chapter in chapters.items()}).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        message = "chapters: requires must not lead back to its chapter: %s"
        first = error.args[1][0]
        place = first, lines[first]["requires"]
        logger.warning(message, circle, location=place, extra=AGAIN)
        chapters = {page: chapter._replace(requires=()) for page, chapter in chapters.items()}
    env.chapters, env.faulty_chapters = chapters, found.keys() - chapters.keys()
    return ()


def demanded(config):
    """Return the keys that the front matter of each chapter must have, in their order."""
    keys = {"topic", "requires"} if config.chapter_topics else set()
    keys |= {"tags"} if config.chapter_tags else set()
    keys |= {"date", "sections", "description"} if keys else set()
    return [key for key in KEYS if key in keys]


def _is_notebook(config, page):
    """Tell whether readers get a page as a notebook, too."""
    return any(fnmatch(page, pattern) for pattern in getattr(config, "bookproof_notebooks", ()))


def _whole(front):
    """Return a front matter with all keys; what is not given is empty."""
    empty = {key: [] if key in LISTS else "" for key in KEYS if front.get(key) is None}
    return front | empty


def _front_matter(path):
    """Return the front matter of a source, and the line of each of its keys.

    Empty where there is none, or none that MyST takes.
    """
    try:
        match = _FRONT_MATTER.match(path.read_text("utf-8"))
        front = match and yaml.load(match[1], _LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):  # Sphinx tells
        return {}, {}
    if not isinstance(front, dict):
        return {}, {}
    front[TEXT] = match.string[match.end() :]
    keys = ((line.partition(":")[0], n) for n, line in enumerate(match[1].split("\n"), 2))
    return front, {key: number for key, number in keys if key in front}


def _beside(page, name):
    """Return the page with a name in the folder of another."""
    return f"{page.rpartition('/')[0]}/{name}".lstrip("/")


def _problems(config, page, front, found):
    """Yield what is wrong with the front matter of a page, and the key; `found` is that of all."""
    wanted = demanded(config)
    if missing := [key for key in wanted if key not in front]:
        for other in front.keys() - {*KEYS, TEXT}:
            if near := get_close_matches(str(other), missing, 1):
                yield other, f"front matter has {other}: is {near[0]} meant?"
        yield None, f"front matter wants {', '.join(wanted)}; {', '.join(missing)} missing"
        return
    front = _whole(front)
    wrong = [*_mistyped(front)]
    yield from wrong or _mistaken(config, page, front, found)


def _mistyped(front):
    """Yield the keys whose values are of another type, and why."""
    for key in KEYS:
        given = front[key]
        if key in LISTS:
            if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
                yield key, f"{key} wants a list of texts, not {given!r}"
        elif key == "date" and isinstance(given, datetime.date):
            yield key, f'date wants quotes around it: date: "{given}"'
        elif not isinstance(given, str):
            yield key, f"{key} wants a text, not {given!r}"


def _mistaken(config, page, front, found):
    """Yield the keys whose values do not fit the book, and why."""
    wanted, date, name = demanded(config), front["date"], page.rpartition("/")[2]
    told = date or "date" in wanted
    if told and not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        yield "date", f"date wants one like 2023-09-11, not {date!r}"
    elif date and re.match(r"\d{4}-\d\d-\d\d", name) and not name.startswith(f"{date}-"):
        yield "date", f"date and the name of the file differ: rename it {date}-…, or mend date"
    day = f"{date[:4]}-{date[5:7]}{date[8:]}"
    for section in front["sections"]:
        if not SECTION.fullmatch(section):
            yield "sections", f"sections wants ids like 2023-0911-2, not {section!r}"
        elif date and not section.startswith(f"{day}-"):
            yield "sections", f"sections wants ids of the chapter's date, {day}-…, not {section}"
    if "sections" in wanted and not front["sections"]:
        yield "sections", f'sections wants the ids that it treats, as in ["{day}-1"], none given'
    if "description" in wanted and not front["description"].strip():
        yield "description", "description wants a sentence on what the chapter says, none given"
    topics, tags = config.chapter_topics, config.chapter_tags
    later = topics[topics.index(front["topic"]) + 1 :] if front["topic"] in topics else ()
    if topics and front["topic"] not in topics:
        yield "topic", f"topic wants one of {'、'.join(topics)}, not {front['topic']!r}"
    for tag in front["tags"] if tags else ():
        if tag not in tags:
            yield (
                "tags",
                f"tags wants some of {'、'.join(tags)}, not {tag!r}: "
                "a new one goes into chapter_tags in _config.yml and into the glossary",
            )
    if tags and not 2 <= len(front["tags"]) <= 5:
        yield "tags", f"tags wants two to five of {'、'.join(tags)}, {len(front['tags'])} given"
    for name in front["requires"]:
        other = found.get(_beside(page, name))
        if other is None:
            yield "requires", f"requires wants names of chapters' files beside it, not {name!r}"
        elif other.get("topic") in later:
            yield (
                "requires",
                f"requires wants chapters of its topic, {front['topic']}, or an earlier one, "
                f"not {name!r} of {other['topic']}",
            )
        elif f"({name}.md)" not in front[TEXT]:
            yield (
                "requires",
                f"requires {name}: link to {name}.md where the page says what it needs",
            )


def in_order(env):
    """Return the chapters in the order of the table of contents."""
    pages = dict.fromkeys(pages_in_order(env, env.config.root_doc))
    return [env.chapters[page] for page in pages if page in env.chapters]


def learning_path(env):
    """Return the chapters of each topic, each after those that it requires."""
    listed = in_order(env)
    path: dict[str, list[Chapter]] = {topic: [] for topic in env.config.chapter_topics}
    done = set()

    def add(chapter):
        if chapter.page not in done:
            done.add(chapter.page)
            for page in chapter.requires:
                add(env.chapters[page])
            path[chapter.topic].append(chapter)

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
    app.setup_extension("notesite.chapters.errata")
    app.setup_extension("notesite.settings")
    app.connect("env-get-outdated", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
