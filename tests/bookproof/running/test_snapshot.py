"""Snapshots: a chapter that goes on from one gives what it would give from the start."""

import dataclasses
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from tests.bookproof.conftest import installed, processes_below
from tests.bookproof.running.states import FOUND, GC, UNSAFE

from bookproof.reading.scan import scan
from bookproof.running import kernel, record
from bookproof.running.failure import Ending
from bookproof.running.run import run
from bookproof.running.snapshot import Snapshot, Snapshots
from bookproof.running.warm import Warmth

CELL = "```{{code-cell}}\n:tags: [raises-exception]\n{}\n```\n"

UNSAFE = installed(UNSAFE)


class Taken(Snapshots):
    """Snapshots that are taken before certain cells, or before all."""

    def __init__(self, *cells):
        super().__init__()
        self.wanted = cells

    def is_worth_it(self, cell, *_):
        return cell in self.wanted or not self.wanted


class Chapter:
    """A chapter that is changed and run again, with snapshots and without."""

    def __init__(self, book, snapshots=None, warm=True):
        self.book = book
        self.snapshots = snapshots or Taken()
        self.warmth = Warmth(lasting=True) if warm else None

    def write(self, *cells, name="a.md"):
        self.book.chapter(name, "".join(cells))
        return scan(self.book.root, name)

    def run(self, *cells, snapshots=True, **options):
        return self.run_all([self.write(*cells)], snapshots, **options)["a.md"]

    def run_all(self, chapters, snapshots=True, preload=("json",), workers=1):
        quiet = (lambda _: None, lambda *_: None, lambda _: None)
        kept = {"warmth": self.warmth, "snapshots": self.snapshots if snapshots else None}
        return run(chapters, self.book.root, workers, preload, *quiet, **kept)

    def close(self):
        self.snapshots.close()
        if self.warmth:
            self.warmth.close()

    @property
    def start(self):
        """Return the index of the cell from which the last run went on."""
        return self.snapshots.continued["a.md"]


def content(result):
    """Return all of a run but when it was and how long it took."""
    found = record.content(result) | {"failure": result.failure, "unkept": result.unkept}
    found |= {"found": result.found, "either": result.either, "made": result.made}
    return {name: found[name] for name in found if name not in ("seconds", "started")}


@pytest.fixture
def chapter(book, leaves_nothing):
    found = Chapter(book)
    yield found
    found.close()
    left = time.monotonic() + 10
    while processes_below(book.root) and time.monotonic() < left:
        time.sleep(0.05)


@pytest.fixture(scope="module")
def everything(make_book):
    """Return runs of a chapter with all kinds of state: changed, once more, and from the start."""
    found = Chapter(make_book(), Taken(1 + len(FOUND)), warm=False)
    found.book.write("data/lines.txt", "".join(f"line {n}\n" for n in range(5000)))
    found.book.write("helper.py", "count = 0")
    value = "{expect}`42 <a + 41>` {eval}`box.size`\n\n"
    early = [CELL.format(GC), *(CELL.format(code) for code, _ in FOUND.values()), value]
    late = [*(CELL.format(code) for _, code in FOUND.values()), value]
    found.run(*early, CELL.format("print('before')"), *late)
    changed = [*early, CELL.format("print('after')"), *late]
    runs, starts = [], []
    for _ in range(2):
        runs.append(found.run(*changed))
        starts.append(found.start)
    plain = found.run(*changed, snapshots=False)
    found.snapshots.close()
    return plain, runs, starts


def test_a_run_that_goes_on_is_the_run_from_the_start(everything):
    plain, runs, starts = everything
    assert starts == [1 + len(FOUND)] * 2
    assert len(plain.outputs) == 2 + 2 * len(FOUND)
    names = ["", *FOUND, "between", *FOUND]
    for result in runs:
        for name, wanted, given in zip(names, plain.outputs, result.outputs, strict=True):
            assert given == wanted, name
        assert content(result) == content(plain)


def cells(*codes):
    return [CELL.format(code) for code in codes]


def test_the_cell_that_is_changed_decides_where_a_run_goes_on(chapter):
    codes = ["n = 1\nn", "n += 1\nn", "print(n, _)", "n *= 5\nprint(In, Out)", "n, _"]
    chapter.run(*cells(*codes))
    assert (chapter.start, chapter.snapshots.cells("a.md")) == (0, [1, 2, 3, 4])
    # The last twice, then before it, so that one goes on from a run that went on.
    for changed in (4, 4, 2, 3, 4, 1):
        codes[changed] += "; n"
        result = chapter.run(*cells(*codes))
        assert chapter.start == changed
        assert result.seconds > 0
    assert content(result) == content(chapter.run(*cells(*codes), snapshots=False))
    for others in (["n = 2", *codes[1:]], codes[1:]):
        chapter.run(*cells(*others))
        assert chapter.start == 0


def test_text_between_cells_is_no_change(chapter):
    first = cells("handle = display(1, display_id=True)", "handle.update(2)", "3")
    chapter.run(*first)
    changed = [first[0], "A text.\n\n", first[1], cells("handle.update(4)")[0]]
    result = chapter.run(*changed)
    assert chapter.start == 2
    assert result.outputs[0][0]["data"]["text/plain"] == "4"


def test_what_no_fork_can_go_on_for_begins_at_the_start(chapter, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("theirs")))
    chapter.book.write("data.txt", "1")
    chapter.book.write("old.txt", "1")
    chapter.book.write("watch.py", "import time\nstart = time.monotonic()")
    # Files that one chapter writes count as those of all that run meanwhile.
    results = {}
    for writing in (False, True):
        names = [name for name, (_, why) in UNSAFE.items() if (why == "written files") == writing]
        codes = {name: cells("import os, time", UNSAFE[name][0], "1", "2") for name in names}
        chapters = [chapter.write(*codes[name], name=f"{name}.md") for name in names]
        results |= chapter.run_all(chapters, workers=2)
    assert len(results) == len(UNSAFE)
    for name, (_, why) in UNSAFE.items():
        assert results[f"{name}.md"].failure is None, name
        kinds = [output.output_type for output in results[f"{name}.md"].outputs[0]]
        assert "error" not in kinds, name
        assert re.search(why, chapter.snapshots.refused.get(f"{name}.md", "")), name
        assert max(chapter.snapshots.cells(f"{name}.md"), default=0) < 2, name


def test_what_has_been_read_is_read_again_where_it_has_changed(chapter, monkeypatch):
    book, text = chapter.book, ["{expect}`1 <helper.size>`\n\n"]
    book.write("data.txt", "old")
    book.write("helper.py", "size = 1")
    monkeypatch.setenv("COURSE", "old")
    reads = "print(open('data.txt').read(), helper.size, os.environ.get('COURSE'))"
    first = cells(f"import os, helper\n{reads}\nsorted(os.listdir())")
    changes = (
        lambda: book.write("data.txt", "new"),
        lambda: os.utime(book.root / "data.txt"),
        lambda: book.write("helper.py", "size = 22"),
        lambda: monkeypatch.setenv("COURSE", "new"),
        lambda: monkeypatch.setenv("OPENCV_LOG_LEVEL", "x"),
        lambda: text.append("{expect}`2 <helper.size + 1>`\n\n"),
        lambda: book.write("another.txt", ""),
    )
    chapter.run(*first, *text, *cells("'before'"))
    for number, change in enumerate(changes):
        change()
        chapter.run(*first, *text, *cells(f"'changed {number}'"))
        assert chapter.start == 0
        result = chapter.run(*first, *text, *cells(f"'again {number}'"))
        assert chapter.start == 1
    assert result.outputs[0][0]["text"] == "new 22 new\n"
    plain = chapter.run(*first, *text, *cells(f"'again {number}'"), snapshots=False)
    assert content(result) == content(plain)


def test_what_later_cells_have_left_is_not_found(chapter):
    first = cells("size = 4", "%store size", "1")
    chapter.run(*first)
    chapter.run(first[0], *cells("%store -r size\nsize", "2"))
    assert chapter.start == 0  # IPython's profile is another
    result = chapter.run(first[0], *cells("%store", "3"))
    assert "4" not in result.outputs[1][0]["text"]


def snapshots_of(book):
    """Return the processes that wait for their turn."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(book.root):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_snapshot_that_has_been_killed_is_not_missed(chapter):
    chapter.run(*cells("n = 1", "n", "1"))
    killed = snapshots_of(chapter.book)
    assert len(killed) == 2
    for process in killed:
        process.kill()
    result = chapter.run(*cells("n = 1", "n", "n + 1"))
    assert (chapter.start, result.failure) == (0, None)
    assert result.outputs[2][0]["data"]["text/plain"] == "2"
    chapter.run(*cells("n = 1", "n", "n + 2"))
    assert chapter.start == 2


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("import os; os._exit(3)", Ending.KERNEL_DIED),
        ("raise RuntimeError('cannot be used in a forked process')", None),
        ("import sys; print('a fork', file=sys.stderr)", None),
    ],
)
def test_what_may_be_due_to_the_fork_is_tried_from_the_start(chapter, code, ending):
    chapter.run(*cells("n = 1", "n"))
    result = chapter.run(*cells("n = 1", code))
    assert chapter.start == 0
    assert (result.failure and result.failure.kind) == ending


def test_a_cell_that_fails_is_no_reason_to_begin_again(chapter):
    plain = "```{code-cell}\nn / 0\n```\n"
    chapter.run(*cells("n = 1", "n"))
    result = chapter.run(*cells("n = 1"), plain)
    assert (chapter.start, result.failure.message) == (1, "ZeroDivisionError: division by zero")
    assert content(result) == content(chapter.run(*cells("n = 1"), plain, snapshots=False))
    chapter.run(*cells("n = 1", "n"))
    assert chapter.start == 1


def test_several_chapters_go_on_at_a_time(chapter):
    def chapters(last):
        return [
            chapter.write(*cells("import json", "n = 1", last), name=f"{name}.md") for name in "ab"
        ]

    chapter.run_all(chapters("1"))
    results = chapter.run_all(chapters("2"), workers=2)
    assert chapter.snapshots.continued == {"a.md": 2, "b.md": 2}
    plain = chapter.run_all(chapters("2"), snapshots=False)
    assert {name: content(r) for name, r in results.items()} == {
        name: content(r) for name, r in plain.items()
    }


def test_they_end_with_what_kernels_are_forked_from(chapter):
    codes = cells("n = 1", "n", "1")
    chapter.run(*codes)
    chapter.run_all([chapter.write(*codes)], preload=("string",))
    assert chapter.start == 0
    assert chapter.snapshots.cells("a.md") == [1, 2]


ENGINE = """
import sys, time
from pathlib import Path
from tests.bookproof.running.test_snapshot import Chapter, cells
from tests.bookproof.conftest import SmallBook
chapter = Chapter(SmallBook(Path(sys.argv[1])))
chapter.run(*cells("n = 1", "n", "1"))
print(chapter.snapshots.cells("a.md"), flush=True)
chapter.run(*cells("n = 1", "n", "open('runs', 'w').close(); import time; time.sleep(600)"))
"""


def test_nothing_is_left_where_the_engine_is_killed(book):
    command = [sys.executable, "-c", ENGINE, str(book.root)]
    place = Path(__file__).parents[3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=place) as engine:
        assert engine.stdout.readline() == "[1, 2]\n"
        wait_for((book.root / "runs").exists)
        assert len(snapshots_of(book)) == 3
        engine.kill()
    wait_for(lambda: not snapshots_of(book))


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_few_snapshots_are_kept():
    snapshots, others = Snapshots(), []

    def add(name, cell, seconds):
        line, other = socket.socketpair()
        others.append(other)
        known = {field.name: None for field in dataclasses.fields(Snapshot)}
        known |= {"line": line, "cell": cell, "seconds": seconds}
        snapshots.add(SimpleNamespace(name=name), Snapshot(**known))

    for cell in range(1, 21):
        add("a.md", cell, seconds=cell if cell != 7 else 6.5)
        assert cell in snapshots.cells("a.md")
    assert len(snapshots.cells("a.md")) == 4
    assert 7 not in snapshots.cells("a.md")
    for name in ("b.md", "c.md", "d.md"):
        add(name, 1, 1.0)
    assert (snapshots.cells("a.md"), snapshots.cells("b.md")) == ([], [1])
    snapshots.close()
    assert all(other.recv(1) == b"" for other in others)
    for other in others:
        other.close()


def test_kernels_of_which_there_are_no_snapshots_get_nothing_for_them():
    assert "pidfd_open" in kernel.prelude(forks=True)
    assert "pidfd_open" not in kernel.prelude()
