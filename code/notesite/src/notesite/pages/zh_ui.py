"""Chinese for the interface strings that Sphinx and the theme leave in another language."""

from gettext import NullTranslations

from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput, visit_HideCellInput
from sphinx.locale import translators

STRINGS = {
    "Link to this equation": "此公式的链接",
    "Link to this heading": "此标题的链接",
    "Link to this image": "此图的链接",
    "Link to this table": "此表的链接",
    "Link to this code": "此代码的链接",
    "Link to this definition": "此定义的链接",
    "Link to this term": "此术语的链接",
    "Link to this toctree": "此目录的链接",
}


class Chinese(NullTranslations):
    """Translations of `STRINGS`, falling back on the catalogue that they correct."""

    def gettext(self, message):
        """Translate one message."""
        return STRINGS.get(message) or super().gettext(message)


def correct_catalogues(app, config):
    """Put `STRINGS` before the catalogue of Sphinx, which the theme uses too."""
    corrected = Chinese()
    corrected.add_fallback(translators["general", "sphinx"])
    translators["general", "sphinx"] = app.translator = corrected


def visit_hidden_cell(self, node):
    """Write a folded cell without MyST-NB's English label, so that its prompt is what is read."""
    start = len(self.body)
    visit_HideCellInput(self, node)
    label = ' aria-label="Toggle hidden content"'
    self.body[start:] = [part.replace(label, "") for part in self.body[start:]]


def setup(app):
    """Register the handler and the writer of folded cells."""
    app.setup_extension("myst_nb")
    app.connect("config-inited", correct_catalogues)
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden_cell, depart_HideCellInput))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
