"""Cite faster, and give the bibliography the roles of a list.

sphinxcontrib-bibtex looks through all installed packages for a backend at every citation, which
is a tenth of a build, and formats each entry twice, for the list and for tooltips, in the same
style; docutils writes roles that ARIA has withdrawn.
"""

import functools

from docutils import nodes
from pybtex.plugin import find_plugin, register_plugin
from pybtex.style.formatting import BaseStyle
from sphinx.writers.html5 import HTML5Translator


def visit_citation(self, node):
    """Write the start of an entry."""
    start = len(self.body)
    HTML5Translator.visit_citation(self, node)
    written = [part.replace("doc-biblioentry", "listitem") for part in self.body[start:]]
    self.body[start:] = written


class Once:
    """`BaseStyle.format_entry`, which need not do again what it has just done."""

    def __init__(self, format_entry):
        self.format_entry = format_entry
        self.last = None, None, None, None

    def __get__(self, style, owner=None):
        """Return the method of a style."""
        return self if style is None else functools.partial(self, style)

    def __call__(self, style, label, entry, bib_data=None):
        """Return an entry as it is shown."""
        before, named, shown, made = self.last
        if before is not style or shown is not entry or named != label or bib_data is not None:
            made = self.format_entry(style, label, entry, bib_data)
            self.last = style, label, entry, made
        return made


def setup(app):
    """Register the writer, and the backends where they are found at once."""
    if not isinstance(BaseStyle.__dict__["format_entry"], Once):
        BaseStyle.format_entry = Once(BaseStyle.format_entry)
    for name in ("docutils", "plaintext"):
        register_plugin("pybtex.backends", name, find_plugin("pybtex.backends", name), force=True)
    app.add_node(
        nodes.citation, override=True, html=(visit_citation, HTML5Translator.depart_citation)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
