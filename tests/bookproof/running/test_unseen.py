"""Nothing that a cell can see tells that it is checked: Jupyter's own runner shows the same."""

import difflib
import re
import subprocess
import sys
import tempfile

import nbformat
import pytest

from bookproof.reading.scan import scan
from bookproof.running import kernel

# What a cell might look at, or do; a cell each.
CELLS = r"""
# the folder is removed
import os, tempfile
home = os.getcwd()
with tempfile.TemporaryDirectory(prefix="gone") as folder:
    os.chdir(folder)
try:
    open("relative")
except OSError as error:
    print(type(error))

# an import from there
try:
    import not_there_at_all
except ImportError as error:
    print(error)

# looks from there
print(os.path.exists("x"), os.path.isdir("/"))
try:
    os.listdir()
except OSError as error:
    print(type(error))

# and back
os.chdir(home)
print(os.path.isabs(os.getcwd()))

# the session
print(sorted(name for name in globals() if "ookproof" in name), len(dir()))
print(len(In), Out, get_ipython().execution_count, In[-1][:5])

# the magic that lists it
del folder, home
%whos

# modules
import sys
print(sorted(sys.modules))

# finders
print(len(sys.meta_path), sys.meta_path[-1], sys.path_hooks, sys.path[:3])

# the best known function
import inspect, pickle, posix
print(os.stat, os.stat.__name__, os.stat in os.supports_dir_fd, inspect.isbuiltin(os.stat))
print(inspect.signature(os.stat), pickle.loads(pickle.dumps(os.stat)) is posix.stat, os.lstat)

# its module
print(os, type(os) is type(sys), os.path.exists, len(dir(os)))

# those that look
import genericpath, pathlib
print(inspect.getsource(genericpath.exists), inspect.getsource(pathlib.Path.exists))

# the environment
import copy
print(type(os.environ), os.environ.__getitem__.__qualname__, os.environ["HOME"])
print(inspect.getsource(type(os.environ)), len(os.environ), "HOME" in os.environ)
print(type(copy.deepcopy(os.environ)), len(os.environ.copy()), os.environb[b"HOME"])
print(os.environ.setdefault("NEW", "1"), os.environ.pop("NEW"))

# tracebacks of variables
import traceback
def told(function, *arguments):
    try:
        function(*arguments)
    except Exception:
        print(traceback.format_exc())
told(os.environ.__getitem__, "NOT_SET")
told(os.environ.__getitem__, 1)

# tracebacks of files
for function in (open, os.stat, os.path.getsize, os.listdir, os.remove, os.mkdir):
    told(function, "nope/nope")
told(pathlib.Path("nope").stat)
told(pathlib.Path("nope").read_text)

# tracebacks of imports
import importlib
told(__import__, "nope")
told(importlib.import_module, "nope.part")
print(importlib.util.find_spec("nope"))

# tracebacks of prints
told(sys.stdout.write, 5)
told(print, type("Odd", (), {"__str__": lambda self: 1 / 0})())

# odd paths
for path in ("a\0b", b"nope", b"\xff", "x" * 300, "\udc80", 99, 10**40, 1.5, None):
    told(open, path)
    told(os.stat, path)
    told(os.scandir, path if path is not None else 1.5)

# paths that tell when they are asked
class Path:
    def __fspath__(self):
        print("asked")
        return "nope"
for function in (open, os.path.exists, os.listdir, os.stat):
    told(function, Path())

# texts that tell when they are asked
class Text(str):
    __hash__ = str.__hash__
    def __eq__(self, other):
        print("compared")
        return super().__eq__(other)
    def startswith(self, *arguments):
        print("asked")
        return super().startswith(*arguments)
told(open, Text("nope"))
os.path.exists(Text("nope")), os.environ.get(Text("NOT_SET"))

# the interpreter
print(sys.getrecursionlimit(), sys.getprofile(), sys.gettrace(), sys.flags, sys.displayhook)

# how deep it goes
def deep(n, action):
    try:
        return deep(n + 1, action)
    except RecursionError:
        return n
    finally:
        if n > sys.getrecursionlimit() - 60:
            told(action, "nope")
print(deep(0, bool))

# threads
import threading
print([thread.name for thread in threading.enumerate()])
thread = threading.Thread(target=os.path.exists, args=["nope"])
thread.start(), thread.join()
print(thread.name)

# streams
print(type(sys.stdout), sys.stdout.write.__qualname__, sys.stdout.encoding, sys.stdout.name)
print(sorted(vars(sys.stdout)), sys.__stdout__.fileno(), sys.stderr.isatty())

# formatters
shell = get_ipython()
print(list(shell.display_formatter.formatters), shell.display_formatter.active_types)
print({event: len(calls) for event, calls in shell.events.callbacks.items()})
print(inspect.signature(shell.display_formatter.format), shell.ast_transformers)

# warnings
import warnings
print(warnings.filters)
warnings.warn("old")

# garbage
import gc
print(gc.isenabled(), gc.get_threshold(), gc.callbacks, gc.get_freeze_count())

# a signal that raises
import signal
class Late(Exception):
    pass
def late(*_):
    raise Late("late")
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
    while True:
        os.path.exists("nope"), os.environ.get("NOT_SET")
        try:
            open("nope")
        except FileNotFoundError:
            pass
except Late as error:
    print(error)

# processes
import multiprocessing
def work(path):
    return os.path.exists(path), os.environ.get("NOT_SET"), path
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(work, ["nope", "/"]))

# a fork
import warnings
with warnings.catch_warnings(action="ignore"):  # newer Pythons warn, with the number of a process
    process = os.fork()
if not process:
    try:
        open("nope")
    except OSError:
        os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))

# a figure
import matplotlib.pyplot as plt
plt.plot([0, 1])
plt.gcf()

# settings
import matplotlib, numpy as np, random
print(sorted(matplotlib.rcParams.items()), np.get_printoptions(), np.geterr())
random.seed(0), np.random.seed(0), print(random.random(), np.random.rand())

# its own code
def own():
    return 1
print(inspect.getsource(own), own.__module__)

# an error
1 / 0

# other builtins
import builtins, threading
own, plain = threading.get_ident(), dict(vars(builtins))
for name in ("ascii", "map", "filter", "issubclass", "all"):
    def other(*given, before=plain[name]):  # the kernel's other threads go on
        return before(*given) if threading.get_ident() != own else 1 / 0
    setattr(builtins, name, other)
try:
    os.path.isfile("nope"), open("nope")
except FileNotFoundError:
    kept = "kept"
finally:
    vars(builtins).update(plain)
print(kept)

# other functions
saved = os.getcwd, os.stat, os.path.normpath, os.listdir
os.getcwd = os.stat = os.path.normpath = os.listdir = lambda *a, **k: 1 / 0
found = []
for function in (open, os.path.exists, os.scandir):
    try:
        function("nope")
    except Exception as error:
        found.append(type(error))
os.getcwd, os.stat, os.path.normpath, os.listdir = saved
print(found)

# what traces
def traced(start, action):
    calls = []
    start(lambda frame, event, argument: calls.append((event, frame.f_code.co_name)))
    try:
        action()
    except OSError:
        pass
    start(None)
    print(calls)
def action():
    os.path.exists("nope"), os.environ.get("NOT_SET"), os.listdir(), os.path.islink("nope")
    importlib.util.find_spec("nope"), open("nope")
traced(sys.settrace, action)
traced(sys.setprofile, action)

# what listens
heard = []
main = threading.get_ident()
def listen(event, arguments):
    if heard and threading.get_ident() == main and not event.startswith("object."):
        heard.append(event)
sys.addaudithook(listen)
heard.append("from here")
told(action)
copied, heard = heard, []
print(copied)

# texts are shown otherwise
shell.display_formatter.formatters["text/plain"].for_type(str, lambda text, p, cycle: p.text("?"))
"x"

# and code is no more what it was
shell.input_transformers_post.append(lambda lines: ["1 / 0"])
""".strip().split("\n\n")


def as_chapter(cells):
    return "".join(f"```{{code-cell}}\n:tags: [raises-exception]\n{cell}\n```\n" for cell in cells)


@pytest.fixture(scope="module")
def shown(make_book):
    """Return the cells with what Jupyter shows, ordinary kernels, and warm ones."""
    book = make_book()
    for name in "ab":
        book.chapter(f"{name}.md", as_chapter(CELLS))
    ordinary = book.check(timeout=60, workers=1)
    for path in book.root.rglob("*.json"):
        path.unlink()
    warm = book.check(timeout=60, workers=1, preload=("json",))
    runs = [report.chapters[0].run for report in (ordinary, warm)]
    assert [run.failure for run in runs] == [None, None]
    assert ["it observes Python" in run.unkept for run in runs] == [True, True]
    ours = [[as_text(outputs) for outputs in run.outputs] for run in runs]
    return list(zip(CELLS, by_jupyter(book), *ours, strict=True))


JUPYTER = """\
import sys
import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

path, folder = sys.argv[1:]
notebook = nbformat.read(path, 4)
NotebookClient(
    notebook,
    km=AsyncKernelManager(transport="ipc", connection_file=f"{folder}/kernel.json"),
    extra_arguments=["--HistoryManager.enabled=False"],
    resources={"metadata": {"path": folder}},
    coalesce_streams=True,
).execute()
nbformat.write(notebook, path)
"""


def by_jupyter(book):
    """Return what the cells of a chapter show under nbclient alone."""
    path = book.root / "_build" / "a.ipynb"
    nbformat.write(scan(book.root, "a.md").notebook, path)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", JUPYTER, path, folder]
        environment = {**kernel.environment(), "IPYTHONDIR": folder}
        subprocess.run(command, env=environment, capture_output=True, check=True)
    cells = nbformat.read(path, 4).cells
    return [as_text(cell.outputs) for cell in cells if cell.cell_type == "code"]


def as_text(outputs):
    """Return what outputs show, but for addresses and the name of the kernel's process."""
    parts = []
    for output in outputs:
        if output.output_type == "stream":
            parts.append(f"{output.name}: {output.text}")
        elif output.output_type == "error":
            parts += [output.ename, output.evalue, *output.traceback]
        else:
            parts.append(str(sorted(i for i in output.data.items() if "bookproof" not in i[0])))
    text = re.sub(r"0x[0-9a-f]+", "0x", "\n".join(parts))
    return re.sub(r"/tmp/ipykernel_\d+", "/tmp/ipykernel_0", text)


SWALLOWED = "# other functions"
"""A cell whose error Jupyter does not show, and a run of ours does."""


def differences(shown, kernels, apart=()):
    """Return the diffs of what cells show under Jupyter and by kernels of ours."""
    return [
        [cell.split("\n")[0], *difflib.unified_diff(jupyter.split("\n"), ours[kernels].split("\n"))]
        for cell, jupyter, *ours in shown
        if jupyter != ours[kernels] and not cell.startswith(apart)
    ]


def test_ordinary_kernels_show_what_jupyter_shows(shown):
    assert len(shown) == 39
    assert sum(jupyter != "" for _, jupyter, *_ in shown) == 38
    assert differences(shown, 0, (SWALLOWED,)) == []


def test_warm_kernels_show_what_jupyter_shows(shown):
    # The process that they are forked from was started in another way.
    assert differences(shown, 1, ("# modules", "# the environment", "# how deep", SWALLOWED)) == []
