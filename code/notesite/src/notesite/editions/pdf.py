"""The book as one PDF, printed by Chromium: A4, bookmarks, page numbers, fonts of its own."""

import re
import shutil
import tempfile
from html import escape
from pathlib import Path

import matplotlib
import pylopdf_fonts_zh_cn
from playwright.sync_api import sync_playwright
from pygments.formatters import HtmlFormatter

from notesite.editions.articles import Article, Book, read
from notesite.editions.source import Source

HERE = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONTS = {
    "Book Serif": pylopdf_fonts_zh_cn.serif_path(),
    "Book Sans": pylopdf_fonts_zh_cn.sans_path(),
    "Book Mono": Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf"),
    "Book Math": HERE.parent / "theme" / "static" / "fonts" / "stix-two-math.woff2",
}
TWICE = re.compile(rb"/Title (?:<FEFF((?:[0-9A-F]{4})+)\1>|\(([^()]+)\2\))")
TIME = re.compile(rb"(/(?:Creation|Mod)Date \(D:)\d{14}")
PAGE = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body>
{body}
</body>
</html>
"""


def write(folder: Path, source: Source) -> Path:
    """Write the PDF of a book into a folder; return its path."""
    return print_out(folder, read(source))


def print_out(folder: Path, book: Book) -> Path:
    """Write the PDF of what was read."""
    path = folder / f"{book.name}.pdf"
    system = next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        source = Path(place, "book.html")
        source.write_text(joined(book), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=system, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto(source.as_uri(), wait_until="load")
        page.evaluate("document.fonts.ready.then(() => null)")
        page.pdf(
            path=path, outline=True, tagged=True, print_background=True, prefer_css_page_size=True
        )
        browser.close()
    path.write_bytes(mended(path.read_bytes(), book.date))
    return path


def mended(content: bytes, date: str) -> bytes:
    """Return a PDF with bookmarks as they should be, and the date of the newest note as its own.

    Chromium says a heading twice in the bookmark of one that begins a page. No byte of the file
    may move, as its end tells where each object begins.
    """
    content = TIME.sub(rb"\g<1>" + date.replace("-", "").encode() + b"000000", content)

    def once(match: re.Match) -> bytes:
        title = b"<FEFF%s>" % match[1] if match[1] else b"(%s)" % match[2]
        return (b"/Title " + title).ljust(len(match[0]))

    return TWICE.sub(once, content)


def joined(book: Book) -> str:
    """Return the whole book as one page of HTML, with files by their addresses on this machine."""
    faces = [
        f'@font-face {{ font-family: "{name}"; src: url("{Path(path).as_uri()}"); }}'
        for name, path in FONTS.items()
    ]
    own = [(HERE / name).read_text("utf-8") for name in ("editions.css", "print.css")]
    colours = HtmlFormatter(style="a11y-light").get_style_defs(".highlight")
    body = [section(one, book.site) for one in book.articles]
    return PAGE.format(
        title=escape(book.title),
        style="\n".join([*faces, colours, *own]),
        body="\n".join([book.title_page, *body]),
    )


def section(one: Article, site: Path) -> str:
    """Return an article as a part of the one page, its anchors told apart by its name."""
    for element in one.body.select("[id]"):
        element["id"] = f"{one.page}#{element['id']}"
    for link in one.body.select('a[href^="#"]'):
        link["href"] = link["href"].removesuffix("#")
    for image in one.body.select('img:not([src^="data:"])'):
        image["src"] = (site / image["src"]).as_uri()
    part = f'<p class="part">{escape(one.part)}</p>' if one.part else ""
    return f'<article id="{one.page}">{part}{one.body.decode_contents()}</article>'
