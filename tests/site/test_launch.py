"""What each chapter offers under its title: downloads, and services that open its notebook."""

import subprocess
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from notesite.pages import launch

PAGE = "book/notes/2023-09-11-lenet"
DOWNLOADS = ["下载笔记本", "Markdown 源文件"]


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """Let the tests decide where the repository lives."""
    for name in ("GITHUB_REPOSITORY", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)


def clone(folder, *remote):
    """Make a repository with a remote; return what is found of it."""
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    if remote:
        subprocess.run(["git", "-C", folder, "remote", "add", "origin", *remote], check=True)
    return launch.repository(folder)


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/owner/my.notes",
        "https://github.com/owner/my.notes.git",
        "https://user:secret@github.com/owner/my.notes.git/",
        "git@github.com:owner/my.notes.git",
        "ssh://git@github.com/owner/my.notes",
    ],
)
def test_the_remote_tells_where_the_repository_lives(tmp_path, remote):
    assert clone(tmp_path, remote) == "owner/my.notes"


@pytest.mark.parametrize(
    "remote",
    [
        "/work/books/github.com/owner/notes",
        "../notes",
        "https://gitlab.com/owner/notes",
        "https://github.com.evil.example/owner/notes",
        'https://github.com/owner/no"tes',
        "https://github.com/owner",
    ],
)
def test_other_remotes_tell_nothing(tmp_path, remote):
    assert clone(tmp_path, remote) == ""


def test_without_a_remote_or_a_repository_nothing_is_known(tmp_path):
    assert launch.repository(tmp_path) == ""
    assert clone(tmp_path) == ""


def test_the_environment_comes_before_the_remote(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "fork/notes")
    assert clone(tmp_path, "https://github.com/owner/notes") == "fork/notes"
    monkeypatch.setenv("GITHUB_REPOSITORY", 'fork/"><script>')
    assert launch.repository(tmp_path) == ""


def test_notebooks_are_opened_from_their_branch():
    known = SimpleNamespace(github_repository="owner/notes", notebook_branch="notebooks")
    offered = dict(launch.links(known, PAGE))
    assert offered == {
        "下载笔记本": "2023-09-11-lenet.ipynb",
        "Markdown 源文件": f"../../_sources/{PAGE}.md",
        "在 Colab 打开": "https://colab.research.google.com/github/owner/notes/blob/notebooks/"
        f"{PAGE}.ipynb",
        "在 Binder 打开": "https://mybinder.org/v2/gh/owner/notes/notebooks?labpath="
        "book%2Fnotes%2F2023-09-11-lenet.ipynb",
    }
    unknown = SimpleNamespace(github_repository="", notebook_branch="notebooks")
    assert [text for text, _ in launch.links(unknown, PAGE)] == DOWNLOADS


def test_notebooks_install_the_package_from_the_commit_that_is_built(tmp_path, monkeypatch):
    own = {"github_repository": "", "own_packages": ["shapes"], "bookproof_sources": {}}
    config = SimpleNamespace(**own)
    launch.tell_source(SimpleNamespace(srcdir=tmp_path), config)
    assert config.bookproof_sources == {"shapes": ""}
    monkeypatch.setenv("GITHUB_REPOSITORY", "owner/notes")
    monkeypatch.setenv("GITHUB_SHA", "abc123")
    config = SimpleNamespace(**own)
    launch.tell_source(SimpleNamespace(srcdir=tmp_path), config)
    source = "shapes@git+https://github.com/owner/notes@abc123"
    assert config.bookproof_sources == {"shapes": source}


def test_each_chapter_offers_its_files_and_the_front_page_all(site):
    chapters = sorted((site / "book" / "notes").glob("*.html"))
    assert len(chapters) >= 29
    for path in chapters:
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        [line] = page.select("h1 + .chapter-head + .chapter-launch")
        files = [link for link in line.select("a") if "//" not in link["href"]]
        assert [link.text for link in files] == DOWNLOADS
        for link in files:
            assert Path(path.parent, unquote(link["href"])).is_file(), link
    front = BeautifulSoup((site / "book" / "index.html").read_text("utf-8"), "html.parser")
    [link] = front.select('.book-ways a[href$="notebooks.zip"]')
    assert (site / "book" / link["href"]).is_file()
