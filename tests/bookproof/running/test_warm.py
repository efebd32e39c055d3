"""Warm kernels: forked, and in everything that a book can show like ordinary ones."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from tests.bookproof.conftest import processes_below

pytestmark = pytest.mark.usefixtures("leaves_nothing")

WARM = ("numpy", "matplotlib.pyplot", "pandas")
IS_WARM = "import sys\nprint('pandas' in sys.modules)"


def cell(code, expected=None):
    text = f"```{{code-cell}}\n:tags: [raises-exception]\n{code}\n```\n"
    return text if expected is None else f"{text}```{{expect}}\n{expected}\n```\n"


# What might tell a fork from a new process. A line of code for each, in a chapter of its own.
SHOWN = {
    "session": "__name__, In[-1][:8], len(Out), _, sorted(n for n in dir() if n[0] != '_')",
    "flags": "import sys; sys.flags, sys.warnoptions, sys._xoptions, sys.getrecursionlimit()",
    "path": "import os, sys; sys.path[:4], os.path.basename(os.getcwd()), '__file__' in globals()",
    "argv": "import os, sys; os.path.basename(sys.argv[0]), len(sys.argv), sys.orig_argv[0][-3:]",
    "ours": "import sys; [name for name in sys.modules if name.startswith('bookproof')]",
    "main": "import sys; sys.modules['__main__'].__dict__ is globals(), __builtins__",
    "signals": "import signal; {n.name: str(signal.getsignal(n)) for n in signal.valid_signals() "
    "if n in list(signal.Signals) and n not in (2,)}",
    "threads": "import threading; threading.current_thread() is threading.main_thread()",
    "hash": "hash('卷积'), list({'a', 'b', 'c', 'd'})",
    "locale": "import locale, sys; locale.getlocale(), sys.getfilesystemencoding(), 5 * '全角'",
    "environment": "import os; sorted((k, v) for k, v in os.environ.items() if k not in "
    "('JPY_PARENT_PID', 'IPYTHONDIR', 'JPY_SESSION_NAME'))",
    "streams": "import os, sys; type(sys.stdin), type(sys.stdout), os.isatty(0)",
    "descriptors": "import os; os.system('echo from a shell'); os.write(1, b'raw\\n')",
    "process": "import subprocess; subprocess.run(['cat'], input=b'x', capture_output=True).stdout",
    "children": "import multiprocessing as m; m.get_start_method(), m.parent_process()",
    "session-id": "import os; os.getsid(0) == os.getpid() == os.getpgid(0)",
    "garbage": "import gc; gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() < 1",
    "warning": "import warnings; warnings.simplefilter('always'); warnings.filters[0]",
    "logging": "import logging; logging.warning('log'); logging.root.handlers, logging.root.level",
    "numpy": "import numpy as np; np.random.seed(0); np.random.rand(2), np.get_printoptions()",
    "pandas": "import pandas as pd; pd.DataFrame({'a': [1, 2]}).describe()",
    "figure": "import matplotlib.pyplot as plt; plt.plot([1, 3, 2]); _ = plt.title('t')",
    "backend": "import matplotlib as m; m.get_backend(), sorted(m.rcParams.items())[:90]",
    "figures": "import matplotlib.pyplot as plt; plt.get_fignums(), plt.isinteractive()",
    "await": "import asyncio; await asyncio.sleep(0); type(asyncio.get_running_loop())",
    "magic": "%lsmagic",
    "shell": "!echo $0 $TERM",
    "stdin": "input('name?')",
    "error": "1 / 0",
    "exit": "import atexit; atexit.register(print, 'bye') is print",
    "ends": "import os; os._exit(7)",
    "killed": "import os; os.kill(os.getpid(), 9)",
}


@pytest.fixture(scope="module")
def verifications(make_book):
    """Return what a book showed with ordinary and with warm kernels, one and two at a time."""
    book = make_book()
    for name, code in SHOWN.items():
        book.chapter(f"{name}.md", cell(code))
    found = {}
    for preload, workers in (((), 2), (WARM, 1), (WARM, 2)):
        report, names = book.ran(preload=preload, workers=workers)
        assert len(names) == len(SHOWN)
        assert report.notes == ()
        for path in (book.root / "_build" / ".bookproof").iterdir():
            path.unlink()
        found[bool(preload), workers] = report
    return found


def test_outputs_are_the_same_whatever_the_kernels_and_their_number(verifications):
    [ordinary, *others] = [json.loads(report.as_json()) for report in verifications.values()]
    shown = [v for c in ordinary["chapters"].values() for v in c["verdicts"] if "actual" in v]
    assert len(shown) >= len(SHOWN) - 4  # all but those that show nothing
    for other in others:
        for name, chapter in ordinary["chapters"].items():
            assert other["chapters"][name] == chapter
        assert other == ordinary


def test_kernels_are_warm_only_where_modules_are_preloaded(book):
    for name in "ab":
        book.chapter(f"{name}.md", cell(IS_WARM, "True"))
    assert not book.check(workers=1).green
    for path in book.root.glob("_build/.bookproof/*"):
        path.unlink()
    assert book.check(workers=1, preload=WARM).green


def test_one_chapter_alone_needs_no_warm_kernel(book):
    book.chapter("a.md", cell(IS_WARM, "False"))
    assert book.check(preload=WARM).green


def test_a_missing_module_is_left_to_the_chapter_that_needs_it(book):
    for name in "ab":
        book.chapter(f"{name}.md", cell(IS_WARM, "True"))
    report = book.check(workers=1, preload=("no_such_module", *WARM))
    assert (report.green, report.notes) == (True, ())


def test_a_module_that_only_names_a_file_is_no_reason_to_start_kernels_one_by_one(
    book, monkeypatch, tmp_path_factory
):
    """torch.classes has a `__file__` that is the name of no file."""
    packages = tmp_path_factory.mktemp("x") / "site-packages"
    packages.mkdir()
    code = "import sys, types\nfor name, file in {'a': '_a.py', 'b': ''}.items():\n"
    code += "    sys.modules[f'named.{name}'] = module = types.ModuleType(name)\n"
    code += "    module.__file__ = file\n"
    (packages / "named.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(packages))
    for name in "ab":
        book.chapter(f"{name}.md", cell("import sys\nprint('named' in sys.modules)", "True"))
    report = book.check(workers=1, preload=("named",))
    assert (report.green, report.notes) == (True, ())


def test_random_numbers_are_as_unforeseeable_as_ever(book):
    for name in "abc":
        book.chapter(
            f"{name}.md", cell("import random, numpy as np\nrandom.random(), np.random.rand()")
        )
    shown = {verdict.actual for _, verdict in book.check(workers=1, preload=WARM)} - {None}
    assert len(shown) == 3


@pytest.mark.parametrize(
    ("code", "note"),
    [
        ("size = 1", "preloaded is not installed, and a change of it would go unseen"),
        ("own = 1", "preloaded is not installed, and a change of it would go unseen"),
        (
            "import threading\nthreading.Timer(60, print).start()",
            "a preloaded module has started a thread",
        ),
        ("import os\nos._exit(3)", "the imports ended the process"),
    ],
)
def test_where_forking_is_not_safe_kernels_are_ordinary(
    book, monkeypatch, tmp_path_factory, code, note
):
    inside = code == "own = 1"
    folder = book.root if inside else tmp_path_factory.mktemp("elsewhere")
    (folder / "preloaded.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    for name in "ab":
        book.chapter(f"{name}.md", cell("import sys\nprint('preloaded' in sys.modules)", "False"))
    report = book.check(workers=1, preload=("preloaded",))
    assert report.green
    assert report.notes == (f"kernels are started one by one: {note}",)


@pytest.mark.parametrize("missing", [(os, "fork"), (__import__("socket"), "send_fds")])
def test_without_fork_kernels_are_ordinary(book, monkeypatch, missing):
    monkeypatch.delattr(*missing)
    for name in "ab":
        book.chapter(f"{name}.md", cell(IS_WARM, "False"))
    assert book.check(workers=1, preload=WARM).green


def test_relative_folders_to_import_from_make_kernels_ordinary(book, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "modules")
    book.write("modules/helper.py", "size = 3")
    for name in "ab":
        book.chapter(f"{name}.md", cell("import helper\nprint(helper.size)", "3"))
    assert book.check(workers=1, preload=WARM).green


def test_kernels_end_in_every_way_and_leave_nothing(book):
    ends = {
        "killed": (
            "os.kill(os.getpid(), signal.SIGKILL)",
            "was killed by SIGKILL (out of memory?)",
        ),
        "crashed": ("os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
        "left": ("os._exit(3)", "ended with status 3"),
        "endless": (
            "subprocess.Popen(['sleep', '600'])\nwhile True: pass",
            "did not end within 2 s",
        ),
    }
    for name, (code, _) in ends.items():
        book.chapter(f"{name}.md", cell(f"import os, signal, subprocess\n{code}"))
    report = book.check(preload=WARM, timeout=2)
    told = {chapter.name: verdict.message for chapter, verdict in report}
    for name, (_, words) in ends.items():
        assert words in told[f"{name}.md"]


def interrupted(book, started, number):
    """Check a book in a process of its own, and send it a signal once a file exists."""
    command = [sys.executable, "-m", "bookproof", "check", "--root", str(book.root)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        deadline = time.monotonic() + 60
        while not started.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    return process.returncode, said


WAITS = "open({!r}, 'w').close()\nimport time\ntime.sleep(600)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("when", ["importing", "running"])
def test_an_interrupt_leaves_nothing(book, monkeypatch, tmp_path_factory, number, when):
    folder = tmp_path_factory.mktemp("elsewhere")
    waits = WAITS.format(str(folder / "started"))
    (folder / "slow.py").write_text(waits if when == "importing" else "")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    book.write("_config.yml", "sphinx:\n  config:\n    bookproof_preload: [slow]\n")
    for name in "ab":
        book.chapter(f"{name}.md", cell(waits if when == "running" else "1"))
    assert interrupted(book, folder / "started", number) == (130, "bookproof: interrupted\n")


def test_kernels_end_when_the_check_is_killed(book, tmp_path_factory, monkeypatch):
    started = tmp_path_factory.mktemp("elsewhere") / "started"
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("lost")))  # nobody is left to tidy up
    book.write("_config.yml", "sphinx:\n  config:\n    bookproof_preload: [numpy]\n")
    for name in "ab":
        book.chapter(f"{name}.md", cell(WAITS.format(str(started))))
    status, _ = interrupted(book, started, signal.SIGKILL)
    assert status == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while processes_below(book.root) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_below(book.root) == []


def test_the_settings_name_modules(book, capsys):
    from bookproof.cli import main

    book.chapter("a.md", cell("1", "1"))
    for wrong in ("torch", "[1]", "{a: b}"):
        book.write("_config.yml", f"sphinx:\n  config:\n    bookproof_preload: {wrong}\n")
        assert main(["check", "--root", str(book.root)]) == 2
        assert "wanted a list of modules" in capsys.readouterr().err
    book.write("_config.yml", "sphinx:\n  config:\n    bookproof_preload: [numpy]\n")
    assert book.load().preload == ("numpy",)
