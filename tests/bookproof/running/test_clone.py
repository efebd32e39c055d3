"""A copy of a book holds what a clone would hold, and writing into it changes nothing here."""

import os
import subprocess
import time

import pytest

from bookproof.running.clone import Tree
from bookproof.running.result import Run


def git(folder, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def files(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()
    }


@pytest.fixture
def place(tmp_path):
    """A repository with a book in a folder of it."""
    for name in ("lib/code.py", "docs/a.md", "docs/data.txt", "docs/new.md", "docs/_build/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "lib", "docs/a.md", "docs/data.txt")
    return tmp_path.resolve()


def test_a_clone_has_the_whole_working_tree(place):
    tree = Tree.of(place / "docs")
    assert tree.top == place
    assert set(tree.tracked) == {"lib/code.py", "docs/a.md", "docs/data.txt"}
    (place / "docs/data.txt").write_text("changed since")
    (place / "docs/a.md").unlink()
    with tree.cloned(tree.tracked) as copy:
        assert copy.root.name == "docs"
        found = files(copy.root.parent)
        assert found == {"lib/code.py": "lib/code.py", "docs/data.txt": "changed since"}
        (copy.root / "data.txt").write_text("overwritten")
    assert not copy.root.exists()
    assert (place / "docs/data.txt").read_text() == "changed since"


def test_without_git_a_copy_has_all_but_what_a_run_wrote(place):
    (place / ".git").rename(place / "git")
    started = time.time()
    (place / "docs/made.txt").write_text("x")
    os.utime(place / "docs/made.txt", (0, 0))  # as an archive sets it
    tree = Tree.of(place / "docs")
    assert (tree.top, tree.tracked) == (place / "docs", ())
    every = ["a.md", "data.txt", "made.txt", "new.md"]
    assert sorted(tree.unwritten([])) == sorted(tree.unwritten([Run(())])) == every
    earlier = Run((), started=started - 60, seconds=1)
    assert sorted(tree.unwritten([earlier])) == every
    for name in every:
        os.utime(place / "docs" / name)
    run = Run((), started=started, seconds=1)
    assert "made.txt" not in tree.unwritten([run])


def test_what_git_tracks_is_the_authors_whoever_wrote_it(place):
    started = time.time()
    (place / "docs/data.txt").write_text("x")
    (place / "docs/made.txt").write_text("x")
    found = Tree.of(place / "docs").unwritten([Run((), started=started, seconds=1)])
    assert "docs/data.txt" in found
    assert "docs/made.txt" not in found


def test_a_book_in_a_folder_that_git_ignores_is_a_book_alone(place):
    (place / "ignored").mkdir()
    (place / "ignored/a.md").write_text("x")
    assert Tree.of(place / "ignored").top == place / "ignored"


def test_links_lead_to_where_they_led(place, tmp_path_factory):
    far = tmp_path_factory.mktemp("far").resolve()
    (far / "chapter.md").write_text("far")
    (far / "data").mkdir()
    (far / "data/one.txt").write_text("one")
    docs = place / "docs"
    (docs / "link.md").symlink_to(far / "chapter.md")
    (docs / "data").symlink_to(far / "data")
    (docs / "near").symlink_to("../lib")
    (docs / "nowhere").symlink_to("gone")
    git(place, "add", "docs")
    tree = Tree.of(docs)
    with tree.cloned(tree.tracked) as copy:
        assert (copy.root / "link.md").read_text() == "far"
        assert not (copy.root / "link.md").is_symlink()
        assert (copy.root / "data/one.txt").read_text() == "one"
        assert (copy.root / "near/code.py").read_text() == "lib/code.py"
        assert not (copy.root / "nowhere").exists()
