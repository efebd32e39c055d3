"""What every page looks like: Furo's page in Chinese, with the styles and the script of its own.

A book's own templates and files of the same names come before these. Where the front page is not
the page ``index``, the address of the site leads to it.
"""

from pathlib import Path

from sphinx.errors import ConfigError

HERE = Path(__file__).parent
STYLES = ("book.css", "chapters.css")
SCRIPTS = ("book.js",)


def use(app, config):
    """Add templates, files, styles and the script to those of the book."""
    if config.html_theme != "furo":
        raise ConfigError(f"html_theme wants furo, whose pages these are, not {config.html_theme}")
    config.templates_path = [*config.templates_path, str(HERE / "templates")]
    config.html_static_path = [str(HERE / "static"), *config.html_static_path]
    config.html_css_files = [*STYLES, *config.html_css_files]
    config.html_js_files = [*SCRIPTS, *config.html_js_files]
    config.html_favicon = config.html_favicon or str(HERE / "static" / "favicon.svg")


def lead_to_the_front_page(app):
    """Let the address of the site lead to the front page, where that has another."""
    if app.config.root_doc != "index":
        pages = {"index": "redirect.html"}
        app.config.html_additional_pages = pages | app.config.html_additional_pages


def setup(app):
    """Register the handlers; Sphinx completes the lists of styles and scripts afterwards."""
    app.connect("config-inited", use, priority=700)
    app.connect("builder-inited", lead_to_the_front_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
