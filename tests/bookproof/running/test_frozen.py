"""Outputs made on one machine are used on another, exactly while what they depend on is the same.

The machine that can has a module and a variable that the other has not; the other is a clone of
the book in another folder.
"""

import contextlib
import json
import math
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import nbformat
import pytest

from bookproof import check
from bookproof.cli import main
from bookproof.reading.scan import scan
from bookproof.running import origin, reads, surroundings
from bookproof.running.frozen import Frozen
from bookproof.running.paths import Paths, without_kernel_files
from bookproof.running.result import Run

CHAPTER = """\
```{code-cell}
import os
import accelerator
import helper
open(os.environ["ACCELERATOR"], "w").close()
print(accelerator.square(helper.side), open("data/numbers.csv").read().split(","))
```
```{expect}
49 ['1', '2\\n']
```

```{code-cell}
import importlib.metadata
importlib.metadata.version("numpy")
print(sorted(name for name in os.listdir("data") if name.endswith(".csv")))
print(os.path.getsize("weights.bin"), open("weights.bin", "rb").read(2), os.path.exists("cache"))
if not os.path.exists("local.tmp.csv"):
    pass  # an author would make it here
```
```{expect}
['numbers.csv']
4 b'\\x00\\x01' False
```

```{code-cell}
import matplotlib.pyplot as plt
plt.plot([3, 1, 2]);
```
```{expect} figure contains
line 3 points x 0.0 1.0 2.0 y 3.0 1.0 2.0
```

```{code-cell}
:tags: [raises-exception]
import json, warnings
warnings.warn("slow")
json.loads("{")
```
```{expect} error
JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)
```
```{expect} stream=stderr
/tmp/ipykernel_1/1.py:2: UserWarning: slow
  warnings.warn("slow")
```

```{code-cell}
:tags: [hide-input]
class Table:
    def __repr__(self):
        return "甲\\u202e乙"
    def _repr_html_(self):
        return "<b>甲</b>\\n<i>\\u2028乙</i>"
Table()
```
```{unverified} drawn as a table
```
"""

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "cells": [
        {
            "cell_type": "code",
            "id": "one",
            "metadata": {"bookproof": ["```{expect}\n", "9\n", "```"]},
            "execution_count": None,
            "outputs": [],
            "source": "import accelerator\naccelerator.square(3)",
        }
    ],
}


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Return a context in which this is the machine that has the accelerator."""
    installed = tmp_path_factory.mktemp("installed")
    (installed / "accelerator.py").write_text("def square(x):\n    return x * x\n")

    @contextlib.contextmanager
    def context():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(installed))
            patch.setenv("ACCELERATOR", str(installed / "used"))
            yield installed / "used"

    return context


def frozen_here(machine, book, *arguments):
    with machine():
        return main(["freeze", "--root", str(book.root), *map(str, arguments)])


@pytest.fixture(scope="module")
def original(make_book, machine):
    """Return a book whose chapters were frozen where the accelerator is."""
    book = make_book()
    subprocess.run(["git", "init", "--quiet", book.root], check=True)
    book.write(".gitignore", "weights.bin\n_build\n*.tmp.csv\n")
    book.write("notes/helper.py", "side = 7\n")
    book.write("notes/unused.py", "side = 8\n")
    book.write("notes/data/numbers.csv", "1,2\n")
    (book.root / "notes" / "weights.bin").write_bytes(bytes(range(4)))
    book.chapter("notes/gpu.md", CHAPTER)
    book.chapter("plain.md", "```{code-cell}\nprint('ok')\n```\n```{expect}\nok\n```\n")
    book.write("notes/two.ipynb", json.dumps(NOTEBOOK))
    chapters = [book.root / "notes" / name for name in ("gpu.md", "two.ipynb")]
    assert frozen_here(machine, book, *chapters) == 0
    return book


@pytest.fixture
def clone(original, tmp_path):
    """Return a copy of the book on a machine that has no accelerator."""
    root = tmp_path / "clone"
    shutil.copytree(original.root, root, ignore=shutil.ignore_patterns("_build"))
    return type(original)(root)


def only(book, name="notes/gpu.md"):
    """Check one chapter; return what became of it."""
    loaded = book.load()
    report = check(type(loaded)(loaded.root, (name,), loaded.timeout), execute=never)
    return report.chapters[0]


def never(*_, **__):
    raise AssertionError("a frozen chapter was run")


def stored(book, name="notes/gpu.md"):
    return book.root / "_frozen" / f"{name}.json"


def test_frozen_chapters_are_judged_without_running_and_others_run(clone):
    report, ran = clone.ran()
    assert report.green, report.failures()
    assert ran == ["plain.md"]
    assert report.summary().startswith("7 outputs verified in 3 chapters (2 frozen), 1 left")
    found = {c.chapter.name: c for c in report.chapters}
    assert found["plain.md"].run.frozen is None
    assert found["notes/two.ipynb"].run.frozen.date == time.strftime("%Y-%m-%d", time.gmtime())
    outputs = found["notes/gpu.md"].run.outputs
    assert outputs[4][0].data["text/html"] == "<b>甲</b>\n<i>\u2028乙</i>"
    assert outputs[4][0].data["text/plain"] == "甲\u202e乙"
    nbformat.validate(
        nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("", outputs=list(cell)) for cell in outputs]
        )
    )


def test_even_where_it_could_run_it_does_not(clone, machine):
    with machine() as used:
        used.unlink()
        assert only(clone).run.failure is None
        assert not used.exists()


def test_an_expectation_is_edited_without_another_run(clone, capsys):
    path = clone.root / "notes" / "gpu.md"
    path.write_text(path.read_text("utf-8").replace("\n49 [", "\n50 ["), "utf-8")
    wrong = [verdict for verdict in only(clone).verdicts if verdict.kind.failed]
    assert [(v.line, str(v.kind), v.actual[:2]) for v in wrong] == [(13, "mismatch", "49")]
    assert main(["accept", "--force", "--root", str(clone.root), str(path)]) == 0
    assert "+49 [" in capsys.readouterr().out
    assert not any(verdict.kind.failed for verdict in only(clone).verdicts)


def rewrite(name, old, new):
    def change(book):
        path = book.root / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    return change


def add(name, text="1\n"):
    return lambda book: book.write(name, text)


def take_away(name):
    return lambda book: (book.root / name).unlink()


OLD = {
    "code": (rewrite("notes/gpu.md", "[3, 1, 2]", "[3, 1, 1]"), "the chapter's code has changed"),
    "bearing tag": (
        rewrite("notes/gpu.md", "tags: [raises-exception]", "tags: [skip-execution]"),
        "the chapter's code has changed",
    ),
    "kernel": (rewrite("notes/gpu.md", "name: python3", "name: other"), "the kernel has changed"),
    "helper": (rewrite("notes/helper.py", "7", "8"), "notes/helper.py has changed"),
    "data": (rewrite("notes/data/numbers.csv", "1", "2"), "notes/data/numbers.csv has changed"),
    "gone": (take_away("notes/helper.py"), "notes/helper.py is gone"),
    "listed": (add("notes/data/more.csv"), "notes/data/ has changed"),
    "looked for": (add("notes/cache"), "notes/cache is new"),
    "local data": (rewrite("notes/weights.bin", "\3", "\4"), "notes/weights.bin has changed"),
    "for a package": (add("notes/numpy.py"), "the module numpy in notes/ is new"),
    "for a package's package": (add("notes/cycler/__init__.py"), "the module cycler in notes/ is"),
    "for Python's own": (add("notes/queue.py"), "the module queue in notes/ is new"),
    "for the accelerator": (add("notes/accelerator.py"), "the module accelerator in notes/ is new"),
}


@pytest.mark.parametrize("what", OLD)
def test_frozen_outputs_of_something_older_are_never_used(clone, what):
    change, why = OLD[what]
    change(clone)
    checked = only(clone)
    first, *others = checked.verdicts
    assert (first.line, str(first.kind)) == (1, "frozen outputs unusable")
    assert f"of older code or data: {why}" in first.message
    assert "`bookproof freeze notes/gpu.md`" in first.message
    assert "`bookproof freeze --remove notes/gpu.md`" in first.message
    kinds = {str(verdict.kind) for verdict in others}
    assert kinds - {"malformed block"} == {"cell not run"}  # {expect} under a skipped cell
    assert not any(checked.run.outputs)


def as_on_windows(name):
    def change(book):
        path = book.root / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    return change


UNTOUCHED = {
    "prose": rewrite("notes/gpu.md", "\n```{code-cell}", "\nMore words.\n\n```{code-cell}"),
    "a tag that shows": rewrite("notes/gpu.md", "[hide-input]", "[hide-cell]"),
    "line ends of the chapter": as_on_windows("notes/gpu.md"),
    "line ends of a module": as_on_windows("notes/helper.py"),
    "line ends of data": as_on_windows("notes/data/numbers.csv"),
    "data that all get for themselves": take_away("notes/weights.bin"),
    "a file that git ignores": add("notes/data/own.tmp.csv"),
    "a cache that git ignores": add("notes/local.tmp.csv"),
    "a module that is not imported": rewrite("notes/unused.py", "8", "9"),
    "a new module of the book": add("notes/another.py"),
    "a new chapter": add("notes/new.md", "# New\n"),
    "the folder of results": add("notes/data/_build/x.csv"),
}


@pytest.mark.parametrize("what", UNTOUCHED)
def test_frozen_outputs_stay_while_nothing_that_matters_changes(clone, what):
    UNTOUCHED[what](clone)
    assert only(clone).run.failure is None
    assert [str(v.kind) for v in only(clone).verdicts] == ["verified"] * 5 + ["unverified"]


def test_other_packages_and_another_environment_do_not_matter(clone, monkeypatch):
    monkeypatch.setattr(surroundings, "environment", lambda _: ["3.99 on a toaster", "torch==9"])
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("ACCELERATOR", "gone")
    assert only(clone).run.failure is None


def test_without_git_what_it_ignored_may_be_missing_all_the_same(clone, monkeypatch):
    shutil.rmtree(clone.root / ".git")
    take_away("notes/weights.bin")(clone)
    assert only(clone).run.failure is None
    monkeypatch.setenv("PATH", "")
    assert only(clone).run.failure is None


def edited(book):
    path = stored(book)
    text = path.read_text("utf-8")
    assert '"49 [' in text
    path.write_text(text.replace('"49 [', '"50 ['), "utf-8")


def truncated(book):
    stored(book).write_text(stored(book).read_text("utf-8")[:-100], "utf-8")


def picture(book):
    [path] = stored(book).with_suffix(".files").iterdir()
    return path


DAMAGE = {
    "edited by hand": (edited, "_frozen/notes/gpu.md.json was edited, or merged badly"),
    "truncated": (truncated, "are damaged"),
    "a conflict": (lambda b: stored(b).write_text("<<<<<<< ours\n{}"), "are damaged"),
    "empty": (lambda b: stored(b).write_text(""), "are damaged"),
    "no text": (lambda b: stored(b).write_bytes(b"\xff\x00"), "are damaged"),
    "another JSON": (lambda b: stored(b).write_text("[]"), "are not what bookproof wrote"),
    "newer": (lambda b: stored(b).write_text('{"format": 99}'), "have format 99, wanted 1"),
    "of another chapter": (
        lambda b: shutil.copy(stored(b, "notes/two.ipynb"), stored(b)),
        "the chapter's code has changed",
    ),
    "picture gone": (
        lambda b: picture(b).unlink(),
        "_frozen/notes/gpu.md.files/3-1.png is missing, or was changed",
    ),
    "picture changed": (
        lambda b: picture(b).write_bytes(picture(b).read_bytes() + b" "),
        "_frozen/notes/gpu.md.files/3-1.png is missing, or was changed",
    ),
    "a folder": (lambda b: (stored(b).unlink(), stored(b).mkdir()), "cannot be read"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damaged_outputs_are_refused_by_name(clone, what):
    damage, why = DAMAGE[what]
    damage(clone)
    [first, *_] = only(clone).verdicts
    assert str(first.kind) == "frozen outputs unusable"
    assert why in first.message


def test_what_is_stored_can_be_reviewed_and_names_no_place(original):
    text = stored(original).read_text("utf-8")
    content = json.loads(text)
    assert (
        text
        == json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        .replace("\u2028", "\\u2028")
        .replace("\u202e", "\\u202e")
        + "\n"
    )
    for place in (original.root, Path.home(), "site-packages", f"ipykernel_{os.getpid()}"):
        assert str(place) not in text
    outputs = content["run"]["outputs"]
    assert outputs[0][0]["text"] == ["49 ['1', '2\\n']\n"]
    assert outputs[4][0]["data"]["text/html"] == ["<b>甲</b>\n", "<i>\u2028", "乙</i>"]
    assert len(re.findall("Cell In", "".join(outputs[3][1]["traceback"]))) <= 1
    assert "decoder.py" not in "".join(outputs[3][1]["traceback"])
    assert picture(original).read_bytes().startswith(b"\x89PNG")
    assert content["run"]["versions"].keys() == {"python", "matplotlib"}
    assert content["reads"]["local"].keys() == {"notes/weights.bin"}
    assert {name for name, digest in content["reads"]["files"].items() if digest} == {
        "notes/data/",
        "notes/data/numbers.csv",
        "notes/helper.py",
    }


def contents(book):
    return {p: p.read_bytes() for p in (book.root / "_frozen").rglob("*") if p.is_file()}


def test_freezing_again_gives_the_same_files_and_forgets_old_pictures(clone, machine):
    before = contents(clone)
    left = picture(clone).with_name("9-1.png")
    left.write_bytes(b"")
    assert frozen_here(machine, clone, clone.root / "notes" / "gpu.md") == 0
    assert not left.exists()
    assert contents(clone) == before
    assert len(before) == 3


def test_what_is_not_fit_for_other_machines_is_not_stored(book, capsys):
    book.chapter("fails.md", "```{code-cell}\nprint(1)\n```\n\n```{code-cell}\n1 / 0\n```\n")
    book.chapter(
        "paths.md",
        "```{code-cell}\nimport os\nprint('in', os.getcwd())\n```\n\n"
        "```{code-cell}\nos\n```\n\n```{code-cell}\nprint('/tmp/own')\n```\n",
    )
    book.chapter("differs.md", "```{code-cell}\nprint(1)\n```\n```{expect}\n2\n```\n")
    (book.root / "unreadable.md").write_bytes(b"---\nfile_format: mystnb\n---\n\xff")
    chapters = [str(book.root / f"{name}.md") for name in ("fails", "paths", "differs")]
    chapters.append(str(book.root / "unreadable.md"))
    assert main(["freeze", "--root", str(book.root), *chapters]) == 1
    out, err = capsys.readouterr()
    assert "fails.md:11: cell failed: ZeroDivisionError" in err
    assert "unreadable.md:4: chapter unreadable" in err
    assert "differs.md:10: mismatch" in err
    assert "refused: paths.md is not frozen: its outputs name paths of this machine\n" in err
    assert f"\n  paths.md:6: {book.root}\n" in err
    assert "paths.md:15" not in err
    assert "froze differs.md" in out
    assert [path.name for path in (book.root / "_frozen").iterdir()] == ["differs.md.json"]
    report, ran = book.ran()
    assert sorted(ran) == ["fails.md", "paths.md"]
    assert report.totals["frozen"] == 1


def test_what_was_written_meanwhile_is_not_known_to_have_been_read(book):
    path = book.chapter("a.md", "```{code-cell}\nprint(1)\n```\n")
    run = Run(([],), opened=("data.csv",), unkept="it read data.csv, which was written")
    chapter = scan(book.root, path.name)
    with pytest.raises(ValueError, match=r"not known: it read data\.csv, which was written"):
        Frozen(book.root).save(chapter, run)


def test_what_a_chapter_reads_and_then_writes_cannot_be_had_elsewhere(book):
    path = book.chapter("a.md", "```{code-cell}\nprint(1)\n```\n")
    run = Run(([],), opened=("log",), made=("log",), found={"log": "a digest"})
    with pytest.raises(ValueError, match="reads log and then writes it"):
        Frozen(book.root).save(scan(book.root, path.name), run)


def test_what_a_chapter_makes_itself_is_no_input(book):
    code = "open('made', 'w').write('1')\nprint(open('made').read())"
    book.chapter("a.md", f"```{{code-cell}}\n{code}\n```\n```{{expect}}\n1\n```\n")
    assert main(["freeze", "--root", str(book.root), str(book.root / "a.md")]) == 0
    (book.root / "made").unlink()
    assert book.check().green


def test_an_author_may_write_on_while_a_chapter_runs(book):
    for name, code, counts in (("a.md", "1", False), ("b.md", "open('b.md').read(); 1", True)):
        path = book.chapter(name, f"```{{code-cell}}\n{code}\n```\n")
        frozen, chapter = Frozen(book.root), scan(book.root, name)
        if not counts:
            frozen.save(chapter, Run(([],), opened=(name,)))
        frozen.save(chapter, Run(([],), opened=(name,), started=math.inf))
        path.write_text(path.read_text() + "\nMore words.\n")
        failure = frozen.load(scan(book.root, name)).failure
        assert (failure is not None) is counts


def store_without_running(book, name, code="print(1)"):
    """Store what a chapter with one cell that prints 1 would give."""
    path = book.chapter(name, f"```{{code-cell}}\n{code}\n```\n```{{expect}}\n1\n```\n")
    output = nbformat.v4.new_output("stream", name="stdout", text="1\n")
    Frozen(book.root).save(scan(book.root, name), Run(([output],), versions={"torch": "9.9"}))
    return path


def test_frozen_chapters_are_listed_frozen_anew_and_thawed(book, capsys, monkeypatch):
    path = store_without_running(book, "deep/a.md")
    store_without_running(book, "b.md")
    root = f"--root={book.root}"
    assert main(["list", root]) == 0
    line = capsys.readouterr().out.splitlines()[-1].strip()
    assert re.fullmatch(r"frozen, run today \(\S+\) with python 3\S+, torch 9\.9 on .+\)", line)
    monkeypatch.setattr(origin, "_said", lambda _: "")
    assert main(["freeze", root]) == 0
    assert capsys.readouterr().out == "bookproof: no frozen chapter is outdated\n"
    rewrite("deep/a.md", "print(1)", "print( 1)")(book)
    assert main(["list", "--why", root]) == 0
    assert "the frozen outputs are of older code or data: the chapter's" in capsys.readouterr().out
    assert main(["freeze", root]) == 0
    assert capsys.readouterr().out.startswith("bookproof: froze deep/a.md: commit it")
    path.unlink()
    [note] = book.check().notes
    assert "_frozen has the outputs of deep/a.md, which is not there" in note
    assert main(["freeze", "--remove", root, str(path)]) == 0
    assert capsys.readouterr().out == "bookproof: deep/a.md is frozen no longer: builds run it\n"
    assert not (book.root / "_frozen" / "deep").exists()
    for arguments, message in (
        ([str(path)], "deep/a.md is not frozen: there is no _frozen/deep/a.md.json"),
        ([], "--remove wants the chapters"),
        (["/elsewhere.md"], "/elsewhere.md is outside the book"),
    ):
        assert main(["freeze", "--remove", root, *arguments]) == 2
        assert message in capsys.readouterr().err
    assert main(["freeze", "--remove", root, str(book.root / "b.md")]) == 0
    assert not (book.root / "_frozen").exists()


def test_the_parts_of_a_book_may_be_frozen_with_other_versions(book, capsys):
    store_without_running(book, "a.md", "import torch; print(1)")
    store_without_running(book, "b.md")
    parts = []
    for shard in ("1/2", "2/2"):
        parts.append(str(book.root / f"{shard[0]}.json"))
        assert main(["check", f"--root={book.root}", "--shard", shard, "--json", parts[-1]]) == 0
    content = json.loads(Path(parts[1]).read_text())
    content["chapters"]["b.md"]["versions"]["torch"] = "1.0"
    Path(parts[1]).write_text(json.dumps(content))
    whole = str(book.root / "whole.json")
    assert main(["merge", *parts, "--json", whole]) == 0
    assert main(["summary", whole]) == 0
    assert "2 outputs verified in 2 chapters (2 frozen)" in capsys.readouterr().out


CODE = "print(open('/data/own.csv'))"
NAMED = {
    "in {root}/notes/a.md": ["{root}/notes/a.md"],
    "file://{root}/a, and {root}.": ["{root}/a", "{root}"],
    "\x1b[34m{root}/x\x1b[0m": ["{root}/x"],
    "{root}-of-others {root}s /other{root}": [],
    "see site-packages": [],
    "/opt/x/lib/site-packages/torch/nn.py:3": ["/site-packages/torch/nn.py:3"],
    "/data/own.csv": [],
    "/usr/bin/env": [],
}


@pytest.mark.parametrize("text", NAMED)
def test_paths_of_the_machine_are_found_wherever_they_stand(text):
    root = "/srv/anna's book"
    wanted = [path.format(root=root) for path in NAMED[text]]
    value = {"data": [{"text/html": text.format(root=root)}]}
    found = Paths(Path(root), CODE).found(value)
    assert found[: len(wanted)] == wanted
    assert bool(found) == bool(wanted)


def test_the_home_and_temporary_folders_are_found_unless_the_code_names_them(monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")
    for code, found in (("1", ["/home/anna/x"]), ("open('/home/anna/y')", [])):
        assert Paths(Path("/srv/book"), code).found("/home/anna/x") == found


def test_files_of_a_kernel_have_one_name_everywhere():
    for path in ("/tmp/ipykernel_4711/427.py", "/var/folders/q/T/ipykernel_1/9.py"):
        assert without_kernel_files([{"a": f"{path}:2: W"}]) == [
            {"a": "/tmp/ipykernel_1/1.py:2: W"}
        ]
    assert Paths(Path("/srv/book"), "").found("/tmp/ipykernel_1/1.py:2: W") == []


def test_the_machine_is_named_by_its_processors(tmp_path, monkeypatch):
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H100'\necho 'NVIDIA H100'\necho 'Tesla T4'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert origin.here().machine.startswith("2 × NVIDIA H100, Tesla T4, ")
    tool.write_text("#!/bin/sh\necho 'no driver'\nexit 9\n")
    assert "driver" not in origin.here().machine


def test_a_large_binary_is_told_by_its_bytes(tmp_path):
    path = tmp_path / "d"
    path.write_bytes(b"\0\r\n")
    before = reads.Reads.of(tmp_path, ["d"], [], [])
    path.write_bytes(b"\0\n")
    assert before.changes(tmp_path) == ["d has changed"]
