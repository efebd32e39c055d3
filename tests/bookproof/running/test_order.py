"""Chapters run after those that they name, and a chapter that should name one is told."""

import json
from functools import partial

from tests.bookproof.running.test_dependencies import cell, whys

from bookproof.cli import main
from bookproof.reading.after import resolve
from bookproof.reading.scan import scan

SAVES = "import time; time.sleep({}); open('model', 'w').write('{}');"
FRONT = "---\nfile_format: mystnb\nkernelspec: {{name: python3}}\n{}---\n"


def chapter(book, name, body, after=""):
    book.write(name, FRONT.format(f"bookproof: {{after: {after}}}\n" if after else "") + body)


def problems(report):
    return [(c.name, v.line, v.message) for c, v in report if v.kind == "malformed block"]


def reads(number):
    return cell("print(open('model').read())") + f"```{{expect}}\n{number}\n```\n"


def good(saves):
    return cell(saves) + cell("print('ok')") + "```{expect}\nok\n```\n"


def listed(book, capsys):
    assert main(["list", "--why", "--root", str(book.root)]) == 0
    return [line.strip() for line in capsys.readouterr().out.splitlines()[1::2]]


def test_a_chapter_runs_after_the_one_that_it_names(book, capsys):
    chapter(book, "part/01.md", good(SAVES.format(1, 5)))
    chapter(book, "part/02.md", reads(5), "[01]")
    report, names = book.ran()
    assert (report.green, names) == (True, ["part/01.md", "part/02.md"])
    assert book.ran()[1] == []
    chapter(book, "part/01.md", good(SAVES.format(1, 6)))
    chapter(book, "part/02.md", reads(6), "[01]")
    assert listed(book, capsys) == [
        "would run: the chapter's code has changed",
        "would run: part/01.md would run, and may change what it reads",
    ]
    report, names = book.ran()  # what it reads has changed by then
    assert (report.green, names) == (True, ["part/01.md", "part/02.md"])
    chapter(book, "part/01.md", good(SAVES.format(0, 6)))
    report, names = book.ran()
    assert (report.green, names) == (True, ["part/01.md"])


def test_what_the_earlier_made_is_made_again_where_it_is_gone(book):
    chapter(book, "z.md", good(SAVES.format(0, 5)))
    chapter(book, "a.md", reads(5), "[z]")
    assert book.ran()[1] == ["z.md", "a.md"]
    (book.root / "model").unlink()
    report, names = book.ran()  # and is the same
    assert (report.green, names) == (True, ["z.md"])
    chapter(book, "a.md", cell("1;") + reads(5), "[z]")
    report, names = book.ran()
    assert (report.green, names) == (True, ["a.md"])


def test_a_part_of_the_book_runs_what_it_needs_and_tells_only_of_itself(book, tmp_path_factory):
    chapter(book, "a.md", good(SAVES.format(0, 5)))
    chapter(book, "b.md", cell("open('more', 'w').write(open('model').read());"), "[a]")
    chapter(book, "c.md", reads(5).replace("model", "more"), "[b]")
    written = tmp_path_factory.mktemp("out") / "v.json"
    arguments = ["check", "--root", str(book.root), "--json", str(written), "--shard", "3/3"]
    assert main(arguments) == 0
    assert list(json.loads(written.read_text())["chapters"]) == ["c.md"]
    assert whys(book) == {"a.md": "", "b.md": "", "c.md": ""}


def test_a_notebook_says_it_in_its_metadata(book):
    chapter(book, "first.md", good(SAVES.format(0.5, 5)))
    source = "print(open('model').read())"
    block = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "```{expect}\n5\n```"}
    code = {"cell_type": "code", "id": "a", "metadata": {}, "source": source}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3"}, "bookproof": {"after": ["first"]}},
        "cells": [code | {"execution_count": None, "outputs": []}, block],
    }
    book.write("a.ipynb", json.dumps(notebook))
    report, names = book.ran()
    assert (report.green, names) == (True, ["first.md", "a.ipynb"])


MISSING = (
    "after: the chapter reads model, which 01.md makes: "
    "add `bookproof: {after: [01.md]}` to its front matter"
)


def test_a_chapter_that_does_not_say_it_fails_and_goes_on_to_fail(book):
    chapter(book, "01.md", good(SAVES.format(1, 5)))
    chapter(book, "02.md", reads(5))
    first = book.check(workers=2)
    assert problems(first) == [("02.md", 1, MISSING)]
    for _ in range(2):  # the file is there now
        report = book.check()
        assert problems(report) == [("02.md", 1, MISSING)]
        assert [v.kind for c, v in report if c.name == "02.md"][1:] == ["verified"]
    assert main(["check", "--root", str(book.root), str(book.root / "02.md")]) == 1
    chapter(book, "02.md", reads(5), "[01]")
    assert book.check().green


def test_what_programs_make_is_known_too(book):
    chapter(book, "01.md", good("import os; os.system('echo 5 > model');"))
    chapter(book, "02.md", reads(5))
    assert problems(book.check(workers=1)) == [("02.md", 1, MISSING)]


def test_only_who_reads_is_told(book):
    both = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.savefig('f.png'); plt.close()"
    for name in "ab":  # both write the same file
        chapter(book, f"{name}.md", good(both))
    chapter(book, "before.md", reads(1))
    book.write("model", "1")
    chapter(book, "later.md", good(SAVES.format(0, 1)), "[before]")  # as it was meant
    for _ in range(2):
        assert book.check().green
    assert set(whys(book).values()) == {""}


def test_a_name_is_relative_with_or_without_its_suffix(book):
    for place in ("a.md", "part/b.md", "part/c.ipynb"):
        text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})
        book.write(place, text if place.endswith("ipynb") else FRONT.format(""))
    for words, names in {
        "[b]": ("part/b.md",),
        "b.md": ("part/b.md",),
        "[a, part/c]": ("a.md", "part/c.ipynb"),
        "[../a.md, c]": ("a.md", "part/c.ipynb"),
        "[]": (),
    }.items():
        chapter(book, "part/z.md", "", words)
        chapters, others = resolve([scan(book.root, "part/z.md")], partial(scan_there, book.root))
        assert chapters[0].after == names
        assert sorted(one.name for one in others) == sorted(names)
        assert chapters[0].problems == ()


def scan_there(root, name):
    return scan(root, name) if (root / name).is_file() else None


def test_what_cannot_be_obeyed_is_told(book):
    chapter(book, "a.md", good("1;"), "[b, b]")
    chapter(book, "b.md", good("1;"), "[part/c]")
    chapter(book, "part/c.md", good("1;"), "[a]")
    chapter(book, "none.md", good("1;"), "[nowhere, ../a, a]")
    chapter(book, "number.md", good("1;"), "{a: b}")
    wanted = "after: wanted the names of chapters, as in `bookproof: {after: [01]}`"
    circle = "after: the chapters go in a circle: a.md after b.md after part/c.md after a.md"
    assert problems(book.check()) == [
        ("a.md", 1, circle),
        ("b.md", 1, circle),
        ("none.md", 1, "after: there is no chapter 'nowhere'"),
        ("none.md", 1, "after: there is no chapter '../a'"),
        ("number.md", 4, f"{wanted}, given {{'a': 'b'}}"),
        ("part/c.md", 1, circle),
    ]
