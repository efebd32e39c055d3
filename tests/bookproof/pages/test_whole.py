"""Pages are read again whose files have changed, also where they do not look newer."""

import os
import subprocess
import sys

import pytest

CONF = """\
from pathlib import Path

extensions = ["myst_nb", "bookproof.sphinx_ext"]
exclude_patterns = ["_build", "part.md"]


def setup(app):
    app.connect("doctree-read", save)


def save(app, _):
    for saved in Path(app.srcdir).glob("*.saved"):
        if app.env.docname == "index":
            (saved.with_suffix(".md")).write_text(saved.read_text("utf-8"), "utf-8")
            saved.unlink()
"""


@pytest.fixture
def build(book):
    """What builds a book of a front page and one that includes another; returns what was read."""
    book.write("conf.py", CONF)
    book.write("index.md", "# Front\n\n![](a.png)\n\n```{include} part.md\n```\n\nOld words.\n")
    book.write("part.md", "Old words.\n")
    book.write("other.md", "---\norphan: true\n---\n# Other\n")
    (book.root / "a.png").write_bytes(b"")
    site = book.root / "_build" / "html"
    command = [sys.executable, "-m", "sphinx", "-v", "-W", "--keep-going", book.root, site]

    def build():
        done = subprocess.run(command, timeout=100, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return (site / "index.html").read_text("utf-8").count("Old words"), done.stdout

    return build


@pytest.mark.parametrize("name", ["index", "part"])
def test_what_is_saved_while_a_page_is_read_comes_with_the_next_build(book, build, name):
    text = (book.root / f"{name}.md").read_text("utf-8")
    book.write(f"{name}.saved", text.replace("Old", "New"))
    assert build()[0] == 2
    assert "New" in (book.root / f"{name}.md").read_text("utf-8")
    assert build()[0] == 1


@pytest.mark.parametrize("name", ["index", "part"])
def test_an_older_file_that_is_moved_there_is_read(book, build, name):
    text = (book.root / f"{name}.md").read_text("utf-8")
    book.write("draft", text.replace("Old", "New"))
    os.utime(book.root / "draft", (0, 0))
    assert build()[0] == 2
    os.replace(book.root / "draft", book.root / f"{name}.md")
    assert build()[0] == 1


def test_nothing_is_read_again_where_nothing_has_changed(book, build):
    build()
    assert "0 added, 0 changed, 0 removed" in build()[1]
