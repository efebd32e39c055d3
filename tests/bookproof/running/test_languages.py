"""Kernels of other languages: run and compared, without what only IPython's offers."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bookproof.cli import main
from bookproof.pages.export import export
from bookproof.pages.plain import Surroundings

SAYS = """
# Loud

```{code-cell}
import torch, hello
```
```{expect}
IMPORT TORCH, HELLO
```
"""


@pytest.fixture
def shout(book, tmp_path_factory, monkeypatch):
    """Install a kernel; return what writes a chapter that runs in it."""
    jupyter = tmp_path_factory.mktemp("jupyter")
    (jupyter / "kernels" / "shout").mkdir(parents=True)
    script = str(Path(__file__).with_name("shout.py"))
    spec = {"argv": [sys.executable, script, "-f", "{connection_file}"], "language": "shout"}
    spec["display_name"] = "Shout"
    (jupyter / "kernels" / "shout" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))

    def write(name, body):
        path = book.chapter(name, body)
        path.write_text(path.read_text("utf-8").replace("python3", "shout"))
        return path

    return write


def test_it_runs_at_every_check_and_says_why_once(shout, book, capsys):
    shout("a.md", SAYS)
    shout("b.md", SAYS.replace("HELLO", "HALLO"))
    for _ in range(2):
        report, ran = book.ran()
        assert sorted(ran) == ["a.md", "b.md"]
        assert [str(v.kind) for _, v in report] == ["verified", "mismatch"]
        [note] = report.notes
        assert note.startswith("kernel 'shout' is none of IPython's: ")
        assert report.chapters[0].versions == {"shout": "1.5"}
    assert main(["list", "--why", "--root", str(book.root)]) == 0
    assert (
        capsys.readouterr().out.count("would run: the last run was not kept: kernel 'shout'") == 2
    )


def test_its_errors_are_told(shout, book):
    shout("a.md", SAYS + "\n```{code-cell}\nfail now\n```\n")
    assert [str(v.kind) for _, v in book.check()] == ["verified", "cell failed"]
    [failed] = [v for _, v in book.check() if v.kind == "cell failed"]
    assert failed.message == "Hoarse: no voice"


def test_its_page_and_notebook_have_its_language(shout, book):
    shout("index.md", SAYS)
    book.write(
        "conf.py",
        'extensions = ["myst_nb", "bookproof.sphinx_ext"]\nexclude_patterns = ["_build"]\n',
    )
    command = [sys.executable, "-m", "sphinx", "-W", "-n", book.root, book.root / "_build/html"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    page = (book.root / "_build/html/index.html").read_text("utf-8")
    assert page.count("bookproof-verified") == 1
    assert '<div class="highlight-text' in page  # by the lexer that the kernel names
    assert "with shout 1.5." in page
    [checked] = book.check().chapters
    around = Surroundings([], "", {}, {}, {}, "en")
    notebook = nbformat.reads(export(checked, around, {}), as_version=4)
    assert notebook.metadata.language_info.name == "shout"
    assert "pip install" not in "".join(cell.source for cell in notebook.cells)
