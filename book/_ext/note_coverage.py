"""Coverage: where in the book each section of the notes is treated.

A section of the notes has an id of month, day and number. The heading that treats it has the
anchor ``(sec-0911-1)=``; a second heading of the same section has a word behind it, as in
``(sec-0906-1-receptive)=``. A page lists them all, with ranges for the days of several sections::

    ```{note-coverage} 0816-1..5 0817-1 0911-1..6
    ```

It warns of a section without a heading and of a heading without a section.
"""

import re
from collections import defaultdict

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from errata import SECTION, collected, pages_in_order

logger = logging.getLogger(__name__)

ANCHOR = re.compile(rf"sec-({SECTION.pattern})(-[a-z-]+)?")
COLUMNS = {"笔记": 10, "章节": 50, "核对": 10, "勘误": 10}


class coverage_table(nodes.General, nodes.Element):
    """Where the table goes; `wanted` are the ids of the sections."""


class Coverage(SphinxDirective):
    """``{note-coverage} MMDD-N MMDD-1..N …``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        """Return the placeholder that `FillCoverage` fills."""
        wanted = []
        for word in self.arguments[0].split():
            section, _, last = word.partition("..")
            if not SECTION.fullmatch(section) or not (last or "1").isdecimal():
                message = f"coverage: wanted section ids like 0911-1 or 0911-1..6, not {word!r}"
                logger.warning(message, location=self.get_location())
                continue
            day, _, first = section.partition("-")
            wanted += [f"{day}-{number}" for number in range(int(first), int(last or first) + 1)]
        collected(self.env)["pages"].add(self.env.docname)
        place = coverage_table(wanted=wanted)
        self.set_source_info(place)
        return [place]


def headings(env):
    """Return for each page the headings that treat a section of the notes."""
    if not hasattr(env, "note_headings"):
        env.note_headings = {}
    return env.note_headings


def collect(app, doctree):
    """Keep the headings of a page that was read, with what is below them."""
    found = {}
    for section in doctree.findall(nodes.section):
        for name in section["ids"]:
            if match := ANCHOR.fullmatch(name):
                found[name] = [match[1], section[0].astext(), 0]
    for badge in doctree.findall(nodes.paragraph):
        if "bookproof-verified" not in badge["classes"]:
            continue
        if name := _nearest(badge, found):
            found[name][2] += 1
    if found:
        headings(app.env)[app.env.docname] = found


def _nearest(node, found):
    """Return the anchor of the nearest heading of a section above a node."""
    while node.parent is not None:
        node = node.parent
        for name in node.get("ids", ()):
            if name in found:
                return name
    return None


def purge(app, env, docname):
    """Forget a page that is read again or gone."""
    headings(env).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what a parallel reader collected."""
    headings(env).update({d: h for d, h in headings(other).items() if d in docnames})


class FillCoverage(SphinxPostTransform):
    """Replace each ``{note-coverage}``."""

    default_priority = 5

    def run(self, **kwargs):
        """Write a line for each section: its headings, its verified outputs, its errata."""
        for place in list(self.document.findall(coverage_table)):
            place.replace_self(self.table(place))

    def table(self, place):
        """Return the summary and the table for a placeholder."""
        found = defaultdict(list)
        for page in dict.fromkeys(pages_in_order(self.env, self.config.root_doc)):
            for anchor, (section, title, verified) in headings(self.env).get(page, {}).items():
                found[section].append((page, anchor, title, verified))
        errata = [
            box["label"].split()[-1]
            for boxes in collected(self.env)["boxes"].values()
            for box in boxes
        ]
        for section in place["wanted"]:
            if section not in found:
                logger.warning("coverage: no heading treats section %s", section, location=place)
        for section in sorted(found.keys() - set(place["wanted"])):
            page = found[section][0][0]
            logger.warning("coverage: section %s is not in the list", section, location=page)
        rows = [
            self.row(section, found[section], errata.count(section))
            for section in place["wanted"]
            if section in found
        ]
        group = nodes.tgroup("", cols=len(COLUMNS))
        group += [nodes.colspec(colwidth=width) for width in COLUMNS.values()]
        group += nodes.thead("", row(*(nodes.paragraph("", name) for name in COLUMNS)))
        group += nodes.tbody("", *rows)
        verified = sum(verified for places in found.values() for *_, verified in places)
        text = (
            f"笔记共 {len(place['wanted'])} 节，书中写了 {len(rows)} 节；"
            f"其中核对输出 {verified} 处，勘误 {len(errata)} 条。"
        )
        return [nodes.paragraph("", text), nodes.table("", group, classes=["note-coverage"])]

    def row(self, section, places, errata):
        """Return the line of one section."""
        links = nodes.line_block()
        for page, anchor, title, _ in places:
            uri = f"{self.app.builder.get_relative_uri(self.env.docname, page)}#{anchor}"
            links += nodes.line("", "", nodes.reference("", title, refuri=uri, internal=True))
        verified = sum(verified for *_, verified in places)
        numbers = [nodes.paragraph("", str(number)) for number in (verified, errata)]
        line = row(nodes.paragraph("", section), links, *numbers)
        line["ids"].append(f"note-{section}")
        return line


def row(*cells):
    """Return a line of a table."""
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


def setup(app):
    """Register the node, the directive and the handlers; `errata` reads the page again."""
    app.setup_extension("errata")
    app.add_node(coverage_table)
    app.add_directive("note-coverage", Coverage)
    app.add_post_transform(FillCoverage)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
