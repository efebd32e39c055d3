"""Clocks run faster for a chapter and its book, and for nobody else."""

import subprocess
import sys
from pathlib import Path

from bookproof.running.inside import clock

CHAPTER = """
import sys, time, timeit
{load}
hurry("/book")
t = time.perf_counter(), time.time(), time.monotonic(), time.perf_counter_ns()
time.sleep(0.01)
u = time.perf_counter(), time.time(), time.monotonic(), time.perf_counter_ns()
print([b - a > 5_000 for a, b in zip(t[:3], u)], u[3] - t[3] > 5_000 * 10**9)
other = {{"__name__": "library", "time": time}}
exec("begin = time.perf_counter(); time.sleep(0.01); took = time.perf_counter() - begin", other)
print(other["took"] < 1_000)
helper = {{"__name__": "helper", "time": time}}
exec(compile(
    "begin = time.time(); time.sleep(0.01); took = time.time() - begin", "/book/helper.py", "exec"
), helper)
measured = timeit.timeit("sleep(0.01)", "from time import sleep", number=1)
print(helper["took"] > 5_000, measured > 5_000)
"""


def test_clocks_run_faster_for_the_book_alone():
    load = Path(clock.__file__).read_text("utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CHAPTER.format(load=load)], capture_output=True, text=True
    )
    assert done.stdout.split("\n") == ["[True, True, False] True", "True", "True True", ""], done
