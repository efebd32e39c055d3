"""What a published site tells machines: canonical links, previews, a feed and a sitemap.

All of it needs the address of the site: ``BOOK_URL`` from the environment; else GitHub Pages' own
for the repository that GitHub Actions names in ``GITHUB_REPOSITORY``, so that a fork speaks of
itself. Where neither is set, nothing is written: there is no address to be right about.

Of the chapters the feed, ``atom.xml``, lists the newest first, each with a UUID made of its name:
it stays when the site moves. The pictures of previews are drawn by `cards`. ``{downloads}`` links
to the editions that are made of it, and ``{beside}`` to what else its book puts there
(``beside_site``).
"""

import os
import re
import uuid
from html import escape
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bookproof import Kind
from notesite.chapters.front_matter import in_order
from notesite.pages import cards
from notesite.settings import edition_name

logger = logging.getLogger(__name__)

FEED, SITEMAP = "atom.xml", "sitemap.xml"
ATOM = "http://www.w3.org/2005/Atom"
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
REDIRECT = "index"  # leads to the front page, and is previewed as it
EDITIONS = {
    ".pdf": "PDF：全书一册，A4，带书签",
    ".epub": "EPUB：给电子书阅读器",
    "-offline.zip": "离线包：整个网站，解压即用",
}
"""How the names of the editions end, and what each is."""


class beside(nodes.General, nodes.Element):
    """Where a list of what stands beside the site goes."""


class Beside(SphinxDirective):
    """``{downloads}`` and ``{beside}``."""

    def run(self):
        """Return the placeholder that `FillBeside` fills."""
        return [beside(kind=self.name)]


class FillBeside(SphinxPostTransform):
    """Replace each placeholder by its links, by nothing where there is no address.

    The links are absolute: where they lead is no part of this site, and not built with it.
    """

    default_priority = 5

    def run(self, **kwargs):
        """Do so."""
        for place in list(self.document.findall(beside)):
            base = self.config.html_baseurl
            links = self.downloads() if place["kind"] == "downloads" else self.config.beside_site
            place.replace_self([self.list(base, links)] if base and links else [])

    def downloads(self):
        """Return the editions: each path, and what is said of it."""
        start = f"downloads/{edition_name(self.env.srcdir, self.config.edition_name)}"
        return {start + end: said for end, said in EDITIONS.items()}

    def list(self, base, links):
        """Return the list of links."""
        items = [
            nodes.list_item("", nodes.paragraph("", "", nodes.reference("", said, refuri=uri)))
            for uri, said in ((base + path, said) for path, said in links.items())
        ]
        return nodes.bullet_list("", *items)


def address(environment) -> str:
    """Return the address of the site, with a slash at its end; empty where it is unknown.

    Raises ``ValueError`` where ``BOOK_URL`` is none.

    >>> address({"GITHUB_REPOSITORY": "Alice/notes"})
    'https://alice.github.io/notes/'
    >>> address({"GITHUB_REPOSITORY": "alice/alice.github.io"})
    'https://alice.github.io/'
    """
    if url := environment.get("BOOK_URL"):
        if not re.fullmatch(r"https?://[\w.:-]+(/[^\s?#\"<>]*)?", url):
            raise ValueError(f"BOOK_URL wants one like https://example.org/book/, not {url!r}")
        return url.rstrip("/") + "/"
    owner, _, name = environment.get("GITHUB_REPOSITORY", "").lower().partition("/")
    if not name:
        return ""
    host = f"{owner}.github.io"
    return f"https://{host}/" if name == host else f"https://{host}/{name}/"


def find_address(app, config):
    """Let Sphinx know the address: the theme writes the canonical links from it."""
    try:
        config.html_baseurl = config.html_baseurl or address(os.environ)
    except ValueError as error:
        logger.warning("published: %s", error)


def url(app, page):
    """Return the address of a page."""
    return app.config.html_baseurl + quote(app.builder.get_target_uri(page))


def card_of(app, page):
    """Return what the card of a page shows; that of the front page for all but the chapters."""
    chapter = app.env.chapters.get(page)
    if chapter is None:
        line = app.config.page_description.removeprefix(f"{app.config.project}：")
        return cards.Card("book", "", app.config.project, line, "")
    title, _, more = app.env.titles[page].astext().partition("：")
    checked = getattr(app, "bookproof_pages", {}).get(page)
    verified = sum(v.kind is Kind.VERIFIED for v in checked.checked.verdicts) if checked else 0
    said = f"{chapter.date}　{chapter.topic}".strip()
    return cards.Card(Path(page).name, app.config.project, title, more, said, verified)


def add_preview(app, pagename, templatename, context, doctree):
    """Write in the head of a page what a link to it shows elsewhere."""
    page = app.config.root_doc if pagename == REDIRECT else pagename
    if not app.config.html_baseurl or page not in app.env.titles:
        return
    own = app.env.metadata[page].get("description")
    said = {
        "og:type": "article" if page in app.env.chapters else "website",
        "og:title": app.env.titles[page].astext(),
        "og:description": own or app.config.page_description or app.config.project,
        "og:url": url(app, page),
        "og:image": f"{app.config.html_baseurl}{cards.FOLDER}/{card_of(app, page).file}",
    }
    lines = [f'<meta property="{key}" content="{escape(text)}" />' for key, text in said.items()]
    lines.append('<meta name="twitter:card" content="summary_large_image" />')
    if page == app.config.root_doc:
        feed = app.config.html_baseurl + FEED
        lines.append(f'<link rel="alternate" type="application/atom+xml" href="{feed}" />')
    context["metatags"] = context.get("metatags", "") + "\n".join(lines)


def write(app, exception):
    """Write feed, sitemap and cards beside the pages; remove them where there is no address."""
    if exception or app.builder.name != "html":
        return
    pages = [url(app, page) for page in sorted(app.env.found_docs)]
    files = {FEED: feed, SITEMAP: lambda app: sitemap(pages)}
    for name, make in files.items():
        path = Path(app.outdir, name)
        if app.config.html_baseurl:
            path.write_bytes(make(app))
        else:
            path.unlink(missing_ok=True)
    shown = [app.config.root_doc, *(chapter.page for chapter in in_order(app.env))]
    wanted = [card_of(app, page) for page in shown] if app.config.html_baseurl else []
    cards.draw_all(Path(app.outdir, cards.FOLDER), wanted)


def feed(app):
    """Return the Atom feed of the dated notes, the newest first."""
    config = app.config
    dated = [chapter for chapter in in_order(app.env) if chapter.date]
    listed = sorted(dated, key=lambda chapter: chapter.date, reverse=True)
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "zh-CN"})
    add(root, "id", config.html_baseurl + FEED)
    add(root, "title", config.project)
    add(root, "updated", f"{listed[0].date}T00:00:00Z" if listed else "1970-01-01T00:00:00Z")
    add(root, "link", rel="self", type="application/atom+xml", href=config.html_baseurl + FEED)
    add(root, "link", rel="alternate", type="text/html", href=url(app, config.root_doc))
    add(add(root, "author"), "name", config.author or config.project)
    for chapter in listed:
        item = add(root, "entry")
        add(item, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"{config.project}/{chapter.page}").urn)
        add(item, "title", app.env.titles[chapter.page].astext())
        add(item, "published", f"{chapter.date}T00:00:00Z")
        add(item, "updated", f"{chapter.date}T00:00:00Z")
        add(item, "link", rel="alternate", type="text/html", href=url(app, chapter.page))
        if chapter.description:
            add(item, "summary", chapter.description)
        for term in filter(None, (chapter.topic, *chapter.tags)):
            add(item, "category", term=term)
    return document(root)


def sitemap(pages):
    """Return the sitemap of pages with these addresses."""
    root = ElementTree.Element("urlset", {"xmlns": SITEMAPS})
    for page in pages:
        add(add(root, "url"), "loc", page)
    return document(root)


def add(parent, name, text=None, **attributes):
    """Append an element; return it."""
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element


def document(root):
    """Return an XML document."""
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def setup(app):
    """Register the handlers; write the pages again when the cards' drawing changes."""
    app.setup_extension("notesite.chapters.front_matter")
    app.setup_extension("notesite.pages.page_meta")
    app.add_node(beside)
    for name in ("beside", "downloads"):
        app.add_directive(name, Beside)
    app.add_post_transform(FillBeside)
    app.add_config_value("cards_version", cards.VERSION, "html")
    app.connect("config-inited", find_address)
    app.connect("html-page-context", add_preview)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
