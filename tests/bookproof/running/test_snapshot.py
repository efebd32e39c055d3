"""Snapshots: a chapter that goes on from one gives what it would give from the start."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tests.bookproof.conftest import processes_below

from bookproof.reading.scan import scan
from bookproof.running import kernel, record
from bookproof.running.failure import Ending
from bookproof.running.run import run
from bookproof.running.snapshot import Snapshot, Snapshots
from bookproof.running.watch import Span

CELL = "```{{code-cell}}\n:tags: [raises-exception]\n{}\n```\n"
# What an early cell leaves behind, and a late cell finds.
FOUND = {
    "session": ("41 + 1", "_, __, _i, len(In), Out, get_ipython().execution_count"),
    "names": ("a, b, c = 1, 'two', [3]", "a, b, c, sorted(n for n in dir() if n[0] != '_')"),
    "ids": (
        "kept = object(); place = id(kept)",
        "id(kept) == place, hash('卷积'), {'x', 'y', 'z'}",
    ),
    "functions": (
        "def twice(x):\n    return 2 * x\n\nclass Box:\n    size = 3\n\nbox = Box()",
        "print(twice(box.size), Box.__module__)\ntwice.__code__.co_filename, Box.size / 0",
    ),
    "generators": (
        "squares = (n * n for n in range(9)); next(squares), next(squares)",
        "list(squares)",
    ),
    "random": (
        "import random; random.seed(5); random.gauss(0, 1)",
        "random.random(), random.gauss(0, 1)",
    ),
    "numpy": (
        "import numpy as np; np.random.seed(6); g = np.random.default_rng(7); g.normal(size=3)",
        "np.random.rand(2), g.normal(), np.random.get_state()[2]",
    ),
    "numpy's settings": (
        "old = np.seterr(all='raise'); np.set_printoptions(precision=3)",
        "np.pi * np.ones(2), np.geterr()",
    ),
    "torch": (
        "import torch\ntorch.manual_seed(8)\nnet = torch.nn.Linear(3, 1)\n"
        "optimizer = torch.optim.Adam(net.parameters())\nnet(torch.rand(4, 3)).sum().backward()",
        "optimizer.step(); net(torch.rand(4, 3)).sum().backward()\nnet.weight, net.weight.grad",
    ),
    "pandas": (
        "import pandas as pd; pd.set_option('display.precision', 2); frame = pd.DataFrame({'x': [1 / 3]})",
        "frame",
    ),
    "decimal": ("import decimal; decimal.getcontext().prec = 4", "decimal.Decimal(1) / 3"),
    "context": (
        "import contextvars; mark = contextvars.ContextVar('mark'); token = mark.set('early')",
        "mark.get()",
    ),
    "logging": (
        "import logging, sys\nlogger = logging.getLogger('book')\n"
        "logger.addHandler(logging.StreamHandler(sys.stdout)); logger.warning('early')",
        "logger.warning('late'); logging.warning('root'), len(logger.handlers), logging.root.handlers",
    ),
    "streams": (
        "import sys; out, err = sys.stdout, sys.stderr; print('early', file=err)",
        "print('late', file=out, flush=True); print('late', file=err)\n"
        "out is sys.stdout, out.fileno() > 2, sys.__stdout__.fileno()",
    ),
    "warnings": (
        "import warnings\ndef warn():\n    warnings.warn('once')\nwarn(); warn()",
        "warn(); warnings.simplefilter('always'); warn()",
    ),
    "figure": (
        "import matplotlib.pyplot as plt\nplt.rcParams['lines.linewidth'] = 4\nplt.style.use('ggplot')\n"
        "figure, axes = plt.subplots(); axes.plot([1, 3, 2]); axes.set_title('\\u4e00')",
        "axes.plot([3, 1]); axes.set_xlabel('\\u4e8c\\u4e00'); display(figure)\n"
        "plt.plot([0, 1]); plt.get_fignums(), plt.rcParams['lines.linewidth']",
    ),
    "format": (
        "plt.rcParams['svg.hashsalt'] = 'salt'\n%config InlineBackend.figure_formats = ['svg']\n"
        "%config InlineBackend.print_figure_kwargs = {'metadata': {'Date': None}}",
        "get_ipython().display_formatter.formatters['image/svg+xml'].enabled",
    ),
    "display": (
        "handle = display('early', display_id='here'); other = display(1, display_id=True)",
        "handle.update('late'); other.update(2); handle.display('again')",
    ),
    "capture": ("%%capture captured\nprint('early')", "captured.show(); captured.stdout"),
    "events": (
        "def after(result): print('ran', result.info.raw_cell[:9])\nget_ipython().events.register('post_run_cell', after)",
        "get_ipython().events.unregister('post_run_cell', after)",
    ),
    "result": (
        "'last'",
        "get_ipython().last_execution_result is not None, get_ipython().last_execution_succeeded",
    ),
    "large": ("print(('x' * 99 + '\\n') * 2000)", "print(('y' * 99 + '\\n') * 2000)"),
    "environment": (
        "import os; os.environ['COURSE'] = 'deep'; os.umask(0o27)",
        "os.environ['COURSE'], oct(os.umask(0o22))",
    ),
    "folder": ("os.chdir('data')", "os.path.basename(os.getcwd()), sorted(os.listdir())"),
    "open": (
        "lines = open('lines.txt'); next(lines), next(lines)",
        "next(lines), lines.tell, lines.read(7), lines.fileno() > 2",
    ),
    "folder open": ("listing = os.scandir(); sorted(e.name for e in listing)", "listing.close()"),
    "helper": (
        "sys.path.insert(0, '..'); import helper; helper.count += 1",
        "helper.count, helper.__name__",
    ),
    "cache": (
        "import functools\n@functools.lru_cache\ndef known(n): return n\nknown(1), known(1)",
        "known(1); known.cache_info()",
    ),
    "database": (
        "import sqlite3; db = sqlite3.connect(':memory:'); db.execute('create table t (n)').rowcount",
        "db.execute('insert into t values (3)'); db.execute('select * from t').fetchall()",
    ),
    "signal": (
        "import signal; old = signal.signal(signal.SIGUSR1, lambda *_: print('came'))",
        "os.kill(os.getpid(), signal.SIGUSR1); str(signal.getsignal(signal.SIGINT)), str(signal.getsignal(signal.SIGTERM))",
    ),
    "temporary": (
        "import tempfile\nwith tempfile.TemporaryDirectory() as folder:\n    open(folder + '/x', 'w').close()",
        "os.path.exists(folder)",
    ),
    "local": ("import threading; local = threading.local(); local.value = 9", "local.value"),
    "threads": (
        "t = threading.Thread(target=print, args=['in']); t.start(); t.join(); t.name",
        "t = threading.Thread(target=print, args=['in']); t.start(); t.join()\n"
        "t.name, sorted(t.name for t in threading.enumerate()), threading.main_thread().name",
    ),
    "loop": (
        "import asyncio; loop = asyncio.get_running_loop(); await asyncio.sleep(0.01)",
        "await asyncio.sleep(0.01); await loop.run_in_executor(None, lambda: 5), loop is asyncio.get_running_loop()",
    ),
    "depth": ("import inspect", "len(inspect.stack()), [f.function for f in inspect.stack()]"),
    "deep": (
        "def down(n): return down(n + 1)",
        "try:\n    down(0)\nexcept RecursionError as e: print(e)",
    ),
    "error": ("def fail():\n    raise ValueError('early')", "fail()"),
    "error early": ("1 / 0", "import traceback; type(sys.last_value)"),
    "programs": (
        "0",
        "import subprocess; subprocess.run(['cat'], input=b'x', capture_output=True).stdout",
    ),
    "descriptors": (
        "os.write(1, b'early\\n')",
        "os.system('echo from a shell'); os.write(1, b'raw\\n'); os.write(2, b'err\\n')",
    ),
    "library": ("import ctypes; library = ctypes.CDLL(None)", "library.puts(b'from C')"),
    "workers": (
        "import multiprocessing",
        "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, 2]))",
    ),
    "children": (
        "0",
        "pid = os.fork()\nif not pid: os._exit(3)\nos.waitstatus_to_exitcode(os.wait()[1])",
    ),
    "identity": ("0", "os.getsid(0) == os.getpid() == os.getpgid(0), os.isatty(0), os.read(0, 1)"),
    "modules": ("0", "sorted(name for name in sys.modules if 'fo' + 'rk' not in name)"),
    "limits": (
        "sys.setrecursionlimit(2500)",
        "sys.getrecursionlimit(), sys.getswitchinterval(), gc_state()",
    ),
    "formatters": (
        "get_ipython().display_formatter.formatters['text/plain'].for_type(Box, lambda b, p, c: p.text('a box'))",
        "box",
    ),
    "magic": ("%alias_magic t timeit", "%lsmagic"),
    "input": ("0", "input('name?')"),
}
GC = "import gc\ndef gc_state(): return gc.isenabled(), gc.get_threshold(), len(gc.callbacks), gc.get_freeze_count()"


class Taken(Snapshots):
    """Snapshots that are taken before certain cells, or before all."""

    def __init__(self, *cells):
        super().__init__()
        self.wanted = cells

    def is_worth_it(self, cell, last, seconds):
        return cell in self.wanted or not self.wanted


class Chapter:
    """A chapter that is changed and run again, with snapshots and without."""

    def __init__(self, book, snapshots=None):
        self.book = book
        self.snapshots = snapshots or Taken()

    def write(self, *cells, name="a.md"):
        self.book.chapter(name, "".join(cells))
        return scan(self.book.root, name)

    def run(self, *cells, snapshots=True, **options):
        return self.run_all([self.write(*cells)], snapshots, **options)["a.md"]

    def run_all(self, chapters, snapshots=True, preload=(), workers=1):
        quiet = (lambda _: None, lambda *_: None, lambda _: None)
        with_them = self.snapshots if snapshots else None
        return run(chapters, self.book.root, workers, preload, *quiet, snapshots=with_them)

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
    found.snapshots.close()
    left = time.monotonic() + 10
    while processes_below(book.root) and time.monotonic() < left:
        time.sleep(0.05)


@pytest.fixture(scope="module")
def everything(make_book):
    """Return runs of a chapter with all kinds of state: changed, once more, and from the start."""
    found = Chapter(make_book(), Taken(1 + len(FOUND)))
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
    for codes in (["n = 2", *codes[1:]], codes[1:]):
        result = chapter.run(*cells(*codes))
        assert chapter.start == 0
    assert chapter.run(*cells(*codes)).outputs == result.outputs


def test_text_between_cells_is_no_change(chapter):
    first = cells("handle = display(1, display_id=True)", "handle.update(2)", "3")
    chapter.run(*first)
    changed = [first[0], "A text.\n\n", first[1], cells("handle.update(4)")[0]]
    result = chapter.run(*changed)
    assert chapter.start == 2
    assert result.outputs[0][0]["data"]["text/plain"] == "4"


# What a cell may set going or leave open, so that no fork can go on for it: and why not.
UNSAFE = {
    "thread": (
        "import threading; threading.Thread(target=time.sleep, args=[60]).start()",
        "thread",
    ),
    "raw-thread": ("import _thread; _thread.start_new_thread(time.sleep, (60,))", "thread"),
    "timer": ("import threading; threading.Timer(60, print).start()", "thread"),
    "pool": (
        "from concurrent.futures import ThreadPoolExecutor as P\np = P(1); p.submit(abs, 1).result()",
        "thread",
    ),
    "traceback": ("import faulthandler; faulthandler.dump_traceback_later(60)", "thread"),
    "context": ("import zmq; s = zmq.Context().socket(zmq.PUB)", "is open|thread"),
    "file": ("f = open('made.txt', 'w')", "made.txt is open"),
    "appended": ("f = open('data.txt', 'a')", "data.txt is open"),
    "socket": ("import socket; s = socket.socket()", "socket.* is open"),
    "pair": ("import socket; pair = socket.socketpair()", "socket.* is open"),
    "pipe": ("pipe = os.pipe()", "pipe.* is open"),
    "epoll": ("import select; e = select.epoll()", "eventpoll.* is open"),
    "stdout": (
        "copy = os.dup(1); os.dup2(os.open(os.devnull, os.O_WRONLY), 1)",
        "descriptor 1|open",
    ),
    "program": ("import subprocess; p = subprocess.Popen(['sleep', '60'])", "a program runs"),
    "ended": ("import subprocess; p = subprocess.run(['true'])", "not known"),
    "child": ("pid = os.fork()\nif not pid: os._exit(0)", "a program runs"),
    "waited": ("pid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)", "not known"),
    "alarm": ("import signal; signal.alarm(60)", "a timer runs"),
    "chld": ("import signal; signal.signal(signal.SIGCHLD, print)", "ends of programs"),
    "shared": ("import mmap; m = mmap.mmap(-1, 4096)", "shared"),
    "task": ("import asyncio; t = asyncio.create_task(asyncio.sleep(60))", "task"),
    "later": ("import asyncio; asyncio.get_running_loop().call_later(60, print)", "task"),
    "reader": (
        "import asyncio; asyncio.get_running_loop().add_reader(1, print)",
        "task",
    ),
    "comm": ("import comm; c = comm.create_comm(target_name='any')", "widget"),
    "written": ("open('made-too.txt', 'w').close()", "written files"),
    "removed": ("os.remove('old.txt')", "written files"),
    "folder": ("os.mkdir('made')", "written files"),
    "outside": ("import tempfile; f = tempfile.mkdtemp()", "outside the book"),
    "outside-file": ("import tempfile; f = tempfile.mkstemp(); os.close(f[0])", "outside the book"),
    "asked": ("os.stat('data.txt').st_size", "not known"),
    "observed": ("import sys; sys.settrace(None)", "not known"),
    "clock": ("start = time.perf_counter()", "clock"),
    "date": ("import datetime; today = datetime.date.today()", "clock"),
    "helper": ("import watch; watch.start", "clock"),
}


def test_what_no_fork_can_go_on_for_begins_at_the_start(chapter, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("theirs")))
    chapter.book.write("data.txt", "1")
    chapter.book.write("old.txt", "1")
    chapter.book.write("watch.py", "import time\nstart = time.monotonic()")
    chapters = [
        chapter.write(*cells("import os, time", code, "1", "2"), name=f"{name}.md")
        for name, (code, _) in UNSAFE.items()
    ]
    results = chapter.run_all(chapters, preload=("json",), workers=2)
    assert len(results) == len(UNSAFE)
    for name, (_, why) in UNSAFE.items():
        assert results[f"{name}.md"].failure is None, name
        kinds = [output.output_type for output in results[f"{name}.md"].outputs[0]]
        assert "error" not in kinds, name
        assert re.search(why, chapter.snapshots.refused.get(f"{name}.md", "")), name
        assert max(chapter.snapshots.cells(f"{name}.md"), default=0) < 2, name


READS = """
print(open('data.txt').read(), helper.size, os.environ.get('COURSE'))
"""


@pytest.mark.parametrize(
    "changed", ["file", "module", "variable", "surroundings", "question", "folder"]
)
def test_what_has_been_read_is_read_again_where_it_has_changed(chapter, monkeypatch, changed):
    chapter.book.write("data.txt", "old")
    chapter.book.write("helper.py", "size = 1")
    monkeypatch.setenv("COURSE", "old")
    first = [
        *cells(f"import os, helper{READS}sorted(os.listdir())"),
        "{expect}`1 <helper.size>`\n\n",
    ]
    chapter.run(*first, *cells("'before'"))
    chapter.run(*first, *cells("'after'"))
    assert chapter.start == 1
    match changed:
        case "file":
            chapter.book.write("data.txt", "new")
        case "module":
            chapter.book.write("helper.py", "size = 22")
        case "variable":
            monkeypatch.setenv("COURSE", "new")
        case "surroundings":
            monkeypatch.setenv("OPENCV_LOG_LEVEL", "x")
        case "question":
            first[1] = first[1].replace("size", "size + 1")
        case "folder":
            chapter.book.write("another.txt", "")
    result = chapter.run(*first, *cells("'last'"))
    assert chapter.start == 0
    assert content(result) == content(chapter.run(*first, *cells("'last'"), snapshots=False))


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


def test_warm_kernels_go_on_too(chapter):
    def chapters(last):
        return [
            chapter.write(*cells("import json", "n = 1", last), name=f"{name}.md") for name in "ab"
        ]

    chapter.run_all(chapters("1"), preload=("json",))
    results = chapter.run_all(chapters("2"), preload=("json",), workers=2)
    assert chapter.snapshots.continued == {"a.md": 2, "b.md": 2}
    plain = chapter.run_all(chapters("2"), snapshots=False, preload=("json",))
    assert {name: content(r) for name, r in results.items()} == {
        name: content(r) for name, r in plain.items()
    }


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


def test_few_snapshots_are_kept(tmp_path, book):
    snapshots, others = Snapshots(), []

    def add(name, cell, seconds):
        line, other = socket.socketpair()
        others.append(other)
        known = dict.fromkeys(("surroundings", "reads", "variables", "profile", "displays"), {})
        lists = {"outputs": [], "values": {}, "span": Span(), "own": "", "folder": tmp_path}
        snapshot = Snapshot(line=line, cell=cell, seconds=seconds, **known, **lists)
        snapshots.add(Named(name), snapshot)

    for cell in range(1, 21):
        add("a.md", cell, seconds=cell if cell != 7 else 6.5)
        assert cell in snapshots.cells("a.md")
    assert len(snapshots.cells("a.md")) == 8
    assert 7 not in snapshots.cells("a.md")
    for name in ("b.md", "c.md", "d.md", "e.md"):
        add(name, 1, 1.0)
    assert (snapshots.cells("a.md"), snapshots.cells("b.md")) == ([], [1])
    snapshots.close()
    assert all(other.recv(1) == b"" for other in others)
    for other in others:
        other.close()


class Named:
    def __init__(self, name):
        self.name = name


def test_kernels_of_which_there_are_no_snapshots_get_nothing_for_them():
    assert "pidfd_open" in kernel.prelude(forks=True)
    assert "pidfd_open" not in kernel.prelude()
