"""What is not supported is refused by name, with what to do."""

import subprocess
import sys

import pytest

from bookproof import cli, unsupported

from .conftest import FRONT

pytest_plugins = ["pytester"]

QMD = "---\ntitle: A\n---\n\n```{python}\n1 + 1\n```\n"
RMD = "---\ntitle: A\n---\n\nWords.\n\n```{python}\n1 + 1\n```\n"
RST = "A\n=\n\n.. code-block:: python\n\n   1 + 1\n"
CHAPTER = FRONT + "```{code-cell} python\n1 + 1\n```\n```{expect}\n2\n```\n"
JUPYTEXT = "convert each with `jupytext --to md:myst {}`"


def refused(root, capsys, *words):
    """Return what the command says, where it refuses to do anything."""
    assert cli.main([*(words or ["check"]), "--root", str(root)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("bookproof: ")
    return said.err.removeprefix("bookproof: ").removesuffix("\n")


@pytest.mark.parametrize(
    ("files", "name", "remedy"),
    [
        ({"a.qmd": QMD}, "1 file of Quarto", "`quarto convert a.qmd`"),
        ({"part/a.qmd": QMD, "b.qmd": QMD}, "2 files of Quarto", "`quarto convert b.qmd`"),
        ({"a.Rmd": RMD}, "1 file of R Markdown", JUPYTEXT.format("a.Rmd")),
        ({"a.rmd": RMD, "b.md": "# B\n"}, "1 file of R Markdown", JUPYTEXT.format("a.rmd")),
        ({"index.rst": RST}, "1 file of reStructuredText", "`rst2myst convert index.rst`"),
        (
            {"conf.py": "extensions = ['sphinx.ext.autodoc']\n", "index.rst": RST, "a.rst": RST},
            "2 files of reStructuredText",
            "`rst2myst convert a.rst`",
        ),
        ({"a.py": "# %%\n1 + 1\n"}, "1 file of Python", JUPYTEXT.format("a.py")),
        ({"a.R": "1 + 1\n"}, "1 file of R,", JUPYTEXT.format("a.R")),
        ({"a.md": "# A\n"}, "1 file of Markdown", "`bookproof notes check a.md`"),
        ({"a.md": "# A\n", "b.py": "1\n"}, "1 file of Markdown", "notes check a.md"),
        ({}, "it is empty", "`bookproof new FOLDER`"),
        ({"a.csv": "1\n", "node_modules/a.md": "#\n"}, "it has no page", "`bookproof new FOLDER`"),
        (
            {"_config.yml": "exclude_patterns: ['*.ipynb']\n", "a.ipynb": "{}"},
            "1 notebook that the configuration leaves out",
            "",
        ),
    ],
)
def test_a_folder_without_chapters_says_what_it_has(tmp_path, capsys, files, name, remedy):
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    said = refused(tmp_path, capsys)
    assert said.startswith(f"there is no chapter with code cells in {tmp_path}")
    assert name in said
    assert remedy in said


PROJECTS = [
    ("_quarto.yml", "project:\n  type: book\n", "a Quarto project", "`quarto convert a.qmd`"),
    ("_quarto.yaml", "project: {}\n", "a Quarto project", "`quarto convert a.qmd`"),
    ("_bookdown.yml", "book_filename: b\n", "an R bookdown project", JUPYTEXT.format("a.Rmd")),
]


@pytest.mark.parametrize(("file", "text", "name", "remedy"), PROJECTS)
@pytest.mark.parametrize("command", ["check", "accept", "list", "freeze"])
def test_a_project_of_another_tool_is_named(tmp_path, capsys, command, file, text, name, remedy):
    for path, content in {file: text, "a.qmd": QMD, "a.Rmd": RMD, "a.ipynb": "{}"}.items():
        (tmp_path / path).write_text(content)
    said = refused(tmp_path, capsys, command)
    assert said.startswith(f"{tmp_path} is {name}, as {file} says; that is not supported: ")
    assert said.endswith(remedy) or f"{remedy}, which" in said


@pytest.mark.parametrize("file", [file for file, *_ in PROJECTS])
def test_a_book_that_is_also_another_tools_is_checked_as_ours(book, capsys, file):
    book.write(file, "version: 1\n")
    book.write("a.md", CHAPTER)
    assert cli.main(["check", "--root", str(book.root)]) == 0
    (book.root / "_config.yml").unlink()
    capsys.readouterr()
    refused(book.root, capsys)
    assert cli.main(["check", "--root", str(book.root), str(book.root / "a.md")]) == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.qmd", "is Quarto, which is not supported: convert each with `quarto convert "),
        ("a.Rmd", "is R Markdown, which is not supported: convert each with `jupytext "),
        ("a.rst", "is reStructuredText, which is not supported: convert each with `rst2myst "),
        ("a.md", "is no notebook: it lacks `file_format: mystnb` on top"),
        ("a.txt", "is no notebook"),
    ],
)
def test_a_file_that_is_no_chapter_is_named(book, capsys, name, words):
    path = book.write(name, "# A\n")
    assert f"{path} {words}" in refused(book.root, capsys, "check", str(path))


def test_a_reader_of_the_books_own_is_support(book):
    book.write(
        "_config.yml",
        "sphinx:\n  config:\n    nb_custom_formats:\n"
        "      .Rmd: ['jupytext.reads', {'fmt': 'Rmd'}]\n",
    )
    book.write("a.Rmd", RMD)
    assert book.load().chapters == ("a.Rmd",)


@pytest.mark.parametrize(("name", "text"), [("a.Rmd", RMD), ("a.py", "# %%\n1 + 1\n")])
def test_the_remedy_makes_a_chapter(tmp_path, capsys, monkeypatch, name, text):
    (tmp_path / name).write_text(text)
    said = refused(tmp_path, capsys)
    command = said.partition("`")[2].partition("`")[0].split()
    assert command[0] == "jupytext"
    monkeypatch.chdir(tmp_path)
    python = [sys.executable, "-m", *command, "--set-kernel", "python3"]
    subprocess.run(python, check=True, capture_output=True)
    assert cli.main(["check"]) == 1
    assert "a.md:" in capsys.readouterr().err


def test_pytest_names_it_too(pytester):
    pytester.path.joinpath("a.qmd").write_text(QMD)
    pytester.path.joinpath("a.md").write_text(CHAPTER)
    done = pytester.runpytest("--bookproof", "a.qmd")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["*a.qmd is Quarto, which is not supported: *"])
    pytester.path.joinpath("_quarto.yml").write_text("project: {}\n")
    done = pytester.runpytest("--bookproof", "--collect-only")
    done.stdout.fnmatch_lines(["*is a Quarto project, as _quarto.yml says; that is not *"])
    assert pytester.runpytest("--bookproof", "--collect-only", "a.md").ret == 0


def test_a_large_folder_is_not_read_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(unsupported, "_ENOUGH", 5)
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text("")
    assert "it has no page" in unsupported.nothing(tmp_path)


@pytest.mark.parametrize("words", [["check"], ["list"], ["check", "book/parts/a.md"]])
def test_a_book_below_is_read_from_its_own_folder(book, capsys, monkeypatch, words):
    (book.root / "_config.yml").rename(book.root / "kept")
    book.write("book/_config.yml", "title: T\nexecute:\n  timeout: 7\n")
    book.write("book/parts/a.md", CHAPTER)
    monkeypatch.chdir(book.root)
    place = book.root / "book"
    told = f"the book is in {place}, as its _config.yml says: use --root book"
    assert refused(".", capsys, *words) == told
    assert cli.main(["check", "--root", "book"]) == 0
    book.write("own.md", CHAPTER)  # a folder with chapters of its own is a book, whatever is below
    assert cli.main(["list", "--root", "."]) == 0
    (book.root / "own.md").unlink()
    (book.root / "kept").rename(book.root / "_config.yml")
    assert cli.main(["list", "--root", "."]) == 0
