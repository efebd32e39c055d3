"""A browser, a server for the built book, and tiny books for the extensions."""

import os
import shutil
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Error, sync_playwright
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("BOOK_SITE", ROOT / "_build" / "html"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

sys.path.insert(0, str(ROOT / "book" / "_ext"))


def listed(entry):
    """Return every page that a part of the table of contents lists."""
    if isinstance(entry, list):
        return [page for item in entry for page in listed(item)]
    if isinstance(entry, dict):
        own = [entry[key] for key in ("root", "file") if key in entry]
        return own + [page for value in entry.values() for page in listed(value)]
    return []


@dataclass(frozen=True)
class About:
    """What the tests that hold for any book have to know of one.

    The pages are those of the front, of a drawing, of a formula and of some code; `query` finds
    something; there are at least so many of all the others.
    """

    root: Path
    front: str
    drawing: str
    formula: str
    code: str
    begins: str
    query: str
    pages: int
    chapters: int
    drawings: int
    characters: int
    links: int
    formulas: tuple[int, int, int, int]
    words: int


@pytest.fixture(scope="session")
def about():
    """Return what has to be known of this book."""
    return About(
        root=ROOT,
        front="book/index.html",
        drawing="book/notes/2023-09-11-pooling.html",
        formula="book/notes/2023-09-01-epoch-batch.html",
        code="book/index.html",
        begins="from torch import",
        query="池化",
        pages=37,
        chapters=29,
        drawings=98,
        characters=1000,
        links=2000,
        formulas=(1500, 90, 75, 15),
        words=10,
    )


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built book."""
    if not (SITE / "index.html").is_file():
        pytest.fail(f"no built book in {SITE}: run `make book` first", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def pages(site, about):
    """Return the addresses of all pages, and make sure that none is missing or left over."""
    return pages_of(site, about)


def pages_of(site, about):
    """Return the addresses of all pages of a built book."""
    toc = listed(yaml.safe_load((about.root / "_toc.yml").read_text(encoding="utf-8")))
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    # Without the theme's templates, and the manual that `make dist` puts beside the book.
    built = [name for name in found if not name.startswith(("_static/", "bookproof/"))]
    assert len(toc) >= about.pages
    assert built == sorted({*(f"{name}.html" for name in toc), "index.html", "search.html"})
    return built


@pytest.fixture(scope="session")
def content(pages, about):
    """Return the pages that stay: all but the one that leads to the front page."""
    return [name for name in pages if name != "index.html" or name == about.front]


@contextmanager
def serve(folder):
    """Serve a folder; give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_port}/"
        finally:
            httpd.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def server(site):
    """Serve the built book; return its address."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Start the system's Chromium, or Playwright's own where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    system = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=system, args=FLAGS)
        except Error as error:
            reason = f"no browser: {error.message.splitlines()[0]}"
            if "CI" in os.environ:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """Open an empty tab with a fresh profile that notes everything suspicious in `troubles`."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.troubles = troubles = []
    tab.requests = requests = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("pageerror", lambda error: troubles.append(f"{tab.url}: {error}"))

    def judge_failure(request):
        if request.failure != "net::ERR_ABORTED":  # the reader left the page meanwhile
            troubles.append(f"{request.failure}: {request.url}")

    def judge_response(response):
        if response.status >= 400:
            troubles.append(f"{response.status}: {response.url}")

    def judge_message(message):
        if message.type in ("error", "warning"):
            troubles.append(f"{tab.url}: {message.text}")

    tab.on("requestfailed", judge_failure)
    tab.on("response", judge_response)
    tab.on("console", judge_message)
    yield tab
    context.close()


class TinyBook:
    """A Sphinx project of a few MyST pages."""

    def __init__(self, folder, extensions, **config):
        self.folder = folder
        self.config = {"extensions": ["myst_parser", *extensions], "html_theme": "basic", **config}
        self.warnings = ""

    def write(self, **pages):
        """Write pages; `index` lists all others."""
        for name, text in pages.items():
            (self.folder / f"{name}.md").write_text(text, encoding="utf-8")
        return self

    def build(self, **options):
        """Build the project; return what Sphinx knows afterwards."""
        warning = StringIO()
        out = self.folder / "_build"
        with docutils_namespace():
            app = Sphinx(
                self.folder,
                None,
                out,
                out / "doctrees",
                "html",
                confoverrides=self.config,
                status=None,
                warning=warning,
                **options,
            )
            app.build()
        self.warnings = warning.getvalue()
        return app

    def html(self, name="index"):
        """Return the HTML of a page."""
        return (self.folder / "_build" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture
def tiny_book(tmp_path):
    """Make tiny books: ``tiny_book("errata", language="zh_CN")``."""
    return lambda *extensions, **config: TinyBook(tmp_path, extensions, **config)
