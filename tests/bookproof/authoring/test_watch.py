"""What is told of changes in a book, and what is watched for it."""

import asyncio
import re
import shutil
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from bookproof.authoring.sources import Sources
from bookproof.authoring.watch import changes

PATIENCE = 60


@pytest.fixture
def root(tmp_path):
    for name in (".venv/lib", "_build/html", "notes/deep"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def follow(root, edits):
    """Make edits, pairs of a change and a path that is told of; return what is told for each."""

    async def heard():
        async with aclosing(changes(root, Sources(root, root / "_build" / "html"))) as found:
            assert await anext(found) == set()
            for edit, wanted in edits:
                edit()
                paths = set()
                while wanted not in paths:
                    paths |= await asyncio.wait_for(anext(found), PATIENCE)
                yield paths

    async def collected():
        return [paths async for paths in heard()]

    return asyncio.run(collected())


def written(root, *names):
    """Return an edit that writes files, and the last of them."""

    def write():
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            with (root / name).open("a") as file:
                file.write("more\n")

    return write, names[-1]


def test_files_at_every_depth_are_told_and_nothing_that_no_author_writes(root):
    others = (".venv/lib/a.py", "_build/html/a.html", ".git/HEAD", "notes/.a.swp", "notes/#a#")
    names = ("top.md", "notes/a.md", "notes/deep/a.md", "notes/deeper/still/a.md")
    edits = [written(root, *others, name) for name in names]
    told = set.union(*follow(root, edits))
    assert {name for name in told if (root / name).is_file()} == {*names}


def test_what_is_in_a_folder_as_it_comes_is_told(root):
    made = root / ".made"
    edit, _ = written(root, ".made/a.md", ".made/deep/b.md", ".made/deep/.c.swp")
    edit()
    [told] = follow(root, [(lambda: made.rename(root / "notes" / "new"), "notes/new/deep/b.md")])
    assert {"notes/new/a.md", "notes/new/deep/b.md"} == {n for n in told if (root / n).is_file()}


def test_a_folder_that_comes_or_comes_again_is_watched(root):
    def removed():
        shutil.rmtree(root / "notes")

    def renamed():
        (root / "new").rename(root / "newer")

    edits = [
        (lambda: (root / "new").mkdir(), "new"),
        written(root, "new/a.md"),
        (removed, "notes"),
        written(root, "new/b.md"),
        (lambda: (root / "notes").mkdir(), "notes"),
        written(root, "notes/a.md"),
        (renamed, "newer"),
        written(root, "newer/a.md"),
        written(root, "notes/b.md"),
    ]
    assert len(follow(root, edits)) == len(edits)


@pytest.mark.skipif(sys.platform != "linux", reason="it counts what inotify watches")
def test_an_environment_beside_the_chapters_is_not_watched(root):
    def watched():
        texts = [path.read_text() for path in Path("/proc/self/fdinfo").iterdir() if path.exists()]
        counts.append(sum(len(re.findall("^inotify wd:", text, re.MULTILINE)) for text in texts))

    for number in range(100):
        (root / f".venv/lib/{number}").mkdir()
    counts = []
    edit, name = written(root, "notes/a.md")
    follow(root, [(lambda: (edit(), watched()), name)])
    assert 3 <= counts[0] < 20  # the root, notes and deep


def test_a_book_without_folders_is_watched(tmp_path):
    assert follow(tmp_path, [written(tmp_path, "a.md")]) == [{"a.md"}]


def test_what_cannot_be_watched_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"gone cannot be watched: .*No such file"):
        follow(tmp_path / "gone", [written(tmp_path, "a.md")])
