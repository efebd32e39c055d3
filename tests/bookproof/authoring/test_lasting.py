"""What `accept --all` writes lasts: in a clean clone elsewhere nothing fails."""

import re
import shutil
import subprocess

import pytest

from bookproof import check
from bookproof.book import Book
from bookproof.cli import main
from bookproof.running import kernel
from bookproof.telling import verification

# Code, and whether what it prints lasts. Each is a cell.
CELLS = {
    "print('plain', 6 * 7)": True,
    "import numpy as np\nprint(np.random.default_rng(3).integers(0, 99, 4))": True,
    "sorted({'kiwi', 'lime', 'fig'})": True,
    "print(len(__import__('os').listdir('/')) > 0)": True,
    "def double(x):\n    return 2 * x\n\ndouble": True,
    "import math\nprint(math.sqrt(3))": True,
    "print('see /usr/share/dict')": True,
    "print('built on 1999-12-31')": True,
    "y = [5]\nprint(id(y))": False,
    "print([object()])": False,
    "print(lambda: 0)": False,
    "print(hash('word'))": False,
    "print(list({'no', 'yes'}))": False,
    "for word in {'no', 'yes'}:\n    print(word)": False,
    "print({'b', 'a', 'c'})": False,
    "import random as r\nprint(r.choice('heads tails'.split()), r.random() < 0.5)": False,
    "print(r.random())": False,
    "import uuid\nprint(uuid.uuid4().hex)": False,
    "import os\nprint('kernel', os.getpid())": False,
    "import pathlib\nprint(pathlib.Path().resolve())": False,
    "print(pathlib.Path.home() / 'data')": False,
    "import tempfile\nprint(tempfile.gettempdir())": False,
    "print(os.__file__)": True,  # where Python is installed is evened out
    "import sys\nprint(sys.executable)": False,
    "import datetime\nprint(datetime.date.today())": False,
    "print(datetime.datetime.now(datetime.UTC).date())": False,
    "import time\nprint(time.strftime('%H:%M:%S'))": False,
    "t = time.perf_counter()\nsum(range(9))\nprint(f'{time.perf_counter() - t:.1f} s')": False,
    "t = time.time()\nprint('took', round(time.time() - t), 'minutes')": False,
    "%%time\nsum(range(9))": False,
    "import timeit\nprint(f'{timeit.timeit(\"1 + 1\", number=9):.2f}')": False,
    "print(os.path.exists('made.txt'))\nopen('made.txt', 'w').close()": True,
    "os.makedirs('kept')\nfor n in (3, 1, 2):\n    print(open(f'kept/{n}', 'w').write('x'))": True,
    "import glob\nglob.glob('kept/*')": False,
    "print([path.name for path in pathlib.Path('kept').iterdir()])": False,
    "print([files for _, _, files in os.walk('kept')])": False,
    "sorted(os.listdir('kept')), len(list(os.scandir('kept')))": True,
    "print(os.cpu_count())": False,
    "import getpass\nprint(getpass.getuser())": False,
    "print('In', datetime.date.today().year)": False,
    "print(f'{datetime.datetime.now():written in %B %Y}')": False,
    "print(f'{datetime.datetime(1999, 12, 31):written in %B %Y}')": True,
    "np.empty(300)[:2]": False,
}
FIGURES = """\
```{code-cell}
import matplotlib.pyplot as plt
_ = plt.plot([1, 2, 4])
```

```{code-cell}
_ = plt.plot([r.random(), r.random(), 1])
```

```{code-cell}
:tags: [raises-exception]
raise ValueError(f"no {id(y)}")
```
"""
DIFFERS = "differs from run to run"


def written_in(folder, name):
    """Return the first lines of the blocks of a chapter, for each cell."""
    text = (folder / name).read_text("utf-8")
    return [
        re.findall(r"^`{3,}(\{(?:expect|unverified)\}.*)$", part, re.MULTILINE)
        for part in text.split("```{code-cell}")[1:]
    ]


@pytest.fixture(scope="module")
def accepted(make_book, tmp_path_factory):
    """Accept all of a book; return it, and what was said."""
    book = make_book()
    cells = "\n".join(f"```{{code-cell}}\n{code}\n```\n" for code in CELLS)
    book.chapter("cells.md", cells + "\n" + FIGURES)
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("bookproof.commands.say", lambda text, stream=None: said.append(text))
        assert main(["accept", "--all", f"--root={book.root}"]) == 0
    return book, "\n".join(said)


def test_only_what_lasts_is_frozen(accepted):
    book, _ = accepted
    found = written_in(book.root, "cells.md")
    assert len(CELLS) == 43
    assert len(found) == len(CELLS) + 3
    wrong = {}
    for (code, lasts), words in zip(CELLS.items(), found, strict=False):
        frozen = words in (["{expect}"], ["{expect} number"])
        if frozen is not lasts or len(words) != 1:
            wrong[code] = words
    assert wrong == {}
    assert found[-3:] == [
        ["{expect} figure"],
        [f"{{unverified}} {DIFFERS}"],
        ["{expect} error norm=id"],
    ]


def test_what_is_left_out_is_named_with_place_and_reason(accepted):
    book, said = accepted
    lines = book.root.joinpath("cells.md").read_text("utf-8").split("\n")
    told = re.findall(r"^bookproof: cells.md:(\d+): proposed as (\{\w+\}.*)$", said, re.MULTILINE)
    assert len(told) == sum(not lasts for lasts in CELLS.values()) + 3  # and what is rounded
    assert {lines[int(number) - 1] for number, _ in told} == {"```{code-cell}"}
    assert told[0][1] == "{expect} number: 1 number rounded to 6 digits"
    for reason in (
        DIFFERS,
        "shows a path of this machine",
        "shows the date of today",
    ):
        assert any(reason in text for _, text in told), reason


def test_a_clone_elsewhere_is_green_with_every_hash_seed(accepted, tmp_path, monkeypatch):
    book, _ = accepted
    clone = tmp_path / "a clone"
    shutil.copytree(book.root, clone, ignore=shutil.ignore_patterns("_build", "made.txt", "kept"))
    monkeypatch.setitem(kernel.ENVIRONMENT, "PYTHONHASHSEED", "77")
    monkeypatch.setitem(kernel.ENVIRONMENT, "TMPDIR", str(tmp_path))
    report = check(Book.load(clone))
    assert report.green, report.failures()
    assert report.totals["verified"] >= 10


def test_what_an_earlier_run_left_behind_is_not_in_a_clone(book):
    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=book.root, check=True)

    book.write("numbers.txt", "1 2\n")
    code = """\
        ```{code-cell}
        import pathlib
        kept = pathlib.Path("kept.txt")
        print("found" if kept.exists() else "made", pathlib.Path("numbers.txt").read_text())
        kept.write_text("x");
        ```
        """
    path = book.chapter("a.md", code)
    book.check()
    git("init", "--quiet")
    git("add", "a.md", "numbers.txt")
    git("commit", "--quiet", "--message", "x")
    path.write_text(path.read_text().replace("import pathlib", "import pathlib  # again"))
    book.check()
    assert main(["accept", "--all", "--force", f"--root={book.root}"]) == 0
    assert written_in(book.root, "a.md") == [[f"{{unverified}} {DIFFERS}"]]


def test_a_chapter_that_fails_elsewhere_is_not_accepted_from_there_on(book, capsys):
    book.chapter(
        "a.md",
        """\
        ```{code-cell}
        print("before")
        ```

        ```{code-cell}
        import os
        assert os.environ["PYTHONHASHSEED"] == "0"
        print("after")
        ```
        """,
    )
    book.chapter("b.md", "```{code-cell}\nprint(1)\n```\n")
    assert main(["accept", "--all", f"--root={book.root}"]) == 0
    assert written_in(book.root, "a.md") == [["{expect}"], []]
    assert written_in(book.root, "b.md") == [["{expect}"]]
    said = capsys.readouterr().err
    assert "a.md:13: nothing is proposed from here on, elsewhere it fails: cell failed" in said


def test_a_block_that_would_not_last_is_refused_with_the_difference(book, capsys):
    path = book.chapter("a.md", "```{code-cell}\nprint(id([]))\n```\n```{expect}\n12\n```\n")
    before = path.read_bytes()
    assert main(["accept", f"--root={book.root}"]) == 1
    said = capsys.readouterr().err
    assert f"refused: a.md:9: the new output {DIFFERS}: even it out" in said
    assert re.search(r"^    -\d+\n    \+\d+$", said, re.MULTILINE)
    assert path.read_bytes() == before


SEED = "```{code-cell}\nimport os\nprint(os.environ['PYTHONHASHSEED'])\n```\n```{expect}\n0\n```\n"


def test_the_second_run_finds_what_one_run_cannot(book, capsys):
    book.chapter("a.md", SEED)
    book.chapter("b.md", "```{code-cell}\nprint(1)\n```\n```{expect}\n1\n```\n")
    root, json = f"--root={book.root}", book.root / "v.json"
    assert main(["check", root]) == 0
    assert main(["accept", root]) == 0  # there is nothing to write
    capsys.readouterr()
    assert main(["check", "--twice", root, "--json", str(json)]) == 1
    said = capsys.readouterr()
    words = "a.md:11: flaky output: differs from run to run; in another one: mismatch: first"
    assert words in said.err
    assert "    -0\n    +1\n" in said.err
    assert "1 output verified in 2 chapters, 1 FAILED" in said.out
    assert not verification.load(json)["green"]
    assert main(["accept", "--all", root]) == 1
    assert words in capsys.readouterr().err
    assert main(["check", "--twice", root, str(book.root / "b.md")]) == 0
