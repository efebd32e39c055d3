"""What a door opens: only the rooms that are gone into."""

import json
import subprocess
import sys

import pytest

import bookproof
from bookproof import cli

LOADED = """
import json, os, sys
before = set(sys.modules)
sys.stdout = open(os.devnull, "w")
try:
    exec(sys.argv[1])
except SystemExit:
    pass
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.__stdout__)
"""


def loaded(code):
    """Return the modules that a new interpreter imports for some code: ours, and others'."""
    done = subprocess.run([sys.executable, "-c", LOADED, code], capture_output=True, check=True)
    names = set(json.loads(done.stdout))
    ours = {name for name in names if name.split(".")[0] == "bookproof"}
    return ours, {name.split(".")[0] for name in names - ours} - sys.stdlib_module_names


HELP = [[], ["check"], ["notes", "check"], ["notes", "import"], ["new"], ["lsp"]]


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_help_needs_no_room(command):
    ours, others = loaded(f"from bookproof.cli import main; main({[*command, '--help']})")
    assert "bookproof.cli" in ours
    assert ours <= {
        "bookproof",
        "bookproof.arguments",
        "bookproof.authoring",
        "bookproof.authoring.refused",
        "bookproof.cli",
        "bookproof.notes",
        "bookproof.notes.defaults",
        "bookproof.notes_parsers",
        "bookproof.say",
        "bookproof.telling",
        "bookproof.telling.language",
    }
    assert others == set()


def test_the_package_needs_nothing_until_it_is_asked():
    assert loaded("import bookproof") == ({"bookproof"}, set())
    ours, _ = loaded("from bookproof import Kind")
    assert "bookproof.judging.verdict" in ours
    assert "bookproof.running.kernel" not in ours


def test_all_names_of_the_package_are_there():
    assert len(bookproof.__all__) == 7
    for name in bookproof.__all__:
        assert getattr(bookproof, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        bookproof.nothing  # noqa: B018


def test_every_command_is_there():
    parsers = [cli._parser()]
    commands = []
    while parsers:
        parser = parsers.pop()
        commands += filter(None, [parser.get_default("command")])
        for action in parser._actions:
            parsers += action.choices.values() if isinstance(action.choices, dict) else []
    assert len(commands) == 14
    for command in commands:
        module, _, name = command.partition(":")
        __import__(module)
        assert callable(getattr(sys.modules[module], name))


WITHOUT_ANYASCII = """
import sys
sys.modules["anyascii"] = None
from bookproof.cli import main
sys.exit(main(sys.argv[1:]))
"""


def without_anyascii(*words):
    command = [sys.executable, "-c", WITHOUT_ANYASCII, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_new_book_without_notes_needs_no_extra(tmp_path):
    done = without_anyascii("new", tmp_path / "book")
    assert (done.returncode, done.stderr.count("extra")) == (0, 0)
    needs = (tmp_path / "book" / "requirements.txt").read_text("utf-8")
    assert needs.startswith("bookproof[notes,serve]")


def test_notes_that_cannot_be_imported_leave_nothing_half_made(tmp_path):
    (tmp_path / "note.md").write_text("# 2024-05-06\n\n```python\n1 + 1  # 2\n```\n")
    told = "bookproof: this needs anyascii, which is not installed: "
    told += "pip install 'bookproof[notes]'\n"
    for words in (["new", tmp_path / "book", "--notes"], ["notes", "import", "--into", tmp_path]):
        done = without_anyascii(*words, tmp_path / "note.md")
        assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
        assert [path.name for path in tmp_path.iterdir()] == ["note.md"]
