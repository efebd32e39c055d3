"""An import depends on what it looked for in a folder, a list of it on all that is there."""

import importlib.machinery
import shutil

import pytest
from tests.bookproof.running.test_dependencies import cell, whys, write

from bookproof.reading.scan import scan
from bookproof.running import startup

EXTENSION = importlib.machinery.EXTENSION_SUFFIXES[0]

# What a chapter does, what is in its folder before, and what appears there: first what makes it
# run again, then what does not.
CASES = {
    "nothing": ("print(1)", "", "", "helper.py helper.pyc helper/__init__.py numpy.csv new.md"),
    "missing": (
        "try: import extra\nexcept ImportError: print('none')",
        "",
        f"extra.py extra.pyc extra{EXTENSION} extra.so extra/__init__.py extra/part.py",
        "other.py extra.md extra.csv extras.py Extra.py other/extra.py extra-1.csv",
    ),
    # Python's own modules come before those of the chapter's folder.
    "standard": ("import colorsys", "", "", "colorsys.py colorsys/__init__.py colorsys.md"),
    "installed": ("import pandas", "", "pandas.py pandas/__init__.py", "panda.py pandas.csv"),
    "loaded": ("import json", "", "ipykernel.py", "kernel.py"),
    "at start": ("print(1)", "", "colorama.py", "colourama.py"),
    "own": (
        "import own",
        "own.py",
        f"own/__init__.py own{EXTENSION} own.abi3.so",
        "own.pyc own/data.csv own.md another.py",
    ),
    "package": (
        "import whole.part",
        "whole/__init__.py whole/part.py",
        "whole/part/__init__.py",
        "whole.py whole/new.py whole/data.csv whole/os.py new/part.py",
    ),
    "lacking": (
        "import whole\ntry: from whole import part\nexcept ImportError: print('none')",
        "whole/__init__.py",
        "whole/part.py whole/part/__init__.py whole/part/x",
        "whole/other.py part.py",
    ),
    "namespace": (
        "import sys; sys.path += ['one', 'two', 'three']\nimport space, space.a",
        "one/space/a.py two/space/b.py",
        "three/space/c.py one/space.py two/space/__init__.py one/space/a/__init__.py space.py",
        "three/other/c.py one/space/d.py one/other.py",
    ),
    "later": (
        "import sys; sys.path.insert(0, 'lib')\ntry: import extra\nexcept ImportError: print(1)",
        "",
        "lib/extra.py lib/extra/__init__.py",
        "lib/other.py lib/data.csv",
    ),
    "at hand": (
        "import importlib.util as u; print(u.find_spec('extra'))\n"
        "from importlib.machinery import FileFinder, SourceFileLoader\n"
        "print(FileFinder('far', (SourceFileLoader, ['.py'])).find_spec('module'))",
        "far/x",
        "extra.py far/module.py",
        "far/other.py far/module.csv module.py",
    ),
    "metadata": (
        "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))",
        "",
        "own-1.dist-info/METADATA own.egg-info/PKG-INFO",
        "own.py new.md",
    ),
    "pkgutil": (
        "import pkgutil; print([m.name for m in pkgutil.iter_modules(['.'])])",
        "",
        "new.py new.so new/__init__.py",
        "new.md new.csv",
    ),
    "listdir": ("import os; print(sorted(os.listdir()))", "", "x x.py x/y", ""),
    "glob": ("from glob import glob; print(glob('*.csv'))", "", "x.csv", ""),
    "iterdir": ("from pathlib import Path; print(list(Path('.').iterdir()))", "", "x.csv", ""),
    "walk": ("import os; print([n for *_, n in os.walk('.')])", "deep/x", "x deep/y", ""),
    "scandir": ("import os; print([e.name for e in os.scandir('.')])", "", "x.py", ""),
    "resources": (
        "import importlib.resources as r, whole; print(list(r.files(whole).iterdir()))",
        "whole/__init__.py",
        "whole/x.csv",
        "x.csv",
    ),
    "library": (
        "import shutil; shutil.copytree('from', 'to', dirs_exist_ok=True); None",
        "from/x",
        "from/y",
        "y.csv",
    ),
}


def appear(book, name, file):
    """Make a file appear in a chapter's folder; return what lets all be as before."""
    path = book.root / name / file
    new = next((p for p in reversed(path.parents) if not p.exists()), path)
    write(book, f"{name}/{file}", b"")
    return lambda: shutil.rmtree(new) if new.is_dir() else new.unlink()


ORDINARY = ("nothing", "missing", "installed", "loaded", "at start", "own")


@pytest.fixture(scope="module", params=[CASES, ORDINARY], ids=["warm", "ordinary"])
def ran(make_book, request):
    """Return a book whose chapters have run, each in a folder of its own."""
    book = make_book()
    for name in request.param:
        code, before, *_ = CASES[name]
        for file in before.split():
            write(book, f"{name}/{file}", b"")
        book.chapter(f"{name}/a.md", cell(code))
    preload = ("json",) if request.param is CASES else ()
    report = book.check(workers=1, timeout=60, preload=preload)
    failures = {c.chapter.name: c.run.failure for c in report.chapters if c.run.failure}
    assert failures == {}
    return book


def test_exactly_what_could_be_seen_makes_a_chapter_run_again(ran):
    assert set(whys(ran).values()) == {""}
    loaded, wrong, count = ran.load(), [], 0
    chapters = {name[:-5]: scan(ran.root, name) for name in loaded.chapters}
    for name in chapters:
        _, _, seen, unseen = CASES[name]
        for file, again in [(f, True) for f in seen.split()] + [(f, False) for f in unseen.split()]:
            count += 1
            vanish = appear(ran, name, file)
            due = {n for n in (name, "nothing") if loaded.store.load(chapters[n]).why}
            vanish()
            if due != {name} & {name * again}:
                wrong.append((name, file, due))
    assert wrong == []
    assert count > (20 if len(chapters) < len(CASES) else 80)
    assert set(whys(ran).values()) == {""}


@pytest.mark.parametrize("ran", [CASES], indirect=True, ids=["warm"])
def test_what_was_found_counts_when_it_is_gone(ran):
    for name, file, why in (
        ("own", "own.py", "own/own.py is gone"),
        ("package", "whole/part.py", "package/whole/part.py is gone"),
        ("namespace", "one/space/a.py", "namespace/one/space/a.py is gone"),
    ):
        path = ran.root / name / file
        path.unlink()
        assert {n: w for n, w in whys(ran).items() if w} == {f"{name}/a.md": why}
        path.touch()
    shutil.rmtree(ran.root / "namespace" / "two")
    assert whys(ran)["namespace/a.md"] == "namespace/two/space/ is gone"
    write(ran, "namespace/two/space/b.py", b"")
    assert set(whys(ran).values()) == {""}


@pytest.mark.parametrize("ran", [CASES], indirect=True, ids=["warm"])
def test_it_is_told_what_is_found_instead(ran):
    vanish = appear(ran, "own", "own/__init__.py")
    told = whys(ran)["own/a.md"]
    vanish()
    assert told == "own/own/__init__.py is found for the module own, no more own/own.py"


IMPORTS_OWN = {
    "written": "open('own.py', 'w').write('n = 1')\nimport own; print(own.n)",
    "missed": "import importlib\ntry: import own\nexcept ImportError:\n"
    "    open('own.py', 'w').write('n = 1')\n    importlib.invalidate_caches()\n    import own",
    "removed": "import os; open('own.py', 'w').close()\nimport own; os.remove('own.py')",
    "folder": "import os; os.makedirs('own', exist_ok=True); open('own/part.py', 'w').close()\n"
    "import own.part",
    "package": "import os; os.makedirs('own', exist_ok=True)\n"
    "open('own/__init__.py', 'w').close(); import own",
}


def test_modules_of_its_own_making_do_not_make_a_chapter_run_again(book):
    for name, code in IMPORTS_OWN.items():
        book.chapter(f"{name}/a.md", cell(code + "\nNone"))
    failures = [c.run.failure for c in book.check(workers=1, timeout=60).chapters]
    assert failures == [None] * len(IMPORTS_OWN)
    assert whys(book) == {f"{name}/a.md": "" for name in IMPORTS_OWN}
    for path in book.root.glob("*/a.md"):
        path.write_text(path.read_text().replace("None\n", "1;\n"))
    book.check(workers=1, timeout=60)
    assert whys(book) == {f"{name}/a.md": "" for name in IMPORTS_OWN}
    write(book, "written/own/__init__.py", b"")
    assert whys(book)["written/a.md"]


def test_a_kernel_asks_for_nothing_at_its_start_that_is_not_known(book, tmp_path):
    """Of ordinary kernels that is known by a trial, of warm ones from the first moment."""
    for name in "ab":
        book.chapter(f"{name}.md", cell("print(1)"))
    asked = []
    for preload in ((), ("json",)):
        shutil.rmtree(book.root / "_build", ignore_errors=True)
        run = book.check(workers=1, preload=preload).chapters[0].run
        assert list(run.sought["present"]) == ([] if preload else ["."])
        asked.append(set(run.sought["folders"]["."][""]))
    ordinary, warm = asked
    assert len(ordinary) > 100
    at_start = startup.names("python3", tmp_path)
    assert warm - ordinary
    assert warm - ordinary - at_start <= {"nursery"}
    assert [path.name[:6] for path in tmp_path.glob("*.json")] == ["start-"]


def test_modules_that_another_program_imports_count(book):
    runs = {
        "script": "!{sys.executable} helper.py",
        "import": "!{sys.executable} -c 'import helper'",
        "again": "!{sys.executable} -c 'import helper' && {sys.executable} -c 'import helper'",
        "forked": "import os\nif not os.fork():\n    import helper; os._exit(0)\nos.wait();",
    }
    for name, code in runs.items():
        write(book, f"{name}/helper.py", b"print(1)")
        book.chapter(f"{name}/a.md", cell(f"import sys\n{code}"))
    for _ in range(2):  # the second time it is compiled already
        book.check(workers=1, timeout=60)
        assert whys(book) == {f"{name}/a.md": "" for name in runs}
        for name in runs:
            path = book.root / name / "helper.py"
            path.write_text(path.read_text() + "\nprint(2)")
        due = {chapter[:-5] for chapter, why in whys(book).items() if why}
        assert due == set(runs)
    writes = "get_ipython().run_cell_magic('writefile', 'x.py', 'n = 1')"
    reads = "!{sys.executable} x.py && {sys.executable} -c 'import x'"
    book.chapter("written/a.md", cell(f"import sys\n{writes}\n{reads}"))
    book.check(workers=1, timeout=60)
    assert whys(book)["written/a.md"] == ""


def test_a_nursery_does_not_know_what_appears_later(book, tmp_path_factory, monkeypatch):
    """The modules that it has imported would be others by now."""
    folder = book.root / "lib"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    write(book, "lib/known.py", b"")
    late = "import pathlib, sys; pathlib.Path(r'{}', 'colorama.py').touch(); print(1)"
    for name in "ab":
        book.chapter(f"{name}.md", cell(late.format(folder) if name == "a" else "print(1)"))
    monkeypatch.setattr("bookproof.book._cost", lambda item: item[0].name == "a.md")
    report = book.check(workers=1, timeout=60, preload=("json",))
    assert [c.run.failure for c in report.chapters] == [None, None]
    assert whys(book)["b.md"] == "lib/colorama.py is new"
