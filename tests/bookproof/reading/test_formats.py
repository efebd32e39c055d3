"""Pages that a reader of the book's own reads: run and checked like any chapter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bookproof.authoring.accept import accept

SCRIPT = """\
# A heading of no cell.

# %% [markdown]
# # Sums
#
# As `print(1 + 1)` says:

# %%
print(1 + 1)

# %% [markdown]
# ```{expect}
# 2
# ```
# And so on.

# %% raises-exception
x = [
    3,
]
x.nope

# %% [markdown]
# ```{expect} error
# AttributeError: wrong
# ```

# %%
print(1 + 1)
"""

CONFIG = """\
title: small
execute:
  timeout: 20
sphinx:
  local_extensions: {{percent: readers}}
  extra_extensions: [bookproof.sphinx_ext]
  config:
    nb_custom_formats:
      .py: {entry}
"""


@pytest.fixture
def scripts(book):
    """Write a book of one script, with a reader that lies in the book."""

    def write(text=SCRIPT, entry="percent.read"):
        book.write("_config.yml", CONFIG.format(entry=entry))
        reader = Path(__file__).with_name("percent.py").read_text("utf-8")
        book.write("readers/percent.txt", reader)
        (book.root / "readers/percent.txt").rename(book.root / "readers/percent.py")
        book.write("_toc.yml", "format: jb-book\nroot: sums\n")
        config = book.root / "_config.yml"
        config.write_text(config.read_text() + "only_build_toc_files: true\n")
        return book.write("sums.py", text)

    yield write
    sys.modules.pop("percent", None)
    sys.path[:] = [path for path in sys.path if not path.startswith(str(book.root))]


def line_of(text, number=0):
    return [n for n, line in enumerate(SCRIPT.split("\n"), 1) if line == text][number]


@pytest.mark.parametrize(
    "entry", ["percent.read", "[percent.read, {kernel: python3}]", "[percent.read, {}, true]"]
)
def test_a_script_is_run_and_each_outcome_has_its_line(scripts, book, entry):
    scripts(entry=entry)
    assert book.verdicts() == [
        ("sums.py", line_of("# ```{expect}"), "verified"),
        ("sums.py", line_of("# AttributeError: wrong") - 1, "mismatch"),
        ("sums.py", line_of("print(1 + 1)", 1), "missing expectation"),
    ]


def test_what_goes_wrong_in_a_cell_is_told_with_its_line(scripts, book):
    scripts(SCRIPT.replace("# %% raises-exception", "# %%"))
    [failed] = [v for _, v in book.check() if v.kind == "cell failed"]
    assert failed.line == line_of("x.nope")


def test_accept_writes_comments(scripts, book):
    path = scripts()
    checked = book.check().chapters[0]
    assert accept(checked, force=True, everything=True)
    wrong, right = (
        "# AttributeError: wrong",
        "# AttributeError: 'list' object has no attribute 'nope'",
    )
    added = "\n# %% [markdown]\n# ```{expect}\n# 2\n# ```\n"
    assert path.read_text("utf-8") == SCRIPT.replace(wrong, right) + added
    assert book.check().green


def test_a_reader_that_is_not_there_is_named(scripts, book):
    for entry, words in {
        "no_such_module.reads": "No module named 'no_such_module'",
        "percent.reads": "module 'percent' has no attribute 'reads'",
        "json.loads": "Expecting value",
        "builtins.ascii": "its reader 'builtins.ascii' gives str",
    }.items():
        scripts(entry=entry)
        [verdict] = [v for _, v in book.check()]
        assert str(verdict.kind) == "chapter unreadable"
        assert words in verdict.message


def test_jupytext_reads_percent_scripts_and_markdown(book):
    config = {
        ".py": ["jupytext.reads", {"fmt": "py:percent"}],
        ".Rmd": ["jupytext.reads", {"fmt": "Rmd"}],
    }
    excluded = "exclude_patterns = ['conf.py']\n"  # or Sphinx takes it for a page
    book.write("conf.py", f"extensions = ['myst_nb']\nnb_custom_formats = {config!r}\n{excluded}")
    (book.root / "_config.yml").unlink()
    tagged = SCRIPT.replace("%% raises-exception", '%% tags=["raises-exception"]')
    book.write("a.py", tagged)
    book.write("b.Rmd", "# Title\n\n```{python}\nprint('é')\n```\n\n~~~{expect}\né\n~~~\n")
    assert book.verdicts() == [
        ("a.py", line_of("# ```{expect}"), "verified"),
        ("a.py", line_of("# AttributeError: wrong") - 1, "mismatch"),
        ("a.py", line_of("print(1 + 1)", 1), "missing expectation"),
        ("b.Rmd", 7, "verified"),
    ]


@pytest.mark.parametrize("entry", ["percent.read", "[percent.read, {}, true]"])
def test_the_page_shows_outputs_and_badges(scripts, book, entry):
    scripts(SCRIPT.partition("# %% raises")[0], entry)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", "-n", book.root]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (book.root / "_build/html/sums.html").read_text("utf-8")
    assert page.count("bookproof-verified") == 1
    assert "{expect}" not in page
    assert ">2\n" in page
    found = json.loads((book.root / "_build/html/verification.json").read_text("utf-8"))
    assert found["totals"]["verified"] == 1
