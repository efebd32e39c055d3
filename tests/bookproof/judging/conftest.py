"""A browser that tells what a reader sees: the judge is held against it."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

READ = """pieces => pieces.map(html => {
  const host = document.createElement('div'), box = document.createElement('div');
  document.body.append(host);
  host.attachShadow({mode: 'open'}).append(box);  // so that style sheets stay apart
  box.innerHTML = html;
  const text = box.innerText;
  host.remove();
  return text.replace(/\\s+/g, ' ').trim();
})"""


READ_CELLS = """() => [...document.querySelectorAll('div.cell')].map(
  cell => [...cell.querySelectorAll('.cell_output')].map(
    output => output.innerText.replace(/\\s+/g, ' ').trim()).join(' '))"""


class Reader:
    """Read what Chromium shows; in a thread of its own, since Playwright keeps a loop running."""

    def __init__(self):
        self._thread = ThreadPoolExecutor(1)
        names = ("chromium", "chromium-browser", "google-chrome")
        system = next(filter(None, map(shutil.which, names)), None)
        self._playwright = self._do(sync_playwright().start)
        start = self._playwright.chromium.launch
        self._browser = self._do(start, executable_path=system, args=FLAGS)

    def _do(self, function, *args, **options):
        return self._thread.submit(function, *args, **options).result()

    def close(self):
        """End the browser."""
        self._do(self._browser.close)
        self._do(self._playwright.stop)
        self._thread.shutdown()

    def texts(self, pieces):
        """Return the visible text of each piece of HTML, with one blank for several."""
        return self._do(self._evaluate, "about:blank", READ, list(pieces))

    def outputs(self, page):
        """Return the visible text below each code cell of a built page."""
        return self._do(self._evaluate, page.as_uri(), READ_CELLS)

    def _evaluate(self, address, script, *args):
        with self._browser.new_page() as tab:
            tab.route("http*://**", lambda route: route.abort())
            tab.goto(address)
            return tab.evaluate(script, *args)

    def visible(self, html):
        """Yield the piece of HTML with a character of its visible text changed, for each."""
        mutants = list(changed(html))
        before, *after = self.texts([html, *mutants])
        for mutant, text in zip(mutants, after, strict=True):
            if len(text) == len(before) and sum(map(str.__ne__, text, before)) == 1:
                yield mutant


@pytest.fixture(scope="session")
def reader():
    """Start the system's Chromium, or Playwright's own where there is none."""
    reader = Reader()
    yield reader
    reader.close()


def changed(text):
    """Yield a text with one of its characters changed, for each of them."""
    for place, sign in enumerate(text):
        if not sign.isspace():
            new = str((int(sign) + 1) % 10) if sign in "0123456789" else "yx"[sign != "x"]
            yield text[:place] + new + text[place + 1 :]
