"""What is said while chapters run: on a terminal as it goes, in a log at the end."""

import io
import re
from types import SimpleNamespace

from bookproof import check
from bookproof.telling.progress import Spoken


def chapters(book, number):
    for n in range(number):
        book.chapter(f"{n}.md", f"```{{code-cell}}\nprint({n})\n```\n```{{expect}}\n{n}\n```\n")


def test_a_log_has_one_line(book):
    chapters(book, 2)
    said = []
    progress = Spoken(said.append)
    check(book.load(), progress)
    assert len(said) == 1
    assert re.fullmatch(
        r"bookproof: ran 2 chapters in \d+\.\d s, slowest: [01]\.md \d\.\d s, [01]\.md \d\.\d s",
        said[0],
    )
    check(book.load(), progress)
    assert len(said) == 1  # nothing ran, nothing to say
    chapters(book, 3)
    check(book.load(), progress)
    assert re.fullmatch(r"bookproof: ran 1 chapter in \d+\.\d s", said[1])


def test_a_terminal_shows_which_chapters_run(book):
    chapters(book, 3)
    said, terminal = [], io.StringIO()
    check(book.load(), Spoken(said.append, terminal))
    drawn = terminal.getvalue()
    assert re.search(r"bookproof: \[0/3\] running \d\.md", drawn)
    assert re.search(r"bookproof: \[2/3\] running \d\.md", drawn)
    assert drawn.endswith("\r\x1b[K")  # nothing half-drawn is left
    assert [line[:16] for line in said[:3]] == [f"bookproof: [{n}/3]" for n in (1, 2, 3)]
    assert len(said) == 4


def test_the_slowest_come_first_and_are_few():
    said = []
    progress = Spoken(said.append)
    progress.begin(9)
    for n in range(9):
        progress.running(f"{n}.md")
        progress.ran(f"{n}.md", SimpleNamespace(seconds=float(n)))
    progress.note("something to know")
    progress.end()
    assert said[0] == "bookproof: something to know"
    assert said[1].endswith("slowest: 8.md 8.0 s, 7.md 7.0 s, 6.md 6.0 s, 5.md 5.0 s, 4.md 4.0 s")
