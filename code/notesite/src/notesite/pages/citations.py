"""Cite faster, and give the bibliography the roles of a list.

pybtex looks through all installed packages for each style and backend, at every citation, which
is a tenth of a build; sphinxcontrib-bibtex formats each entry twice, for the list and for
tooltips; docutils writes roles that ARIA has withdrawn.
"""

import functools

from docutils import nodes
from pybtex import plugin
from pybtex.style.formatting import BaseStyle
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator
from sphinxcontrib.bibtex.domain import get_docnames


def visit_citation(self, node):
    """Write the start of an entry."""
    start = len(self.body)
    HTML5Translator.visit_citation(self, node)
    written = [part.replace("doc-biblioentry", "listitem") for part in self.body[start:]]
    self.body[start:] = written


class Once:
    """`BaseStyle.format_entry`, which formats an entry for the list and for its tooltip at once."""

    def __init__(self, format_entry):
        self.format_entry = format_entry
        self.made = {}

    def __get__(self, style, owner=None):
        """Return the method of a style."""
        return self if style is None else functools.partial(self, style)

    def __call__(self, style, label, entry, bib_data=None):
        """Return an entry as it is shown."""
        if bib_data is not None:
            return self.format_entry(style, label, entry, bib_data)
        key = type(style), label, id(entry)
        if key not in self.made:  # with the entry, so that no other gets its number
            self.made[key] = entry, self.format_entry(style, label, entry)
        return self.made[key][1]


def format_ahead(app):
    """Format what was cited last time; under `bookproof serve` before anything has changed.

    What is wrong with it is told where it still is.
    """
    domain, config = app.env.get_domain("cite"), app.config
    style = config.bibtex_tooltips, config.bibtex_tooltips_style
    with logging.suppress_logging():
        for key in domain.bibliographies:
            list(domain.get_formatted_entries(key, [*get_docnames(app.env)], *style))


def setup(app):
    """Register the writer, and let what is found be remembered."""
    app.connect("builder-inited", format_ahead, priority=-1)
    if not isinstance(BaseStyle.__dict__["format_entry"], Once):
        BaseStyle.format_entry = Once(BaseStyle.format_entry)
        plugin.entry_points = functools.cache(plugin.entry_points)
    app.add_node(
        nodes.citation, override=True, html=(visit_citation, HTML5Translator.depart_citation)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
