"""Edit a book at random while `bookproof serve` runs; hold its pages to those of a cold build.

    python -m tests.edits [--count 300] [--seed 0]

Edits are of prose, blocks, cells, a module, the configuration, front matter and the table of
contents; two saves at once, one while the other is built, files half-written, renamed, deleted,
and all files as they were some time ago; before some of them a process of ours is killed. After
each the site must be, byte for byte, what a build from nothing gives.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from tests.serving import Served, hear_interrupts, processes_naming, wait_until

_FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
_CONFIG = """\
title: Edited {number}
only_build_toc_files: true
execute:
  execute_notebooks: "off"
  timeout: 60
sphinx:
  extra_extensions: [bookproof.sphinx_ext]
  config:
    bookproof_preload: [json, decimal]
    bookproof_notebooks: ["*"]
    html_last_updated_fmt: ""
    html_static_path: [own.css]
    html_css_files: [own.css]
"""
_COMMAND = ("jupyter-book", "build", "--keep-going", ".")


def new_book(root: Path) -> None:
    """Write a book of four chapters, a module that two of them import, and an overview."""
    (root / "_config.yml").write_text(_CONFIG.format(number=0), "utf-8")
    (root / "helper.py").write_text("def double(x):\n    return 2 * x\n", "utf-8")
    (root / "own.css").write_text("p { margin: 0 }\n", "utf-8")
    (root / "index.md").write_text(
        "# Book\n\n{verification}`total`\n\n[](a.md)\n\n```{verification-ledger}\n```\n", "utf-8"
    )
    for number, name in enumerate("abcd"):
        (root / f"{name}.md").write_text(_chapter(name, number), "utf-8")
    _write_toc(root, list("abcd"))


def _chapter(name: str, number: int) -> str:
    imported = "from helper import double\n" if name in "ab" else "double = (2).__mul__\n"
    return (
        f"{_FRONT}# Chapter {name}\n\nSome words.\n\n```{{code-cell}} python\n{imported}"
        f"print(double({number}))\n```\n\n```{{expect}}\n{2 * number}\n```\n\n## Part\n\n"
        f"It is {{expect}}`{2 * number} <double({number})>`.\n\n"
        f"```{{code-cell}} python\nprint({number} + 1)\n```\n\n```{{expect}}\n{number + 1}\n```\n"
    )


def _write_toc(root: Path, names: list[str]) -> None:
    files = "".join(f"- file: {name}\n" for name in names)
    (root / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}", "utf-8")


def _toc(root: Path) -> list[str]:
    return re.findall(r"- file: (\w+)", (root / "_toc.yml").read_text("utf-8"))


class Edits:
    """Random edits of the book at `root`."""

    def __init__(self, root: Path, chance: random.Random):
        self.root = root
        self.chance = chance
        self.number = 0
        self.states: list[dict[str, str]] = []

    def make(self) -> str:
        """Make one edit, of a kind that it names."""
        self.number += 1
        self.states.append({p.name: p.read_text("utf-8") for p in self.root.glob("*.*")})
        kinds = [kind for kind in dir(self) if kind.startswith("edit_")]
        kind = self.chance.choice(kinds)
        getattr(self, kind)()
        return kind.removeprefix("edit_")

    def _any(self) -> Path:
        return self.chance.choice(sorted(self.root.glob("[a-z].md")))

    def _change(self, pattern: str, text: str, path: Path | None = None) -> None:
        path = path or self._any()
        old = path.read_text("utf-8")
        places = list(re.finditer(pattern, old, re.MULTILINE))
        if places:
            place = self.chance.choice(places)
            path.write_text(old[: place.start()] + text + old[place.end() :], "utf-8")

    def edit_prose(self):
        self._change("^Some words.*$", f"Some words, and {self.number} more.")

    def edit_heading(self):
        self._change("^# .*$", f"# Chapter {self.number}")

    def edit_block(self):
        self._change(r"(?<=\{expect\}\n).*(?=\n```)", str(self.chance.randrange(8)))

    def edit_value(self):
        self._change(r"(?<=\{expect\}`)\d+", str(self.chance.randrange(8)))

    def edit_cell(self):
        self._change(r"(?<=print\(double\()\d", str(self.chance.randrange(5)))

    def edit_failing_cell(self):
        self._change(r"^print\(\d \+ 1\)$", self.chance.choice(["print(1 / 0)", "print(4 + 1)"]))

    def edit_module(self):
        factor = self.chance.randrange(1, 4)
        text = f"def double(x):\n    return {factor} * x\n"
        (self.root / "helper.py").write_text(text, "utf-8")

    def edit_configuration(self):
        text = _CONFIG.format(number=self.number)
        (self.root / "_config.yml").write_text(text, "utf-8")

    def edit_front_matter(self):
        self._change("^kernelspec:$", f"description: n{self.number}\nkernelspec:")

    def edit_style(self):
        (self.root / "own.css").write_text(f"p {{ margin: {self.number}px }}\n", "utf-8")

    def edit_toc(self):
        names = _toc(self.root)
        self.chance.shuffle(names)
        _write_toc(self.root, names)

    def edit_new_chapter(self):
        name = self.chance.choice([n for n in "efghijk" if not (self.root / f"{n}.md").exists()])
        (self.root / f"{name}.md").write_text(_chapter(name, self.chance.randrange(9)), "utf-8")
        _write_toc(self.root, [*_toc(self.root), name])

    def edit_rename(self):
        path, name = self._any(), self.chance.choice("lmnopq")
        path.rename(self.root / f"{name}.md")
        _write_toc(self.root, [name if n == path.stem else n for n in _toc(self.root) if n != name])

    def edit_delete(self):
        names = _toc(self.root)
        if len(names) > 3:
            gone = self.chance.choice([name for name in names if name != "a"])
            (self.root / f"{gone}.md").unlink(missing_ok=True)
            _write_toc(self.root, [name for name in names if name != gone])

    def edit_two_saves(self):
        path = self._any()
        self._change("^Some words.*$", "Some words, but not for long.", path)
        time.sleep(self.chance.uniform(0, 0.05))
        self._change("^Some words.*$", f"Some words, {self.number} of them.", path)

    def edit_during_a_build(self):
        for path in self.chance.sample(sorted(self.root.glob("*.md")), 2):
            path.write_text(f"{path.read_text('utf-8')}\nSaved {self.number}.\n", "utf-8")
            time.sleep(self.chance.uniform(0, 1.5))

    def edit_half_written(self):
        path = self._any()
        whole = path.read_text("utf-8")
        path.write_text(whole[: self.chance.randrange(len(whole))], "utf-8")
        time.sleep(self.chance.uniform(0, 1.5))
        path.write_text(f"{whole}\nAnd {self.number}.\n", "utf-8")

    def edit_saved_by_renaming(self):
        path = self._any()
        other = path.with_name(f".{path.name}.tmp")
        other.write_text(path.read_text("utf-8") + f"\nSaved {self.number}.\n", "utf-8")
        other.replace(path)

    def edit_earlier_state(self):
        state = self.chance.choice(self.states)
        for path in self.root.glob("*.*"):
            if path.name not in state:
                path.unlink()
        for name, text in state.items():
            path = self.root / name
            if not path.exists() or path.read_text("utf-8") != text:
                path.write_text(text, "utf-8")


def pages(root: Path) -> dict[str, bytes]:
    """Return what a build has published, by name."""
    site = root / "_build" / "html"
    found = {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}
    return {name: content for name, content in found.items() if name != ".buildinfo"}


def cold(root: Path, folder: Path) -> dict[str, bytes]:
    """Build a copy of a book from nothing; return what it publishes."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns("_build", ".*", "__pycache__"))
    command = [Path(sys.executable).with_name(_COMMAND[0]), *_COMMAND[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = pages(folder)
    assert {"index.html", "verification.json"} <= found.keys(), done.stdout + done.stderr
    return found


def settled(served: Served, seen: int) -> bool:
    """Tell whether all that has changed since `seen` characters were said is built."""
    said = served.said[seen:]
    ends = [m.start() for m in re.finditer("^bookproof: (?:built in|The last build)", said, re.M)]
    changes = [m.start() for m in re.finditer("^bookproof: changed", said, re.M)]
    return bool(ends and changes) and ends[-1] > changes[-1]


def differences(folder: Path, count: int, seed: int, tell=lambda _: None) -> list[str]:
    """Make so many edits while a book is served; return where its site was not as it should be.

    `tell` hears of each edit, with the memory of all processes in MiB.
    """
    chance, found = random.Random(seed), []
    served = Served(folder)
    (served.root / "text.md").unlink()
    new_book(served.root)
    served.command = _COMMAND
    edits = Edits(served.root, chance)
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        for number in range(count):
            time.sleep(chance.choice([0.5, 3]))
            seen = len(served.said)
            if chance.random() < 0.1:  # the engine, what kernels are forked from, a build
                served.kill_below(lambda below: chance.sample(below, min(1, len(below))))
            kind = edits.make()
            if {p.name: p.read_text("utf-8") for p in served.root.glob("*.*")} == edits.states[-1]:
                continue
            wait_until(lambda seen=seen: settled(served, seen), lambda: served.said)
            time.sleep(1)  # nothing more may come
            wait_until(lambda seen=seen: settled(served, seen), lambda: served.said)
            ours, right = pages(served.root), cold(served.root, folder / "cold")
            wrong = sorted(n for n in ours.keys() | right.keys() if ours.get(n) != right.get(n))
            if wrong:
                found.append(f"edit {number}, {kind}: {', '.join(wrong)}")
            tell(f"{number} {kind}: {wrong or 'equal'}, {memory(served.process.pid):.0f} MiB")
    left = processes_naming(served.root)
    return [*found, *(f"left behind: {command}" for command in left)]


def memory(pid: int) -> float:
    """Return the memory of a process and all below it, in MiB."""
    total = 0
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 2**20


def main() -> None:
    """Print what differs after how many edits."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edits-") as folder:
        found = differences(
            Path(folder), options.count, options.seed, lambda t: print(t, flush=True)
        )
    print(f"{options.count} edits, {len(found)} differences", *found, sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    hear_interrupts()
    os.environ.pop("CI", None)
    main()
