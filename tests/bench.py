"""Time builds of the book, side by side with stock jupyter-book, and measure their memory.

Run by `make bench`. Stock is the same book without bookproof: its blocks taken out, the chapters
executed by MyST-NB with its cache. Figures are medians; the two sides of a ratio take turns.

    python -m tests.bench [book] [serve] [shelf] [--long N] [--cold N]

`book` measures this book, `serve` how long its author waits after he has saved, until the verdict
and until a browser shows the page, `shelf` a synthetic one of short torch chapters, 20 and N (200).
"""

import argparse
import dataclasses
import itertools
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
import yaml
from playwright.sync_api import sync_playwright
from tests.serving import Served, hear_interrupts, wait_until

from bookproof.book import Book, check
from bookproof.telling.progress import Progress

ROOT = Path(__file__).parents[1]
RUNS = 3
CORES = len(os.sched_getaffinity(0))

_BLOCK = re.compile(
    r"^(`{3,})\{(?:expect|unverified|verification-ledger|error-index)\}.*?^\1\n", re.M | re.S
)
_ROLE = re.compile(
    r"\{(?:verification|notebooks)\}`(\w+)`|\{(?:expect|unverified)\}`([^`<]*?)\s*<[^`]*>`"
)
_OURS = {"bookproof.sphinx_ext", "lab_links"}  # and what needs its verdicts


def copy_book(folder: Path) -> Path:
    """Copy this book."""
    ignored = shutil.ignore_patterns("_build", ".*", "*.egg-info", "__pycache__")
    return Path(shutil.copytree(ROOT, folder, ignore=ignored))


def make_stock(root: Path) -> None:
    """Take bookproof out of a book and let MyST-NB execute it."""
    path = root / "_config.yml"
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["execute"]["execute_notebooks"] = "cache"
    sphinx, config = settings["sphinx"], settings["sphinx"]["config"]
    for names in (sphinx.get("extra_extensions", []), config.get("extensions", [])):
        names[:] = [name for name in names if name not in _OURS]
    for name in [name for name in config if name.startswith("bookproof_")]:
        del config[name]
    for name in ("beside_site", "edition_wheels", "lab_networks"):
        config.pop(name, None)
    if "chapter_checks" in config:  # numbers were tied to what is taken out
        config["chapter_checks"] = ["prose", "strays"]
    text = yaml.safe_dump(settings, allow_unicode=True)
    assert "bookproof" not in text, "the configuration has changed: mend this benchmark"
    path.write_text(text, "utf-8")
    for path in root.rglob("*.md"):
        text = path.read_text("utf-8")
        path.write_text(_ROLE.sub(r"\1\2", _BLOCK.sub("", text)), "utf-8")


def make_shelf(root: Path, chapters: int) -> None:
    """Write a book of short torch chapters."""
    names = [f"chapter{number:03}" for number in range(chapters)]
    files = {
        "_config.yml": (
            "title: Shelf\nonly_build_toc_files: true\n"
            'execute:\n  execute_notebooks: "off"\n  timeout: 120\n'
            "sphinx:\n  extra_extensions:\n    - bookproof.sphinx_ext\n"
            "  config:\n    bookproof_preload:\n      - torch\n      - matplotlib.pyplot\n"
        ),
        "_toc.yml": "format: jb-book\nroot: index\nchapters:\n"
        + "".join(f"  - file: {name}\n" for name in names),
        "index.md": "# Shelf\n",
    }
    for number, name in enumerate(names):
        files[f"{name}.md"] = (
            "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
            f"# Chapter {number}\n\n```{{code-cell}}\nimport torch\n"
            f"x = torch.ones({number + 1}, 3)\nprint(tuple((x @ torch.ones(3, 4)).shape))\n```\n"
            f"```{{expect}}\n({number + 1}, 4)\n```\n"
        )
    root.mkdir(parents=True)
    for name, text in files.items():
        (root / name).write_text(text, "utf-8")


def build(root: Path) -> float:
    """Build a book; return the seconds it took."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", root]
    environment = os.environ | {"PYTHONPATH": str(root / "code")}
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"the build of {root} failed:\n{done.stdout}{done.stderr}")
    return seconds


def build_cold(root: Path) -> float:
    """Build a book from nothing; return the seconds it took."""
    shutil.rmtree(root / "_build", ignore_errors=True)
    return build(root)


def peak_memory(root: Path) -> float:
    """Build a book from nothing; return the greatest memory of all its processes, in MiB.

    Pages that processes share are divided among them (PSS).
    """
    shutil.rmtree(root / "_build", ignore_errors=True)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", root]
    environment = os.environ | {"PYTHONPATH": str(root / "code")}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    peak = 0
    with subprocess.Popen(command, env=environment, **quiet) as process:
        while process.poll() is None:
            peak = max(peak, _memory(psutil.Process(process.pid)))
            time.sleep(0.1)
    return peak / 2**20


def _spent() -> float:
    """Return the CPU seconds of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(process: psutil.Process) -> int:
    total = 0
    try:
        for each in [process, *process.children(recursive=True)]:
            total += each.memory_full_info().pss
    except psutil.Error:  # one has ended meanwhile
        return 0
    return total


def sides(ours: Path, stock: Path, work, runs: int = RUNS) -> tuple[float, float]:
    """Return the median seconds of a work on both books, which take turns."""
    pairs = [(work(ours), work(stock)) for _ in range(runs)]
    return tuple(statistics.median(column) for column in zip(*pairs, strict=True))


def show(what: str, ours: float, stock: float) -> None:
    """Print the seconds of the two sides and their ratio."""
    print(f"{what:<34} {ours:7.2f} s  stock {stock:7.2f} s  ratio {ours / stock:.2f}", flush=True)


class Cells(Progress):
    """Collect how long the cells of each chapter took, without starting and ending kernels."""

    def __init__(self):
        self.seconds = {}

    def ran(self, name, run):
        self.seconds[name] = run.seconds


def edit_sentence(root: Path) -> float:
    """Add to a sentence of a chapter and build; return the seconds it took."""
    path = root / "book" / "notes" / "2023-09-11-vgg.md"
    path.write_text(path.read_text("utf-8").replace("## 练习", "改一句话。\n\n## 练习", 1), "utf-8")
    return build(root)


def measure_book(folder: Path, cold_builds: int) -> None:
    """Measure this book, with so many cold builds of each side."""
    ours, stock = copy_book(folder / "ours"), copy_book(folder / "stock")
    make_stock(stock)
    cold, stock_cold = sides(ours, stock, build_cold, cold_builds)
    book = Book.load(ours)
    print(f"{len(book.chapters)} chapters, {CORES} cores")
    show("cold build", cold, stock_cold)
    before, again = _spent(), build_cold(ours)
    packed = (_spent() - before) / CORES
    print(
        f"a cold build of {again:.2f} s; all its CPU time on {CORES} cores {packed:.2f} s, "
        f"ratio {again / packed:.2f}"
    )
    show("nothing changed", *sides(ours, stock, build))
    show("one sentence changed", *sides(ours, stock, edit_sentence))

    def times() -> dict[str, float]:
        shutil.rmtree(ours / "_build" / ".bookproof")
        cells = Cells()
        os.environ["PYTHONPATH"] = str(ours / "code")
        assert check(book, cells).green
        return cells.seconds

    seconds = times()
    limit = max(sum(seconds.values()) / CORES, max(seconds.values()))
    print(
        f"the cells alone {sum(seconds.values()):.2f} s, the longest chapter "
        f"{max(seconds.values()):.2f} s: at least {limit:.2f} s; the build takes "
        f"{cold - limit:.2f} s more"
    )
    check(book)  # the first call imports
    ends = [time.perf_counter() for _ in range(10) if check(book).green]
    verify = statistics.median(b - a for a, b in itertools.pairwise(ends))
    print(f"verification itself {verify:.3f} s, {verify / cold:.2%} of a cold build")
    print(f"peak memory {peak_memory(ours):.0f} MiB, stock {peak_memory(stock):.0f} MiB")
    found = set()
    for preload in (book.preload, ()):
        for workers in (1, 2):
            shutil.rmtree(ours / "_build" / ".bookproof")
            found.add(check(dataclasses.replace(book, preload=preload, workers=workers)).as_json())
    print(f"warm and ordinary kernels, 1 and 2 workers: {len(found)} different verification.json")


def measure_serve(folder: Path) -> None:
    """Measure edits of this book under `bookproof serve`, and the same with a build of stock."""
    served = _served(folder / "served")
    copy_book(served.root)
    stock = copy_book(folder / "stock-served")
    make_stock(stock)
    for root in (served.root, stock):
        build(root)
    os.environ["PYTHONPATH"] = str(served.root / "code")
    starts = [(*_start(served), build(served.root)) for _ in range(RUNS)]
    there, start, unchanged = map(statistics.median, zip(*starts, strict=True))
    print(
        f"first start: the last build's pages after {there:.2f} s, built anew after {start:.2f} s; "
        f"a build without changes {unchanged:.2f} s"
    )
    _measure_long(folder)
    chapter = Book.load(served.root, [served.root / EDITED])
    cells = Cells()
    (chapter.store.folder / f"{EDITED}.json").unlink()
    check(chapter, cells)
    print(f"the cells of {EDITED} take {cells.seconds[EDITED]:.2f} s")
    with sync_playwright() as playwright, served.serving():
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"{served.url}{EDITED.removesuffix('.md')}.html")
        for kind in ("prose", "cell", "prose, another chapter red", "cell, another chapter red"):
            if kind == "prose, another chapter red":
                other = served.root / "book" / "notes" / "2023-09-01-epoch-batch.md"
                other.write_text(other.read_text("utf-8").replace("{expect}\n", "{expect}\n9", 1))
                time.sleep(30)
            found = []
            for number in range(RUNS):
                time.sleep(6)
                verdict, shown = _save(served, page, kind.split(",")[0], f"{kind} {number}")
                found.append((verdict, shown, _edit(stock / EDITED, kind, str(number), stock)))
            verdict, shown, theirs = map(statistics.median, zip(*found, strict=True))
            print(f"{kind}: verdict after {verdict:.2f} s", flush=True)
            show(f"{kind}: page shown", shown, theirs)
        _add_chapter(served)
        browser.close()


def _served(folder: Path) -> Served:
    """Return what serves a book that is to be put at its root."""
    folder.mkdir()
    served = Served(folder)
    shutil.rmtree(served.root)
    served.command = ("jupyter-book", "build", "--keep-going", ".")
    return served


def _start(served: Served) -> tuple[float, float]:
    """Serve a built book; return the seconds until its pages can be had, and are built anew."""
    start = time.perf_counter()
    with served.serving():
        address = wait_until(
            lambda: re.search(r"build are at (\S+)", served.said), lambda: served.said
        )[1]
        with urllib.request.urlopen(address) as page:
            page.read()
        there = time.perf_counter() - start
        served.url  # noqa: B018  the first build has ended
        return there, time.perf_counter() - start


def _add_chapter(served: Served) -> None:
    """Add a chapter; print how long its verdict takes, and how many ran."""
    time.sleep(6)
    new = served.root / "book" / "notes" / "new.md"
    toc = served.root / "_toc.yml"
    line = re.search(rf"^ *- file: {EDITED.removesuffix('.md')}\n", toc.read_text("utf-8"), re.M)[0]
    seen, start = len(served.said), time.perf_counter()
    new.write_text(_FRONT + "# 新的一章\n" + _cell("print(1)", "1"), "utf-8")
    more = line + line.replace(EDITED.removesuffix(".md"), "book/notes/new")
    toc.write_text(toc.read_text("utf-8").replace(line, more), "utf-8")
    wait_until(lambda: "outputs verified in" in served.said[seen:], lambda: served.said)
    took, ran = time.perf_counter() - start, re.findall("ran .*", served.said[seen:])
    print(f"a chapter more: verdict after {took:.2f} s; {' '.join(ran)}")


def _measure_long(folder: Path) -> None:
    """Measure an edit of the last cell of a chapter whose earlier ones take 20 s."""
    served = _served(folder / "long")
    served.root.mkdir()
    path = served.root / "long.md"
    earlier = [_cell(f"import time; time.sleep(4); x = {n}; print(x)", str(n)) for n in range(5)]

    def write(last: int) -> None:
        path.write_text(_FRONT + "".join(earlier) + _cell(f"print(x + {last})", str(4 + last)))

    (served.root / "_config.yml").write_text(
        "execute:\n  execute_notebooks: 'off'\n  timeout: 60\nsphinx:\n"
        "  extra_extensions: [bookproof.sphinx_ext]\n  config:\n    bookproof_preload: [json]\n"
    )
    (served.root / "_toc.yml").write_text("format: jb-book\nroot: long\n")
    write(0)
    with served.serving():
        served.url  # noqa: B018  the first build has ended
        write(1)
        served.until_built(2)
        found = []
        for last in range(2, 2 + RUNS):
            time.sleep(4)
            seen, start = len(served.said), time.perf_counter()
            write(last)
            wait_until(
                lambda seen=seen: "6 outputs verified" in served.said[seen:], lambda: served.said
            )
            found.append(time.perf_counter() - start)
            served.until_built(last + 1)
    print(f"the last cell after 20 s of others: verdict after {statistics.median(found):.2f} s")


_FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


def _cell(source: str, shown: str) -> str:
    return f"\n```{{code-cell}} python\n{source}\n```\n\n```{{expect}}\n{shown}\n```\n"


EDITED = "book/notes/2023-09-11-pooling.md"


def _edit(path: Path, kind: str, mark: str, root: Path | None = None) -> float:
    """Edit prose, or the last cell; build, where there is a root, and return the seconds."""
    text = path.read_text("utf-8")
    if kind.startswith("cell"):
        at = text.rindex("```{code-cell}")
        at = text.index("```", at + 3)
        text = f"{text[:at]}edited = {mark!r}\n{text[at:]}"
    path.write_text(text.replace("## 练习", f"改一句话：{mark}。\n\n## 练习", 1), "utf-8")
    return build(root) if root else 0.0


def _save(served: Served, page, kind: str, mark: str) -> tuple[float, float]:
    """Edit a chapter; return the seconds until the verdict, and until a browser shows the page."""
    seen, start = len(served.said), time.perf_counter()
    _edit(served.root / EDITED, kind, mark)
    wait_until(lambda: "outputs verified in" in served.said[seen:], lambda: served.said)
    verdict = time.perf_counter() - start
    page.wait_for_function(
        "mark => document.body?.innerText.includes(mark)", arg=f"改一句话：{mark}。", timeout=90_000
    )
    return verdict, time.perf_counter() - start


def measure_shelf(folder: Path, long: int) -> None:
    """Measure synthetic books of 20 and of many chapters; of stock one of 60."""
    short_shelf, long_shelf, stock = folder / "short", folder / "long-shelf", folder / "stock-60"
    make_shelf(short_shelf, 20)
    make_shelf(long_shelf, long)
    make_shelf(stock, 60)
    make_stock(stock)
    colds = [(build_cold(short_shelf), build_cold(long_shelf)) for _ in range(RUNS)]
    cold, long_cold = map(statistics.median, zip(*colds, strict=True))
    stock_cold = build_cold(stock)
    short_memory, long_memory = peak_memory(short_shelf), peak_memory(long_shelf)
    for chapters, seconds, memory in ((20, cold, short_memory), (long, long_cold, long_memory)):
        print(
            f"{chapters} chapters: {seconds:.1f} s, {seconds / chapters:.3f} s a chapter "
            f"(stock, 60: {stock_cold / 60:.3f}), peak memory {memory:.0f} MiB"
        )
    more = (long_cold - cold) / (long - 20)
    print(
        f"{long} chapters against 20: time a chapter {long_cold / long / (cold / 20):.2f}, each "
        f"more {more:.3f} s, peak memory {long_memory / short_memory:.2f}"
    )


def main() -> None:
    """Print the figures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", nargs="*", default=["book", "serve", "shelf"])
    parser.add_argument("--long", type=int, default=200, help="chapters of the long shelf")
    parser.add_argument(
        "--cold", type=int, default=RUNS, help="cold builds of this book, each side"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if "book" in options.what:
            measure_book(Path(folder), options.cold)
        if "serve" in options.what:
            measure_serve(Path(folder))
        if "shelf" in options.what:
            measure_shelf(Path(folder), options.long)


if __name__ == "__main__":
    hear_interrupts()
    main()
