"""Fit what is ours to the builder: pages show it, books on paper and other files do not."""

from __future__ import annotations

from docutils import nodes
from sphinx.builders import Builder
from sphinx.transforms.post_transforms import SphinxPostTransform

BADGE = "bookproof"
FOOT = "bookproof-foot"
FROZEN = "bookproof-frozen"
"""The classes of what only a page shows."""

PAGE = "bookproof_page"
PLACE = "bookproof_place"
"""The attributes of a link that say where it leads to: a page of the book, and a place on it."""


def has_pages(builder: Builder) -> bool:
    """Tell whether a builder writes pages that are read in a browser."""
    return builder.format == "html" and builder.name != "epub"


class ForBuilder(SphinxPostTransform):
    """Leave out what only pages show, and lead links to where this builder has the pages.

    What was read is kept for all builders, so that nothing of it may be of only one.
    """

    default_priority = 5

    def run(self, **options) -> None:
        """Change the document."""
        builder = self.app.builder
        apart = has_pages(builder) and builder.name != "singlehtml"  # places are unique on a page
        for node in list(self.document.findall(nodes.paragraph)):
            if {BADGE, FOOT, FROZEN}.intersection(node["classes"]):
                if not has_pages(builder):
                    node.parent.remove(node)
                elif not apart:
                    node["ids"] = []
        for link in self.document.findall(nodes.reference):
            if PAGE in link:
                page, place = (link.attributes.pop(name) for name in (PAGE, PLACE))
                uri = builder.get_relative_uri(self.env.docname, page)
                link["refuri"] = f"{uri}#{place}" if apart else uri
