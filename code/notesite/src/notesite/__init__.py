"""A site for notes: what Sphinx, MyST-NB and bookproof leave open for a Chinese notes book.

One extension, ``notesite``, sets all parts up. A part that needs a setting, a page or a file which
a book does not have is silent; `notesite.settings` has all settings.
"""

PARTS = (
    *("settings", "durable_warnings", "theme"),
    *("pages.zh_ui", "search.zh_search", "pages.cjk_breaks"),
    *("chapters.lists", "chapters.errata", "chapters.front_matter", "chapters.coverage"),
    *("chapters.glossary", "chapters.glossary_chapters", "chapters.ways_in"),
    *("checks.prose", "checks.numerals", "checks.strays"),
    *("formulas.mathml", "pages.page_meta", "pages.published", "pages.lean_pages"),
    "figures.dark_figures",
)
VERIFIED = ("pages.launch", "chapters.error_index")
"""What is made of verified outputs."""
PROOF = "bookproof.sphinx_ext"


def setup(app):
    """Set all parts up: of those that need another extension, the ones whose book has it."""
    for part in (*PARTS, *(VERIFIED if PROOF in app.config.extensions else ())):
        app.setup_extension(f"notesite.{part}")
    said = app.config.overrides | app.config._raw_config
    if said.get("bibtex_bibfiles"):
        app.setup_extension("sphinxcontrib.bibtex")
        app.setup_extension("notesite.pages.citations")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
