"""The living engine: as right as a check of its own, at every end, and with nothing left over."""

import contextlib
import os
import signal
import threading
import time

import psutil
import pytest

from bookproof.authoring.engine import Engine
from bookproof.book import Book, check
from bookproof.telling.progress import Progress

CELL = "```{{code-cell}}\nimport json\n{}\n```\n```{{expect}}\n1\n```\n"


class Heard(Progress):
    def __init__(self):
        self.ran_chapters = []
        self.started = threading.Event()

    def running(self, name):
        self.started.set()

    def ran(self, name, run):
        self.ran_chapters.append(name)

    def taken(self):
        found, self.ran_chapters = sorted(self.ran_chapters), []
        return found


@pytest.fixture
def living(book):
    """A book of two chapters with its engine."""
    book.write("_config.yml", "sphinx:\n  config:\n    bookproof_preload: [json]\n")
    for name in ("a", "b"):
        book.chapter(f"{name}.md", CELL.format("print(1)"))
    heard = Heard()
    before = psutil.Process().children(recursive=True)  # of other tests' browsers, say
    engine = Engine(book.root, heard)

    def checked():
        report = engine.check()
        assert report.as_json() == check(book.load()).as_json()
        return report.green, heard.taken()

    book.checked, book.engine, book.heard = checked, engine, heard
    yield book
    engine.close()
    assert set(psutil.Process().children(recursive=True)) <= set(before)


def test_it_runs_what_has_changed_and_nothing_else(living):
    assert living.checked() == (True, ["a.md", "b.md"])
    assert living.checked() == (True, [])
    living.chapter("a.md", CELL.format("print(1)") + "\nMore words.\n")
    assert living.checked() == (True, [])
    living.chapter("a.md", CELL.format("print(2)"))
    assert living.checked() == (False, ["a.md"])
    living.chapter("a.md", CELL.format("print(2)").replace("\n1\n", "\n2\n"))
    assert living.checked() == (True, [])


def test_what_it_told_before_is_told_as_it_is_now(living):
    one, two = CELL.format("print(1)"), CELL.format("print(2)")
    states = [("a.md", one), ("a.md", two), ("b.md", two), ("a.md", one), ("b.md", one)]
    for name, text in [*states, *states[::-1]]:
        living.chapter(name, text)
        for ask in ([], [living.root / name], []):
            report = living.engine.check(ask)
            assert report.as_json() == check(Book.load(living.root, ask)).as_json()
            timer = threading.Timer(0.01, living.engine.stop)
            timer.start()
            with contextlib.suppress(KeyboardInterrupt):  # told of nothing, whatever it has found
                living.engine.check()
            timer.join()


def test_what_kernels_are_forked_from_is_kept(living):
    settings = "sphinx:\n  local_extensions: {own: .}\n  config:\n    bookproof_preload: [json]\n"
    living.write("_config.yml", settings)
    living.checked()
    nurseries = set()
    for number in range(3):
        living.chapter("a.md", CELL.format(f"print(1)  # {number}"))
        assert living.checked() == (True, ["a.md"])
        (nursery,) = psutil.Process(living.engine._process.pid).children()
        nurseries.add(nursery.pid)
    assert len(nurseries) == 1
    parent = "import os; print(open(f'/proc/{os.getppid()}/cmdline').read().count('nursery.py'))"
    living.chapter("a.md", CELL.format(parent))
    assert living.engine.check().green  # this kernel is forked from it, like all


def test_a_failed_run_is_remembered_until_its_chapter_is_saved(living):
    living.checked()
    path = living.chapter("a.md", CELL.format("open('gone')"))
    assert living.checked() == (False, ["a.md"])
    living.chapter("b.md", CELL.format("print(2)"))
    assert living.checked() == (False, ["b.md"])
    os.utime(path)
    assert living.checked() == (False, ["a.md"])
    living.write("gone", "")
    assert living.checked() == (False, ["a.md"])


def test_it_is_started_afresh_after_every_end(living):
    living.checked()
    engine = living.engine._process
    (nursery,) = psutil.Process(engine.pid).children()
    for process in (nursery, engine):
        process.kill()
        assert living.checked()[0]
        living.chapter("a.md", CELL.format(f"print(1)  # {process.pid}"))
        assert living.checked() == (True, ["a.md"])
    assert living.engine._process.pid != engine.pid


def test_changed_settings_and_readers_are_seen(living):
    reader = "import nbformat\n\ndef read(text):\n    return nbformat.reads(text, 4)\n"
    living.write("own.py", reader)
    config = (
        "parse:\n  myst_enable_extensions: []\nsphinx:\n  local_extensions: {own: .}\n"
        "  config:\n    nb_custom_formats: {.mine: own.read}\n    bookproof_preload: [json]\n"
    )
    assert living.checked()[0]
    living.write("_config.yml", config)
    source = "print(1)"
    notebook = (
        '{"cells": [{"cell_type": "code", "source": "SOURCE", "metadata": {}, "outputs": [],'
        ' "execution_count": null}], "metadata": {"kernelspec": {"name": "python3",'
        ' "display_name": ""}}, "nbformat": 4, "nbformat_minor": 4}'
    )
    living.write("c.mine", notebook.replace("SOURCE", source))
    assert living.checked() == (False, ["c.mine"])  # there is no block
    before = living.engine._process.pid
    living.write("own.py", reader.replace("reads(text", "reads(text.replace('1', '2')"))
    green, ran = living.engine.check().green, living.heard.taken()
    assert (green, ran) == (False, ["c.mine"])
    assert living.engine._process.pid != before


def test_a_check_that_is_stopped_leaves_no_kernel(living):
    living.checked()
    living.chapter("a.md", CELL.format("import time; time.sleep(600)"))
    living.heard.started.clear()
    timer = threading.Thread(target=lambda: living.heard.started.wait() and living.engine.stop())
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        living.engine.check()
    timer.join()
    processes = psutil.Process(living.engine._process.pid).children(recursive=True)
    assert len(processes) == 1  # what kernels are forked from
    living.chapter("a.md", CELL.format("print(1)"))
    assert living.checked()[0]


@pytest.mark.parametrize("delay", [0, 0.05, 0.1, 0.2, 0.3])
def test_a_stop_while_it_still_imports_is_quiet(living, capfd, delay):
    def stop():
        while living.engine._process is None:
            time.sleep(0.001)
        time.sleep(delay)
        living.engine.stop()

    timer = threading.Thread(target=stop)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        living.engine.check()
    timer.join()
    said = capfd.readouterr()
    assert "Traceback" not in said.err + said.out
    assert living.engine._process.poll() is None  # and it is there for the next one
    assert living.checked()[0]


def test_what_cannot_be_checked_is_refused(living):
    living.write("_config.yml", "[")
    with pytest.raises(ValueError, match=r"_config\.yml cannot be read"):
        living.engine.check()


def test_a_signal_that_comes_late_is_no_answer_to_what_is_asked_next(living):
    living.checked()
    for number in range(8):
        living.engine._process.send_signal(signal.SIGINT)
        living.chapter("a.md", CELL.format("print(1)") + f"\n{number}\n" * (number % 3))
        living.chapter("b.md", CELL.format(f"print({number % 2})"))
        assert living.checked()[0] is bool(number % 2)
