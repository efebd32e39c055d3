"""`bookproof serve`: pages, builds, failures and the end. The browser's part is in tests/site."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import psutil
import pytest
from tests import edits
from tests.serving import PATIENCE, Served, processes_naming, wait_until
from watchfiles import Change

from bookproof.authoring import build, launch
from bookproof.authoring.gate import Gate
from bookproof.authoring.rebuild import Builds
from bookproof.authoring.sources import Sources
from bookproof.cli import main
from bookproof.telling import language

SCRIPT = '<script src="/__bookproof/reload.js" data-page="'


@pytest.fixture
def served(tmp_path):
    return Served(tmp_path)


@pytest.fixture(autouse=True)
def leaves_nothing(tmp_path):
    yield
    assert processes_naming(tmp_path) == []


def raw(url, path):
    """Return the status for a path that no client would send as it is."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=PATIENCE)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    with connection.getresponse() as response:
        status = response.status
    connection.close()
    return status


def test_pages_get_the_script_and_nothing_is_kept_by_the_browser(served):
    site = served.root / "_build" / "html"
    with served.serving():
        assert served.url.startswith("http://127.0.0.1:")
        built = (site / "index.html").read_text("utf-8")
        for path in ("", "index.html", "other.html"):
            response, page = served.get(path)
            assert response.status == 200
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Content-Type"] == "text/html; charset=utf-8"
            assert page.count(SCRIPT) == 1
        before, _, after = served.get("")[1].partition(SCRIPT)
        assert before.endswith('<HEAD class="x">')
        assert before + after.partition("</script>")[2] == built

        response, style = served.get("style.css")
        assert (style, response.headers["Cache-Control"]) == ("h1 { margin: 0 }", "no-store")
        for condition in (
            {"If-None-Match": response.headers["ETag"]},
            {"If-Modified-Since": response.headers["Last-Modified"]},
        ):
            assert served.get("style.css", **condition)[0].status == 200

        response, script = served.get("__bookproof/reload.js")
        assert response.headers["Content-Type"].startswith(("text/javascript", "application/java"))
        assert response.headers["Cache-Control"] == "no-store"
        assert "EventSource" in script

        (site / "bare.html").write_text("no head")
        assert served.get("bare.html")[1].startswith("no head" + SCRIPT)


def test_fonts_are_kept_so_that_they_are_there_in_time(served):
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        (served.root / "_build" / "html" / "a.woff2").write_bytes(b"font")
        headers = served.get("a.woff2")[0].headers
        assert (headers["Content-Type"], headers["Cache-Control"]) == ("font/woff2", "max-age=3600")


def test_pages_of_other_sites_cannot_read_the_book(served):
    with served.serving():
        port = urllib.parse.urlsplit(served.url).port
        for host, status in (
            ("127.0.0.1", 200),
            (f"127.0.0.1:{port}", 200),
            (f"localhost:{port}", 200),
            (f"attacker.example:{port}", 400),
            ("127.0.0.1.attacker.example", 400),
            ("", 400),
        ):
            for path in ("", "style.css", "__bookproof/events", "none"):
                request = urllib.request.Request(served.url + path, headers={"Host": host})
                with contextlib.closing(served._open(request)) as response:
                    expected = 404 if (status, path) == (200, "none") else status
                    assert response.status == expected, (host, path)
        policy = served.get("style.css")[0].headers["Cross-Origin-Resource-Policy"]
        assert policy == "same-origin"


def test_a_page_that_is_missing_says_so_and_will_come(served):
    with served.serving():
        for locale, words in (
            ("zh-CN,zh", "没有 /no&lt;b&gt; 这一页"),
            ("de", "There is no page"),
        ):
            response, page = served.get("no%3Cb%3E", **{"Accept-Language": locale})
            assert (response.status, response.headers["Cache-Control"]) == (404, "no-store")
            assert words in page
            assert page.count(SCRIPT) == 1
            assert f'<html lang="{locale[:2].replace("de", "en")}' in page
        (served.root / "_build" / "html" / "404.html").write_text("<head></head>own")
        response, page = served.get("nowhere")
        assert response.status == 404
        assert page.startswith(f"<head>{SCRIPT}")


def test_nothing_outside_the_site_is_served(served):
    (served.root / "_build" / "html").mkdir(parents=True)
    (served.root / "_build" / "html" / "link").symlink_to("/etc/hostname")
    (served.root / "_build" / "html-secret").write_text("secret")
    with served.serving():
        for path in (
            "/../../text.md",
            "/%2e%2e/%2e%2e/text.md",
            "/deep/..%2f..%2f..%2ftext.md",
            "/../html-secret",
            "//etc/hostname",
            "/%2fetc/hostname",
            "/link",
            "/a%00b",
            "/" + "x" * 5000,
            "/__bookproof/../../../text.md",
        ):
            assert raw(served.url, path) == 404, path
        assert raw(served.url, "/deep/../style.css") == 200
        port = urllib.parse.urlsplit(served.url).port
        with socket.socket(socket.AF_INET6) as other, pytest.raises(OSError, match="refused"):
            other.connect(("::1", port))


def test_a_change_makes_one_build_and_what_is_not_the_authors_makes_none(served):
    with served.serving():
        version = served.event()["version"]
        assert version in served.get("")[1]
        for name in (
            ".hidden",
            ".git/x",
            "_build/x",
            "__pycache__/x.pyc",
            "text.md~",
            ".text.md.swp",
        ):
            (served.root / name).parent.mkdir(exist_ok=True)
            (served.root / name).write_text("x")
        served.write("second")
        served.until_built(2)
        assert served.builds == ["good", "second"]
        assert [change.partition(": ")[2] for change in served.changes] == ["text.md"]
        assert "<h1>second</h1>" in served.get("")[1]
        newer = served.event()["version"]
        assert newer != version
        assert newer in served.get("other.html")[1]  # which no build has touched
    assert served.said.count("bookproof: serving ") == 1


def test_changes_during_a_build_make_exactly_one_more(served):
    served.write("wait")
    with served.serving():
        wait_until(lambda: served.builds, lambda: served.said)
        for text in ("one", "two", "three"):
            served.write(text)
            (served.root / f"{text}.md").write_text(text)
        (served.notes / "go").touch()
        served.until_built(2)
        served.write("four")
        served.until_built(3)
        assert served.builds == ["wait", "three", "four"]


def test_the_server_answers_while_a_build_runs(served):
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        served.write("wait")
        wait_until(lambda: len(served.builds) == 2, lambda: served.said)
        assert "<h1>good</h1>" in served.get("")[1]
        (served.notes / "go").touch()
        served.until_built(2)
        assert "<h1>wait</h1>" in served.get("")[1]


def test_the_pages_of_an_earlier_build_are_there_at_once(served):
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        assert "meanwhile" not in served.said
    served.write("wait")
    with served.serving():
        said = r"bookproof: the pages of the last build are at (\S+) meanwhile"
        address = wait_until(lambda: re.search(said, served.said), lambda: served.said)[1]
        with urllib.request.urlopen(address, timeout=PATIENCE) as page:
            old = page.read().decode("utf-8")
        assert "<h1>good</h1>" in old
        assert "bookproof: serving" not in served.said
        (served.notes / "go").touch()
        assert served.url == address
        assert f'data-version="{served.event(page="index.html")["version"]}"' not in old


def test_what_every_build_writes_makes_no_builds_for_ever(served):
    served.write("own file")
    with served.serving():
        served.until_said("every build changes log.txt")
        assert served.builds == ["own file"] * 3
        served.write("own file again")
        served.until_built(4)
        served.write("the end")
        served.until_built(5)
        assert served.builds == ["own file"] * 3 + ["own file again", "the end"]


def test_failures_are_told_in_both_languages_until_they_are_mended(served):
    served.write("wrong")
    with served.serving():
        assert served.failure() == {
            "title": "The last build failed: 2 outputs are not as the book says",
            "lines": ["notes/a.md:8: mismatch", "notes/a.md:9: cell failed"],
        }
        assert served.failure("zh-CN") == {
            "title": "最近一次构建没有通过：2 处输出与书中所写不符",
            "lines": ["notes/a.md:8: 不符", "notes/a.md:9: 单元格出错"],
        }
        served.write("broken")  # its verification.json is the one of the build before
        served.until_built(2)
        failure = served.failure()
        assert failure["title"].startswith("The last build itself failed (exit status 3)")
        last = [str(number) for number in range(21, 30)]
        assert failure["lines"] == ["a.md:3: WARNING: odd", "…", *last, "没有这样的文件"]
        assert served.failure("zh")["title"].startswith("最近一次构建本身失败（退出状态 3）")
        served.write("good")
        served.until_built(3)
        assert served.failure() is None
    for line in (
        "bookproof: The last build failed: 2 outputs are not as the book says (",
        "bookproof: The last build itself failed (exit status 3); pages may be out of date (",
        "bookproof: built in ",
        "没有这样的文件\n",
    ):
        assert line in served.said


def test_a_book_without_any_page_is_served(served):
    served.command = (sys.executable, "-c", "import sys; sys.exit('no such chapter')")
    with served.serving():
        assert served.get("")[0].status == 404
        assert served.failure()["lines"] == ["no such chapter"]


WAITS = "open('started', 'w').close()\nimport time\ntime.sleep(600)"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_ends_the_build_its_kernels_and_the_browsers_streams(served, number):
    front = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
    for name in ("a", "b"):  # with two chapters there is a nursery too
        text = f"{front}```{{code-cell}}\n{WAITS}\n```\n"
        (served.root / f"{name}.md").write_text(text)
    config = "execute:\n  timeout: 600\nsphinx:\n  config:\n    bookproof_preload: [json]\n"
    (served.root / "_config.yml").write_text(config)
    served.command = (sys.executable, "-m", "bookproof", "check")
    with served.serving():
        wait_until((served.root / "started").exists, lambda: served.said)
        served.end(number)
    assert processes_naming(served.root) == []


BOOK = {
    "_config.yml": (
        "title: T\nonly_build_toc_files: true\nexecute:\n  execute_notebooks: 'off'\n"
        "sphinx:\n  extra_extensions: [bookproof.sphinx_ext]\n"
        "  config:\n    bookproof_preload: [json, decimal]\n"
    ),
    "_toc.yml": "format: jb-book\nroot: index\nchapters:\n- file: a\n- file: b\n",
    "index.md": "# Book\n",
}


@pytest.fixture
def jupyter_book(served):
    """A served jupyter-book of two chapters, which cannot see the tool that builds other books."""
    (served.root / "text.md").unlink()
    for name in ("a", "b"):
        BOOK[f"{name}.md"] = (
            f"---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# {name}\n\n"
            f"```{{code-cell}}\nprint(1)\n```\n\n```{{expect}}\n1\n```\n"
        )
    for name, text in BOOK.items():
        (served.root / name).write_text(text, "utf-8")
    served.command = ("jupyter-book", "build", "--keep-going", ".")
    return served


def test_the_verdict_comes_first_and_then_the_page(jupyter_book):
    served = jupyter_book
    path = served.root / "a.md"
    with served.serving():
        first = served.event()
        assert first["failure"] is None
        before = {process.pid for process in psutil.Process(served.process.pid).children()}
        assert len(before) == 2  # the engine, and the next build

        url = f"{served.url}__bookproof/events?language=en"
        with urllib.request.urlopen(url, timeout=PATIENCE) as stream:
            path.write_text(BOOK["a.md"].replace("print(1)", "print(2)"), "utf-8")
            lines = (line for line in stream if line.startswith(b"data: "))
            states = [json.loads(next(lines).removeprefix(b"data: ")) for _ in range(3)]
        assert states[0] == first
        assert states[1]["version"] == first["version"]
        assert states[1]["failure"]["lines"] == ["a.md:13: mismatch"]
        assert states[2]["version"] != first["version"]
        assert states[2]["failure"] == states[1]["failure"]
        assert "1 output verified in 2 chapters, 1 FAILED" in served.said
        assert served.said.count("Running Jupyter-Book") == 1  # of later ones only what matters

        path.write_text(BOOK["a.md"] + "\nMore words, [wrong](nowhere.md).\n", "utf-8")
        served.until_built(3)
        assert "More words" in served.get("a.html")[1]
        assert served.failure() is None
        assert "nowhere.md" not in served.said  # a warning that does not fail the build


WAITING = """
import os, pathlib, time
import psutil

def wait(app, *_):
    while pathlib.Path("slow").exists():
        time.sleep(0.02)

def add(app, page, template, context, doctree):
    if page == "a" and pathlib.Path("slow").exists():  # a fork of the build
        served = psutil.Process().parent().parent()
        with open("beside", "a") as file:
            print(len(served.children()), file=file)
    if page == "a" and pathlib.Path("differs").exists():
        context["body"] += f"<p>Written by {os.getpid()}.</p>"

def setup(app):
    app.connect("env-check-consistency", wait)
    app.connect("html-page-context", add)
"""


def test_a_changed_page_is_shown_before_its_build_has_ended(jupyter_book):
    served = jupyter_book
    (served.root / "waiting.py").write_text(WAITING)
    config = BOOK["_config.yml"].replace("sphinx:\n", "sphinx:\n  local_extensions: {waiting: .}\n")
    (served.root / "_config.yml").write_text(config)
    figure = "```{code-cell}\n:tags: [remove-input]\nimport matplotlib.pyplot as plt\n"
    figure += "_ = plt.plot([1, 2])\n```\n\n```{unverified} How it looks.\n```\n"
    site = served.root / "_build" / "html"

    def versions():
        return [served.event(page=f"{name}.html")["version"] for name in ("a", "b")]

    def save(text):
        (served.root / "slow").touch()
        (served.root / "a.md").write_text(BOOK["a.md"] + text, "utf-8")
        old = versions()[0]
        wait_until(lambda: versions()[0] != old, lambda: served.said)
        return versions()

    def build(count):
        (served.root / "slow").unlink()
        served.until_built(count)
        shown = re.sub("<script src=./__bookproof.*?</script>", "", served.get("a.html")[1])
        assert shown == (site / "a.html").read_text("utf-8")

    with served.serving():
        first, same = versions()
        assert first == same
        early, before = save("\nMore words.\n")
        assert before == first
        page = served.get("a.html")[1]
        assert "More words" in page
        assert f'data-page="a.html" data-version="{early}"' in page
        build(2)
        assert versions() == [early, early]  # it is not loaded twice
        # The engine and this build: the next one did not take the time from it.
        assert (served.root / "beside").read_text("utf-8") == "2\n"

        early, before = save(f"\nMore words.\n\n{figure}")
        page = served.get("a.html")[1]
        picture = re.search(r'<img[^>]* src="([^"]+)"', page)[1]
        assert (site / picture).is_file()
        build(3)
        assert versions() == [early, early]

        (served.root / "differs").touch()
        early, before = save("\nOther words.\n")
        page = served.get("a.html")[1]
        build(4)
        assert "Written by" in page
        assert served.get("a.html")[1] != page
        assert versions()[0] != early  # who has the early one loads the other


TELLING = """
import os
from bookproof.authoring.gate import Gate
from bookproof.authoring.rebuild import Builds

tell = Gate.tell_written

def tell_written(self, file, content):
    with open("told", "a") as told:
        print(os.getpid(), file, file=told)
    tell(self, file, content)

Gate.tell_written = tell_written

def setup(app):
    return {"parallel_read_safe": True, "parallel_write_safe": True}
"""


def test_where_several_processes_write_pages_only_one_tells_of_them(jupyter_book):
    served = jupyter_book
    (served.root / "telling.py").write_text(TELLING)
    config = BOOK["_config.yml"].replace("sphinx:\n", "sphinx:\n  local_extensions: {telling: .}\n")
    (served.root / "_config.yml").write_text(config)
    for name in (names := [f"page{number}" for number in range(12)]):
        (served.root / f"{name}.md").write_text(f"# {name}\n")
    files = "".join(f"- file: {name}\n" for name in names)
    (served.root / "_toc.yml").write_text(BOOK["_toc.yml"] + files)
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        assert " .. " in served.said  # so Sphinx writes several in another process
        told = [line.split() for line in (served.root / "told").read_text().splitlines()]
    assert len({process for process, _ in told}) == 1, told  # they would mix up its line to us


def test_what_was_read_before_a_change_makes_another_build(jupyter_book):
    served = jupyter_book
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        (served.root / "_config.yml").write_text(BOOK["_config.yml"].replace("T", "Other"))
        served.until_built(2)
        assert "Other" in served.get("index.html")[1].partition("</title>")[0]
        (served.root / "c.md").write_text(BOOK["a.md"], "utf-8")
        (served.root / "_toc.yml").write_text(f"{BOOK['_toc.yml']}- file: c\n", "utf-8")
        wait_until(lambda: served.get("c.html")[0].status == 200, lambda: served.said)
        served.kill_below()
        (served.root / "a.md").write_text(BOOK["a.md"] + "\nAt the end.\n", "utf-8")
        wait_until(lambda: "At the end" in served.get("a.html")[1], lambda: served.said)


def test_random_edits_end_in_what_a_build_from_nothing_gives(tmp_path):
    assert edits.differences(tmp_path, count=4, seed=5) == []


def test_a_build_speaks_the_language_of_its_serve(monkeypatch):
    async def reached():
        language.choose("zh")
        with launch.Line.opened() as line:
            build.Porter(line.listener).hear(None, lambda _: None)
            language.choose("en")
            monkeypatch.setenv(launch.VARIABLE, f"1 {line.told}")
            gate = await asyncio.to_thread(Gate.reach)
            gate.line.close()

    try:
        asyncio.run(reached())
        assert language.current() == "zh"
    finally:
        language.choose(None)


def test_an_interrupt_ends_what_browsers_still_read(served):
    with served.serving():
        stream = urllib.request.urlopen(f"{served.url}__bookproof/events", timeout=PATIENCE)
        with stream:
            assert stream.readline().startswith(b"data: ")
            served.end()
            assert stream.read().strip() == b""


def test_a_build_that_does_not_want_to_end_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "_PATIENCE", 0.2)
    stubborn = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    stubborn += "open('started', 'w').close()\ntime.sleep(600)"

    async def interrupted():
        command = [sys.executable, "-c", stubborn, str(tmp_path)]
        started = build.Build(launch.launch(command, tmp_path, tmp_path / "site", 1, ""))
        async with asyncio.timeout(PATIENCE):
            while not (tmp_path / "started").exists():
                await asyncio.sleep(0.02)
        await started.end()

    asyncio.run(interrupted())
    assert processes_naming(tmp_path) == []


EARLY = """\
import sys, time, types

live = types.ModuleType("bookproof.authoring.live")
live.__getattr__ = lambda name: time.sleep(600)  # the import goes on
sys.modules["bookproof.authoring.live"] = live
from bookproof.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_build_ends_with_its_serve_before_that_has_imported_anything(tmp_path, name):
    started = tmp_path / "started"
    build = f"import time; open({str(started)!r}, 'w').close(); time.sleep(600)"
    command = [sys.executable, "-c", EARLY, "serve", "--root", str(tmp_path), "--port", "0", "--"]
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored here
    try:
        with subprocess.Popen([*command, sys.executable, "-c", build]) as process:
            wait_until(started.exists, lambda: "not started")
            process.send_signal(getattr(signal, name))
            assert process.wait(PATIENCE) == 130
    finally:
        signal.signal(signal.SIGINT, handler)
    wait_until(lambda: processes_naming(tmp_path) == [], lambda: str(processes_naming(tmp_path)))


def test_what_changes_before_the_book_is_watched_makes_another_build(tmp_path):
    root = tmp_path / "book"
    root.mkdir()
    for name in ("same", "saved", "moved", "gone"):
        (root / f"{name}.md").write_text("old")
        os.utime(root / f"{name}.md", (0, 0))
    made = tmp_path / "builds"
    command = [sys.executable, "-c", f"open({str(made)!r}, 'a').write('x')"]

    async def built(change, wanted):
        made.write_text("")
        with launch.Line.opened() as line:
            first = launch.launch(command, root, tmp_path / "site", 1, line.told)
            builds = Builds(root, tmp_path / "site", command, line, first)
            change()
            tasks = [asyncio.create_task(builds.watch()), asyncio.create_task(builds.run("x"))]
            async with asyncio.timeout(PATIENCE):
                while len(made.read_text()) < wanted:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(1)  # there shall be no more
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await builds.end()
        return len(made.read_text())

    time.sleep(0.1)  # the files above are older than the first build
    (tmp_path / "new.md").write_text("new")
    os.utime(tmp_path / "new.md", (0, 0))
    changes = {
        "none": (lambda: None, 1),
        "saved": (lambda: (root / "saved.md").write_text("new"), 2),
        "moved": (lambda: os.replace(tmp_path / "new.md", root / "moved.md"), 2),
        "gone": (lambda: (root / "gone.md").unlink(), 2),
        "made": (lambda: (root / "made.md").write_text("new"), 2),
    }
    for name, (change, wanted) in changes.items():
        assert asyncio.run(built(change, wanted)) == wanted, name
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("place", "taken"),
    [
        ("notes/a.md", True),
        ("code/x.py", True),
        ("_toc.yml", True),
        ("book/_build.md", True),
        ("_build/html/index.html", False),
        ("docs/_build/doctrees/a.doctree", False),
        ("public/index.html", False),
        (".git/index", False),
        ("notes/.a.md.1234.tmp", False),
        ("notes/.ipynb_checkpoints/a.ipynb", False),
        ("code/__pycache__/x.cpython-311.pyc", False),
        ("notes/a.md~", False),
        ("notes/#a.md#", False),
        ("notes/4913", False),
        ("", False),
    ],
)
def test_what_is_watched(tmp_path, place, taken):
    root = tmp_path / ".venv" / "book"  # what is above the book does not matter
    watched = Sources(root, root / "public")
    assert watched(Change.modified, str(root / place)) is taken
    assert not watched(Change.added, os.path.join(os.path.realpath(sys.prefix), "x.py"))


def test_a_port_that_cannot_be_used_is_told(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        assert main(["serve", "--root", str(tmp_path), "--port", str(busy)]) == 2
    reason = f"cannot serve on 127.0.0.1:{busy}: Address already in use; choose another --port"
    assert capsys.readouterr().err == f"bookproof: {reason}\n"
    assert main(["serve", "--root", str(tmp_path), "--port", "70000"]) == 2
    assert capsys.readouterr().err == "bookproof: --port is 70000, wanted 0 to 65535\n"


def test_what_cannot_be_built_is_told(tmp_path, capsys):
    root = ["--root", str(tmp_path), "--port", "0"]
    assert main(["serve", *root, "--", "no-such-command", "x"]) == 2
    said = "bookproof: no-such-command cannot be used: No such file or directory\n"
    assert capsys.readouterr().err == said
    assert main(["serve", "--root", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == f"bookproof: {tmp_path / 'none'} is not a folder\n"


WITHOUT = """\
import sys


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Blocker())
from bookproof.cli import main
sys.exit(main(["serve"]))
"""


@pytest.mark.parametrize("library", ["starlette", "uvicorn", "watchfiles"])
def test_a_library_that_is_missing_is_told(library):
    done = subprocess.run([sys.executable, "-c", WITHOUT, library], capture_output=True, text=True)
    install = "pip install 'bookproof[serve]'"
    said = f"bookproof: this needs {library}, which is not installed: {install}\n"
    assert (done.returncode, done.stderr, done.stdout) == (2, said, "")


def test_other_commands_do_without_the_libraries():
    check = "import sys, bookproof.cli, bookproof.sphinx_ext\n"
    check += "avoided = {'starlette', 'uvicorn', 'watchfiles', 'bookproof.authoring.serve'}\n"
    check += "print(avoided & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert done.stdout == "set()\n"
