"""A tiny book whose build is a small script, and `bookproof serve` on it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil

PATIENCE = 90  # seconds, on a busy machine

# The text says what becomes of the build. `other.html` is written once: no later build touches it.
BUILD = """\
import json
import sys
import time
from pathlib import Path

notes = Path(sys.argv[1])
text = Path("text.md").read_text("utf-8")
with (notes / "builds").open("a") as builds:
    builds.write(text.strip() + "\\n")
if "own file" in text:
    Path("log.txt").write_text(str(time.time_ns()))
while "wait" in text and not (notes / "go").exists():
    time.sleep(0.02)
site = Path("_build/html")
(site / "deep").mkdir(parents=True, exist_ok=True)
lines = "".join(f"<p>{number}</p>" for number in range(200))
page = f'<!DOCTYPE html><html lang="zh-CN"><HEAD class="x"><title>T</title>'
page += '<link rel="icon" href="data:,"></HEAD><body style="margin: 0">'
page += f"<header><h1>{text}</h1></header>{lines}"
(site / "index.html").write_text(page, "utf-8")
(site / "style.css").write_text("h1 { margin: 0 }")
if not (site / "other.html").exists():
    head = "<head><link rel=icon href=data:,></head>"
    (site / "other.html").write_text(f"<html lang=en>{head}<h1>other</h1>")
print("\\x1b[31mbuilding\\x1b[0m", "x" * 70_000, flush=True)
if "broken" in text:
    print("a.md:3: WARNING: odd", *range(30), "没有这样的文件", sep="\\n")
    sys.exit(3)
kinds = ["verified"] + ["mismatch", "cell failed"] * ("wrong" in text)
failed = len(kinds) - 1
verdicts = [{"line": line, "kind": kind} for line, kind in enumerate(kinds, 7)]
found = {
    "format": 1,
    "green": not failed,
    "totals": {"chapters": 1, "verified": 1, "unverified": 0, "failed": failed},
    "chapters": {"notes/a.md": {"versions": {}, "verdicts": verdicts}},
}
(site / "verification.json").write_text(json.dumps(found))
sys.exit(1 if failed else 0)
"""


def hear_interrupts():
    """Let Ctrl-C end what is started from now on, also where this runs as a background job.

    Such a job of a script starts with the interrupt ignored, and passes that on; a handler is not.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def wait_until(true, what):
    """Wait until a function gives something true; return it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {PATIENCE} s: {what()[-2000:]}")


class Served:
    """A tiny book, what was said while it was served, and its pages."""

    def __init__(self, folder):
        self.root = folder / "book"
        self.notes = folder / "notes"
        self.root.mkdir()
        self.notes.mkdir()
        (self.notes / "build.py").write_text(BUILD, "utf-8")
        self.command = (sys.executable, self.notes / "build.py", self.notes)
        self.said = ""
        self.process = None
        self.write("good")

    def write(self, text):
        """Write what the book says."""
        (self.root / "text.md").write_text(text, "utf-8")

    @contextlib.contextmanager
    def serving(self, port=0):
        """Serve the book until the end of the block; it must end by Ctrl-C as it should."""
        self.said = ""
        command = [sys.executable, "-m", "bookproof", "serve", "--root", self.root, "--port", port]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        command = [*map(str, command), "--", *map(str, self.command)]
        with subprocess.Popen(command, **pipes, cwd="/") as process:
            self.process = process
            reader = threading.Thread(target=self._read, args=[process.stdout.fileno()])
            reader.start()
            try:
                yield self
                self.end()
            finally:
                process.kill()
                reader.join()

    def _read(self, pipe):
        while piece := os.read(pipe, 1 << 16):
            self.said += piece.decode("utf-8", "replace")

    def end(self, number=signal.SIGINT):
        """Send a signal; it must end quietly."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            assert self.process.wait(PATIENCE) == 130, self.said
            self.until_said("bookproof: interrupted\n")
            assert "Traceback" not in self.said, self.said

    def kill_below(self, choose=list):
        """Kill those of the processes below the served one that are chosen; some end meanwhile."""
        for process in choose(psutil.Process(self.process.pid).children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def until_said(self, text, times=1):
        """Wait until a text was said so many times."""
        wait_until(lambda: self.said.count(text) >= times, lambda: f"{text!r} in {self.said}")

    @property
    def url(self):
        """The address, when the first build has ended."""
        found = wait_until(
            lambda: re.search(r"bookproof: serving (\S+) ", self.said), lambda: self.said
        )
        return found[1]

    @property
    def builds(self):
        """The texts that were built."""
        path = self.notes / "builds"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    @property
    def changes(self):
        """The changes that were taken note of."""
        return re.findall(r"^bookproof: (changed.*)", self.said, re.MULTILINE)

    def get(self, path, **headers):
        """Return a response and its body."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with contextlib.closing(self._open(request)) as response:
            return response, response.read().decode("utf-8")

    @staticmethod
    def _open(request):
        try:
            return urllib.request.urlopen(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            return error

    def failure(self, language="en"):
        """Return what the pages say of the last build."""
        return self.event(language)["failure"]

    def event(self, language="en", page=""):
        """Return what the script on a page is told first."""
        address = f"{self.url}__bookproof/events?language={language}&page={page}"
        with urllib.request.urlopen(address, timeout=PATIENCE) as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            assert stream.headers["Cache-Control"] == "no-store"
            return json.loads(stream.readline().removeprefix(b"data: "))

    def until_built(self, number):
        """Wait until so many builds have ended, and been told of."""
        pattern = r"^bookproof: (built|The last build)"
        wait_until(
            lambda: len(re.findall(pattern, self.said, re.MULTILINE)) >= number, lambda: self.said
        )


def processes_naming(folder: Path):
    """Return the commands of the living processes that name a folder or work in it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_text("utf-8", "replace").replace("\0", " ")
            if str(folder) in command or os.readlink(entry / "cwd").startswith(str(folder)):
                found.append(command)
        except OSError:
            continue
    return found
