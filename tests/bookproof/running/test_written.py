"""Files that chapters write: their own do not count, others' do, and nobody is disturbed."""

import json
import shutil
from importlib.util import find_spec

import pytest
from tests.bookproof.conftest import installed
from tests.bookproof.running.test_dependencies import GOOD, cell, whys, write

from bookproof.running.store import Store

# Ways to write a file and to read it again.
OWN = {
    "open": "open('x', 'w').write('1'); open('x').read()",
    "append": "open('x', 'a').write('1'); open('x').close()",
    "both": "f = open('x', 'w+'); f.write('1'); f.seek(0); f.read()",
    "pathlib": "from pathlib import Path; Path('x').write_text('1'); Path('x').read_text()",
    "descriptor": "import os; os.close(os.open('x', os.O_CREAT | os.O_RDWR)); open('x').read()",
    "if missing": "import os\nif not os.path.exists('x'):\n    open('x', 'w').write('1')\n"
    "open('x').read()",
    "folder": "import os; os.makedirs('out/deep', exist_ok=True)\n"
    "open('out/deep/x', 'w').write('1'); os.listdir('out/deep'), open('out/deep/x').read()",
    "renamed": "import os; open('x.part', 'w').write('1')\n"
    "os.replace('x.part', 'x'); open('x').read()",
    "copied": "import shutil; shutil.copy('data', 'x'); open('x').read()",
    "moved": "import shutil, tempfile; shutil.move(tempfile.mkstemp()[1], 'x'); open('x').read()",
    "removed": "import os; open('x', 'w').write('1'); open('x').read(); os.remove('x')",
    "listed": "import os; os.listdir(); open('x', 'w').write('1'); len(os.listdir())",
    "numpy": "import numpy as np; np.save('x.npy', [1]); np.load('x.npy')",
    "pandas": "import pandas as pd; pd.Series([1]).to_csv('x'); pd.read_csv('x')",
    "figure": "import matplotlib.pyplot as plt; plt.plot([1, 2])\n"
    "plt.savefig('x.png'); plt.close(); plt.imread('x.png').shape",
    "opencv": "import cv2, numpy as np; cv2.imwrite('x.png', np.ones((9, 9))); cv2.imread('x.png')",
    "torch": "import torch; torch.save(torch.ones(2), 'x'); torch.load('x')",
    "sqlite": "import sqlite3\nwith sqlite3.connect('x.db') as d:\n"
    "    d.execute('drop table if exists t'); d.execute('create table t (n)')\n"
    "sqlite3.connect('x.db').execute('select * from t').fetchall()",
    "shell": "import os; os.system('echo 1 > x; cat x')",
    "magic": "get_ipython().run_cell_magic('writefile', 'own.py', 'n = 1'); import own; own.n",
}
OWN = installed(OWN)

WARM = ("cv2", "matplotlib.pyplot", "pandas", "torch")


@pytest.fixture(scope="module")
def own(make_book):
    """Return a book whose chapters have run, each in a folder of its own; then the reports."""
    book = make_book()
    for name, code in OWN.items():
        write(book, f"{name}/data", b"input")
        book.chapter(f"{name}/a.md", cell(f"{code}\n1;"))
    report = book.check(workers=1, timeout=60, preload=WARM)
    failures = {c.chapter.name: c.run.failure for c in report.chapters}
    assert set(failures.values()) == {None}, failures
    return book


def test_a_chapter_that_reads_what_it_wrote_is_kept(own):
    assert whys(own) == {f"{name}/a.md": "" for name in OWN}


def test_it_is_kept_also_where_the_file_was_there_before(own):
    for path in own.root.glob("*/a.md"):
        path.write_text(path.read_text().replace("1;\n", "2;\n"))
    assert len(own.ran(workers=1, timeout=60, preload=WARM)[1]) == len(OWN)
    found = {name: why for name, why in whys(own).items() if why}
    itself = "has changed: the run itself wrote it after it had read it"
    assert found == {
        "append/a.md": f"append/x {itself}",
        "sqlite/a.md": f"sqlite/x.db {itself}",
    }


def test_what_it_read_of_others_counts_all_the_same(own):
    before = (own.root / "copied" / "data").read_bytes()
    write(own, "copied/data", b"other")
    assert whys(own)["copied/a.md"] == "copied/data has changed"
    write(own, "copied/data", before)
    assert whys(own)["copied/a.md"] == ""
    write(own, "if missing/x", b"by somebody else")
    assert whys(own)["if missing/a.md"].startswith("if missing/x ")


def test_a_file_that_is_read_and_then_written_counts_as_it_was(book):
    counts = (
        "n = int(open('n').read()); open('n', 'w').write(str(n + 1)); print(n, open('n').read())"
    )
    book.write("n", "1")
    book.chapter("a.md", cell(counts))
    book.check()
    why = "n has changed: the run itself wrote it after it had read it"
    assert whys(book) == {"a.md": why}
    book.write("n", "1")
    assert whys(book) == {"a.md": ""}


def test_what_could_not_be_written_counts_as_read(book):
    book.write("x", "1")
    tries = "try: open('x', 'x')\nexcept FileExistsError: print(open('x').read())"
    book.chapter("a.md", cell(tries))
    book.check()
    assert whys(book) == {"a.md": ""}
    book.write("x", "2")
    assert whys(book) == {"a.md": "x has changed"}


def test_what_nobody_can_see_a_cell_ask_counts_by_the_names_of_all_files(book):
    why = "there are other files in the book, and it may have looked which"
    asks = {
        "stat": "import os\ntry: os.stat('far/x')\nexcept OSError: print('none')",
        "access": "from os import access, R_OK; access('far/x', R_OK)",
        "program": "!test -e far/x || echo none",
        "module": "import asking",
    }
    book.write("asking.py", "import os\nos.access('far/x', os.R_OK)\n")
    for name, code in asks.items():
        book.chapter(f"{name}.md", cell(code))
    book.chapter("other.md", GOOD)
    book.check()
    assert set(whys(book).values()) == {""}
    write(book, "far/x", b"")
    assert whys(book) == {f"{name}.md": why for name in asks} | {"other.md": ""}


def test_what_others_are_making_when_it_ends_does_not_count(book, tmp_path_factory, monkeypatch):
    """Of all names that a program may have seen: neither what lasts of theirs nor what does not."""
    signals = tmp_path_factory.mktemp("signals")
    wait = "import os, time\nwhile not os.path.exists({!r}): time.sleep(0.05)\n"
    tell = "open({!r}, 'w').close()\n"
    theirs, ended = str(signals / "theirs"), signals / "ended"
    book.chapter("asks.md", cell(wait.format(theirs) + "!true"))
    makes = "".join(map(tell.format, ("lasts", "part", theirs))) + wait.format(str(ended))
    book.chapter("makes.md", cell(f"{makes}os.remove('part')"))
    save = Store.save

    def tell_it(self, chapter, run):
        save(self, chapter, run)
        if chapter.name == "asks.md":
            ended.touch()

    monkeypatch.setattr(Store, "save", tell_it)
    report = book.check(workers=2, timeout=60)
    assert [chapter.run.failure for chapter in report.chapters] == [None, None]
    assert whys(book) == {"asks.md": "", "makes.md": ""}
    book.write("new", "")
    assert whys(book)["asks.md"].startswith("there are other files in the book")


WRITES = """\
import os, time
for n in range(20):
    open(f"made_{n % 3}", "w").write(str(n))
    assert open(f"made_{n % 3}").read() == str(n)
    os.makedirs("made", exist_ok=True)
    open(f"made/{n}", "a").close()
    time.sleep(0.1)
"""
OTHERS = {
    "prints": "import time; time.sleep(1); print('ok')",
    "reads": "import time; open('data').read(); time.sleep(1); print('ok')",
    "draws": "import matplotlib.pyplot as plt, numpy, time; time.sleep(1); plt.plot([1, 2]);",
}


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_chapters_that_write_do_not_disturb_others_that_run_meanwhile(book, code):
    book.write("data", "1")
    book.chapter("writes.md", cell(WRITES))
    book.chapter("other.md", cell(code))
    report = book.check(workers=2, timeout=60)
    assert [chapter.run.failure for chapter in report.chapters] == [None, None]
    assert whys(book) == {"writes.md": "", "other.md": ""}


@pytest.mark.skipif(not find_spec("cv2"), reason="OpenCV writes what no audit event tells of")
def test_where_it_is_not_known_who_wrote_a_chapter_runs_once_more_and_says_why(book):
    draws = "import cv2, numpy, time\nfor n in range(20):\n    time.sleep(0.1)\n"
    draws += (
        "    cv2.imwrite('x.png', numpy.full((9, 9), n)); assert cv2.imread('x.png')[0, 0, 0] == n"
    )
    for name in "ab":
        book.chapter(f"{name}.md", cell(draws.replace("x.png", f"{name}.png")))
    book.check(workers=2, timeout=60)
    found = whys(book)
    assert [name for name, why in found.items() if not why] == []
    assert found["a.md"].startswith("the last run was not kept: it may have read ")
    assert found["a.md"].endswith(", which was written while it ran (b.md ran meanwhile)")
    book.check(workers=1, timeout=60)
    assert whys(book) == {"a.md": "", "b.md": ""}


def test_what_another_program_writes_meanwhile_is_told(book):
    book.write("data", "1")
    book.chapter("chapters/a.md", cell("open('../data').read()") + cell("!echo 2 > ../data"))
    report = book.check()
    [why] = whys(book).values()
    assert why == "the last run was not kept: it read data, which was written while it ran"
    assert report.chapters[0].run.failure is None


def test_a_run_that_failed_says_so(book):
    book.chapter("a.md", cell("1 / 0"))
    book.check()
    assert whys(book) == {"a.md": "the last run failed: ZeroDivisionError: division by zero"}


def test_a_book_that_is_moved_keeps_its_runs(book, tmp_path_factory):
    book.write("data", "1")
    book.chapter("a.md", cell("print(open('data').read()); open('x', 'w').write('1')"))
    book.check()
    other = tmp_path_factory.mktemp("other") / "book"
    shutil.copytree(book.root, other)
    book.root = other
    assert whys(book) == {"a.md": ""}
    made = json.loads((other / "_build" / ".bookproof" / "a.md.made").read_text())
    assert list(made) == ["x"]
