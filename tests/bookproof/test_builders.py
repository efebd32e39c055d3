"""Every builder fails alike, and only pages show what is ours."""

import json
import re
import subprocess
import sys

import pytest

CONF = """\
extensions = ["myst_nb", "bookproof.sphinx_ext"]
exclude_patterns = ["_build"]
"""
RIGHT = """
# Page {0}

Text of {0}.

```{{code-cell}} python
print("{0}", 2)
```
```{{expect}}
{0} 2
```
"""
BROWSED = ["html", "dirhtml", "singlehtml", "json"]
OTHERS = ["latex", "epub", "text", "xml", "pseudoxml", "man", "texinfo", "dummy"]
ALL = [*BROWSED, *OTHERS, "linkcheck"]

# In one process, and with what was read shared by all, as jupyter-book and `make` have it.
BUILD = """\
import sys
from sphinx.cmd.build import build_main
root, *builders = sys.argv[1:]
for builder in builders:
    options = ["-q", "-b", builder, "-d", f"{root}/_build/.doctrees"]
    status = build_main([*options, root, f"{root}/_build/{builder}"])
    print(f"{builder}: {status}")
"""
OURS = re.compile(r"bookproof|(?<!\d )output verified|outputs? of this page|not as the book says")


def build(book, *builders):
    """Build a book; return the status of each builder, and all that was said."""
    command = [sys.executable, "-c", BUILD, book.root, *builders]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    return dict(re.findall(r"^(\w+): (\d)$", done.stdout, re.MULTILINE)), said


def texts(book, builder):
    """Return what a builder wrote for people, in one text."""
    folder = book.root / "_build" / builder
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix not in (".json", ".js")]
    paths = [path for path in paths if path.is_file() and "_static" not in path.parts]
    found = [path.read_bytes().decode("utf-8", "ignore") for path in paths]
    return "".join(found)


@pytest.fixture(scope="module")
def built(make_book):
    """Build a book of two chapters and a ledger with every builder; return it with what was said.

    One of the chapters is wrong.
    """
    book = make_book()
    (book.root / "_config.yml").unlink()
    book.write("conf.py", CONF)
    book.write("index.md", "# Top\n\n```{toctree}\na\nb\n```\n\n```{verification-ledger}\n```\n")
    book.chapter("a.md", RIGHT.format("a"))
    book.chapter("b.md", RIGHT.format("b").replace("\nb 2\n", "\nb 3\n"))
    return book, *build(book, *ALL)


def test_every_builder_fails_and_says_the_same(built):
    _, statuses, said = built
    assert statuses == dict.fromkeys(ALL, "1")
    assert said.count("b.md:15: mismatch: first difference at line 1, column 3") == len(ALL)


def test_every_builder_writes_the_same_verification(built):
    book, _, _ = built
    found = {(book.root / "_build" / name / "verification.json").read_bytes() for name in ALL}
    assert len(found) == 1
    assert json.loads(found.pop())["totals"]["failed"] == 1


def test_only_pages_have_badges(built):
    book, _, _ = built
    for name in BROWSED[:-1]:
        assert texts(book, name).count('class="bookproof bookproof-verified"') == 1, name
        assert texts(book, name).count('class="bookproof bookproof-failed"') == 1, name
    for name in OTHERS:
        written = texts(book, name).replace("bookproof-ledger", "")
        assert name == "dummy" or "Text of a" in written or "Page a" in written, name
        assert not OURS.search(written.replace(str(book.root), "")), name


def test_the_ledger_leads_to_the_pages_of_the_builder(built):
    book, _, _ = built

    def links(path):
        page = (book.root / "_build" / path).read_text("utf-8")
        return re.findall(r'href="([^"]*)"><span|href="([^"#]*#bookproof-line-\d+)"', page)

    def has(builder, link):
        page, _, place = link.partition("#")
        path = book.root / "_build" / builder / page
        path = path / "index.html" if path.is_dir() else path
        return f'id="{place}"' in path.read_text("utf-8")

    for builder in ("html", "dirhtml"):
        found = [second for _, second in links(f"{builder}/index.html") if second]
        assert len(found) == 2
        assert all(has(builder, link) for link in found), (builder, found)
    single = (book.root / "_build/singlehtml/index.html").read_text("utf-8")
    assert "bookproof-line-" not in single  # which two chapters may have


def test_pages_that_are_read_in_parallel_are_the_same(make_book):
    book = make_book()
    (book.root / "_config.yml").unlink()
    book.write("conf.py", CONF)
    names = [f"c{number}" for number in range(8)]
    toc = "\n".join(names)
    ledger = "```{verification-ledger}\n```\n\n{verification}`verified` of them.\n"
    book.write("index.md", f"# Top\n\n```{{toctree}}\n{toc}\n```\n\n{ledger}")
    for name in names:
        book.chapter(f"{name}.md", RIGHT.format(name))
    found = []
    for jobs in ("1", "2"):
        out = book.root / "_build" / jobs
        command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-j", jobs, book.root, out]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        pages = {path.name: path.read_text("utf-8") for path in out.glob("*.html")}
        assert pages["c7.html"].count("bookproof-verified") == 1
        assert "8 of them." in pages["index.html"]
        found.append(pages)
    assert found[0] == found[1]


TWICE = """\
import sys
from sphinx.application import Sphinx
root = sys.argv[1]
app = Sphinx(root, root, f"{root}/_build/twice", f"{root}/_build/.twice", "html", status=None)
app.builder.read()
app.build()
print(app.statuscode, type(next(iter(app.env.mystnb_config.custom_formats.values()), None)))
"""


def test_a_build_may_read_twice(built):
    book, _, _ = built  # as jupyter-book does for PDFs of single pages
    command = [sys.executable, "-c", TWICE, book.root]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stdout == "1 <class 'NoneType'>\n", done.stderr
    assert "a 2" in (book.root / "_build/twice/a.html").read_text("utf-8")
