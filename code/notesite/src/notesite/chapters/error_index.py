"""The index of error messages: which chapter explains the message before the reader's eyes.

``{error-index}`` is made of the messages in the verified outputs (`error_messages`): by exception,
each message with the sections that show it. What a handler of the event ``error-index-entry``
returns for a message, a paragraph or nothing, is put below it.
"""

from collections import defaultdict

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from bookproof.pages import overviews
from notesite.chapters import lists
from notesite.chapters.error_messages import messages
from notesite.chapters.front_matter import short_title


class shown_in(nodes.Inline, nodes.Element):
    """Where the links to the sections go that hold `outputs`, pairs of page and anchor."""


class ErrorIndex(SphinxDirective):
    """``{error-index}``."""

    def run(self):
        """Return how many messages there are, and a section for each exception."""
        lists.note(self.env, self.name)
        pages, found = self.env.app.bookproof_pages, defaultdict(lambda: defaultdict(list))
        for name in sorted(pages):
            for message in messages_on(self.env, name, pages[name]):
                output = (name, f"bookproof-line-{message.line}")
                found[message.kind][message.text].append(output)
        number = sum(map(len, found.values()))
        total = nodes.paragraph("", f"共 {number} 条出错信息，{len(found)} 种异常。")
        return [total, *(self.section(kind, found[kind]) for kind in sorted(found))]

    def section(self, kind, outputs):
        """Return the section of an exception, its messages in alphabetical order."""
        entries = nodes.bullet_list(classes=["chapter-list", "error-index"])
        for text in sorted(outputs, key=lambda text: text.strip("'\"_").lower()):
            places = shown_in(outputs=outputs[text])
            more = [node for node in self.env.app.emit("error-index-entry", text) if node]
            entries += nodes.list_item(
                "",
                nodes.paragraph("", "", nodes.literal("", text)),
                nodes.paragraph("", "", places, classes=["chapter-said"]),
                *more,
            )
        return nodes.section(
            "", nodes.title("", kind), entries, ids=[f"error-{kind.lower()}"], names=[kind]
        )


def messages_on(env, name, page):
    """Return the messages on a page; those of the last build where it has not changed."""
    if not hasattr(env, "error_messages"):
        env.error_messages = {}
    kept = env.error_messages
    key = (
        page.digest,
        *env.config.own_packages,
        *(cell.source for cell in page.checked.chapter.cells),
    )
    if name not in kept or kept[name][0] != key:
        kept[name] = key, messages(page.checked, env.config.own_packages)
    return kept[name][1]


def headings(env):
    """Return for each page the nearest heading of each output, as its anchor and text."""
    if not hasattr(env, "output_headings"):
        env.output_headings = {}
    return env.output_headings


def collect(app, doctree):
    """Keep the headings of the outputs, and the messages, of a page that was read."""
    if page := app.bookproof_pages.get(app.env.docname):
        messages_on(app.env, app.env.docname, page)  # the index comes last, where all wait for it
    found = {}
    for badge in doctree.findall(nodes.paragraph):
        if "bookproof-verified" in badge["classes"]:
            section = badge.parent
            while section and not isinstance(section, nodes.section):
                section = section.parent
            if section:
                heading = section["ids"][0], section[0].astext().partition("：")[0]
                found |= dict.fromkeys(badge["ids"], heading)
    headings(app.env)[app.env.docname] = found


def purge(app, env, docname):
    """Forget a page that is read again or gone."""
    headings(env).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what a parallel reader collected."""
    headings(env).update({page: headings(other)[page] for page in docnames})


class FillPlaces(SphinxPostTransform):
    """Replace each placeholder of links."""

    default_priority = 5

    def run(self, **kwargs):
        """Write the links, one for each section."""
        for place in list(self.document.findall(shown_in)):
            places = dict.fromkeys(
                (page, *headings(self.env)[page][anchor]) for page, anchor in place["outputs"]
            )
            links = [node for place in places for node in (nodes.Text("；"), self.link(*place))]
            place.replace_self(links[1:])

    def link(self, page, anchor, heading):
        """Return the link to a section: the chapter, and the heading where it has another."""
        uri = f"{self.app.builder.get_relative_uri(self.env.docname, page)}#{anchor}"
        title = short_title(self.env, page)
        text = title if heading == title else f"{title} › {heading}"
        return nodes.reference("", text, refuri=uri, internal=True)


def setup(app):
    """Register the node, the directive and the handlers."""
    app.setup_extension("notesite.chapters.front_matter")
    app.setup_extension("notesite.settings")
    app.add_event("error-index-entry")
    overviews.MARKS.add("{error-index}")
    app.add_node(shown_in)
    app.add_directive("error-index", ErrorIndex)
    app.add_post_transform(FillPlaces)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
