"""The ways into the book: its chapters by date, by topic and by tag, and how many there are.

``{timeline}``, ``{learning-path}`` and ``{tag-index}`` list the chapters; ``{count}`` gives a
number: of ``chapters``, of ``sections`` of the notes that they treat, or of ``errata``. Each
chapter shows under its title when it was written, from what, how many of its outputs were
verified, what is to be read before it and where else it is listed, and at its end which chapter
follows by topic.
"""

from collections import defaultdict
from itertools import pairwise

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective, SphinxRole

from bookproof import Kind
from notesite.chapters import lists
from notesite.chapters.coverage import headings
from notesite.chapters.errata import errata_of
from notesite.chapters.front_matter import in_order, learning_path, short_title


class listing(nodes.General, nodes.Element):
    """Where the list of a `kind` goes: of all chapters, or of those with a `name`."""


class day(nodes.inline):
    """A date, as ``<time datetime="…">``."""


class Listing(SphinxDirective):
    """``{timeline}``, ``{learning-path}`` or ``{tag-index}``."""

    def run(self):
        """Return placeholders that `Fill` fills, those of topics and tags in sections."""
        lists.note(self.env, self.name)
        if self.name == "timeline":
            return [listing(kind="timeline")]
        if self.name == "learning-path":
            return self.sections("topic", self.config.chapter_topics)
        return [listing(kind="tags"), *self.sections("tag", self.config.chapter_tags)]

    def sections(self, kind, names):
        """Return a section with a placeholder for each name."""
        sections = []
        for name in names:
            parts = [nodes.title("", name), listing(kind=kind, name=name)]
            sections.append(nodes.section("", *parts, ids=[f"{kind}-{name}"], names=[name]))
        return sections


class Count(SphinxRole):
    """``{count}`chapters```, ``sections`` or ``errata``."""

    def run(self):
        """Return the placeholder that `Fill` fills."""
        if self.text not in COUNTS:
            message = f"{{count}} knows no {self.text!r}; known: {', '.join(COUNTS)}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        lists.note(self.env, "count")
        return [listing(kind="count", name=self.text)], []


def _sections(env):
    return {section for found in headings(env).values() for section, *_ in found.values()}


COUNTS = {
    "chapters": lambda env: len(in_order(env)),
    "sections": lambda env: len(_sections(env)),
    "errata": lambda env: len(errata_of(env)),
}


class Fill(SphinxPostTransform):
    """Fill the placeholders of a page, and put a line under the title of a chapter."""

    default_priority = 5

    def run(self, **kwargs):
        """Do so."""
        for place in list(self.document.findall(listing)):
            place.replace_self(getattr(self, place["kind"])(place.get("name")))
        if chapter := self.env.chapters.get(self.env.docname):
            title = next(self.document.findall(nodes.title))
            if head := self.head(chapter):
                title.parent.insert(title.parent.index(title) + 1, head)

    def link(self, page, text, anchor=""):
        """Return a link to a place in the book, to a page as a whole where no anchor is given."""
        uri = self.app.builder.get_relative_uri(self.env.docname, page)
        uri += anchor and f"#{anchor}"
        return nodes.reference("", text, refuri=uri, internal=True)

    def entry(self, chapter, *more):
        """Return the item of a chapter in a list: its title and more."""
        link = self.link(chapter.page, self.env.titles[chapter.page].astext())
        return nodes.list_item("", nodes.paragraph("", "", link), *more)

    def count(self, name):
        """Return a number."""
        return nodes.Text(str(COUNTS[name](self.env)))

    def timeline(self, _):
        """Return the chapters by date, from the first on, as the table of contents has them.

        Those without a date come last; where none has one, they are a list of their own.
        """
        days = defaultdict(nodes.bullet_list)
        for chapter in in_order(self.env):
            said = nodes.paragraph("", chapter.description, classes=["chapter-said"])
            days[chapter.date] += self.entry(chapter, *([said] if chapter.description else []))
        undated = days.pop("", None)
        if undated is not None and not days:
            undated["classes"] = ["chapter-list"]
            return undated
        items = [self.on_day(day("", date), days[date]) for date in sorted(days)]
        items += [self.on_day(nodes.Text("未注日期"), undated)] if undated is not None else []
        return nodes.definition_list("", *items, classes=["chapter-list", "timeline"])

    def on_day(self, said, entries):
        """Return the chapters of a day."""
        return nodes.definition_list_item(
            "", nodes.term("", "", said), nodes.definition("", entries)
        )

    def topic(self, name):
        """Return the chapters of a topic, each with those to be read before it."""
        path = nodes.enumerated_list(enumtype="arabic", classes=["chapter-list"])
        for chapter in learning_path(self.env)[name]:
            links = [self.link(page, short_title(self.env, page)) for page in chapter.requires]
            first = nodes.paragraph("", "先读：", *_joined(links, "、"), classes=["chapter-said"])
            path += self.entry(chapter, *([first] if links else []))
        return path

    def tag(self, name):
        """Return the chapters with a tag."""
        tagged = [self.entry(c) for c in in_order(self.env) if name in c.tags]
        return nodes.bullet_list("", *tagged, classes=["chapter-list"])

    def tags(self, _):
        """Return all tags, each with the number of its chapters."""
        links = []
        for tag in self.config.chapter_tags:
            number = sum(tag in chapter.tags for chapter in in_order(self.env))
            links.append(self.link(self.env.docname, f"{tag} {number}", f"tag-{tag}"))
        return nodes.paragraph("", "", *_joined(links), classes=["tags"])

    def head(self, chapter):
        """Return the line under the title of a chapter, None where there is nothing to say."""
        parts = [[day("", chapter.date)]] if chapter.date else []
        if chapter.sections:
            page = lists.page_of(self.env, "note-coverage")
            rows = [self.found(page, s, f"note-{s}") for s in chapter.sections]
            parts.append([nodes.Text("原笔记 "), *_joined(rows)])
        if page := getattr(self.app, "bookproof_pages", {}).get(chapter.page):
            verified = sum(v.kind is Kind.VERIFIED for v in page.checked.verdicts)
            parts.append([nodes.Text(f"核对 {verified} 处")])
        if chapter.requires:
            links = [self.link(page, short_title(self.env, page)) for page in chapter.requires]
            parts.append([nodes.Text("先读 "), *_joined(links)])
        topics, tags = (lists.page_of(self.env, name) for name in ("learning-path", "tag-index"))
        if chapter.topic:
            topic = self.found(topics, chapter.topic, f"topic-{chapter.topic}")
            parts.append([nodes.Text("主题 "), topic])
        if chapter.tags:
            links = [self.found(tags, tag, f"tag-{tag}") for tag in chapter.tags]
            parts.append([nodes.Text("标签 "), *_joined(links)])
        spans = [nodes.inline("", "", *part) for part in parts]
        if not spans:
            return None
        return nodes.paragraph("", "", *_joined(spans), classes=["chapter-head"])

    def found(self, page, text, anchor):
        """Return a link, or the bare text where the book has no such page."""
        known = page in self.env.found_docs
        return self.link(page, text, anchor) if known else nodes.inline("", text)


def following(env):
    """Return for each chapter the one that follows by topic."""
    path = [chapter.page for topic in learning_path(env).values() for chapter in topic]
    return dict(pairwise(path))


def outdated(app, env):
    """Return the pages that another chapter follows now."""
    before, env.ways_on = getattr(env, "ways_on", {}), following(env)
    pages = (before.keys() | env.ways_on.keys()) & env.found_docs
    return [page for page in pages if before.get(page) != env.ways_on.get(page)]


def add_following(app, pagename, templatename, context, doctree):
    """Let the page's template have the chapter that follows by topic, where it is another one."""
    page = app.env.ways_on.get(pagename)
    if page:
        link = app.builder.get_relative_uri(pagename, page)
        context["next_topic"] = {"link": link, "title": app.env.titles[page].astext()}


def _joined(parts, text=" "):
    """Return nodes with a text between each two."""
    return [node for part in parts for node in (nodes.Text(text), part)][1:]


def visit_day(self, node):
    """Open the element."""
    self.body.append(self.starttag(node, "time", "", datetime=node.astext()))


def depart_day(self, node):
    """Close the element."""
    self.body.append("</time>")


def setup(app):
    """Register nodes, directives and handlers."""
    app.setup_extension("notesite.chapters.front_matter")
    app.setup_extension("notesite.chapters.coverage")
    app.add_node(listing)
    app.add_node(day, html=(visit_day, depart_day))
    for name in ("timeline", "learning-path", "tag-index"):
        app.add_directive(name, Listing)
    app.add_role("count", Count())
    app.add_post_transform(Fill)
    app.connect("env-get-updated", outdated)
    app.connect("html-page-context", add_following)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 3}
