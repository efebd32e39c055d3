"""Pages of the manual that can be followed: files to write, commands to give, what these print."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bookproof import cli

FENCE = re.compile(
    r"^(?P<mark>`{3,})(?:{code-block} )?(?P<language>[a-z]+)\n"
    r"(?::caption: (?P<caption>[^\n]+)\n)?(?P<body>.*?)^(?P=mark)$",
    re.MULTILINE | re.DOTALL,
)
TOOK = re.compile(r"\b\d+\.\d+ ?s\b")
"""How long something took: nothing that a page could promise."""

PYTHON = re.compile(r'(?<="python": ")3\.\d+\.\d+(?=")')
DRAWN = re.compile(r"(?<=^    [-+]thrown )\d+$", re.MULTILINE)
"""What a die showed in two runs."""


@dataclass(frozen=True)
class Step:
    """A file to write, or a command to give; `text` is what the file holds, or what is printed.

    `start` and `end` are where the text stands in the page.
    """

    kind: str
    name: str
    text: str
    start: int
    end: int


def steps(page):
    """Return what a page asks its reader to do, in order."""
    found = []
    for fence in FENCE.finditer(page):
        if fence["caption"]:
            found.append(Step("file", fence["caption"], fence["body"], *fence.span("body")))
        elif fence["language"] == "console":
            found += _commands(fence["body"], fence.start("body"))
    return found


def _commands(body, offset):
    for part in re.finditer(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
        start, end = part.span(2)
        yield Step("command", part[1], part[2], offset + start, offset + end)


def tell(page, folder, installed=False):
    """Follow a page in an empty folder; yield each command's step with what it printed.

    In this process, or with the commands as they are `installed`, in processes of their own.
    """
    place, status = folder, 0
    for step in steps(page):
        if step.kind == "file":
            path = folder / step.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, "utf-8")
            continue
        words = shlex.split(step.name)
        if words == ["echo", "$?"]:
            printed = f"{status}\n"
        elif words[0] == "cat":
            printed = (place / words[1]).read_text("utf-8")
        elif words[0] == "cd":
            place, printed = place / words[1], ""
        elif words[0] == "bookproof" and not installed:
            status, printed = _inside(words[1:], place)
        else:
            status, printed = _outside(words, place)
        yield step, printed


def _inside(words, place):
    printed = io.StringIO()
    with (
        contextlib.chdir(place),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        status = cli.main(words)
    return status, printed.getvalue()


def _outside(words, place):
    program = Path(sys.executable).with_name(words[0])
    done = subprocess.run(
        [program, *words[1:]],
        cwd=place,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout


def evened(text):
    """Return what a command printed without what differs each time."""
    return DRAWN.sub("…", PYTHON.sub("3", TOOK.sub("0.0 s", text)))
