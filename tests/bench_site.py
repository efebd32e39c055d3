"""Score every chapter as Lighthouse does for phones, and one chapter under other themes.

Run by `make bench` after `make book`. The other sites hold the same executed chapter: the theme of
jupyter-book as it comes, Furo as it comes, and Material for MkDocs. All are served by the same
plain server, in one run. Needs node (npx fetches Lighthouse) and Chromium.

    python -m tests.bench_site [--chapter NAME]
"""

import argparse
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
NOTES = SITE / "book" / "notes"
BIN = Path(sys.executable).parent
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"


class Quiet(SimpleHTTPRequestHandler):
    """Serve files without a log."""

    def log_message(self, *args):
        """Say nothing."""


def run(*command, **options) -> None:
    """Run a command; end with its output if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def lighthouse(folder: Path, page: str) -> tuple[dict[str, float], float]:
    """Return the scores of a page of a site, and how many KiB it transferred."""
    browser = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), "")
    report = folder / "lighthouse.json"
    with ThreadingHTTPServer(("", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        run(
            *("npx", "--yes", "lighthouse@12", f"http://127.0.0.1:{server.server_port}/{page}"),
            *("--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={FLAGS}"),
            env=os.environ | {"CHROME_PATH": browser},
        )
        server.shutdown()
    told = json.loads(report.read_text("utf-8"))
    report.unlink()
    scores = {name: told["categories"][name]["score"] for name in CATEGORIES}
    return scores, told["audits"]["total-byte-weight"]["numericValue"] / 1024


def stock(folder: Path, notebook: Path) -> str:
    """Build a chapter with jupyter-book as it comes; return the address of its page."""
    shutil.copy(notebook, folder / "chapter.ipynb")
    (folder / "_config.yml").write_text('title: T\nexecute:\n  execute_notebooks: "off"\n')
    (folder / "_toc.yml").write_text("format: jb-book\nroot: chapter\n")
    run(BIN / "jupyter-book", "build", folder)
    return "_build/html/chapter.html"


def furo(folder: Path, notebook: Path) -> str:
    """Build a chapter with Furo as it comes."""
    shutil.copy(notebook, folder / "index.ipynb")
    (folder / "conf.py").write_text(
        'extensions = ["myst_nb"]\nhtml_theme = "furo"\nnb_execution_mode = "off"\n'
        'myst_enable_extensions = ["dollarmath", "amsmath"]\n'
    )
    run(BIN / "sphinx-build", folder, folder / "html")
    return "html/index.html"


def material(folder: Path, notebook: Path) -> str:
    """Build a chapter with Material for MkDocs as it comes."""
    run(sys.executable, "-m", "venv", folder / "env")
    tools = folder / "env" / "bin"
    run(tools / "python", "-m", "pip", "install", "--quiet", "mkdocs-material", "nbconvert")
    docs = folder / "docs"
    docs.mkdir()
    shutil.copy(notebook, docs / "index.ipynb")
    run(tools / "jupyter-nbconvert", "--to", "markdown", docs / "index.ipynb")
    (folder / "mkdocs.yml").write_text("site_name: T\ntheme:\n  name: material\n  language: zh\n")
    run(tools / "mkdocs", "build", "--quiet", cwd=folder)
    return "site/index.html"


def show(name: str, scores: dict[str, float], weight: float) -> None:
    """Print the scores and the weight of a page."""
    print(f"{name:<42}", *(f"{score:.2f}" for score in scores.values()), f"{weight:6.0f} KiB")


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--chapter", default="2023-09-11-pooling", help="shown under other themes")
    options = parser.parse_args()
    print(f"{'':<42}", *CATEGORIES, "transferred")
    chapters = sorted(path.stem for path in NOTES.glob("*.html"))
    found = {}
    for name in chapters:
        found[name] = lighthouse(SITE, f"book/notes/{name}.html")
        show(name, *found[name])
    for category in CATEGORIES:
        scores = [scores[category] for scores, _ in found.values()]
        print(f"{category}: median {statistics.median(scores):.2f}, worst {min(scores):.2f}")
    notebook = NOTES / f"{options.chapter}.ipynb"
    for build in (stock, furo, material):
        with tempfile.TemporaryDirectory(prefix="bench-site-") as folder:
            page = build(Path(folder), notebook)
            show(f"{options.chapter}, {build.__name__}", *lighthouse(Path(folder), page))


if __name__ == "__main__":
    main()
