"""Chapters that run on a Dask cluster of two workers: the same results, and nothing is left."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from bookproof import check
from bookproof.cli import main
from bookproof.reading.scan import scan
from bookproof.running import cluster, surroundings
from bookproof.running.result import Run
from bookproof.telling.progress import Progress

DEADLINE = 60
OPTIONS = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}


def cell(code):
    return f"```{{code-cell}}\n{code}\n```\n"


GOOD = cell("print('ok')") + "```{expect}\nok\n```\n"
WAITS = cell("open('started', 'w').close()\nimport time\ntime.sleep(600)")

# Ends the worker that runs it, the first time: a kernel is the child of its worker.
LOSES_ITS_WORKER = """\
import os, pathlib, signal
first = not pathlib.Path("lost").exists()
pathlib.Path("lost").touch()
if first:
    os.kill(os.getppid(), signal.SIGKILL)
    while True: pass
print('ok')"""


def processes_below(folder):
    """Return the commands of the living processes whose working folder is below a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd").startswith(str(folder)):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" "))
        except OSError:
            continue
    return found


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def two_workers():
    with LocalCluster(n_workers=2, **OPTIONS) as local:
        yield local


@pytest.fixture
def address(two_workers):
    two_workers.wait_for_workers(2, timeout=DEADLINE)
    return two_workers.scheduler_address


@pytest.fixture(autouse=True)
def leaves_no_kernel(book):
    yield
    assert processes_below(book.root) == []


class Events(Progress):
    def __init__(self):
        self.said = []

    def running(self, name):
        self.said.append(f"running {name}")

    def ran(self, name, run):
        self.said.append(f"ran {name}")


def test_results_are_those_of_a_local_check(book, address):
    book.write("_config.yml", "execute:\n  timeout: 2\n")
    book.chapter("dies.md", cell("import os; os._exit(3)"))
    book.chapter("endless.md", cell("while True: pass"))
    book.chapter("fails.md", cell("x = 1\n1 / 0") + "\n" + GOOD)
    book.chapter("parts/good.md", cell("open('data').read()") + "```{expect}\n'图'\n```\n")
    book.write("parts/data", "图")
    path = book.chapter("unknown.md", GOOD)
    path.write_text(path.read_text().replace("python3", "nokernel"))
    events = Events()
    there = check(book.load(), events, cluster.executor(address))
    assert sorted(events.said) == sorted(
        f"{word} {name}" for name in book.load().chapters for word in ("running", "ran")
    )
    for name in book.load().chapters:
        assert events.said.index(f"running {name}") < events.said.index(f"ran {name}")
    kinds = {c.chapter.name: {str(v.kind) for v in c.verdicts} for c in there.chapters}
    assert "verified" in kinds["parts/good.md"]
    for name, kind in {
        "dies.md": "kernel died",
        "endless.md": "cell never ended",
        "fails.md": "cell failed",
        "unknown.md": "kernel not started",
    }.items():
        assert kind in kinds[name]

    here, ran = book.ran()
    assert "parts/good.md" not in ran  # its run is kept, and valid here
    assert here.as_json() == there.as_json()
    (book.load().store.folder / "parts" / "good.md.json").unlink()
    [good] = book.check(chapters=("parts/good.md",)).chapters
    assert good.verdicts == there.chapters[3].verdicts


def test_the_command_line_runs_there_and_starts_with_the_longest(book, address, capsys):
    longest_last = ("a.md", "b.md", "c.md")
    for seconds, name in enumerate(longest_last, 1):
        book.chapter(name, GOOD)
        chapter = scan(book.root, name)
        book.load().store.save(chapter, Run(([],), seconds=seconds))
        noting = f"_ = open('order', 'a').write('{name} ')\nprint('ok')"
        book.chapter(name, GOOD.replace("print('ok')", noting))
    assert main(["check", "--root", str(book.root), "--dask", address]) == 0
    assert "3 outputs verified in 3 chapters" in capsys.readouterr().out
    order = (book.root / "order").read_text().split()
    assert sorted(order) == list(longest_last)
    assert order[-1] == "a.md"


def test_the_chapters_of_a_lost_worker_run_elsewhere(book, address):
    book.chapter("a.md", cell(LOSES_ITS_WORKER) + "```{expect}\nok\n```\n")
    book.chapter("b.md", GOOD)
    events = Events()
    assert check(replace(book.load(), timeout=DEADLINE), events, cluster.executor(address)).green
    assert sorted(events.said) == ["ran a.md", "ran b.md", "running a.md", "running b.md"]
    wait_until(lambda: not processes_below(book.root))  # the kernel that lost its worker ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_leaves_nothing_on_the_workers(book, address, number):
    book.write("_config.yml", "execute:\n  timeout: 600\n")
    for name in ("a", "b", "c"):
        book.chapter(f"{name}/{name}.md", WAITS)
    command = [sys.executable, "-m", "bookproof", "check", "--root", str(book.root)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([*command, "--dask", address], **pipes, cwd="/") as process:
        timer = threading.Timer(2 * DEADLINE, process.kill)
        timer.start()
        while len(list(book.root.glob("*/started"))) < 2 and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(number)
        said, _ = process.communicate()
        timer.cancel()
    assert processes_below(book.root) == []
    assert (process.returncode, said) == (130, "bookproof: interrupted\n")
    assert len(list(book.root.glob("*/started"))) == 2  # nothing started any more


def test_a_worker_that_differs_is_refused(book, address, monkeypatch, capsys):
    path = book.chapter("a.md", GOOD)
    command = ["check", "--root", str(book.root), "--dask", address]

    def refusal():
        assert main(command) == 2
        return capsys.readouterr().err

    with Client(address, set_as_default=False) as client:
        workers = sorted(client.nthreads())
        old = os.environ.get("TZ")
        client.run(lambda: os.environ.update(TZ="Mars"), workers=workers[1:])
        try:
            assert refusal().startswith(
                f"bookproof: Dask worker {workers[1]}: the environment variable TZ is 'Mars', "
            )
        finally:
            client.run(lambda: os.environ.pop("TZ"), workers=workers[1:])
            if old is not None:
                client.run(lambda: os.environ.update(TZ=old), workers=workers[1:])
        # A worker that came later is asked when it gets a task.
        chapter, wanted = scan(book.root, "a.md"), {"x": "1"}
        late = client.submit(cluster.worker.task, "", chapter, book.root, wanted)
        with pytest.raises(ValueError, match=r"^Dask worker tcp://\S+: x is 'absent', wanted '1'"):
            late.result(timeout=DEADLINE)
    with monkeypatch.context() as patch:
        patch.setattr(surroundings, "environment", lambda interpreter: ["3.99", "numpy==1.0"])
        assert ": Python of kernel python3 is '3." in refusal()
    with monkeypatch.context() as patch:
        digest = cluster.worker.files.digest
        patch.setattr(cluster.worker.files, "digest", lambda file: digest(file)[::-1])
        wrong = digest(path)
        assert f": the SHA-256 of a.md is '{wrong}', wanted '{wrong[::-1]}'" in refusal()


@pytest.fixture
def mortal_worker(tmp_path_factory):
    """Start a cluster whose one worker is not started again when it is killed."""
    folder = tmp_path_factory.mktemp("worker")
    with LocalCluster(n_workers=0, **OPTIONS) as local:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", local.scheduler_address]
        command += ["--no-nanny", "--nthreads=1", "--no-dashboard", f"--local-directory={folder}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, **quiet, cwd="/") as process:
            try:
                wait_until(lambda: local.scheduler.workers or process.poll() is not None)
                yield local
            finally:
                process.kill()


def test_where_no_worker_is_left_the_check_ends(book, mortal_worker, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    monkeypatch.setattr(cluster, "_INTERVAL", 0.2)
    book.chapter("a.md", cell(LOSES_ITS_WORKER))
    address = mortal_worker.scheduler_address
    command = ["check", "--root", str(book.root), "--dask", address]
    assert main(command) == 2
    assert capsys.readouterr().err == "bookproof: all Dask workers are lost\n"
    assert main(command) == 2
    said = f"bookproof: the Dask scheduler at {address} has no worker\n"
    assert capsys.readouterr().err == said
    wait_until(lambda: not processes_below(book.root))


def test_where_the_scheduler_is_lost_the_check_ends(book, mortal_worker, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 5)
    book.chapter("a.md", cell(LOSES_ITS_WORKER))

    def lose():
        wait_until((book.root / "lost").exists)
        mortal_worker.close()

    losing = threading.Thread(target=lose)
    losing.start()
    assert main(["check", "--root", str(book.root), "--dask", mortal_worker.scheduler_address]) == 2
    losing.join()
    assert capsys.readouterr().err == "bookproof: the Dask scheduler was lost while a.md ran\n"
    wait_until(lambda: not processes_below(book.root))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://127.0.0.1:9", "Timed out trying to connect"),
        ("127.0.0.1", "missing port number"),
        ("http://127.0.0.1:80", "unknown address scheme"),
        ("", "missing port number"),
    ],
)
def test_where_there_is_no_scheduler_it_is_told(book, monkeypatch, capsys, address, words):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    book.chapter("a.md", GOOD)
    assert main(["check", "--root", str(book.root), "--dask", address]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"bookproof: there is no Dask scheduler at {address!r}: ")
    assert words in said


def test_dask_is_optional_and_not_imported_without_need():
    code = "import sys; sys.modules['distributed'] = None\n"
    code += "from bookproof.cli import main\nsys.exit(main(['check', '--dask', 'tcp://x:1']))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE)
    assert done.returncode == 2
    needs = "this needs distributed, which is not installed: pip install 'bookproof[dask]'"
    assert done.stderr == f"bookproof: {needs}\n"
