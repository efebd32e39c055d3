"""Random chapters and random edits: what goes on from a snapshot is what runs from the start.

By hand for many seeds: `python -m tests.bookproof.running.chance FIRST LAST`.
"""

import random
import sys
import tempfile
from pathlib import Path

from tests.bookproof.conftest import SmallBook

from bookproof.reading.scan import scan
from bookproof.running import record
from bookproof.running.run import run
from bookproof.running.snapshot import Snapshots
from bookproof.running.warm import Warmth

FILES = {
    "data.txt": "one\ntwo\nthree\nfour\n",
    "more.txt": "5\n",
    "helper.py": "import other\ncalls = []\ndef call(n):\n    calls.append(n)\n    return calls\n",
    "other.py": "size = 1\n",
}

BEGINNING = """\
import logging, os, random, sys, warnings
import matplotlib.pyplot as plt, numpy as np
n, things, log = 0, [], logging.getLogger("book")
random.seed(1); np.random.seed(2); rng = np.random.default_rng(3)
lines = iter(open("data.txt")); squares = (i * i for i in range(999))
fig, axes = plt.subplots(); plt.close(fig)
def count():
    global n
    n += 1
    return n
class Box:
    made = 0
    def __init__(self): Box.made += 1
handle = display("first", display_id="first")
"""

CELLS = (
    "n += {}; n",
    "print(count(), n, things[-3:])",
    "things.append({}); things",
    "things.sort(key=str); things.reverse(); len(things)",
    "del things[:{}]; things",
    "_, len(In), sorted(Out)[-2:], _i",
    "random.random(), random.gauss(0, 1)",
    "random.seed({}); random.shuffle(things); things",
    "np.random.rand(2), rng.normal()",
    "np.random.seed({}); np.random.randint(99)",
    "next(squares), next(lines, None)",
    "list(zip(range({}), squares))",
    "axes.plot([n, {}, 1]); axes.set_title(str(n)); display(fig)",
    "plt.plot([1, {}, n]); plt.xlabel('x')",
    "plt.rcParams['lines.linewidth'] = {}; plt.get_fignums()",
    "plt.figure(); plt.bar([1, 2], [{}, 2]); plt.get_fignums()",
    "log.addHandler(logging.StreamHandler(sys.stdout)); log.warning('%s %s', n, {})",
    "print('err', n, file=sys.stderr); print('out')",
    "os.write(1, b'raw {}\\n'); print('after')",
    "warnings.warn('warned {}')",
    "warnings.simplefilter('always')",
    "1 / 0",
    "raise ValueError(n + {})",
    "Box(), Box(); Box.made",
    "b = Box(); print(type(b).__name__, b.made, {})",
    "handle.update(('changed', n, {}))",
    "handle = display(n, display_id='first')",
    "from IPython.display import clear_output\nprint('gone'); clear_output(wait=True); print({})",
    "%%capture held\nprint(n, {})",
    "held.show() if 'held' in dir() else None",
    "import helper; helper.call({}), helper.other.size",
    "open('data.txt').read().count('o'), os.path.exists('new.txt')",
    "sorted(os.listdir())",
    "open('made.txt', 'a').write('{}'); open('made.txt').read()",
    "open('more.txt').read(); open('more.txt', 'w').write('{}')",
    "open('more.txt').read()",
    "os.environ['MARK'] = str(n + {}); os.environ.get('MARK')",
    "os.environ.get('MARK'), os.environ.get('HOME') is None",
    "import threading; t = threading.Thread(target=count); t.start(); t.join(); t.name, n",
    "import tempfile; tempfile.TemporaryDirectory().cleanup(); n",
    "import asyncio; await asyncio.sleep(0.001 * {}); n",
    "import decimal; decimal.getcontext().prec = {}; decimal.Decimal(1) / 7",
    "np.set_printoptions(precision={}); np.ones(2) / 3, np.geterr()",
    "import functools\n@functools.cache\ndef known(x): return x, count()\nknown(1), known({})",
    "known(1), known.cache_info() if 'known' in dir() else None",
    "%alias_magic t{} timeit",
    "sys.path.insert(0, 'sub{}'); sys.path[0]",
    "try:\n    import sought{}\nexcept ImportError as e: print(e)",
    "get_ipython().events.register('post_run_cell', lambda result: count())",
    "def deep(x): return x and deep(x - 1) or n\ndeep({})",
    "import gc; gc.collect(); gc.get_threshold()",
    "globals().pop('b', None); sorted(name for name in dir() if not name.startswith('_'))",
    "sys.setrecursionlimit(2000 + {}); sys.getrecursionlimit()",
    "import os\npid = os.fork()\nif not pid: os._exit({})\nos.waitstatus_to_exitcode(os.wait()[1])",
    "import subprocess; subprocess.run(['echo', '{}'], capture_output=True).stdout",
    "import contextvars; v = contextvars.ContextVar('v', default={}); token = v.set(n); v.get()",
    "v.get()",
)

TEXTS = ("Words {}.", "{{expect}}`{} <n>`", "{{expect}}`1 <count() + {}>`", "{{eval}}`len(things)`")


class Taken(Snapshots):
    """Snapshots that are taken before any cell, by chance."""

    def __init__(self, choice):
        super().__init__()
        self._choice = choice

    def is_worth_it(self, cell, *_):
        return self._choice.random() < 0.5


class Trial:
    """A chapter in a book that is written anew before each run."""

    def __init__(self, root, seed, warmth):
        self._choice = random.Random(seed)
        self._book = SmallBook(root)
        self._config = (root / "_config.yml").read_text("utf-8")
        self._files = dict(FILES)
        self._warmth = warmth
        self._parts = [self._part() for _ in range(self._choice.randint(5, 12))]
        self.snapshots = Taken(random.Random(seed))

    def _part(self):
        number = self._choice.randint(1, 9)
        if self._choice.random() < 0.2:
            return self._choice.choice(TEXTS).format(number) + "\n\n"
        tags = self._choice.choices(["raises-exception", "skip-execution"], [12, 1])[0]
        code = self._choice.choice(CELLS).format(number)
        if self._choice.random() < 0.15:
            tags = "remove-input"
        return f"```{{code-cell}}\n:tags: [{tags}]\n{code}\n```\n\n"

    def edit(self):
        """Change something, more often near the end."""
        parts, kind = self._parts, self._choice.random()
        at = max(self._choice.randrange(len(parts)) for _ in range(2))
        if kind < 0.45:
            parts[at] = self._part()
        elif kind < 0.6:
            parts.insert(at, self._part())
        elif kind < 0.7 and len(parts) > 3:
            del parts[at]
        elif kind < 0.75:
            parts[at - 1], parts[at] = parts[at], parts[at - 1]
        elif kind < 0.8:
            self._files["other.py"] = f"size = {self._choice.randint(1, 9)}\n"
        elif kind < 0.85:
            self._files["data.txt"] = f"one\n{self._choice.randint(1, 9)}\n"
        elif kind < 0.9:
            self._files[self._choice.choice(["new.txt", "sought3.py", "sub5/helper.py"])] = "1\n"

    def _restore(self):
        """Let the book's files be what they are before any run."""
        root = self._book.root
        wanted = self._files | {"_config.yml": self._config}
        for path in root.rglob("*"):
            name = path.relative_to(root).as_posix()
            if path.is_file() and name not in wanted and "__pycache__" not in name:
                path.unlink()
        for name, text in wanted.items():
            path = root / name
            if not path.is_file() or path.read_text("utf-8") != text:
                self._book.write(name, text)

    def run(self, snapshots=None):
        """Run the chapter."""
        self._restore()
        beginning = f"```{{code-cell}}\n{BEGINNING}```\n\n"
        self._book.chapter("a.md", beginning + "".join(self._parts))
        chapter = scan(self._book.root, "a.md")
        quiet = (lambda _: None, lambda *_: None, lambda _: None)
        preload = ("numpy", "matplotlib.pyplot", "json")
        kept = {"warmth": self._warmth, "snapshots": snapshots}
        return content(run([chapter], self._book.root, 1, preload, *quiet, **kept)["a.md"])

    def differences(self):
        """Return in what a run with snapshots differs from one without, and where it began."""
        found = self.run(self.snapshots)
        start = self.snapshots.continued["a.md"]
        plain = self.run()
        return [
            (name, found[name], plain[name]) for name in plain if found[name] != plain[name]
        ], start


def content(result):
    """Return all of a run but when it was and how long it took."""
    found = record.content(result) | {"failure": result.failure, "unkept": result.unkept}
    found |= {name: getattr(result, name) for name in ("found", "either", "made", "surely")}
    found |= {"opened": result.opened, "sought": result.sought, "variables": result.variables}
    return {name: found[name] for name in found if name not in ("seconds", "started")}


def trials(root, seed, edits, warmth):
    """Yield for each edit what differs, and the cell from which the run went on."""
    trial = Trial(root, seed, warmth)
    try:
        trial.run(trial.snapshots)
        for _ in range(edits):
            trial.edit()
            yield trial.differences()
    finally:
        trial.snapshots.close()


def main(first, last):
    """Try many seeds; tell what differs."""
    runs = continued = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        root, warmth = Path(folder).resolve(), Warmth(lasting=True)
        for seed in range(first, last):
            place = root / "book"
            place.mkdir(exist_ok=True)
            for found, start in trials(place, seed, 4, warmth):
                runs, continued, wrong = runs + 1, continued + (start > 0), wrong + bool(found)
                for name, one, other in found:
                    print(f"seed {seed}, from cell {start}: {name}\n  {one}\n  {other}")
            print(f"{seed}: {runs} runs, {continued} went on, {wrong} wrong", flush=True)
        warmth.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
