"""The book as EPUB 3: a file for each page, MathML and SVG as they are, bookmarks, no scripts."""

import posixpath
import re
import uuid
from html import escape
from itertools import groupby
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from bs4 import Tag
from pygments.formatters import HtmlFormatter

from notesite.editions.articles import Article, Book, read
from notesite.editions.offline import entry
from notesite.editions.source import Source

HERE = Path(__file__).parent
FONTS = HERE.parent / "theme" / "static" / "fonts"
# What matplotlib writes and EPUB does not take: the address of a DTD, the same name for each
# copy of a picture, and paths of blanks, which have nothing to draw.
MENDED = {
    re.compile(rb"<!DOCTYPE[^>]*>\s*"): b"",
    re.compile(rb'(<image [^>]*?) id="[^"]*"'): rb"\1",
    re.compile(rb"<path (?![^>]* d=)(?!d=)"): b'<path d="M0 0" ',
}
TYPES = {
    ".css": "text/css",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
}
CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PAGE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" \
lang="zh-CN" xml:lang="zh-CN">
<head><meta charset="utf-8"/><title>{title}</title>
<link rel="stylesheet" href="{up}book.css"/></head>
<body id="top">
{body}
</body>
</html>
"""
PACKAGE = """\
<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" xml:lang="zh-CN" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>zh-CN</dc:language>
{said}
<dc:date>{date}</dc:date>
<dc:description>{summary}</dc:description>
<meta property="dcterms:modified">{date}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">图都有文字说明，公式是 MathML。</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""


def write(folder: Path, source: Source) -> Path:
    """Write the EPUB of a book into a folder; return its path."""
    return pack(folder, read(source))


def pack(folder: Path, book: Book) -> Path:
    """Write the EPUB of what was read.

    The same site gives the same bytes: the date is that of the newest note.
    """
    images = sorted({image["src"] for one in book.articles for image in files_of(one)})
    first = PAGE.format(title=escape(book.title), up="", body=book.title_page)
    pages = {"title.xhtml": first, "nav.xhtml": contents(book)}
    pages |= {f"{one.page}.xhtml": page(one) for one in book.articles}
    files = {name: text.encode() for name, text in pages.items()}
    files |= {name: picture(book.site / name) for name in images}
    files |= {f"fonts/{path.name}": path.read_bytes() for path in sorted(FONTS.iterdir())}
    files["book.css"] = style().encode()
    path = folder / f"{book.name}.epub"
    with ZipFile(path, "w") as archive:
        archive.writestr(entry("mimetype", ZIP_STORED), "application/epub+zip")
        archive.writestr(entry("META-INF/container.xml", ZIP_DEFLATED), CONTAINER)
        archive.writestr(entry("book.opf", ZIP_DEFLATED), package(book, files))
        for name, content in files.items():
            archive.writestr(entry(name, ZIP_DEFLATED), content)
    return path


def files_of(one: Article) -> list[Tag]:
    """Return the pictures of an article that are files."""
    return one.body.select('img:not([src^="data:"])')


def style() -> str:
    """Return the one style sheet: the editions' own, the readers', the colours of code."""
    own = [(HERE / name).read_text("utf-8") for name in ("editions.css", "epub.css")]
    return "\n".join([HtmlFormatter(style="a11y-light").get_style_defs(".highlight"), *own])


def picture(path: Path) -> bytes:
    """Return a picture's file, valid."""
    content = path.read_bytes()
    if path.suffix == ".svg":
        for wrong, right in MENDED.items():
            content = wrong.sub(right, content)
    return content


def page(one: Article) -> str:
    """Return an article as a page of XHTML."""
    up = posixpath.relpath(".", posixpath.dirname(one.page)) + "/"
    for image in files_of(one):
        image["src"] = up + image["src"]
    for link in one.body.select('a[href^="#"]'):
        target, _, anchor = link["href"][1:].partition("#")
        path = posixpath.relpath(f"{target}.xhtml", posixpath.dirname(one.page))
        link["href"] = f"{path}#{anchor or 'top'}"
    body = one.body.decode_contents()
    return PAGE.format(title=escape(one.title), up=up, body=body)


def contents(book: Book) -> str:
    """Return the navigation: parts, chapters, and the sections of each."""
    lines = ['<nav epub:type="toc" role="doc-toc"><h1>目录</h1><ol>']
    for part, articles in groupby(book.articles, key=lambda one: one.part):
        lines += [f"<li><span>{escape(part)}</span><ol>"] * bool(part)
        for one in articles:
            lines.append(f'<li><a href="{one.page}.xhtml">{escape(one.title)}</a>')
            below = [
                f'<li><a href="{one.page}.xhtml#{section["id"]}">'
                f"{escape(section.h2.get_text())}</a></li>"
                for section in one.body.select("section[id]:has(> h2)")
            ]
            lines += ["<ol>", *below, "</ol>"] * bool(below)
            lines.append("</li>")
        lines += ["</ol></li>"] * bool(part)
    lines.append("</ol></nav>")
    return PAGE.format(title="目录", up="", body="\n".join(lines))


def package(book: Book, files: dict[str, bytes]) -> str:
    """Return the package document: what the book is, what it is made of, in which order."""
    items = []
    for name, content in files.items():
        own = {"nav": name == "nav.xhtml"}
        if name.endswith(".xhtml"):
            own |= {"mathml": b"<math " in content, "svg": b"<svg " in content}
        properties = " ".join(key for key, there in own.items() if there)
        said = f' properties="{properties}"' if properties else ""
        kind = TYPES[Path(name).suffix]
        items.append(f'<item id="{identifier(name)}" href="{name}" media-type="{kind}"{said}/>')
    spine = [f'<itemref idref="{identifier(name)}"/>' for name in files if name.endswith(".xhtml")]
    said = [
        f"<dc:{name}>{escape(text)}</dc:{name}>"
        for name, text in {"creator": book.author, "rights": book.licence}.items()
        if text
    ]
    return PACKAGE.format(
        identifier=uuid.uuid5(uuid.NAMESPACE_URL, book.title).urn,
        title=escape(book.title),
        said="\n".join(said),
        date=book.date,
        summary=escape(book.summary.replace("\n", "；")),
        manifest="\n".join(items),
        spine="\n".join(spine),
    )


def identifier(name: str) -> str:
    """Return the name of a file as an XML id."""
    return "f-" + re.sub(r"[^\w.-]", "-", name)
