"""Pages are read while chapters still run, and are what they would have been afterwards."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.bookproof.conftest import processes_below

CONF = """\
import os
import pathlib
import signal

import bookproof.stream

extensions = ["myst_nb", "bookproof.sphinx_ext", "sphinx.ext.todo", "sphinx.ext.autosectionlabel"]
exclude_patterns = ["_build"]
suppress_warnings = ["autosectionlabel.*"]
todo_include_todos = True


def tell(app, doctree):
    print("read", app.env.docname)
    pathlib.Path(app.outdir, f"{app.env.docname}.read".replace("/", "-")).touch()


def setup(app):
    app.connect("doctree-read", tell)
"""
FAST = """
# Fast

See {ref}`Same`.

```{code-cell}
print("fast")
```
```{expect}
fast
```

## Same

```{todo}
Of the fast one.
```

![first](z/picture.svg)
"""
SLOW = """
# Slow

```{code-cell}
import pathlib
import time
started = time.monotonic()
pathlib.Path("_build/started").touch()
while not pathlib.Path("_build/html/b-fast.read").exists() and time.monotonic() < started + 60:
    time.sleep(0.01)
print("read meanwhile:", time.monotonic() < started + 60)
```
```{expect}
read meanwhile: True
```

## Same

```{todo}
Of the slow one.
```

![second](y/picture.svg)
"""
INDEX = """\
# Top

{verification}`verified` outputs; see {ref}`Same`.

```{toctree}
:glob:

*
```

```{verification-ledger}
```

```{todolist}
```

![third](x/picture.svg)
"""


def build(book, *options):
    """Build a book; return the status and what was said."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", *options, ".", "_build/html"]
    done = subprocess.run(command, cwd=book.root, capture_output=True, text=True, timeout=300)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    return done.returncode, said


def read(said):
    return [line.split()[1] for line in said.split("\n") if line.startswith("read ")]


def written(book):
    folder = book.root / "_build/html"
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    paths = [path for path in paths if path.suffix != ".read" and path.parts[0] != ".doctrees"]
    assert len(paths) > 10
    return {path: (folder / path).read_bytes() for path in paths}


@pytest.fixture(scope="module")
def built(make_book):
    """Build a book from nothing, in which a chapter does not end before another one is read."""
    book = make_book()
    (book.root / "_config.yml").unlink()
    book.write("conf.py", CONF)
    book.write("index.md", INDEX)
    for folder in "xyz":
        svg = f'<svg xmlns="http://www.w3.org/2000/svg"><title>{folder}</title></svg>'
        book.write(f"{folder}/picture.svg", svg)
    # With the most code, and so the first to run.
    book.chapter("a-slow.md", SLOW + "\n+++\n" + "text\n" * 99)
    book.chapter("b-fast.md", FAST)
    for number in range(3):
        told = "Write `` {verification}`verified` `` or `{verification-ledger}` for all."
        book.write(f"c{number}.md", f"# Text {number}\n\n{told}\n\n```{{todo}}\nMore.\n```\n")
    return book, *build(book, "-W", "--keep-going"), written(book)


def test_a_chapter_is_read_while_another_runs(built):
    _, status, said, _ = built
    assert status == 0, said
    assert read(said)[-3:] == ["b-fast", "a-slow", "index"]  # what needs all verdicts, at the end
    assert "bookproof: ran 2 chapters in " in said


def test_the_pages_are_those_that_are_read_afterwards(built):
    book, _, _, pages = built
    shutil.rmtree(book.root / "_build/html")
    status, said = build(book, "-W", "--keep-going")  # nothing is to be run any more
    assert status == 0, said
    assert read(said) == sorted(read(said))
    assert len(read(said)) == 6
    assert written(book) == pages
    assert b"2 outputs" in pages[Path("index.html")]


def test_what_sphinx_reads_is_nothing_that_chapters_read(built):
    book, _, _, _ = built
    for name in ("a-slow", "b-fast"):
        kept = (book.root / "_build/.bookproof" / f"{name}.md.json").read_text("utf-8")
        opened = json.loads(kept.partition("\n")[2])["opened"]
        assert not [path for path in opened if path.endswith((".md", ".svg"))], opened


def test_a_chapter_that_fails_for_what_ran_after_it_is_read_again(make_book):
    book = make_book()
    (book.root / "_config.yml").unlink()
    book.write("conf.py", CONF)
    book.write("index.md", "# Top\n\n```{toctree}\n:glob:\n\n*\n```\n")
    book.write("shared.txt", "3\n")
    reads = '\n# T\n\n```{code-cell}\nprint(open("shared.txt").read())\n```\n```{expect}\n3\n```\n'
    book.chapter("b-fast.md", reads)
    makes = SLOW.replace("print(", 'open("shared.txt", "w").write("4\\n")\nprint(')
    book.chapter("a-slow.md", makes + "\n+++\n" + "text\n" * 99)
    for number in range(3):
        book.write(f"c{number}.md", "# Text\n")
    status, said = build(book)
    assert status == 1
    assert read(said)[-2:] == ["a-slow", "b-fast"]
    assert read(said).count("b-fast") == 2
    assert "b-fast.md:1: malformed block: after: the chapter reads shared.txt" in said
    proof = json.loads((book.root / "_build/html/verification.json").read_text("utf-8"))
    assert proof["totals"]["failed"] == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_a_build_ends_its_kernels(make_book, number):
    book = make_book()
    (book.root / "_config.yml").unlink()
    book.write("conf.py", CONF)
    book.write("index.md", "# Top\n\n```{toctree}\na-slow\n```\n")
    book.chapter("a-slow.md", SLOW)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build/html"]
    reset = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=book.root, preexec_fn=reset, **quiet) as process:
        timer = threading.Timer(120, process.kill)
        timer.start()
        while not (book.root / "_build/started").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait() != 0
        timer.cancel()
    deadline = time.monotonic() + (30 if number == signal.SIGKILL else 0)
    while processes_below(book.root) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_below(book.root) == []
