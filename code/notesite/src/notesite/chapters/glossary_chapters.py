"""Below each term of the glossary, the chapters that speak of it.

That is those in whose prose it occurs, not in code, outputs or formulas; a longer term is not one
of the shorter ones in it: 中位数 does not speak of 位数.
"""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from notesite.chapters import glossary
from notesite.chapters.front_matter import in_order, short_title

SHOWN = 3
"""The number of chapters below a term that are not folded away."""
_CODE = (nodes.literal, nodes.math)


class chapters_line(nodes.General, nodes.TextElement):
    """The line of links below a term."""


class folded(nodes.inline):
    """What a reader has to unfold; `summary` is what stands there before."""


def prose(env):
    """Return the prose of each page that was read, without code, outputs and formulas."""
    if not hasattr(env, "prose"):
        env.prose = {}
    return env.prose


def collect(app, doctree):
    """Keep the prose of a chapter that was read."""
    if app.env.docname in app.env.chapters:
        prose(app.env)[app.env.docname] = "\n".join(
            "".join(
                "\n" if isinstance(text.parent, _CODE) else text
                for text in block.findall(nodes.Text)
            )
            for block in doctree.findall(nodes.TextElement)
            if not isinstance(block, (nodes.FixedTextElement, nodes.Inline))
        )


def purge(app, env, docname):
    """Forget a page that is read again or gone."""
    prose(env).pop(docname, None)


def merge(app, env, docnames, other):
    """Take over what a parallel reader collected."""
    prose(env).update({page: text for page, text in prose(other).items() if page in docnames})


def outdated(app, env, added, changed, removed):
    """Read the glossary again whenever any page changed."""
    page = app.config.glossary_page
    return [page] if (added | changed | removed) and page in env.found_docs else ()


def occurrences(terms, texts):
    """Return for each Chinese term the names of the texts in which it occurs."""
    longest_first = sorted((term.chinese for term in terms), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    found = {name: set(pattern.findall(text)) for name, text in texts.items()}
    return {term: [name for name in texts if term in found[name]] for term in longest_first}


class AddChapters(SphinxPostTransform):
    """Say below each term of the glossary in which chapters it occurs."""

    default_priority = 5

    def run(self, **kwargs):
        """Do so, in the order of the chapters."""
        if self.env.docname != self.config.glossary_page:
            return
        texts = {chapter.page: prose(self.env)[chapter.page] for chapter in in_order(self.env)}
        terms = {node: glossary.parse(node.astext()) for node in self.document.findall(nodes.term)}
        pages = occurrences(filter(None, terms.values()), texts)
        for node, term in terms.items():
            if term and pages[term.chinese]:
                definition = node.parent[-1]
                definition += self.line(pages[term.chinese])

    def line(self, pages):
        """Return the line that links to pages."""
        links = [self.link(page) for page in pages]
        line = chapters_line("", "", nodes.inline("", "见于："), classes=["term-chapters"])
        line += links[:SHOWN]
        if more := links[SHOWN:]:
            line += folded("", "", *more, summary=f"另 {len(more)} 章")
        return line

    def link(self, page):
        """Return a link to a page by its short title."""
        uri = self.app.builder.get_relative_uri(self.env.docname, page)
        return nodes.reference("", short_title(self.env, page), refuri=uri, internal=True)


def visit_line(self, node):
    """Open the element."""
    self.body.append(self.starttag(node, "div", ""))


def depart_line(self, node):
    """Close the element."""
    self.body.append("</div>\n")


def visit_folded(self, node):
    """Open the element and write its summary."""
    self.body.append(f"<details><summary>{self.encode(node['summary'])}</summary>")


def depart_folded(self, node):
    """Close the element."""
    self.body.append("</details>")


def setup(app):
    """Register the nodes and the handlers."""
    app.setup_extension("notesite.chapters.front_matter")
    app.setup_extension("notesite.chapters.glossary")
    app.add_node(chapters_line, html=(visit_line, depart_line))
    app.add_node(folded, html=(visit_folded, depart_folded))
    app.add_post_transform(AddChapters)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
