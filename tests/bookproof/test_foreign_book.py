"""A book that knows nothing of this one, by the ten lines of the how-to: stock tools, no torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHAPTER = """
# Sums

```{code-cell}
x = 3
x + 4
```

```{code-cell}
print("about", 0.5 + x)
```
```{expect} number
about 3.5
```

{verification}`verified` of them.
"""

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "id": "a", "source": ["# Products"]},
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "b",
            "metadata": {},
            "outputs": [],
            "source": ["print(6 * 7)"],
        },
        {
            "cell_type": "markdown",
            "metadata": {},
            "id": "c",
            "source": ["```{expect}\n", "42\n", "```\n", "\n", "So it is."],
        },
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}

# Makes an import of what a foreign book has not fail, in every Python that is started.
BLOCKER = """\
import sys


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "dlnotes"):
            raise ImportError(f"{name} is not there")


sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def run(book, tmp_path_factory):
    """Run a command in the book, where neither torch nor dlnotes can be imported."""
    blocker = tmp_path_factory.mktemp("blocker")
    (blocker / "sitecustomize.py").write_text(BLOCKER)
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    environment["PYTHONPATH"] = os.pathsep.join([str(blocker), environment.get("PYTHONPATH", "")])

    def run(program, *arguments):
        command = [Path(sys.executable).with_name(program), *map(str, arguments)]
        done = subprocess.run(
            command, cwd=book.root, env=environment, capture_output=True, text=True, timeout=120
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    check = "import importlib.util as u; u.find_spec('torch')"
    done = subprocess.run([sys.executable, "-c", check], env=environment, capture_output=True)
    assert b"torch is not there" in done.stderr
    return run


PLAIN = """\
extensions = ["myst_nb", "bookproof.sphinx_ext"]
exclude_patterns = ["_build"]
"""
BUILD = ("sphinx-build", "-b", "html", ".", "_build/html")


def write_chapters(book):
    book.chapter("sums.md", CHAPTER)
    blocked = "```{code-cell}\n:tags: [raises-exception]\nimport torch\n```\n"
    book.chapter("blocked.md", f"\n# Blocked\n\n{blocked}")
    (book.root / "products.ipynb").write_text(json.dumps(NOTEBOOK, indent=1) + "\n")


def page(book, name):
    return (book.root / "_build" / "html" / f"{name}.html").read_text("utf-8")


def test_a_jupyter_book(book, run):
    write_chapters(book)
    book.write("index.md", "# Front\n")
    chapters = "".join(f"- file: {name}\n" for name in ("sums", "products", "blocked"))
    book.write("_toc.yml", f"format: jb-book\nroot: index\nchapters:\n{chapters}")
    # The how-to: one line in _config.yml, accept, review, build.
    book.write("_config.yml", "title: Small\nsphinx:\n  extra_extensions: [bookproof.sphinx_ext]\n")
    status, said = run("bookproof", "accept", "--all", "sums.md", "blocked.md")
    assert status == 0
    assert "+```{expect}\n+7\n+```\n" in said
    assert "+```{expect} error\n+ImportError: torch is not there\n+```\n" in said
    assert run("bookproof", "check")[0] == 0
    status, said = run("jupyter-book", "build", "-W", "-n", "--keep-going", ".")
    assert status == 0, said
    assert "bookproof: 4 outputs verified in 3 chapters" in said
    assert "bookproof: ran " not in said  # the check before it ran them
    assert page(book, "sums").count("bookproof-verified") == 2
    assert "4 of them." in page(book, "sums")
    assert page(book, "products").count("✓ output verified") == 1

    path = book.root / "sums.md"
    path.write_text(path.read_text().replace("about 3.5", "about 3.6"))
    status, said = run("jupyter-book", "build", ".")
    assert status == 1
    line = path.read_text().split("\n").index("about 3.6") + 1
    assert f"sums.md:{line}: mismatch: first difference at line 1, column 7" in said
    verification = json.loads((book.root / "_build/html/verification.json").read_text())
    assert verification["totals"] == {"chapters": 3, "verified": 3, "unverified": 0, "failed": 1}


def test_a_plain_sphinx_project_in_english(book, run):
    write_chapters(book)
    (book.root / "blocked.md").unlink()
    book.write("conf.py", PLAIN)
    book.write("index.md", "# T\n\n```{toctree}\nsums\nproducts\nledger\n```\n")
    book.write("ledger.md", "# Ledger\n\n```{verification-ledger}\n```\n")
    assert run("bookproof", "accept", "--all", "sums.md")[0] == 0
    build = (*BUILD, "-W", "--keep-going")
    status, said = run(*build)
    assert status == 0, said
    assert page(book, "sums").count("✓ output verified") == 2
    assert "2 outputs of this page verified, with Python 3." in page(book, "sums")
    ledger = page(book, "ledger")
    assert "3 outputs verified in 2 chapters, 0 left unverified, 0 failed." in ledger
    for text in ("Run with Python 3.", ">compared<", "claim or reason", "Sums", "Products"):
        assert text in ledger, text
    assert '<a class="reference internal" href="products.html#bookproof-line-' in ledger
    assert not any("\u4e00" <= c <= "\u9fff" for c in ledger + page(book, "sums"))

    path = book.root / "products.ipynb"
    path.write_text(path.read_text().replace("42\\n", "43\\n"))
    status, said = run(*build)
    assert status == 1
    line = path.read_text().split("\n").index('    "43\\n",') + 1
    assert f"products.ipynb:{line}: mismatch" in said
    assert "✗ not as the book says: first difference" in page(book, "products")
    assert "2 outputs verified in 2 chapters, 0 left unverified, 1 failed." in page(book, "ledger")


STOPPER = """
from pathlib import Path


def stop(app, *arguments):
    if Path(app.srcdir, "stop").exists():
        raise KeyboardInterrupt


def setup(app):
    app.connect("html-page-context", stop)
"""


def test_a_build_that_is_stopped_while_it_writes_leaves_no_old_page(book, run):
    book.write("conf.py", PLAIN + STOPPER)
    book.write("helper.py", "x = 1\n")
    book.chapter(
        "index.md",
        "\n# T\n\n```{code-cell}\nimport helper\nprint('x', helper.x)\n```\n"
        "```{expect} contains\nx\n```\n",
    )
    assert run(*BUILD)[0] == 0
    assert "x 1" in page(book, "index")
    book.write("helper.py", "x = 2\n")
    book.write("stop", "")
    status, said = run(*BUILD)
    assert status == 2
    assert "Interrupted" in said
    (book.root / "stop").unlink()
    assert run(*BUILD)[0] == 0
    assert "x 2" in page(book, "index")


def test_a_chapter_elsewhere_that_wants_to_be_executed_is_run_once(book, run, tmp_path_factory):
    book.write("conf.py", PLAIN)
    body = "\n# T\n\n```{code-cell}\nopen('runs', 'a').write('x')\n```\n```{expect}\n1\n```\n"
    chapter = book.chapter("index.md", body)
    forced = "mystnb:\n  execution_mode: force\nfile_format"
    chapter.write_text(chapter.read_text().replace("file_format", forced))
    chapter.symlink_to(chapter.rename(tmp_path_factory.mktemp("elsewhere") / "real.md"))
    status, said = run(*BUILD)
    assert status == 0, said
    assert page(book, "index").count("✓ output verified") == 1
    assert Path(book.root, "runs").read_text() == "x"
    assert run("bookproof", "check", "index.md")[0] == 0


def test_a_changed_style_sheet_reaches_the_site(book, run):
    write_chapters(book)
    book.write("conf.py", PLAIN + "html_static_path = ['own']\nhtml_css_files = ['a.css']\n")
    book.write("index.md", "# T\n\n```{toctree}\nsums\nproducts\n```\n")
    (book.root / "own" / "deep").mkdir(parents=True)
    (book.root / "blocked.md").unlink()
    assert run("bookproof", "accept", "--all", "sums.md")[0] == 0
    style, script = book.root / "own" / "a.css", book.root / "own" / "deep" / "a.js"

    def build(*texts):
        for path, text in zip((style, script), texts, strict=True):
            path.write_text(text)
        status, said = run(*BUILD, "-W", "--keep-going")
        assert status == 0, said
        site = book.root / "_build" / "html"
        found = [(site / "_static" / name).read_text() for name in ("a.css", "deep/a.js")]
        assert found == [*texts]
        return page(book, "sums")

    first = build("p { margin: 0 }", "1")
    second = build("p { margin: 1px }", "1")
    assert first != second
    assert build("p { margin: 1px }", "2") == second  # nothing of it is on the page
    run(*BUILD)
    assert page(book, "sums") == second
