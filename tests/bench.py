"""Time a cold build of the book and, in the same run, what the verification itself costs.

Run by `make bench`. The verification is what is done at every build, also when nothing changed:
scan every chapter, load the kept runs, compare.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bookproof.book import Book, check

ROOT = Path(__file__).parents[1]


def seconds(work):
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    """Print the figures, medians of several runs."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "book")
        ignored = shutil.ignore_patterns("_build", ".*", "*.egg-info", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=ignored)

        def build():
            subprocess.run(command, cwd=copy, check=True, capture_output=True)

        def build_cold():
            shutil.rmtree(copy / "_build", ignore_errors=True)
            build()

        cold = statistics.median(seconds(build_cold) for _ in range(3))
        unchanged = statistics.median(seconds(build) for _ in range(3))
        book = Book.load(copy)
        check(book)  # the first call imports
        verify = statistics.median(seconds(lambda: check(book)) for _ in range(9))
    chapters = len(book.chapters)
    print(f"cold build, {chapters} chapters     {cold:7.2f} s")
    print(f"build, nothing changed     {unchanged:7.2f} s")
    print(f"verification itself        {verify:7.3f} s  ({verify / cold:.2%} of a cold build)")


if __name__ == "__main__":
    main()
