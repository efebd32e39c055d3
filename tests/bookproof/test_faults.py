"""Whatever goes wrong: a clear message, no process or file left, and the next check is right."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from tests.bookproof.conftest import processes_below

from bookproof.cli import main
from bookproof.reading.scan import scan
from bookproof.running import files, kernel

GOOD = "```{code-cell}\nprint('ok')\n```\n```{expect}\nok\n```\n"


pytestmark = pytest.mark.usefixtures("leaves_nothing")


def cell(code):
    return f"```{{code-cell}}\n{code}\n```\n"


def told(report):
    """Return kind and message of the first failure of each chapter."""
    return {
        c.chapter.name: next(
            (f"{v.kind}: {v.message}" for v in c.verdicts if v.kind.failed), "green"
        )
        for c in report.chapters
    }


def mend_all(book):
    for path in book.root.glob("*.md"):
        path.unlink()
        book.chapter(path.name, GOOD)


ENDS = {
    "killed.md": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "kernel died: the kernel was killed by SIGKILL (out of memory?) while the cell ran",
    ),
    "crashed.md": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)",
        "kernel died: the kernel was killed by SIGSEGV while the cell ran",
    ),
    "left.md": (
        "import os\nos._exit(3)",
        "kernel died: the kernel ended with status 3 while the cell ran",
    ),
    "late.md": (
        "import os\nget_ipython().user_expressions = lambda asked: os._exit(4) if asked else {}",
        "kernel died: the kernel ended with status 4 after its last cell",
    ),
    "memory.md": (
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))\nbytearray(2**34)",
        "cell failed: MemoryError",
    ),
    "endless.md": (
        "import subprocess\nsubprocess.Popen(['sleep', '600'])\nwhile True: pass",
        "cell never ended: did not end within 3 s: let it do less, or raise `execute: timeout`",
    ),
    "flood.md": (
        "while True: print('x' * 10**6)",
        "cell failed: prints more than 10 MB and was stopped: print less",
    ),
}


def test_every_way_to_end_is_told_apart_and_leaves_nothing(book):
    book.write("_config.yml", "execute:\n  timeout: 3\n")
    book.chapter("good.md", GOOD)
    for name, (code, _) in ENDS.items():
        book.chapter(name, GOOD + "\n" + cell(code))
    report = book.check()
    assert processes_below(book.root) == []  # the child of the endless cell is gone too
    assert told(report) == {"good.md": "green"} | {name: words for name, (_, words) in ENDS.items()}
    mend_all(book)
    assert book.check().green


def test_a_kernel_that_cannot_start_is_told(book, tmp_path_factory, monkeypatch):
    specs = {
        "absent": '{"argv": ["/no/such/command"], "display_name": "x", "language": "python"}',
        "exits": f'{{"argv": ["{sys.executable}", "-c", "import sys; sys.exit(3)"],'
        '"display_name": "x", "language": "python"}',
        "mute": '{"argv": ["sh", "-c", "sleep 600"], "display_name": "x", "language": "python"}',
        "broken": "{",
    }
    jupyter = tmp_path_factory.mktemp("jupyter")
    for name, spec in specs.items():
        (jupyter / "kernels" / name).mkdir(parents=True)
        (jupyter / "kernels" / name / "kernel.json").write_text(spec)
        book.chapter(f"{name}.md", GOOD)
    book.chapter("unknown.md", GOOD)
    for path in book.root.glob("*.md"):
        path.write_text(path.read_text().replace("python3", path.stem))
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))
    book.chapter("good.md", GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(kernel, "STARTUP_TIMEOUT", 2)
        messages = told(book.check())
    messages.pop("good.md")  # on a busy machine no kernel starts so soon
    for name, words in {
        "absent": "kernel 'absent': [Errno 2] No such file or directory: '/no/such/command'",
        "exits": "kernel 'exits': Kernel died before replying",
        "mute": "kernel 'mute': Kernel didn't respond in 2 seconds",
        "broken": "kernel 'broken': ",
        "unknown": "there is no kernel named 'unknown'",
    }.items():
        assert messages.pop(f"{name}.md").startswith(f"kernel not started: {words}"), name
    assert not messages
    mend_all(book)
    assert book.check().green


def test_a_chapter_that_cannot_be_read_is_told(book):
    (book.root / "dangling.md").symlink_to("nowhere")
    (book.root / "loop.md").symlink_to("loop.md")
    (book.root / "folder.md").mkdir()
    (book.root / "bytes.md").write_bytes(b"---\nfile_format: mystnb\n---\n\xff")
    book.write("front.md", "---\nfile_format: mystnb\nx: [\n---\n" + GOOD)
    book.write("kernel.md", "---\nfile_format: mystnb\nkernelspec: python3\n---\n" + GOOD)
    book.write("spec.ipynb", '{"cells": [], "metadata": {"kernelspec": 3}, "nbformat": 4}')
    book.write("null.md", "---\nfile_format: mystnb\nkernelspec:\n---\n" + GOOD)
    book.write("json.ipynb", '{"cells": [')
    book.write("list.ipynb", "[]")
    book.chapter("good.md", GOOD)
    messages = told(book.check())
    assert messages.pop("good.md") == "green"
    for name, words in {
        "dangling.md": "cannot be read: No such file or directory",
        "loop.md": "cannot be read: Too many levels of symbolic links",
        "bytes.md": "not UTF-8: byte 0xff",
        "front.md": "cannot be read as a notebook: while parsing",
        "kernel.md": "cannot be read as a notebook: 'python3' is not of type 'object'",
        "spec.ipynb": "cannot be read as a notebook: `kernelspec` must have the kernel's `name`",
        "null.md": "cannot be read as a notebook: ",
        "json.ipynb": "cannot be read as a notebook: ",
        "list.ipynb": "cannot be read as a notebook: ",
    }.items():
        assert messages.pop(name).startswith(f"chapter unreadable: {words}"), name
    assert not messages  # a folder is no chapter, whatever its name


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("x: [", "while parsing"),
        ("- a\n- b\n", "cannot be read"),
        (
            "execute:\n  timeout: soon\n",
            "'execution_timeout' must be of type <class 'int'>",
        ),
    ],
)
def test_settings_that_cannot_be_read_are_told(book, capsys, config, words):
    book.write("_config.yml", config)
    book.chapter("a.md", GOOD)
    assert main(["check", "--root", str(book.root)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("bookproof: ")
    assert words in said
    assert "_config.yml cannot be read" in said


def test_empty_settings_are_no_settings(book):
    book.write("_config.yml", "execute:\nexclude_patterns:\n")
    book.chapter("a.md", GOOD)
    assert book.load().settings.execution_timeout == 30
    assert book.load().chapters == ("a.md",)


def test_a_book_without_chapters_is_not_green(book, capsys):
    for root, words in (
        (book.root, f"there is no chapter with code cells in {book.root}"),
        (book.root / "nowhere", f"{book.root / 'nowhere'} is not there"),
    ):
        assert main(["check", "--root", str(root)]) == 2
        assert words in capsys.readouterr().err


def test_a_damaged_kept_run_is_no_kept_run(book):
    book.chapter("a.md", GOOD)
    assert book.ran()[1] == ["a.md"]
    store, chapter = book.load().store, scan(book.root, "a.md")
    [path] = store.folder.glob("*.json")
    whole = path.read_bytes()
    assert store.load(chapter).run is not None
    damaged = [whole[:length] for length in range(0, len(whole), 50)]
    damaged += [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(0, len(whole), 9)]
    damaged += [b"{}", b"[]", b'{"format": 2}', b"\xff" * 200, whole.replace(b'"ok', b'"no')]
    damaged += [whole.replace(b'"outputs": [[', b'"outputs": [[], ['), whole + b" "]
    for content in damaged:
        path.write_bytes(content)
        assert store.load(chapter).run is None, content
    report, names = book.ran()
    assert (report.green, names) == (True, ["a.md"])
    assert (
        path.read_bytes().partition(b'"seconds"')[0].partition(b"\n")[2]
        == (whole.partition(b'"seconds"')[0].partition(b"\n")[2])
    )


@pytest.mark.parametrize("blocked", ["_build", "_build/.bookproof", "_build/.bookproof/a.md.json"])
def test_where_no_run_can_be_kept_the_verdicts_stand(book, capsys, blocked):
    path = book.root / blocked
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix:  # a folder where the file should be
        path.mkdir()
    else:  # and the other way round
        path.write_text("")
    book.chapter("a.md", GOOD)
    for _ in range(2):
        assert main(["check", "--root", str(book.root)]) == 0
        said = capsys.readouterr()
        assert said.out == "bookproof: 1 output verified in 1 chapter\n"
        assert said.err.count("warning: the runs cannot be kept and will be made again: ") == 1
    book.chapter("a.md", GOOD.replace("ok\n```\n", "no\n```\n"))
    assert main(["check", "--root", str(book.root)]) == 1


LIMITED = """\
import resource, sys
from bookproof.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.exit(main(sys.argv[1:]))
"""


def on_a_full_disk(book, *arguments):
    """Run the command line where no file can grow beyond 4096 bytes."""
    command = [sys.executable, "-c", LIMITED, *map(str, arguments), "--root", str(book.root)]
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    return done.returncode, done.stderr


def test_a_full_disk_fails_no_check_and_truncates_no_file(book):
    long = cell("print('x' * 6000)") + "```{expect} contains\nxxx\n```\n"
    book.chapter("a.md", long)
    book.chapter("b.md", long)
    status, said = on_a_full_disk(book, "check")
    assert status == 0
    assert said.count("bookproof: warning: the runs cannot be kept") == 1
    assert "File too large" in said

    old = book.write("verification.json", "old")
    book.chapter("a.md", long.replace("xxx\n", "x" * 6000 + "\n"))
    status, said = on_a_full_disk(book, "check", "--json", old)
    assert (status, old.read_text()) == (2, "old")
    assert f"bookproof: {old} cannot be used: File too large" in said

    stale = book.chapter("a.md", long.replace(" contains\nxxx\n", "\nold\n"))
    before = stale.read_bytes()
    status, said = on_a_full_disk(book, "accept")
    assert (status, stale.read_bytes()) == (2, before)
    assert "a.md cannot be used: File too large" in said


def test_an_output_file_that_cannot_be_written_is_told_after_the_failures(book, capsys):
    book.chapter("a.md", GOOD.replace("ok\n```\n", "no\n```\n"))
    for path, words in [("/dev/full", "No space left"), ("/no/such/folder/v.json", "No such file")]:
        for option in ("--json", "--junit"):
            assert main(["check", "--root", str(book.root), option, path]) == 2
            said = capsys.readouterr().err
            assert "a.md:10: mismatch" in said
            assert words in said
    assert Path("/dev/full").is_char_device()


def test_a_written_file_is_whole_and_keeps_its_mode(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    path = folder / "x"
    path.write_text("old")
    path.chmod(0o640)
    files.write(path, "新")
    assert path.read_text("utf-8") == "新"
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(UnicodeEncodeError):
        files.write(path, "\ud800")
    link = folder / "link"
    link.symlink_to(path)
    files.write(link, "newer")
    assert link.is_symlink()
    assert path.read_text() == "newer"
    assert sorted(folder.iterdir()) == [link, path]


def test_two_checks_at_once_do_not_disturb_each_other(book):
    for name in ("a.md", "b.md"):
        book.chapter(name, GOOD)
    command = [sys.executable, "-m", "bookproof", "check", "--root", str(book.root)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, **pipes) for _ in range(2)]
    said = ""
    for process in both:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out) == (0, "bookproof: 2 outputs verified in 2 chapters\n")
        said += err
    assert "ran 2 chapters in " in said  # the slower one may find what the other has kept
    report, names = book.ran()
    assert (report.green, names) == (True, [])


def test_two_builds_at_once_come_one_after_the_other(book, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "runs"
    book.write(
        "conf.py",
        "extensions = ['myst_nb', 'bookproof.sphinx_ext']\nexclude_patterns = ['_build']\n",
    )
    once = f"open({str(log)!r}, 'a').write('run ')\nimport time\ntime.sleep(1)\nprint(1)"
    book.chapter("index.md", "\n# T\n\n" + cell(once) + "```{expect}\n1\n```\n")
    command = [sys.executable, "-m", "sphinx", "-b", "html", book.root, book.root / "_build/html"]
    waiting = "another build of this book is running"
    said = [log.with_name(name) for name in ("first", "second")]
    deadline = time.monotonic() + 120

    def start(path):
        with path.open("w") as file:
            return subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)

    first = start(said[0])
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    first.send_signal(signal.SIGSTOP)  # until the other waits, however long it takes to begin
    second = start(said[1])
    while waiting not in said[1].read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    first.send_signal(signal.SIGCONT)
    for build, path in zip((first, second), said, strict=True):
        assert build.wait(timeout=120) == 0, path.read_text()
        assert "1 output verified in 1 chapter" in path.read_text()
    assert [waiting in path.read_text() for path in said] == [False, True]
    assert log.read_text() == "run "


def test_a_file_that_changes_during_the_run_makes_it_not_kept(book):
    data = book.write("data.txt", "1")
    book.chapter(
        "a.md",
        cell("print(open('data.txt').read())")
        + "```{expect}\n1\n```\n\n"
        + cell("from pathlib import Path\n_ = Path('data.txt').write_text('2')"),
    )
    assert book.ran()[0].green
    assert data.read_text() == "2"
    report, names = book.ran()  # the file is not as the first cell saw it
    assert (report.green, names) == (False, ["a.md"])


def test_what_bookproof_runs_in_a_kernel_is_part_of_a_kept_run(book, monkeypatch):
    book.chapter("a.md", GOOD)
    assert book.ran()[1] == ["a.md"]
    store, chapter = book.load().store, scan(book.root, "a.md")
    assert store.load(chapter).run is not None
    monkeypatch.setattr(kernel, "ENVIRONMENT", kernel.ENVIRONMENT | {"COLUMNS": "79"})
    assert store.load(chapter).why == "bookproof has changed"


def test_a_long_path_for_temporary_files_does_no_harm(book, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("l" * 120)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    book.chapter("a.md", GOOD)
    assert book.check().green
    assert list(folder.iterdir()) == []


WAITS = cell("open('started', 'w').close()\nimport time\ntime.sleep(600)")


def stop(command, started, number):
    """Run a command, send it a signal once a file exists; return its status and what it said."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **pipes, cwd="/") as process:
        timer = threading.Timer(120, process.kill)
        timer.start()
        while not started.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(number)
        said, _ = process.communicate()
        timer.cancel()
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_leaves_nothing_and_the_next_is_right(book, number):
    book.chapter("a.md", GOOD)
    book.chapter("chapters/b.md", WAITS)
    command = [sys.executable, "-m", "bookproof", "check", "--root", str(book.root)]
    status, said = stop(command, book.root / "chapters" / "started", number)
    assert status == 130
    assert said.splitlines()[-1] == "bookproof: interrupted"
    assert "Traceback" not in said
    assert processes_below(book.root) == []
    assert not list((book.root / "_build").rglob("b.md*.json"))
    book.chapter("chapters/b.md", GOOD)
    assert book.ran()[0].green


def test_an_interrupted_build_leaves_nothing(book):
    book.write(
        "conf.py", "extensions = ['myst_nb', 'bookproof.sphinx_ext']\nnb_execution_timeout = 600\n"
    )
    book.chapter("index.md", "\n# T\n\n" + WAITS)
    command = [sys.executable, "-m", "sphinx", "-b", "html", book.root, book.root / "_build/html"]
    status, said = stop(command, book.root / "started", signal.SIGTERM)
    assert status == 2
    assert "Interrupted" in said
    assert "Traceback" not in said
