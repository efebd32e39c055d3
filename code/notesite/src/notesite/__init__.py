"""A site for notes: what Sphinx, MyST-NB and bookproof leave open for a Chinese notes book.

One extension, ``notesite``, sets all parts up. A part that needs a setting, a page or a file which
a book does not have is silent; `notesite.settings` has all settings.
"""

from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
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


def code():
    """Return a digest of what makes the pages, without templates and what pages load."""
    digest = sha256()
    for folder in sorted({path.parent for path in HERE.rglob("*.py")} - {HERE / "fresh"}):
        for path in sorted([*folder.glob("*.py"), *folder.glob("*.js")]):
            digest.update(path.relative_to(HERE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def setup(app):
    """Set all parts up: of those that need another extension, the ones whose book has it."""
    for part in (*PARTS, *(VERIFIED if PROOF in app.config.extensions else ())):
        app.setup_extension(f"notesite.{part}")
    app.add_config_value("notesite_code", code(), "env")  # other code: all pages are made anew
    said = app.config.overrides | app.config._raw_config
    if said.get("bibtex_bibfiles"):
        app.setup_extension("sphinxcontrib.bibtex")
        app.setup_extension("notesite.pages.citations")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
