"""A stock jupyter-book with bookproof as its only addition."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHAPTER = """
# Title

```{code-cell} python
import helper
print("size", helper.size)
```
```{expect}
size 5
```
"""


@pytest.fixture
def site(book):
    book.write(
        "_config.yml",
        """\
        title: small
        execute:
          timeout: 3
        sphinx:
          extra_extensions: [bookproof.sphinx_ext]
        """,
    )
    book.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: a\n- file: b\n")
    book.write("index.md", "# Front\n")
    book.write("helper.py", "size = 5\n")
    book.chapter("a.md", CHAPTER)
    book.chapter("b.md", CHAPTER)
    return book


def build(site, *options):
    command = [Path(sys.executable).with_name("jupyter-book"), "build", site.root, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return done.returncode, said


def page(site, name):
    return (site.root / "_build" / "html" / f"{name}.html").read_text("utf-8")


def verification(site):
    return json.loads((site.root / "_build" / "html" / "verification.json").read_text("utf-8"))


def test_a_book_is_built_checked_and_rebuilt(site):
    status, said = build(site, "-W", "-n", "--keep-going")
    assert status == 0, said
    assert "bookproof: 2 outputs verified in 2 chapters" in said
    assert "bookproof: ran 2 chapters in " in said
    assert page(site, "a").count("bookproof-verified") == 1
    assert "size 5" in page(site, "a")
    assert verification(site)["green"] is True

    # One changed digit: red at every build, until it is mended.
    path = site.root / "a.md"
    path.write_text(path.read_text().replace("\nsize 5\n", "\nsize 6\n"))
    for _ in range(2):
        status, said = build(site)
        assert status == 1
        assert "a.md:14: mismatch" in said
        assert "bookproof: ran " not in said
    assert "bookproof-failed" in page(site, "a")
    assert verification(site)["green"] is False
    path.write_text(path.read_text().replace("\nsize 6\n", "\nsize 5\n"))
    assert build(site)[0] == 0
    assert "bookproof-failed" not in page(site, "a")

    # A changed helper, nothing else touched: both the verdict and the page are new.
    site.write("helper.py", "size = 7\n")
    status, said = build(site)
    assert status == 1
    assert "a.md:14: mismatch" in said
    assert "b.md:14: mismatch" in said
    assert "size 7" in page(site, "b")


def test_only_a_page_that_has_changed_is_written_again(site):
    table = "\n```{table} A table\n:name: numbers\n| a |\n|---|\n| 1 |\n```\n"
    path = site.chapter("a.md", CHAPTER + table)
    written = {}
    for words in ("Some words.", "Other words.", "Other words.\n\nAnd more."):
        assert build(site)[0] == 0  # in which no page is read
        path.write_text(f"{path.read_text('utf-8')}\n{words}\n", "utf-8")
        assert build(site)[0] == 0
        assert words.split("\n")[0] in page(site, "a")
        assert "Table 1" in page(site, "a")
        pages = (site.root / "_build" / "html").glob("?.html")
        before, written = written, {p.stem: p.stat().st_mtime_ns for p in pages}
        assert set(written) == {"a", "b"}
        if before:
            assert written["a"] != before["a"]
            assert written["b"] == before["b"]


def test_each_fault_has_its_message_and_the_rest_is_still_reported(site):
    site.chapter("a.md", "\n# T\n\n```{code-cell}\n1 / 0\n```\n")
    site.chapter("b.md", "\n# T\n\n```{code-cell}\nwhile True: pass\n```\n")
    chapters = {
        "c": "\n# T\n\n```{code-cell}\nprint(1)\n```\n",
        "d": "\n# T\n\n```{code-cell}\nprint(1)\n```\n```{expect} foo\n1\n```\n",
        "e": "\n# T\n\n```{expect}\n1\n```\n",
    }
    toc = site.root / "_toc.yml"
    for name, text in chapters.items():
        site.chapter(f"{name}.md", text)
        toc.write_text(toc.read_text() + f"- file: {name}\n")
    for options in [(), ("-W", "--keep-going"), ("-W",)]:
        status, said = build(site, *options)
        assert status == 1
        for message in [
            "a.md:10: cell failed: ZeroDivisionError",
            "b.md:9: cell never ended: did not end within 3 s",
            "c.md:9: missing expectation:",
            "d.md:12: malformed block: {expect} has an unknown word 'foo'",
            "e.md:9: malformed block: {expect} without a cell",
        ]:
            assert message in said, options


def test_a_notebook_that_cannot_be_read_is_reported(site):
    (site.root / "a.md").write_bytes(b"---\nfile_format: mystnb\n---\n\n\xff\n")
    site.chapter("b.md", CHAPTER.replace("\nsize 5\n", "\nsize 6\n"))
    status, said = build(site)
    assert status == 1
    assert "a.md:5: chapter unreadable: not UTF-8" in said
    assert "b.md:14: mismatch" in said


def test_a_block_from_an_included_file_fails_every_build(site):
    site.write("part.txt", "```{expect}\n3\n```\n")
    site.chapter("b.md", CHAPTER + "\n```{include} part.txt\n```\n")
    for _ in range(2):
        status, said = build(site)
        assert status == 1
        assert "malformed block: it does not stand under a code cell" in said
        assert not (site.root / "_build" / "html" / "verification.json").exists()
    site.chapter("b.md", CHAPTER)
    assert build(site)[0] == 0
    assert verification(site)["green"] is True


def test_a_traceback_shows_the_cell_but_no_files_of_the_machine(site):
    site.chapter(
        "a.md",
        """
        # Title

        ```{code-cell} python
        :tags: [raises-exception]
        import json
        json.loads("{")
        ```
        ```{expect} error
        JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
        ```
        """,
    )
    command = [Path(sys.executable).with_name("jupyter-book"), "build", site.root]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    shown = re.sub("<[^>]+>", "", page(site, "a"))  # without the colours
    assert "Cell In[1], line 2" in shown
    assert "JSONDecodeError" in shown
    assert "decoder.py" not in shown


def test_a_bad_filter_ends_a_build_with_a_message(book):
    book.write("conf.py", "extensions = ['myst_nb', 'bookproof.sphinx_ext']\n")
    book.write("index.md", "# T\n")
    filters = "bookproof_filters.run=("
    command = [sys.executable, "-m", "sphinx", "-q", "-D", filters, ".", "_build"]
    done = subprocess.run(command, cwd=book.root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2
    assert "bookproof_filters: run is '(', wanted a pattern and a replacement" in done.stderr
    assert "Traceback (most" not in done.stderr  # Sphinx 8 has a heading of that name
