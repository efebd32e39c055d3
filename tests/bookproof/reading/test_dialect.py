"""A chapter is read as the Markdown that its author has set, not as one that we think of."""

import json
import subprocess
import sys

import pytest
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

from bookproof.reading import dialect
from bookproof.reading.scan import scan
from bookproof.reading.settings import Settings

SAID = """
# T

```{code-cell}
x = 3
x
```

:::{expect}
3
:::

In $a {expect}`4 <x>` b$ it stands.
"""
WRAPPED = """
:::{admonition} Run

```{code-cell}
x + 2
```
```{expect}
5
```
:::
"""
CONF = """\
extensions = ["myst_nb", "bookproof.sphinx_ext"]
exclude_patterns = ["_build"]
"""
RICH = "myst:\n  enable_extensions: [colon_fence, dollarmath]\nfile_format"


@pytest.fixture(scope="module")
def built(make_book):
    """Build a book that enables nothing, with a chapter that does; return it and its verdicts."""
    book = make_book()
    (book.root / "_config.yml").unlink()
    book.write("conf.py", CONF)
    book.chapter("index.md", SAID + WRAPPED)
    rich = book.chapter("rich.md", SAID)
    rich.write_text(rich.read_text().replace("file_format", RICH))
    command = [sys.executable, "-m", "sphinx", "-q", book.root, book.root / "_build" / "html"]
    subprocess.run(command, capture_output=True, timeout=300)
    return book


def test_what_the_page_takes_for_text_is_text(built):
    page = (built.root / "_build/html/index.html").read_text("utf-8")
    assert ":::{expect}" in page
    assert page.count('class="bookproof-value bookproof-failed"') == 1
    found = [(line, kind) for name, line, kind in built.verdicts() if name == "index.md"]
    assert found == [(9, "missing expectation"), (18, "mismatch"), (25, "verified")]


def test_a_file_may_enable_more(built):
    page = (built.root / "_build/html/rich.html").read_text("utf-8")
    assert ":::{expect}" not in page
    assert "bookproof-value" not in page
    assert "{expect}`4 &lt;x&gt;`" in page  # in the formula
    found = [(line, kind) for name, line, kind in built.verdicts() if name == "rich.md"]
    assert found == [(16, "verified")]


def test_the_command_and_the_build_read_the_same(built):
    written = json.loads((built.root / "_build/html/verification.json").read_text("utf-8"))
    assert written["totals"] == built.check().totals


def settings(*extensions, **options):
    config = MdParserConfig(enable_extensions=set(extensions), **options)
    return Settings(dialect=dialect.dialect_of(config)), config


@pytest.mark.parametrize(
    ("extensions", "text"),
    [
        ((), WRAPPED),
        (("colon_fence",), WRAPPED),
        ((), "Term\n: ```{code-cell}\n  1\n  ```\n"),
        (("deflist",), "Term\n: ```{code-cell}\n  1\n  ```\n"),
        ((), "$$\n\n```{code-cell}\n1\n```\n$$\n"),
        (("dollarmath",), "$$\n\n```{code-cell}\n1\n```\n$$\n"),
        ((), ":field:\n  ```{code-cell}\n  1\n  ```\n"),
        (("fieldlist",), ":field:\n  ```{code-cell}\n  1\n  ```\n"),
        ((), "\\begin{align}\n```{code-cell}\n1\n```\n\\end{align}\n"),
        (("amsmath",), "\\begin{align}\n```{code-cell}\n1\n```\n\\end{align}\n"),
    ],
)
def test_cells_are_those_of_mystnb(book, extensions, text):
    path = book.chapter("a.md", f"\n{text}\n```{{code-cell}}\nlast\n```\n")
    ours, config = settings(*extensions)
    theirs = read_myst_markdown_notebook(path.read_text(), config, path=path)
    wanted = [cell.source for cell in theirs.cells if cell.cell_type == "code"]
    assert [cell.source for cell in scan(book.root, "a.md", settings=ours).cells] == wanted


@pytest.mark.parametrize(
    ("options", "text", "found"),
    [
        ({}, "{{ {expect}`3 <x>` }}", ["3"]),
        ({"enable_extensions": {"substitution"}}, "{{ {expect}`3 <x>` }}", []),
        (
            {"enable_extensions": {"substitution"}, "sub_delimiters": ("[", "]")},
            "{{ {expect}`3 <x>` }} [[ {expect}`4 <x>` ]]",
            ["3"],
        ),
        ({"enable_extensions": {"dollarmath"}}, "$ {expect}`3 <x>` $", []),
        (
            {"enable_extensions": {"dollarmath"}, "dmath_allow_space": False},
            "$ {expect}`3 <x>` $",
            ["3"],
        ),
        ({"gfm_only": True}, "{expect}`3 <x>`", []),
    ],
)
def test_values_are_the_roles_of_myst(book, options, text, found):
    book.chapter("a.md", f"\n```{{code-cell}}\nx = 3\n```\n\n{text}\n")
    ours = Settings(dialect=dialect.dialect_of(MdParserConfig(**options)))
    chapter = scan(book.root, "a.md", settings=ours)
    assert [value.text for value in chapter.values] == found
