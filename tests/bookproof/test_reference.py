"""The examples of the reference page for authors: each does what the page says."""

import re
from pathlib import Path

import pytest
import yaml

from bookproof import Book, check, cli
from bookproof.authoring.accept import accept
from bookproof.judging import filters
from bookproof.judging.verdict import Kind
from bookproof.reading import block
from bookproof.reading.scan import is_chapter
from bookproof.telling.language import words_for

from .conftest import FRONT
from .examples import CHINESE, GOOD, Reference, values_as_text
from .test_chinese_commands import left

PAGE = Path(__file__).parents[2] / "book" / "reference" / "expectations.md"
TEXT = PAGE.read_text("utf-8")
REFERENCE = Reference(TEXT, CHINESE)
KINDS = CHINESE.kinds

OUTCOME = re.compile(r"^\| (\S.*?) `([a-z ]+)` \|(.*)\|.*\|$", re.MULTILINE)


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check everything at once; return the verdicts on each example, on each row, the chapters."""
    return REFERENCE.check(tmp_path_factory.mktemp("reference"))


def test_every_example_is_found():
    fences = re.findall(r"^`{4,}text$|^```json$", TEXT, re.MULTILINE)
    assert len(REFERENCE.examples) == len(fences) == 41
    lines = re.findall(r"^\| `.*` \| `.*` \| .*：.* \|$", TEXT, re.MULTILINE)
    assert len(REFERENCE.rows) == len(lines) == 66


def test_every_example_does_what_the_page_says(checked):
    wrong = {
        text: [f"{v.line}: {v.kind}: {v.message}" for v in found]
        for (_, text, outcomes), found in zip(REFERENCE.examples, checked[0], strict=True)
        if [v.kind for v in found] != outcomes
    }
    assert wrong == {}


def test_every_row_does_what_the_page_says(checked):
    wrong = {
        row: [v.kind for v in found]
        for row, found in zip(REFERENCE.rows, checked[1], strict=True)
        if [v.kind for v in found] != [row[-1]]
    }
    assert wrong == {}


def test_every_value_in_the_text_is_judged_as_the_page_says(tmp_path):
    values = REFERENCE.values
    assert len(values) == len(re.findall(r"^\|.*\| 写 `", TEXT, re.MULTILINE)) == 15
    (tmp_path / "a.md").write_text(values_as_text(values), "utf-8")
    [checked] = check(Book.load(tmp_path)).chapters
    found = [verdict for verdict in checked.verdicts if verdict.value]
    wanted = [kind for *_, kind in values]
    told = zip(values, found, wanted, strict=True)
    assert [(value, v.message) for value, v, kind in told if v.kind != kind] == []


def test_accept_proposes_what_the_page_says(checked):
    texts = [text for _, text, _ in REFERENCE.examples]
    place = [Kind.MISSING in o and Kind.UNCHECKED in o for _, _, o in REFERENCE.examples].index(
        True
    )
    chapter = checked[2][place]
    assert accept(chapter, force=True, everything=True)
    assert chapter.chapter.path.read_text("utf-8") == FRONT + texts[place + 1]


def test_every_outcome_is_listed_and_has_an_example(checked):
    listed = {Kind(kind): (chinese, opening) for chinese, kind, opening in OUTCOME.findall(TEXT)}
    assert list(listed) == list(Kind)
    assert {chinese: kind for kind, (chinese, _) in listed.items()} == KINDS
    verdicts = [verdict for found in checked[0] for verdict in found]
    for kind, (_, opening) in listed.items():
        messages = [verdict.message for verdict in verdicts if verdict.kind is kind]
        assert messages, kind
        openings = tuple(re.findall("`(.*?)`", opening))
        if kind is Kind.MALFORMED:
            openings += ("{expect}", "{unverified}", "{eval}")
        if kind is Kind.EXPRESSION_FAILED:
            openings = ("`",)
        assert not openings or all(message.startswith(openings) for message in messages), messages


def test_every_message_of_the_examples_has_its_chinese(checked):
    words = words_for("zh")
    failed = [verdict for found in checked[0] for verdict in found if verdict.kind.failed]
    assert len({str(verdict.kind) for verdict in failed}) == len(Kind) - 2
    told = "\n".join(words(f"{verdict.kind}: {verdict.message}") for verdict in failed)
    assert left(told) == []


def test_every_word_is_listed_and_has_an_example():
    used = {words for words, *_ in REFERENCE.rows}
    used |= {f"{{expect}}{words}" for words in re.findall(r"^`+{expect}(.*)$", TEXT, re.MULTILINE)}
    words = ["exact", "number", "unordered", *block.PARTS, *block.SHAPES]
    for word in words:
        assert f"`{{expect}} {word}`" in TEXT
        assert f"{{expect}} {word}" in used
    for name in block.TOLERANCES:
        assert f"`{{expect}} {name}=…`" in TEXT
        assert any(used_words.startswith(f"{{expect}} {name}=") for used_words in used)
    for name in filters.FILTERS:
        assert f"`{name}`（" in TEXT
        assert f"{{expect}} norm={name}" in used


def test_every_command_and_option_is_on_the_page(capsys):
    def help_on(*command):
        with pytest.raises(SystemExit, match="0"):
            cli.main([*command, "--help"])
        return capsys.readouterr().out

    commands = re.findall(r"^    (\w+) ", help_on(), re.MULTILINE)
    assert len(commands) >= 5
    assert re.findall(r"^\| `(\w+)", TEXT.partition("\n| 命令 |")[2], re.MULTILINE) == commands
    for command in commands:
        for option in set(re.findall(r"--[a-z]+", help_on(command))) - {"--help"}:
            assert f"`{option}`" in TEXT, option


def test_exit_statuses_are_those_of_the_page(book, capsys):
    statuses = re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)
    assert statuses == re.findall(r"\b\d+\b", cli.EXIT_CODES)
    book.chapter("good.md", GOOD)
    root, before, after = f"--root={book.root}", book.root / "1.json", book.root / "2.json"
    assert cli.main(["check", root, "--json", str(before)]) == 0
    for command in (["summary", str(before)], ["list", root], ["accept", root]):
        assert cli.main(command) == 0
    book.chapter("bad.md", GOOD.replace("{expect}\n0", "{expect}\n1"))
    assert cli.main(["check", root, "--json", str(after)]) == 1
    assert cli.main(["summary", str(after)]) == 1
    assert cli.main(["diff", str(before), str(after)]) == 0
    assert cli.main(["summary", str(book.root)]) == 2
    assert cli.main(["check", root, str(book.root / "none.md")]) == 2
    for wrong in ([], ["chek"], ["check", "--colour"]):
        with pytest.raises(SystemExit, match="2"):
            cli.main(wrong)


def test_the_how_to_is_what_the_tests_of_the_extension_do():
    [snippet] = re.findall(r"^ +```yaml\n(.*?)^ +```$", TEXT, re.MULTILINE | re.DOTALL)
    extensions = yaml.safe_load(snippet)["sphinx"]["extra_extensions"]
    tried = Path(__file__).with_name("test_sphinx_ext.py").read_text("utf-8")
    assert f"extra_extensions: [{', '.join(extensions)}]" in tried


def test_the_page_is_no_chapter():
    assert not is_chapter(PAGE)
