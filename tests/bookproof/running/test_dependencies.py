"""A chapter runs again exactly when something that it depends on has changed, and says why."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from tests.bookproof.conftest import installed

from bookproof.cli import main
from bookproof.reading.scan import scan
from bookproof.running import surroundings

GOOD = "```{code-cell}\nprint('ok')\n```\n```{expect}\nok\n```\n"


def cell(code):
    return f"```{{code-cell}}\n{code}\n```\n"


def whys(book):
    """Return for each chapter why it would run, empty where it would not."""
    loaded = book.load()
    return {name: loaded.store.load(scan(book.root, name)).why for name in loaded.chapters}


def write(book, name, data):
    path = book.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


READS = {
    "open": "open('data/d').read()",
    "bytes": "open(b'data/d').read()",
    "pathlib": "from pathlib import Path; Path('data/d').read_text()",
    "descriptor": "import os; f = os.open('data/d', os.O_RDONLY); os.read(f, 9)",
    "pandas": "import pandas; pandas.read_csv('data/d')",
    "numpy": "import numpy; numpy.fromfile('data/d')",
    "torch": "import torch; torch.UntypedStorage.from_file('data/d', False, 2)",
    "opencv": "import cv2; cv2.imread('data/d', 0)",
    "sqlite": "import sqlite3; sqlite3.connect('file:data/d?mode=ro', uri=True).close()",
    "subprocess": "import subprocess; subprocess.run(['cat', 'data/d'])",
    "shell": "import os; os.system('cat data/d > /dev/null')",
    "thread": "import threading as t; t.Thread(target=lambda: open('data/d').read()).start()",
    "late": "exec('def f(): return open(chr(100) + \"ata/d\").read()'); f()",
    "elsewhere": "import os; os.chdir('/'); open({root!r} + '/data/d').read()",
    "module": "import sys; sys.path.insert(0, 'data'); import d",
    "json": "import json; json.load(open('data/d'))",
}
READS = installed(READS)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_way_to_read_a_file_is_seen(book, workers):
    contents = {"pandas": b"a,b\n1,2\n", "module": b"size = 1\n", "json": b"[1]"}
    data = {}
    for name, code in READS.items():
        data[name] = f"{name}/data/d" + ".py" * (name == "module")
        write(book, data[name], contents.get(name, b"P5 2 2 255\n0000"))
        code = code.replace("{root!r}", repr(str(book.root / name)))
        book.chapter(f"{name}/a.md", cell(f"{code}; None"))
    book.chapter("other/a.md", GOOD)
    told = {c.chapter.name: c.run.failure for c in book.check(workers=workers).chapters}
    assert {name: failure for name, failure in told.items() if failure} == {}
    assert set(whys(book).values()) == {""}
    for name in READS:
        path = book.root / data[name]
        before = path.read_bytes()
        path.write_bytes(before + b" ")
        due = {chapter for chapter, why in whys(book).items() if why}
        assert f"{name}/a.md" in due, name
        if workers == 1:  # else what C code reads counts for all that run meanwhile
            assert due == {f"{name}/a.md"}
        path.unlink()
        assert whys(book)[f"{name}/a.md"] == f"{data[name]} is gone"
        path.write_bytes(before)
    assert set(whys(book).values()) == {""}


def test_exactly_the_chapters_that_use_a_module_run_again(book):
    book.write("helper.py", "size = 5\n")
    book.write("deep.py", "import helper\n")
    use = "import {0}; print({0}.{1})"
    book.chapter("direct.md", cell(use.format("helper", "size")))
    book.chapter("deep.md", cell(use.format("deep", "helper.size")))
    book.chapter("late.md", GOOD + cell("for _ in '1':\n    if _: import helper"))
    book.chapter("other.md", GOOD)
    assert len(book.ran()[1]) == 4
    assert book.ran()[1] == []
    book.write("helper.py", "size = 6\n")
    assert whys(book) == {
        "deep.md": "helper.py has changed",
        "direct.md": "helper.py has changed",
        "late.md": "helper.py has changed",
        "other.md": "",
    }
    report, names = book.ran()
    assert sorted(names) == ["deep.md", "direct.md", "late.md"]
    assert [v.actual for _, v in report if v.actual and v.actual.isdigit()] == ["6", "6"]


APPEARS = {
    "file": ("try: print(open('x').read())\nexcept OSError: print('none')", "x"),
    "exists": ("import os; print(os.path.exists('x'))", "x"),
    "pathlib": ("from pathlib import Path; print(Path('x').is_file())", "x"),
    "opencv": ("import cv2, os; print(os.path.isfile('x.png') and cv2.imread('x.png'))", "x.png"),
    "listed": ("import os; print(sorted(os.listdir()))", "x"),
    "scanned": ("import os; print(len(list(os.scandir('.'))))", "x"),
    "glob": ("from glob import glob; print(glob('*.csv'))", "x.csv"),
    "walk": ("import os; print(list(os.walk('.')))", "x"),
    "module": ("try: import extra\nexcept ImportError: print('none')", "extra.py"),
    "package": ("try: import extra\nexcept ImportError: print('none')", "extra/__init__.py"),
    "part": ("import whole\ntry: import whole.part\nexcept ImportError: 1", "whole/part.py"),
    "shadow": ("import yaml; print(yaml.__name__)", "yaml.py"),
}
APPEARS = installed(APPEARS)


def test_a_package_beside_the_book_counts(book, tmp_path_factory, monkeypatch):
    """One that is worked on: it is found by a path, or was installed to stay where it is."""
    beside = tmp_path_factory.mktemp("beside")
    for name in ("package/__init__", "package/deep", "package/other"):
        write(book, beside / f"{name}.py", b"size = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(beside))
    book.chapter("by_path.md", cell("from package import deep\nprint(deep.size)"))
    insert = f"import sys\nsys.path.insert(0, {str(beside)!r})\n"
    book.chapter("by_code.md", cell(f"{insert}import package.deep\n1;"))
    book.chapter("without.md", GOOD)
    own = "import sys, tempfile\nfrom pathlib import Path\nplace = tempfile.mkdtemp()\n"
    own += "Path(place, 'fresh.py').write_text('')\nsys.path.append(place)\nimport fresh"
    book.chapter("own.md", cell(own))
    book.check()
    none = dict.fromkeys(("by_code.md", "by_path.md", "own.md", "without.md"), "")
    assert whys(book) == none
    place = os.path.relpath(beside, book.root)
    write(book, beside / "package" / "other.py", b"size = 2\n")
    assert whys(book) == none
    write(book, beside / "package" / "deep.py", b"size = 2\n")
    changed = f"{place}/package/deep.py has changed"
    assert whys(book) == none | {"by_code.md": changed, "by_path.md": changed}
    write(book, beside / "package" / "deep.py", b"size = 1\n")
    assert whys(book) == none
    (beside / "package" / "__init__.py").unlink()
    gone = f"{place}/package/__init__.py is gone"
    assert whys(book) == none | {"by_code.md": gone, "by_path.md": gone}


def test_what_was_looked_for_in_vain_counts_when_it_appears(book):
    write(book, "part/whole/__init__.py", b"")
    for name, (code, _) in APPEARS.items():
        book.chapter(f"{name}/a.md", cell(code))
    book.chapter("other/a.md", GOOD)
    book.check()
    assert set(whys(book).values()) == {""}
    for name, (_, appears) in APPEARS.items():
        write(book, f"{name}/{appears}", b"1")
        assert [c for c, why in whys(book).items() if why] == [f"{name}/a.md"], name
        (book.root / name / appears).unlink()
        if appears == "extra/__init__.py":
            shutil.rmtree(book.root / name / "extra")
    assert set(whys(book).values()) == {""}


COUNTING = """\
TZ LC_ALL PYTHONPATH LD_PRELOAD GLIBC_TUNABLES SOURCE_DATE_EPOCH OPENCV_LOG_LEVEL TORCH_LOGS
OMP_DYNAMIC KMP_BLOCKTIME ATEN_CPU_CAPABILITY DNNL_MAX_CPU_ISA ONEDNN_MAX_CPU_ISA MKL_CBWR
NPY_DISABLE_CPU_FEATURES OPENBLAS_CORETYPE GOTO_NUM_THREADS BLIS_NUM_THREADS VECLIB_MAXIMUM_THREADS
NUMEXPR_MAX_THREADS NUMBA_CPU_NAME TF_ENABLE_ONEDNN_OPTS XLA_FLAGS JAX_ENABLE_X64
CUBLAS_WORKSPACE_CONFIG CUDNN_V8_API_ENABLED CUDA_VISIBLE_DEVICES
POLARS_FMT_MAX_ROWS ARROW_USER_SIMD_LEVEL
"""


def test_variables_that_are_asked_for_count(book, monkeypatch):
    asks = {
        "get": "import os; os.environ.get('FROM_GET')",
        "getenv": "import os; os.getenv('FROM_GETENV', 1)",
        "item": "import os; 'FROM_ITEM' in os.environ",
        "bytes": "import os; os.environb.get(b'FROM_BYTES')",
        "module": "import asking",
        "own": "import os; os.environ['FROM_OWN'] = '1'",
        "library": "import os, tempfile; tempfile.gettempdir()",
    }
    book.write("asking.py", "import os\nos.getenv('FROM_MODULE')\n")
    for name, code in asks.items():
        book.chapter(f"{name}.md", cell(code))
    book.check()
    for name in ("get", "getenv", "item", "bytes", "module"):
        monkeypatch.setenv(f"FROM_{name.upper()}", "1")
        due = {chapter: why for chapter, why in whys(book).items() if why}
        assert due == {f"{name}.md": f"the environment variable FROM_{name.upper()} has changed"}
        monkeypatch.delenv(f"FROM_{name.upper()}")
    monkeypatch.setenv("FROM_OWN", "2")
    monkeypatch.setenv("UNRELATED", "2")
    assert set(whys(book).values()) == {""}
    for name in COUNTING.split():
        with monkeypatch.context() as patch:
            patch.setenv(name, "x")
            assert set(whys(book).values()) == {f"the environment variable {name} has changed"}
    monkeypatch.setenv("OMP_NUM_THREADS", "7")  # kernels have their own
    assert set(whys(book).values()) == {""}


def test_what_importing_a_library_sets_does_not_count(book, monkeypatch):
    book.chapter("a.md", GOOD)
    book.check()
    # As scikit-learn and Dask do.
    for name in ("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.setenv(name, "True")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/x/site-packages/cv2/../../lib64:")  # as OpenCV does
    assert whys(book) == {"a.md": ""}
    monkeypatch.setenv("LD_LIBRARY_PATH", "/x/site-packages/cv2/../../lib64:/opt/lib")
    assert whys(book) == {"a.md": "the environment variable LD_LIBRARY_PATH has changed"}


def test_another_python_and_other_packages_count(book, monkeypatch):
    book.chapter("a.md", GOOD)
    book.check()
    version, *packages = surroundings.environment()
    for found, why in (
        (["3.99", *packages], "Python has changed"),
        ([version, *packages, "new==1"], "packages have changed: new==1"),
        ([version, *packages[1:]], f"packages have changed: {packages[0]}"),
    ):
        monkeypatch.setattr(surroundings, "environment", lambda _=None, found=found: found)
        assert whys(book) == {"a.md": why}
    assert book.ran()[1] == ["a.md"]


def test_another_processor_counts(book, monkeypatch):
    book.chapter("a.md", GOOD)
    book.check()
    monkeypatch.setattr(surroundings, "processor", lambda: "another")
    assert whys(book) == {"a.md": "the processor has changed"}
    monkeypatch.undo()
    assert whys(book) == {"a.md": ""}
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        expected = "the number of processors has changed" if len(cores) > 1 else ""
        assert whys(book) == {"a.md": expected}
    finally:
        os.sched_setaffinity(0, cores)


def test_the_processor_has_a_name():
    assert surroundings.processor().split()[0] in Path("/proc/cpuinfo").read_text() + "aarch64"


def test_a_kernel_of_another_interpreter_has_packages_of_its_own(
    book, monkeypatch, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("jupyter")
    other = folder / "python"
    other.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    other.chmod(0o755)
    book.write(
        f"{folder}/kernels/other/kernel.json",
        f'{{"argv": ["{other}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"],'
        '"display_name": "x", "language": "python"}',
    )
    monkeypatch.setenv("JUPYTER_PATH", str(folder))
    path = book.chapter("a.md", GOOD)
    path.write_text(path.read_text().replace("python3", "other"))
    assert book.check().green
    assert whys(book) == {"a.md": ""}
    surroundings.environment.cache_clear()
    listed = repr(["9.9", "torch==9"]).replace("'", '"')
    other.write_text(f"#!/bin/sh\necho '{listed}'\n")
    assert whys(book) == {"a.md": "Python has changed"}


def test_every_reason_is_told(book, capsys):
    path = book.chapter("a.md", GOOD)

    def why():
        assert main(["list", "--why", "--root", str(book.root)]) == 0
        return capsys.readouterr().out.splitlines()[1].strip()

    kept = book.root / "_build" / ".bookproof" / "a.md.json"
    assert why() == "would run: there is no run that was kept"
    book.check()
    assert why() == "would not run"
    text = path.read_text()
    path.write_text(text.replace("print('ok')", "print('ok' )"))
    assert why() == "would run: the chapter's code has changed"
    path.write_text(re.sub("ok\n```\n$", "no\n```\nText.", text))
    assert why() == "would not run"  # text and expectations are compared, not run
    content = kept.read_text()
    kept.write_text(content[:-9])
    assert why() == "would run: the kept run is damaged"
    kept.write_bytes(b"\xff")
    assert why() == "would run: the kept run is damaged"
    kept.unlink()
    kept.mkdir()
    assert why() == "would run: the kept run cannot be read"
    kept.rmdir()
    kept.write_text(content)
    os.utime(path)
    assert why() == "would not run"


def test_the_chapters_that_took_longest_run_first(book, monkeypatch):
    for name, seconds in (("a", 0.1), ("b", 1.5), ("c", 0.8)):
        book.chapter(f"{name}.md", cell(f"import time; time.sleep({seconds})"))
    book.check()
    book.chapter("new.md", GOOD)
    monkeypatch.setenv("TZ", "UTC")  # all are due
    assert book.ran(workers=1)[1] == ["new.md", "b.md", "c.md", "a.md"]
