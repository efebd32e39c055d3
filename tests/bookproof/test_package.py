"""What the package says of itself: its README, its licence, its metadata."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

import bookproof
from bookproof import cli

from .conftest import FRONT

PROJECT = Path(__file__).parents[2] / "code" / "bookproof"
README = (PROJECT / "README.md").read_text("utf-8")
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


def fenced(info):
    """Return the contents of the README's fences with this info."""
    found = re.findall(rf"^(`{{3,}}){info}\n(.*?)^\1$", README, re.DOTALL | re.MULTILINE)
    return [body for _, body in found]


def test_the_message_in_the_readme_is_what_the_command_prints(book, monkeypatch, capsys):
    [chapter], [message] = fenced("md"), fenced("text")
    book.write("scores.md", FRONT + chapter)
    monkeypatch.chdir(book.root)
    assert cli.main(["check"]) == 1
    assert message in capsys.readouterr().err


def test_the_value_in_the_prose_of_the_readme_is_checked(book):
    [chapter] = fenced("md")
    [value] = re.findall(r"``([^`]*\{expect\}`.*?`) ``", README)
    book.write("scores.md", FRONT + chapter.replace("0.930", "0.933") + f"\n{value}\n")
    report = book.check()
    assert report.totals["verified"] == 2
    assert report.green


def test_every_command_in_the_readme_is_one():
    [start] = fenced("sh")
    lines = [line.partition("#")[0] for line in start.splitlines()]
    assert lines[0] == "pip install bookproof"
    commands = lines[1:] + re.findall(r"^\| `(bookproof .*?)`", README, re.MULTILINE)
    assert len(commands) == 10
    more = {"diff": ["a", "b"], "notes check": ["a"], "notes import": ["a", "--into", "b"]}
    for command in commands:
        [_, *words] = shlex.split(command)
        words += more.get(" ".join(words), []) + ["address"] * ("--dask" in words)
        assert cli._parser().parse_args(words).command


def test_the_commands_of_extras_say_so():
    extras = METADATA["project"]["optional-dependencies"]
    assert set(cli.EXTRAS.values()) | {"pytest"} == set(extras)
    named = {name for name in extras if f"`bookproof[{name}]`" in README}
    assert named == set(cli.EXTRAS.values())
    needed = {re.match(r"[\w-]+", need)[0] for needs in extras.values() for need in needs}
    assert needed - {"pytest"} == set(cli.EXTRAS) - {"dask"}  # which comes with distributed


def test_the_links_of_the_readme_are_there():
    links = re.findall(r"\]\((?!https://)(.*?)\)", README)
    assert links == ["docs/index.md", "CHANGELOG.md"]
    for link in links:
        assert (PROJECT / link).is_file()


def test_the_pythons_that_are_named_are_the_same_everywhere():
    prefix = "Programming Language :: Python :: 3."
    classifiers = METADATA["project"]["classifiers"]
    minors = [name.removeprefix(prefix) for name in classifiers if name.startswith(prefix)]
    *first, last = [f"3.{minor}" for minor in minors]
    assert METADATA["project"]["requires-python"] == f">={first[0]}"
    assert f"Python {', '.join(first)} and {last}," in " ".join(README.split())


def test_the_package_has_its_licence_and_its_types():
    assert (PROJECT / "LICENSE").read_text("utf-8").startswith("MIT License\n")
    assert METADATA["project"]["license-files"] == ["LICENSE"]
    assert Path(bookproof.__file__).with_name("py.typed").is_file()
    assert "py.typed" in METADATA["tool"]["setuptools"]["package-data"]["bookproof"]


@pytest.mark.parametrize("missing", sorted(cli.EXTRAS))
def test_what_is_missing_is_told_with_its_extra(missing, monkeypatch, capsys):
    def lacks(options):
        raise ModuleNotFoundError(f"No module named '{missing}.part'", name=f"{missing}.part")

    monkeypatch.setattr("bookproof.commands.do_lsp", lacks)
    assert cli.main(["lsp"]) == 2
    install = f"pip install 'bookproof[{cli.EXTRAS[missing]}]'"
    assert capsys.readouterr().err == (
        f"bookproof: this needs {missing}, which is not installed: {install}\n"
    )


def test_another_module_that_is_missing_is_a_fault_of_ours(monkeypatch):
    def lacks(options):
        raise ModuleNotFoundError("No module named 'nothing'", name="nothing")

    monkeypatch.setattr("bookproof.commands.do_lsp", lacks)
    with pytest.raises(ModuleNotFoundError, match="nothing"):
        cli.main(["lsp"])
