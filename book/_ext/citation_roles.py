"""Give the bibliography the roles of a list: docutils writes one that ARIA has withdrawn."""

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator


def visit_citation(self, node):
    """Write the start of an entry."""
    start = len(self.body)
    HTML5Translator.visit_citation(self, node)
    written = [part.replace("doc-biblioentry", "listitem") for part in self.body[start:]]
    self.body[start:] = written


def setup(app):
    """Register the writer."""
    app.add_node(
        nodes.citation, override=True, html=(visit_citation, HTML5Translator.depart_citation)
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
