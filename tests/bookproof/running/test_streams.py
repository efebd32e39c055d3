"""What programs and C code print is on the page, whole and in order; what never ends is stopped."""

import resource
import time

import pytest

from bookproof.running import client

CELLS = 100

# Ways to print, and what is printed for a number; in turn, a cell each.
WAYS = [
    ("os.system('echo {}')\n0;", "{}\n"),
    ("subprocess.run(['echo', '{}']);", "{}\n"),
    ("os.write(1, b'{}\\n');", "{}\n"),
    ("libc.printf(b'{}\\n');", "{}\n"),
    ("print('a'); os.system('echo {}'); print('b')", "a\n{}\nb\n"),
    ("os.system('echo {} >&2; echo {}');", "{}\n{}\n"),
    ("!echo {}", "{}\n"),
]


def cell(code):
    return f"```{{code-cell}}\n{code}\n```\n"


def printed(outputs):
    return "".join(output.text for output in outputs or () if output.output_type == "stream")


def failures(report):
    """Return the message of each chapter's failure, None where there is none."""
    runs = {chapter.chapter.name: chapter.run for chapter in report.chapters}
    return {name: run.failure and run.failure.message for name, run in runs.items()}


@pytest.fixture(scope="module")
def runs(make_book):
    """Return runs of a chapter by an ordinary and by a warm kernel, at a time."""
    book = make_book()
    code = [WAYS[n % len(WAYS)][0].replace("{}", str(n)) for n in range(CELLS)]
    first = "import os, subprocess, ctypes; libc = ctypes.CDLL(None)"
    for name in "ab":
        book.chapter(f"{name}.md", "".join(map(cell, [first, *code, *LONGER])))
    report = book.check(timeout=60, preload=("json",), workers=2)
    found = [chapter.run for chapter in report.chapters]
    assert [run.failure for run in found] == [None, None]
    return found


LONGER = [
    "os.system('seq 100000');",
    "os.write(1, ('卷积' * 50_000 + '\\n').encode());",
    "from IPython.display import display\nfor n in range(3000): display(n)",
    "os.system('(sleep 0.4; echo late) &'); print('soon')",
    "import time; time.sleep(3)",
]


def test_nothing_that_is_printed_is_lost(runs):
    wanted = [WAYS[n % len(WAYS)][1].replace("{}", str(n)) for n in range(CELLS)]
    for run in runs:
        # In Jupyter a program behind ! has a terminal.
        found = [printed(outputs).replace("\r", "") for outputs in run.outputs[1 : CELLS + 1]]
        assert found == wanted


def test_long_output_is_whole(runs):
    for run in runs:
        numbers, chinese, shown, soon, late = run.outputs[-len(LONGER) :]
        assert printed(numbers).split() == [str(n) for n in range(1, 100_001)]
        assert printed(chinese) == "卷积" * 50_000 + "\n"
        assert [output.data["text/plain"] for output in shown] == [str(n) for n in range(3000)]
        # What a program prints that goes on belongs to the cell that runs then.
        assert (printed(soon), printed(late)) == ("soon\n", "late\n")


ENDLESS = {
    "print": "while True: print()",
    "stderr": "import sys\nwhile True: print('x' * 1000, file=sys.stderr)",
    "at once": "print('x' * 3 * 10**7)",
    "program": "import os\nos.system('yes')",
    "library": "import ctypes\nlibc = ctypes.CDLL(None)\nwhile True: libc.puts(b'x' * 1000)",
    "display": "from IPython.display import display\nwhile True: display(1)",
    "large": "from IPython.display import HTML, display\nwhile True: display(HTML('x' * 10**7))",
    "cleared": "from IPython.display import clear_output\n"
    "while True:\n    clear_output(wait=True)\n    print('x')",
    "stubborn": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "asks": "input('name?')",
}


def test_what_never_ends_is_stopped_in_time_and_memory(book):
    for name, code in ENDLESS.items():
        book.chapter(f"{name}.md", cell(code))
    book.chapter(
        "thread.md",
        cell(
            "import threading\ndef endless():\n    while True: print('x' * 100)\n"
            "threading.Thread(target=endless, daemon=True).start()"
        )
        + cell("1 + 1"),
    )
    started = time.monotonic()
    report = book.check(timeout=8)
    assert time.monotonic() - started < 60 + 10 * len(ENDLESS)
    messages = failures(report)
    assert messages.pop("thread.md") is None
    assert "StdinNotImplementedError" in messages.pop("asks.md")
    stopped = {
        "did not end within 8 s: let it do less, or raise `execute: timeout`",
        "prints more than 10 MB and was stopped: print less",
        "shows more than 100 MB and was stopped: show less",
    }
    assert set(messages.values()) == stopped
    assert messages["at once.md"] == messages["program.md"] == sorted(stopped)[1]
    assert max(chapter.run.seconds for chapter in report.chapters) < 20
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        assert resource.getrusage(who).ru_maxrss < 3_000_000  # kB


def test_what_a_cell_clears_does_not_count(book, monkeypatch):
    monkeypatch.setattr(client, "MOST", 1000)
    clear = "from IPython.display import clear_output\nfor _ in range(30):\n    {}print('x' * 99)"
    book.chapter("kept.md", cell(clear.format("")))
    book.chapter("cleared.md", cell(clear.format("clear_output(); ")))
    messages = failures(book.check(timeout=60))
    assert messages["kept.md"].startswith("prints more than")
    assert messages["cleared.md"] is None
