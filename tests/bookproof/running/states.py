"""What cells leave behind: what a snapshot carries on, and what keeps one from being taken."""

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
        "import pandas as pd; pd.set_option('display.precision', 2)\n"
        "frame = pd.DataFrame({'x': [1 / 3]})",
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
        "logger.warning('late'); logging.warning('root')\n"
        "len(logger.handlers), logging.root.handlers",
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
        "import matplotlib.pyplot as plt\n"
        "plt.style.use('ggplot')\nplt.rcParams['lines.linewidth'] = 4\n"
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
        "def after(result): print('ran', result.info.raw_cell[:9])\n"
        "get_ipython().events.register('post_run_cell', after)",
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
    "open twice": (
        "one, two = (open('lines.txt', 'rb', 0) for _ in range(2))\n"
        "import matplotlib.font_manager as fm\n"
        "fonts = [fm.get_font(fm.findfont(n)) for n in ('DejaVu Sans', 'DejaVu Sans:bold')]",
        "one.read(3), two.read(4), one.read(2), two.tell()",
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
        "import sqlite3; db = sqlite3.connect(':memory:')\n"
        "db.execute('create table t (n)').rowcount",
        "db.execute('insert into t values (3)'); db.execute('select * from t').fetchall()",
    ),
    "signal": (
        "import signal; old = signal.signal(signal.SIGUSR1, lambda *_: print('came'))",
        "os.kill(os.getpid(), signal.SIGUSR1)\n"
        "str(signal.getsignal(signal.SIGINT)), str(signal.getsignal(signal.SIGTERM))",
    ),
    "temporary": (
        "import tempfile\nwith tempfile.TemporaryDirectory() as folder:\n"
        "    open(folder + '/x', 'w').close()",
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
        "await asyncio.sleep(0.01)\n"
        "await loop.run_in_executor(None, lambda: 5), loop is asyncio.get_running_loop()",
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
        "import multiprocessing, warnings",
        "fork = multiprocessing.get_context('fork')\n"
        "with warnings.catch_warnings(action='ignore'), fork.Pool(2) as pool:\n"
        "    print(pool.map(abs, [-1, 2]))",
    ),
    "children": (
        "import warnings",  # newer Pythons warn of a fork, with the number of the process
        "with warnings.catch_warnings(action='ignore'): pid = os.fork()\n"
        "if not pid: os._exit(3)\nos.waitstatus_to_exitcode(os.wait()[1])",
    ),
    "identity": ("0", "os.getsid(0) == os.getpid() == os.getpgid(0), os.isatty(0), os.read(0, 1)"),
    "modules": ("0", "sorted(name for name in sys.modules if 'fo' + 'rk' not in name)"),
    "limits": (
        "sys.setrecursionlimit(2500)",
        "sys.getrecursionlimit(), sys.getswitchinterval(), gc_state()",
    ),
    "formatters": (
        "plain = get_ipython().display_formatter.formatters['text/plain']\n"
        "plain.for_type(Box, lambda b, p, c: p.text('a box'))",
        "box",
    ),
    "magic": ("%alias_magic t timeit", "%lsmagic"),
    "input": ("0", "input('name?')"),
}
GC = (
    "import gc\ndef gc_state(): return "
    "gc.isenabled(), gc.get_threshold(), len(gc.callbacks), gc.get_freeze_count()"
)

# What a cell may set going or leave open, so that no fork can go on for it: and why not.
UNSAFE = {
    "thread": (
        "import threading; threading.Thread(target=time.sleep, args=[60]).start()",
        "thread",
    ),
    "raw-thread": ("import _thread; _thread.start_new_thread(time.sleep, (60,))", "thread"),
    "timer": ("import threading; threading.Timer(60, print).start()", "thread"),
    "pool": (
        "from concurrent.futures import ThreadPoolExecutor as P\n"
        "p = P(1); p.submit(abs, 1).result()",
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
    "twice": ("f = open('data.txt'); copy = os.dup(f.fileno())", "one place in a file"),
    "eventfd": ("event = os.eventfd(0)", "eventfd"),
    "at-fork": ("os.register_at_fork(before=lambda: print('forks'))", "register_at_fork"),
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
    "compiled": (
        "import cv2, numpy as np; cv2.imwrite(os.environ['TMPDIR'] + '/a.png', np.ones((3, 3)))",
        "outside the book",
    ),
    "asked": ("os.stat('data.txt').st_size", "not known"),
    "observed": ("import sys; sys.settrace(None)", "not known"),
    "clock": ("start = time.perf_counter()", "clock"),
    "date": ("import datetime; today = datetime.date.today()", "clock"),
    "helper": ("import watch; watch.start", "clock"),
}
