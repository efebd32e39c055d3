"""Coverage: where in the book each section of the notes is treated.

A section of the notes has an id of year, month and day, and number; chapters say in their front
matter which they treat. The heading that treats it has the anchor ``(sec-2023-0911-1)=``; a second
heading of the same section has a word behind it, as in ``(sec-2023-0906-1-receptive)=``. A page
lists them all with ``{note-coverage}``, and says of how many days they are.

It warns of a section without a heading, and of a heading whose section the chapter does not name.
"""

import re
from collections import defaultdict

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from notesite.chapters import lists
from notesite.chapters.errata import SECTION, errata_of, with_old
from notesite.chapters.front_matter import demanded, in_order

logger = logging.getLogger(__name__)

ANCHOR = re.compile(rf"sec-({SECTION.pattern})(-[a-z-]+)?")
COLUMNS = {"笔记": 10, "章节": 50, "核对": 10, "勘误": 10}


class coverage_table(nodes.General, nodes.Element):
    """Where the table goes."""


class Coverage(SphinxDirective):
    """``{note-coverage}``."""

    def run(self):
        """Return the placeholder that `FillCoverage` fills."""
        lists.note(self.env, self.name)
        return [coverage_table()]


def headings(env):
    """Return for each page the headings that treat a section of the notes."""
    if not hasattr(env, "note_headings"):
        env.note_headings = {}
    return env.note_headings


def collect(app, doctree):
    """Keep the headings of a page that was read, with what is below them; keep old names too."""
    found, year = {}, app.config.anchors_without_year
    for section in doctree.findall(nodes.section):
        for name in list(section["ids"]):
            if match := ANCHOR.fullmatch(name):
                found[name] = [match[1], section[0].astext(), 0, section.line]
                section["ids"] = list(dict.fromkeys([*section["ids"], *with_old(name, year)]))
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


def compare(app, env):
    """Warn where the headings of a chapter are not those of its sections."""
    for chapter in env.chapters.values():
        found = headings(env).get(chapter.page, {})
        for section in chapter.sections:
            if section not in {place[0] for place in found.values()}:
                message = (
                    "coverage: no heading treats section %s: "
                    "put (sec-%s)= in the line above the one that does"
                )
                where = chapter.page, chapter.lines["sections"]
                logger.warning(message, section, section, location=where)
    for page, found in headings(env).items():
        if page in env.faulty_chapters:  # which is told already
            continue
        known = env.chapters[page].sections if page in env.chapters else ()
        if not known and "sections" not in demanded(app.config):
            continue
        for section, _, _, line in found.values():
            if section not in known:
                message = "coverage: add section %s to `sections` in the front matter, or mend it"
                logger.warning(message, section, location=(page, line))


class FillCoverage(SphinxPostTransform):
    """Replace each ``{note-coverage}``."""

    default_priority = 5

    def run(self, **kwargs):
        """Write a line for each section: its headings, its verified outputs, its errata."""
        for place in list(self.document.findall(coverage_table)):
            place.replace_self(self.table())

    def table(self):
        """Return the summary and the table."""
        found = defaultdict(list)
        for page in dict.fromkeys(lists.pages_in_order(self.env, self.config.root_doc)):
            for anchor, (section, title, verified, _) in headings(self.env).get(page, {}).items():
                found[section].append((page, anchor, title, verified))
        errata = [box["label"].split()[-1] for box in errata_of(self.env)]
        rows = [self.row(name, found[name], errata.count(name)) for name in sorted(found)]
        group = nodes.tgroup("", cols=len(COLUMNS))
        group += [nodes.colspec(colwidth=width) for width in COLUMNS.values()]
        group += nodes.thead("", row(*(nodes.paragraph("", name) for name in COLUMNS)))
        group += nodes.tbody("", *rows)
        verified = sum(verified for places in found.values() for *_, verified in places)
        days = {chapter.date for chapter in in_order(self.env)}
        text = (
            f"笔记分 {len(days)} 天、{len(rows)} 节；其中核对输出 {verified} 处，"
            f"勘误 {len(errata)} 条。"
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
        # Within the cell: a second anchor of a line would stand between its cells.
        ids = with_old(f"note-{section}", self.config.anchors_without_year)
        return row(nodes.paragraph("", section, ids=ids), links, *numbers)


def row(*cells):
    """Return a line of a table."""
    return nodes.row("", *(nodes.entry("", cell) for cell in cells))


def setup(app):
    """Register the node, the directive and the handlers."""
    app.setup_extension("notesite.chapters.front_matter")
    app.add_node(coverage_table)
    app.add_directive("note-coverage", Coverage)
    app.add_post_transform(FillCoverage)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", compare)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 2}
