"""Let a page load what it uses, and no more.

Sphinx and its extensions give every page the styles and scripts of every page. Here a page gets
the theme's and the book's own, the styles in one file; only the search page gets what searching
needs. Code is coloured without elements around what has no colour. Figures keep their place before
they are loaded.
"""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import iterparse

from furo import get_pygments_stylesheet
from pygments.formatters import HtmlFormatter
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Operator, Text, Token
from sphinx.highlighting import PygmentsBridge

STYLES = {"furo.css", "pygments.css", "bookproof.css"}
STYLE = "_static/style.css"
SCRIPTS = {"furo.js"}
IMAGE = re.compile(r'<img [^>]*?src="(?:\.\./)*_images/([^"]+)"[^>]*?(?= ?/>)')
NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
UNITS = {"": 1, "px": 1, "pt": 4 / 3}  # CSS pixels


class LeanFormatter(HtmlFormatter):
    """Colour code; leave out the elements around tokens that the styles do not colour."""

    plain = frozenset()

    def _format_lines(self, tokensource):
        kinds = ((Token if kind in self.plain else kind, text) for kind, text in tokensource)
        return super()._format_lines(kinds)

    def get_linenos_style_defs(self):
        """Return the styles of line numbers: the book has none."""
        return []

    def get_token_style_defs(self, arg=None):
        """Return a rule for each look, rather than for each kind of token."""
        kinds = defaultdict(list)
        for name, (look, kind, _) in self.class2style.items():
            if name and look and kind not in self.plain:
                kinds[look].append(f".{name}")
        return [f"{arg} :is({', '.join(names)}) {{ {look} }}" for look, names in kinds.items()]


def plain_tokens(*styles):
    """Return the kinds of tokens that look like plain text in all these styles, and operators.

    A third of all coloured tokens are operators: too many bytes for what their colour tells.
    """
    found = [get_style_by_name(name) for name in styles]
    return frozenset(
        kind
        for kind in STANDARD_TYPES
        if kind is Operator
        or all(style.style_for_token(kind) == style.style_for_token(Text) for style in found)
    )


def use_lean_formatter(app, config):
    """Let Sphinx colour code by `LeanFormatter`."""
    LeanFormatter.plain = plain_tokens(config.pygments_style, config.pygments_dark_style)
    PygmentsBridge.html_formatter = LeanFormatter


def choose_files(app, pagename, templatename, context, doctree):
    """Keep the page's own styles and scripts; let no script hold up the page."""
    own_styles = STYLES | {Path(name).name for name, _ in app.config.html_css_files}
    own_scripts = SCRIPTS | {Path(name).name for name, _ in app.config.html_js_files}
    styles, scripts = context["css_files"], context["script_files"]
    styles[:] = [style for style in styles if _name(style) in own_styles]
    if app.builder.name == "html":
        merge_styles(app, styles)
        styles[:] = [type(styles[0])(STYLE)]
    if pagename == "search":
        scripts[:] = [script for script in scripts if _name(script) != "translations.js"]
    else:
        scripts[:] = [script for script in scripts if _name(script) in own_scripts]
        for script in scripts:
            script.attributes["defer"] = "defer"


def merge_styles(app, styles):
    """Write, once in a build, the styles of all pages into one file: a browser waits for each.

    Comments and indentation stay behind.
    """
    if not hasattr(app, "styles_are_merged"):
        files = {_name(style): Path(app.outdir, style.filename) for style in styles}
        texts = {name: path.read_text("utf-8") for name, path in files.items()}
        texts["pygments.css"] = get_pygments_stylesheet()  # Furo writes it when all is built
        style = re.sub(r"/\*.*?\*/", "", "\n".join(texts.values()), flags=re.DOTALL)
        Path(app.outdir, STYLE).write_text(re.sub(r"\s*\n\s*", "\n", style), "utf-8")
        app.styles_are_merged = True


def _name(asset):
    return Path(str(asset.filename).partition("?")[0]).name


def trim_body(app, pagename, templatename, context, doctree):
    """Say how large each figure is; load those below the first when they come into view."""
    paths = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}
    first = True

    def sized(match):
        nonlocal first
        width, height = svg_size(paths[match[1]]) if match[1].endswith(".svg") else (0, 0)
        size = f' width="{width}" height="{height}"' if width else ""
        lazy, first = "" if first else ' loading="lazy"', False
        return f"{match[0]}{size}{lazy}"

    body = context.get("body", "").replace("<pre><span></span>", "<pre>")
    if app.builder.name == "html":  # EPUB is XML and needs the namespace
        body = body.replace(NAMESPACE, "")
    context["body"] = IMAGE.sub(sized, body)


@cache
def svg_size(path):
    """Return width and height of an SVG file in CSS pixels, rounded; ``(0, 0)`` if it has none."""
    root = next(iter(iterparse(path, events=["start"])))[1]
    sizes = [re.fullmatch(r"([\d.]+)([a-z]*)", root.get(side, "")) for side in ("width", "height")]
    if not all(size and size[2] in UNITS for size in sizes):
        return 0, 0
    return tuple(round(float(size[1]) * UNITS[size[2]]) for size in sizes)


def setup(app):
    """Register the handlers; load the theme early, for its option that names the dark style."""
    app.setup_extension("furo")
    app.connect("config-inited", use_lean_formatter)
    app.connect("html-page-context", choose_files, priority=900)
    app.connect("html-page-context", trim_body)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
