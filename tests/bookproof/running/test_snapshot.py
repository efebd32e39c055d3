"""Snapshots: a chapter that goes on from one gives what it would give from the start."""

import gc
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from bookproof.reading.scan import scan
from bookproof.running import record
from bookproof.running.run import run
from bookproof.running.snapshot import Snapshots
from tests.bookproof.conftest import processes_below

CELL = "```{{code-cell}}\n:tags: [raises-exception]\n{}\n```\n"
LIBRARIES = ("numpy", "pandas", "matplotlib.pyplot", "torch")

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
        "plt.rcParams['svg.hashsalt'] = 'salt'\n%config InlineBackend.figure_formats = ['svg']",
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
    "modules": ("0", "sorted(name for name in sys.modules if "
        "'fo' + 'rk' not in name)"),
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
        self.cells = cells

    def is_worth_it(self, cell, last, seconds):
        return cell in self.cells or not self.cells


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


def counted(*cells):
    """Return cells, each of which adds its number to a file outside the book when it runs."""
    return [CELL.format(code) for code in cells]
