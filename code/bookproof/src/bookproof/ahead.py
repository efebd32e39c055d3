"""What a build does ahead, while it waits at the gate of `bookproof serve`."""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path

from docutils import nodes
from jinja2 import TemplateError, meta
from sphinx.application import Sphinx
from sphinx.jinja2glue import BuiltinTemplateLoader
from sphinx.util import logging

from bookproof.book import Book, unchanged
from bookproof.pages import builders, numbering
from bookproof.pages.page import Page
from bookproof.running import packages


def work_ahead(app: Sphinx) -> None:
    """Remember what may still be so when the build is let through; what is not, is not used."""
    app.bookproof_ahead = {}
    if not (app.bookproof_gate and app.bookproof_gate.closed):
        return
    packages.distributions()
    numbering.work_ahead(app.env)
    if builders.has_pages(app.builder):
        _highlight(app)
        _compile_templates(app)
    with contextlib.suppress(ValueError, OSError):  # the build will tell it
        book = Book.load(Path(app.srcdir))
        means = app.bookproof_gate.means(book.root, book.store.folder)
        if not means:
            return
        for chapter, run in unchanged(book, means["store"]):
            app.bookproof_ahead[chapter.name] = Page(means["judge"](chapter, run))


def collect(app: Sphinx) -> None:
    """Take what is there by now as what will stay, and let Python's collector work again."""
    if app.bookproof_gate and app.bookproof_gate.closed:
        gc.collect()  # while there is time: the more is left, the later comes the next one
    gc.freeze()
    gc.enable()


def _highlight(app: Sphinx) -> None:
    """Highlight the code of the page that its author saved last; what had no warning is kept."""
    env, bridge = app.env, app.builder.highlighter
    highlight, known = bridge.highlight_block, {}

    def remember(source: str, lang: str, *rest, **options) -> str:
        shown = {name: value for name, value in options.items() if name != "location"}
        found = None if rest else known.get(repr((source, lang, shown)))
        return found or highlight(source, lang, *rest, **options)

    bridge.highlight_block = remember
    with contextlib.suppress(OSError, ValueError):
        page = max(env.all_docs, key=lambda name: Path(env.doc2path(name)).stat().st_mtime_ns)
        for block in env.get_doctree(page).findall(nodes.literal_block):
            language = block.get("language", "default")
            options = {
                "opts": app.config.highlight_options.get(language, {}),
                "linenos": block.get("linenos", False),
                "force": block.get("force", False),
                **block.get("highlight_args", {}),
            }
            with logging.suppress_logging() as told:
                found = highlight(block.rawsource, language, **options)
            if not told.buffer:
                known[repr((block.rawsource, language, options))] = found


def _compile_templates(app: Sphinx) -> None:
    """Compile the templates of a page, and those that they name."""
    if not isinstance(app.builder.templates, BuiltinTemplateLoader):
        return
    environment = app.builder.templates.environment
    names, seen = ["page.html"], set()
    while names:
        name = names.pop()
        if name is None or name in seen:  # None: only a page will tell
            continue
        seen.add(name)
        with contextlib.suppress(TemplateError):
            environment.get_template(name)
            source = environment.loader.get_source(environment, name)[0]
            names += meta.find_referenced_templates(environment.parse(source))
