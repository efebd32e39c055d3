"""What is not run: shown, counted as unverified, with a reason, and never green without one."""

import json
import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from bookproof.authoring.accept import accept
from bookproof.telling import seal

STORED = [new_output("stream", name="stdout", text="accuracy 0.97\n")]
RUN = [new_code_cell("print(1)"), new_markdown_cell("```{expect}\n1\n```")]
BECAUSE = new_markdown_cell("```{unverified} it takes six hours\n```")


def skipped(source="train()", outputs=STORED):
    return new_code_cell(source, outputs=outputs, metadata={"tags": ["skip-execution"]})


def write(book, name, *cells, **metadata):
    metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    cells = [new_markdown_cell("# Title"), *cells]
    return book.write(name, writes(new_notebook(cells=cells, metadata=metadata)) + "\n")


def kinds(book, name):
    [checked] = [c for c in book.check().chapters if c.chapter.name == name]
    return [str(v.kind) for v in checked.verdicts]


def test_a_skipped_cell_with_a_stored_output_needs_a_reason(book):
    path = write(book, "a.ipynb", skipped(), *RUN)
    missing, verified = [v for _, v in book.check()]
    assert (str(missing.kind), str(verified.kind)) == ("missing expectation", "verified")
    assert missing.message == (
        "the cell prints text, as its file has it, and is not run for its tag `skip-execution`: "
        "say why with {unverified} under it"
    )
    lines = path.read_text().split("\n")
    assert "train()" in lines[missing.line - 1]
    assert not accept(book.check().chapters[0], force=True, everything=True)

    write(book, "a.ipynb", skipped(), BECAUSE, *RUN)
    report = book.check()
    assert report.green
    assert report.totals == {"chapters": 1, "verified": 1, "unverified": 1, "failed": 0}
    assert report.chapters[0].run.outputs[0] == STORED


def test_what_a_skipped_cell_shows_is_what_the_file_says_now(book):
    write(book, "a.ipynb", skipped(), BECAUSE, *RUN)
    assert book.check().green
    newer = [new_output("stream", name="stdout", text="accuracy 0.98\n")]
    write(book, "a.ipynb", skipped(outputs=newer), BECAUSE, *RUN)
    report, ran = book.ran()
    assert ran == []  # nothing that runs has changed
    assert report.chapters[0].run.outputs[0] == newer


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ([skipped(outputs=[]), *RUN], ["verified"]),
        ([skipped(outputs=[]), BECAUSE, *RUN], ["malformed block", "verified"]),
        ([skipped(), new_markdown_cell("```{expect}\naccuracy 0.97\n```"), BECAUSE, *RUN], 3),
        ([skipped(), BECAUSE], ["unverified"]),  # nothing in it runs: no kernel, no {expect}
    ],
)
def test_what_stands_under_a_skipped_cell(book, cells, outcome):
    if outcome == 3:  # the second block belongs to the cell too
        outcome = ["malformed block", "unverified", "verified"]
    write(book, "a.ipynb", *cells)
    assert kinds(book, "a.ipynb") == outcome


OFF = {"execution_mode": "off"}


def test_a_chapter_that_is_not_run_needs_a_reason_in_public(book):
    book.write("_config.yml", 'execute:\n  exclude_patterns: ["gpu/*"]\n')
    stored = new_code_cell("train()", outputs=STORED)
    write(book, "gpu/a.ipynb", stored, new_code_cell("more()"))
    book.chapter("gpu/b.md", "```{code-cell}\nimport no_such_library\n```\n")
    write(book, "c.ipynb", stored, mystnb=OFF)
    write(book, "d.ipynb", new_code_cell("print(1)"), RUN[1], mystnb={"execution_mode": "force"})
    report, ran = book.ran()
    assert ran == ["d.ipynb"]
    said = report.failures()
    for words in (
        ": 2 cells did not run, because it is excluded from execution by 'gpu/*': ",
        "gpu/b.md:6: 1 cell did not run, because it is excluded from execution by 'gpu/*': ",
        "1 cell did not run, because its execution_mode is off: ",
        "say why in public: `bookproof: {not_run: reason}` in its metadata, or ",
    ):
        assert words in said

    config = (book.root / "_config.yml").read_text()
    own = '\nsphinx:\n  config:\n    bookproof_not_run: {"gpu/*": it needs a GPU}\n'
    book.write("_config.yml", config + own)
    write(book, "c.ipynb", stored, mystnb=OFF, bookproof={"not_run": "it needs a licence"})
    report = book.check()
    assert report.green
    unverified = [(c.name, v.message) for c, v in report if str(v.kind) == "unverified"]
    assert unverified == [
        ("c.ipynb", "it needs a licence"),
        ("gpu/a.ipynb", "it needs a GPU"),
        ("gpu/b.md", "it needs a GPU"),
    ]


def test_an_expectation_in_a_chapter_that_is_not_run_fails(book):
    told = {"mystnb": OFF, "bookproof": {"not_run": "it needs a GPU"}}
    block = new_markdown_cell("```{expect}\naccuracy 0.97\n```")
    write(book, "a.ipynb", new_code_cell("train()", outputs=STORED), block, **told)
    assert kinds(book, "a.ipynb") == ["unverified", "malformed block"]


def test_pages_show_it_and_say_so(book):
    book.write(
        "conf.py",
        'extensions = ["myst_nb", "bookproof.sphinx_ext"]\nexclude_patterns = ["_build"]\n',
    )
    book.write("index.md", "# T\n\n```{toctree}\na\nb\nc\n```\n\n```{verification-ledger}\n```\n")
    write(book, "a.ipynb", skipped(), BECAUSE, *RUN)
    told = {"mystnb": OFF, "bookproof": {"not_run": "it needs a GPU"}}
    write(book, "b.ipynb", new_code_cell("train()", outputs=STORED), **told)
    book.write(
        "c.md",
        "---\nfile_format: mystnb\nmystnb: {execution_mode: off}\n"
        "bookproof: {not_run: it needs an hour}\n---\n# C\n\n```{code-cell}\nlong()\n```\n",
    )
    command = [sys.executable, "-m", "sphinx", "-W", "-n", book.root, book.root / "_build/html"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    pages = {n: (book.root / f"_build/html/{n}.html").read_text("utf-8") for n in "abc"}
    assert "accuracy 0.97" in pages["a"]
    assert "not verified: it takes six hours" in pages["a"]
    assert pages["b"].index("accuracy 0.97") < pages["b"].index("not verified: it needs a GPU")
    assert "not verified: it needs an hour" in pages["c"]
    for name in "bc":
        assert "Nothing on this page was run by the build" in pages[name]
        assert "bookproof-verified" not in pages[name]
    found = json.loads((book.root / "_build/html/verification.json").read_text("utf-8"))
    assert found["totals"] == {"chapters": 3, "verified": 1, "unverified": 3, "failed": 0}
    assert found["chapters"]["b.ipynb"]["versions"] == {}
    assert seal.troubles(book.root / "_build/html") == []
