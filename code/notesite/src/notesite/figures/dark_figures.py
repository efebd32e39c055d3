"""Show each drawing in the colours of the page's mode.

Beside the file of every SVG a second one is written, in dark colours, and the page has both. The
theme's style sheet shows the one of its mode (Furo's classes `only-light` and `only-dark`; on paper
always the light one). The other is not fetched, for browsers leave a lazy image alone while it is
not displayed; only where scripts are switched off, they load both.

`dark_figures` in the configuration says what the colours of the drawings become::

    dark_figures: {"#ffffff": "#131416", "#222222": "#e4e6e8"}

Without it, matplotlib's own colours have dark ones; `{}` leaves all drawings as they are.

What cells show as HTML follows too where it has its colours as ``var(--figure-222222, #222222)``.
"""

import re
from hashlib import sha256
from pathlib import Path

from sphinx.util import logging

from notesite.figures import dark_svg, palettes, svg_places

logger = logging.getLogger(__name__)

BUILDERS = {"html", "dirhtml"}
IMAGE = re.compile(r'<img [^>]*?src="((?:[^"]*/)?)([^"/]+\.svg)"[^>]*?/?>')
CODE = b"".join(Path(module.__file__).read_bytes() for module in (dark_svg, svg_places))


def use(app, config):
    """Take matplotlib's colours where the book names none; let changed drawings be written."""
    if config.dark_figures is None:
        config.dark_figures = palettes.MATPLOTLIB
    palette = repr(sorted(config.dark_figures.items())).encode()
    config.dark_figures_version = sha256(CODE + palette).hexdigest()


def show_both(app, pagename, templatename, context, doctree):
    """Put the dark drawing beside each light one in a page."""
    if app.builder.name not in BUILDERS or not app.config.dark_figures:
        return
    paths = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}

    def both(match):
        folder, name = match.groups()
        if name not in paths or not folder.endswith(f"{app.builder.imagedir}/"):
            return match[0]
        try:
            dark = dark_file(app, paths[name], name)
        except ValueError as error:
            logger.warning("dark_figures: %s: %s", paths[name], error, location=pagename)
            return match[0]
        tag = match[0] if " loading=" in match[0] else f'<img loading="lazy"{match[0][4:]}'
        source = f'src="{folder}{name}"'
        return of_class(tag, "only-light") + of_class(
            tag.replace(source, f'src="{folder}{dark}"'), "only-dark"
        )

    body = IMAGE.sub(both, context.get("body", ""))
    if "var(--figure-" in body:
        body += style(app.config.dark_figures)
    context["body"] = body


def of_class(tag, name):
    """Return a tag with one class more."""
    if ' class="' in tag:
        return tag.replace(' class="', f' class="{name} ', 1)
    return f'<img class="{name}"{tag[4:]}'


def dark_file(app, path, name):
    """Write the dark drawing of a file, where it is missing; return its name.

    The name holds a digest of the drawing, the palette and this code: what is there is right.
    """
    light = path.read_bytes()
    digest = sha256(app.config.dark_figures_version.encode() + light).hexdigest()[:8]
    stem = f"{name.removesuffix('.svg')}-dark-"
    folder = Path(app.outdir, app.builder.imagedir)
    target = folder / f"{stem}{digest}.svg"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{stem}*.svg"):
            old.unlink()
        target.write_bytes(dark_svg.to_dark(light, app.config.dark_figures))
    return target.name


def style(palette):
    """Return the dark colours as properties for what is drawn within a page."""
    colours = ";".join(f"--figure-{light[1:]}:{dark}" for light, dark in palette.items())
    dark = f"body[data-theme=dark]{{{colours}}}"
    system = f"@media(prefers-color-scheme:dark){{body:not([data-theme=light]){{{colours}}}}}"
    return f"<style>@media not print{{{dark}{system}}}</style>\n"


def setup(app):
    """Register the option and the handlers; after those that give images their size."""
    app.setup_extension("notesite.settings")
    app.add_config_value("dark_figures_version", "", "html", str)
    app.connect("config-inited", use)
    app.connect("html-page-context", show_both, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
