"""The living engine runs only the cells that have to run, and says what a check of its own says."""

import contextlib
import shutil
import socket
import tempfile
import threading
import time

import pytest
from tests.bookproof.conftest import processes_below

from bookproof.authoring.engine import Engine
from bookproof.book import check

# It tells by a socket when it runs: a file that it wrote would keep snapshots from being taken.
SLOW = """\
```{{code-cell}}
import os, random, socket, time
def tell(what):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.sendto(what, os.environ["TOLD"])
random.seed(4)
numbers = [random.random()]
time.sleep(1.5)
tell(b"first")
```

```{{code-cell}}
import matplotlib.pyplot as plt
figure, axes = plt.subplots()
_ = axes.plot(numbers)
```
```{{expect}} figure
a line chart
```

One of them is {{expect}}`0.2360 <round(numbers[0], 4)>`.

```{{code-cell}}
tell(b"last")
{}
```
```{{expect}}
0.1
```
"""


@pytest.fixture
def living(book, monkeypatch, tmp_path_factory, leaves_nothing):
    """A book with its engine; `told` returns which cells have run since it was called last."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(address := str(tmp_path_factory.mktemp("told") / "socket"))
    listener.setblocking(False)
    monkeypatch.setenv("TOLD", address)
    book.write("_config.yml", "sphinx:\n  config:\n    bookproof_preload: [json]\n")

    def told():
        found = []
        while True:
            try:
                found.append(listener.recv(99).decode())
            except BlockingIOError:
                return found

    book.told, book.engine = told, Engine(book.root)
    with listener:
        yield book
        book.engine.close()
        wait_for(lambda: not processes_below(book.root, tempfile.gettempdir()))


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_only_the_last_cell_runs_again(living):
    def saved(code):
        living.chapter("a.md", SLOW.format(code))
        return living.engine.check().as_json()

    def anew(code):
        shutil.rmtree(living.root / "_build")
        living.told()
        report = check(living.load()).as_json()
        assert living.told() == ["first", "last"]
        return report

    saved("print(numbers)")
    assert living.told() == ["first", "last"]
    for code in ("print(round(random.random(), 1))", "numbers / 0", "axes.plot([1]); figure"):
        found = saved(code)
        assert living.told() == ["last"]
        assert found == anew(code)
    living.write("_config.yml", "sphinx:\n  config:\n    bookproof_preload: [string]\n")
    saved("print(2)")
    assert living.told() == ["first", "last"]


def test_nobody_else_relies_on_a_run_that_went_on(living):
    for code in ("print(numbers)", "print(round(random.random(), 1))"):
        living.chapter("a.md", SLOW.format(code))
        report = living.engine.check()
    assert living.told() == ["first", "last", "last"]
    living.chapter("a.md", SLOW.format(code) + "\nMore words.\n")
    living.engine.check()
    (chapter,) = (c.chapter for c in report.chapters)
    heard = [lambda *_: None] * 3
    living.engine.run([chapter], living.root, 1, ("json",), *heard)  # as a build under serve asks
    assert living.told() == []
    assert check(living.load()).as_json()
    assert living.told() == ["first", "last"]


def test_nothing_is_left_where_the_engine_is_killed(living):
    living.chapter("a.md", SLOW.format("print(1)"))
    living.engine.check()
    assert len(processes_below(living.root)) >= 2  # the engine, and a kernel that waits
    living.told()
    living.chapter("a.md", SLOW.format("time.sleep(600)"))

    def checked():
        with contextlib.suppress(KeyboardInterrupt):
            living.engine.check()

    thread = threading.Thread(target=checked)
    thread.start()
    heard = []
    wait_for(lambda: heard.extend(living.told()) or heard)
    assert heard == ["last"]
    living.engine._process.kill()
    living.engine.close()
    thread.join()
