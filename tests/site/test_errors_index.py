"""The index of error messages: all that the chapters show, and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from bs4 import BeautifulSoup
from torch import nn
from torch.nn import functional as F

from bookproof import Kind, scan
from notesite.chapters.error_messages import messages

ROOT = Path(__file__).parents[2]
FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n{}---\n"
# Cells that catch an exception by name and print no message of a library: only its name, what
# dlnotes or the chapter itself raises, or whether it says something.
SILENT = {
    "2023-09-01-image-shape": ["answer = type(error).__name__"],
    "2023-09-02-numpy-shape": ["bad = type(error).__name__"],
    "2023-09-11-alexnet": ["trace(net, (1, 1, side, side))"],
    "2023-09-19-saving-models": [
        "\"Can't get attribute 'Scale'\" in str(error)",
        'print(f"{name}：{type(error).__name__}")',
        'print("旧文件坏了，", type(error).__name__)',
    ],
}


def found_in(tmp_path, text, kind=Kind.VERIFIED):
    """Return exceptions and messages of a chapter whose blocks all have one verdict."""
    (tmp_path / "a.md").write_text(FRONT.format("") + text, "utf-8")
    chapter = scan(tmp_path, "a.md")
    assert not chapter.problems
    verdicts = [
        SimpleNamespace(cell=cell.line, block=block, kind=kind, expected=block.body.strip("\n"))
        for cell in chapter.cells
        for block in cell.blocks
    ]
    found = messages(SimpleNamespace(chapter=chapter, verdicts=verdicts), ["dlnotes"])
    return [(message.kind, message.text) for message in found]


def cell(source, expected, words=""):
    return f"```{{code-cell}}\n{source}\n```\n```{{expect}}{words}\n{expected}\n```\n\n"


def catching(handler, kind="TypeError"):
    return f"try:\n    f()\nexcept {kind} as error:\n    {handler}"


TOLD = "f() takes no arguments"
SAID = [("TypeError", TOLD)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (cell("f(1)", f"TypeError: {TOLD}", " error"), SAID),
        (cell("f(1)", "KeyError: 'x'", " error"), [("KeyError", "'x'")]),
        (cell("f(1)", "AssertionError", " error"), []),
        (cell(catching("print(error)"), f"1 2 3\n{TOLD}\n(3, 4)\n   Name Alley"), SAID),
        (cell(catching("print('甲：', error)"), f"甲： {TOLD}\n甲： (2, 3)"), SAID),
        (cell(catching("print(f'甲{error}乙')"), f"甲{TOLD}乙\n甲它没有出错乙"), SAID),
        (cell(catching("print(n, '→', error)"), f"(2, 3) → {TOLD}"), SAID),
        (cell(catching("print(f'{n:<9} {error.msg}')"), f"f(1)      {TOLD}"), SAID),
        (cell(catching("print(str(error).split(':')[0])"), TOLD), SAID),
        (
            cell(catching("print(type(error).__name__, error)", "Exception"), f"TypeError {TOLD}"),
            SAID,
        ),
        (cell(catching("print(error)", "Exception"), f"TypeError\n{TOLD}"), SAID),
        (
            cell(catching("print('甲', error)", "np.LinAlgError"), "甲 Bad one"),
            [("LinAlgError", "Bad one")],
        ),
        (cell(catching("print(error)", "KeyError"), "'x'\nx"), [("KeyError", "'x'")]),
        (
            cell(
                catching("print(error)") + "\n" + catching("print(error)", "ValueError"),
                f"{TOLD}\nx must be one",
            ),
            [*SAID, ("ValueError", "x must be one")],
        ),
        (cell(catching("print(type(error).__name__)"), "TypeError"), []),
        (cell(catching("print('no' in str(error))"), "it does not say this"), []),
        (cell(catching("pass") + "\nprint(x)", "no message stands here"), []),
        (cell("print('except TypeError as error')", "no message stands here"), []),
        (cell("%timeit f()", "no message stands here"), []),
        (
            "```{code-cell}\ndef g(call):\n    try:\n        return call()\n"
            "    except TypeError as error:\n        return str(error)\n```\n\n"
            + cell("print('甲：', g(f))\nprint(g(h))", f"甲： {TOLD}\n成功，得到 3"),
            SAID,
        ),
        (cell("raise OSError(f'this is my own: {x}')", "OSError: this is my own: 3", " error"), []),
        (
            cell(catching("print(error)", "ValueError"), "count must be at least 8, got 3"),
            [],  # as dlnotes.data says
        ),
    ],
)
def test_messages_are_found_where_they_are_printed(tmp_path, text, found):
    assert found_in(tmp_path, text) == found


def test_what_was_not_verified_does_not_count(tmp_path):
    text = cell("f(1)", f"TypeError: {TOLD}", " error")
    assert found_in(tmp_path, text, Kind.MISMATCH) == []


def build(folder):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "_build/html"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = BeautifulSoup((folder / "_build/html/errors.html").read_text("utf-8"), "html.parser")
    return {
        (section["id"], item.code.text): [(a.text, a["href"]) for a in item.select("a")]
        for section in page.select("section section")
        for item in section.select("li")
    }


def test_the_index_follows_the_chapters(tmp_path):
    # In processes of their own: MyST-NB and MyST-Parser do not go together in one.
    names = ["myst_nb", "bookproof.sphinx_ext", "notesite.chapters.error_index"]
    (tmp_path / "conf.py").write_text(
        f"extensions = {names}\nexclude_patterns = ['_build']\n"
        "chapter_topics = ['甲']\nchapter_tags = ['乙']\n"
    )
    index = "# T\n\n```{toctree}\nerrors\na\nb\n```\n"
    (tmp_path / "index.md").write_text(index)
    (tmp_path / "errors.md").write_text("# E\n\n```{error-index}\n```\n")
    raises = (
        "```{{code-cell}}\n:tags: [raises-exception]\n{}\n```\n```{{expect}} error\n{}\n```\n\n"
    )
    one = raises.format("nothing", "NameError: name 'nothing' is not defined")
    two = raises.format("[][0]", "IndexError: list index out of range")
    (tmp_path / "a.md").write_text(FRONT.format("") + f"# 甲：子\n\n{one}\n## 乙节\n\n{two}\n{one}")
    (tmp_path / "b.md").write_text(FRONT.format("") + f"# 丙：丑\n\n{two}")
    found = build(tmp_path)
    assert {message: [text for text, _ in links] for message, links in found.items()} == {
        ("error-indexerror", "list index out of range"): ["甲 › 乙节", "丙"],
        ("error-nameerror", "name 'nothing' is not defined"): ["甲", "甲 › 乙节"],
    }
    assert all(re.fullmatch(r"[ab]\.html#\S+", a) for links in found.values() for _, a in links)
    (tmp_path / "a.md").write_text(FRONT.format("") + f"# 甲：子\n\n{one}")
    assert [text for text, _ in build(tmp_path)["error-indexerror", "list index out of range"]] == [
        "丙"
    ]
    (tmp_path / "b.md").unlink()
    (tmp_path / "index.md").write_text(index.replace("b\n", ""))
    assert list(build(tmp_path)) == [("error-nameerror", "name 'nothing' is not defined")]


# The book itself.


@pytest.fixture(scope="module")
def index(site):
    """Return what the page lists: exception, message, and the place of each link."""
    path = site / "book" / "reference" / "errors.html"
    page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    found = []
    for section in page.select("article section section"):
        kind = section.select_one("h2").find(string=True)
        for item in section.select("ul.error-index > li"):
            text = item.code.text.replace("\xa0", " ")
            links = item.select(".chapter-said a")
            assert links, item
            for link in links:
                name, _, anchor = link["href"].partition("#")
                found.append((kind, text, (path.parent / name).resolve(), anchor))
    said = int(re.search(r"共 (\d+) 条出错信息", page.text)[1])
    assert len({entry[:2] for entry in found}) == said >= 55
    return found


def test_every_message_stands_in_a_verified_output_under_the_heading_it_links_to(site, index):
    verdicts = json.loads((site / "verification.json").read_text("utf-8"))["chapters"]
    pages = {}
    for kind, text, path, anchor in index:
        chapter = f"book/notes/{path.stem}.md"
        verified = [v for v in verdicts[chapter]["verdicts"] if v["kind"] == "verified"]
        lines = [line for v in verified for line in v.get("expected", "").split("\n")]
        assert any(text in line for line in lines), text
        if path not in pages:
            pages[path] = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        section = pages[path].find("section", id=anchor) or pages[path].find(id=anchor).parent
        cells = [
            c for c in section.select("div.cell_output") if c.find_parent("section") is section
        ]
        assert any(text in " ".join(c.text.split("\n")) for c in cells), (kind, text, anchor)


def test_no_message_of_the_chapters_is_missing(index):
    shown = {(path.stem, text) for _, text, path, _ in index}
    by_page = {stem: {text for page, text in shown if page == stem} for stem, _ in shown}
    ended, caught = 0, 0
    for path in sorted((ROOT / "book" / "notes").glob("*.md")):
        text = path.read_text("utf-8")
        for line in re.findall(r"```\{expect\} error\n\w+: (.*)\n", text):
            own = line in ("not an image: text.png",)
            assert ((path.stem, line) in shown) != own, line
            ended += not own
        for source, after in re.findall(
            r"(?s)```\{code-cell\}[^\n]*\n(.*?)\n```\n(.*?)(?=\n\n)", text
        ):
            if not re.search(r"except [^\n:]+ as \w+:\n +(?!return)", source):
                continue
            if any(part in source for part in SILENT.get(path.stem, ())):
                continue
            assert any(said in after for said in by_page[path.stem]), source
            caught += 1
    assert ended >= 13
    assert caught >= 20


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: F.one_hot(torch.tensor(3), 3), "Class values must be smaller"),
        (lambda: nn.Conv2d(4, 8, 3, groups=3), "in_channels must be divisible"),
        (lambda: nn.Conv2d(1, 1, 3, padding="same", stride=2), "padding='same' is not"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), 'Only "zeros" padding'),
        (lambda: nn.BatchNorm2d(3)(torch.ones(3, 8, 8)), "expected 4D input (got 3D"),
        (lambda: nn.BatchNorm1d(3)(torch.ones(1, 3)), "Expected more than 1 value per"),
        (lambda: nn.MaxPool2d(3, padding=2)(torch.ones(1, 4, 4)), "pad should be at most half"),
        (lambda: torch.ones(2, 2).long() @ torch.ones(2, 2), "expected m1 and m2"),
        (lambda: np.ones((1, 2)).squeeze(axis=1), "cannot select an axis to squeeze"),
        (lambda: np.linalg.inv(np.ones((2, 2))), "Singular matrix"),
        (lambda: "abc"[np.array([1])], "only integer scalar arrays"),
        (lambda: pd.Series(["a"]).mean(), "Cannot perform reduction 'mean'"),
        (lambda: "北".encode("gbk").decode(), "'utf-8' codec can't decode"),
        (lambda: {}["SalePrice"], "'SalePrice'"),
        (lambda: max(*3), "must be an iterable"),
        (lambda: compile("add(x=1, 2)", "", "exec"), "positional argument follows"),
    ],
)
def test_the_libraries_say_it_so_and_raise_what_the_index_says(index, call, part):
    kinds = {kind for kind, text, *_ in index if part in text}
    with pytest.raises(Exception, match=re.escape(part)) as caught:
        call()
    assert kinds == {caught.type.__name__}
