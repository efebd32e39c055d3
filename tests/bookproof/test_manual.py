"""The manual: its chapters hold, its pages can be followed, and its examples do what it says."""

import json
import re
import shlex
import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml
from myst_nb.core.config import NbParserConfig

import bookproof
from bookproof import Book, check, cli
from bookproof.judging import filters
from bookproof.judging.verdict import Kind
from bookproof.reading import block
from bookproof.telling.verification import SCHEMA

from . import stories
from .examples import CHINESE, ENGLISH, Reference, values_as_text

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "code" / "bookproof" / "docs"
CHINESE_PAGE = ROOT / "book" / "reference" / "expectations.md"
README = (ROOT / "code" / "bookproof" / "README.md").read_text("utf-8")
PAGES = {path.name: path.read_text("utf-8") for path in sorted(MANUAL.glob("*.md"))}
TEXT = "\n".join(PAGES.values())
REFERENCE = Reference(TEXT, ENGLISH)
STORIES = [name for name, text in PAGES.items() if stories.steps(text)]
START = "index.md"


def test_every_page_is_in_the_contents():
    contents = yaml.safe_load((MANUAL / "_toc.yml").read_text("utf-8"))
    named = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    assert sorted([contents["root"], *named]) == sorted(name.removesuffix(".md") for name in PAGES)


def test_the_start_page_holds_to_the_letter(tmp_path):
    told = list(stories.tell(PAGES[START], tmp_path, installed=True))
    assert [step.name for step, _ in told] == [
        "bookproof check",
        "echo $?",
        "bookproof accept scores.md",
        "bookproof check",
        "bookproof check",
        "bookproof accept scores.md",
        "bookproof check",
    ]
    for step, printed in told:
        assert stories.evened(printed) == stories.evened(step.text)


def test_the_pages_that_can_be_followed_are_found():
    assert len(STORIES) == 14
    count = len(re.findall(r"^\$ ", TEXT, re.MULTILINE))
    assert sum(step.kind == "command" for n in STORIES for step in stories.steps(PAGES[n])) == count


@pytest.mark.parametrize("name", [name for name in STORIES if name != START])
def test_a_page_can_be_followed(name, tmp_path):
    for step, printed in stories.tell(PAGES[name], tmp_path):
        assert stories.evened(printed) == stories.evened(step.text), step.name


def test_the_chapters_of_the_manual_hold(tmp_path):
    book = tmp_path / "docs"
    shutil.copytree(MANUAL, book, ignore=shutil.ignore_patterns("_build"))
    report = check(Book.load(book))
    assert report.failures() == ""
    assert len(report.chapters) == 3
    reasons = [verdict.message for _, verdict in report if verdict.kind is Kind.UNVERIFIED]
    assert reasons == ["drawn from the system's own source of chance"]
    assert report.totals["verified"] == 9


def test_what_is_shown_of_a_chapter_is_what_is_run():
    shown = 0
    for name, text in PAGES.items():
        if not text.startswith("---"):
            continue
        fences = [fence for fence in stories.FENCE.finditer(text) if fence["language"] == "md"]
        live = stories.FENCE.sub("", text)
        for fence in fences:
            if not fence["caption"]:
                assert fence["body"] in live, name
                shown += 1
    assert shown == 8


def test_every_example_is_found():
    assert len(REFERENCE.examples) == len(re.findall(r"^`{4,}text$|^```json$", TEXT, re.MULTILINE))
    rows = re.findall(r"^\| `.*` \| `.*` \| (?:verified|mismatch): .* \|$", TEXT, re.MULTILINE)
    assert len(REFERENCE.rows) == len(rows) > 60


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check all examples at once."""
    return REFERENCE.check(tmp_path_factory.mktemp("reference"))


def test_every_example_does_what_the_page_says(checked):
    wrong = {
        text: [f"{v.line}: {v.kind}: {v.message}" for v in found]
        for (_, text, outcomes), found in zip(REFERENCE.examples, checked[0], strict=True)
        if [v.kind for v in found] != outcomes
    }
    assert wrong == {}
    wrong = {
        row: [v.kind for v in found]
        for row, found in zip(REFERENCE.rows, checked[1], strict=True)
        if [v.kind for v in found] != [row[-1]]
    }
    assert wrong == {}


def test_every_value_is_judged_as_the_page_says(book):
    book.write("a.md", values_as_text(REFERENCE.values))
    found = [v for _, v in book.check() if v.value]
    told = zip(REFERENCE.values, found, strict=True)
    assert [(row, v.message) for row, v in told if v.kind != row[-1]] == []


def test_both_references_have_the_same_examples():
    english = REFERENCE.outline()
    chinese = Reference(CHINESE_PAGE.read_text("utf-8"), CHINESE).outline()
    assert english - chinese == Counter(), f"{CHINESE_PAGE.name} lacks these examples"
    assert chinese - english == Counter(), "the manual lacks these examples"


def test_what_the_messages_begin_with(checked):
    rows = re.findall(r"^\| `([a-z ]+)` \|([^|]*)\|.*\|$", PAGES["verdicts.md"], re.MULTILINE)
    assert [name for name, _ in rows] == [str(kind) for kind in Kind]
    verdicts = [verdict for found in checked[0] for verdict in found]
    for name, opening in rows:
        messages = [verdict.message for verdict in verdicts if verdict.kind == name]
        assert messages, name
        openings = tuple(re.findall("`(.*?)`", opening))
        if name == Kind.MALFORMED:
            openings += ("{expect}", "{unverified}", "{eval}")
        assert not openings or all(message.startswith(openings) for message in messages), messages


def test_every_word_is_listed():
    page = PAGES["blocks.md"]
    for word in ["exact", "number", "unordered", *block.PARTS, *block.SHAPES]:
        assert f"`{{expect}} {word}`" in page
    for name in block.TOLERANCES:
        assert f"`{{expect}} {name}=…`" in page
    listed = re.findall(r"^\| `([a-z]+)` \|", page.partition("| Filter |")[2], re.MULTILINE)
    assert listed == list(filters.FILTERS)


def test_every_command_and_option_is_listed(capsys):
    def help_on(*words):
        with pytest.raises(SystemExit, match="0"):
            cli.main([*words, "--help"])
        return capsys.readouterr().out

    def commands_of(*words):
        return re.findall(r"^    (\w+) ", help_on(*words), re.MULTILINE)

    page = PAGES["commands.md"]
    first, _, options = page.partition("## Options")
    commands = commands_of()
    assert len(commands) > 10
    assert re.findall(r"^\| `(\w+)", first, re.MULTILINE) == commands
    of_many = {"--language", "--root"}
    assert all(f"`{option}`" in first for option in of_many)
    for words in [*([name] for name in commands), *(["notes", n] for n in commands_of("notes"))]:
        section = "".join(
            row[0]
            for row in re.findall(r"(\| `([a-z ]+)` \|.*\n(?:\| \| .*\n)*)", options)
            if row[1] == " ".join(words)
        )
        # Where an option is listed; its text may speak of another command's.
        for option in set(re.findall(r"^  (--[a-z]+)", help_on(*words), re.M)) - of_many:
            assert re.search(rf"`{option}[ `]", section), (words, option)


def test_the_exit_statuses_are_listed():
    statuses = re.findall(r"^\| (\d+) \|", PAGES["commands.md"], re.MULTILINE)
    assert statuses == re.findall(r"\b\d+\b", cli.EXIT_CODES)


def test_every_setting_is_listed():
    package = Path(bookproof.__file__).parent
    code = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    own = re.findall(r'add_config_value\("(bookproof_\w+)"', code)
    assert len(own) == 6
    others = [
        name
        for name, _, field in NbParserConfig().as_triple()
        if not field.metadata.get("sphinx_exclude")
    ]
    assert len(others) > 20
    for name in [*own, *others]:
        assert f"`{name}`" in PAGES["settings.md"], name


def test_every_key_of_verification_json_is_listed():
    def keys(schema):
        if isinstance(schema, dict):
            yield from schema["properties"] if "type" in schema and "properties" in schema else ()
            for value in schema.values():
                yield from keys(value)

    found = set(keys(json.loads(SCHEMA.read_text("utf-8"))))
    assert len(found) > 20
    assert {key for key in found if f"`{key}`" not in PAGES["formats.md"]} == set()


def test_what_is_supported_is_what_the_readme_says():
    [sentence] = re.findall(r"tested on Linux, .*? to \d", " ".join(README.split()))
    assert sentence in " ".join(PAGES["promise.md"].split())


def test_every_command_that_is_only_shown_is_one():
    shown = [f["body"] for f in stories.FENCE.finditer(TEXT) if f["language"] == "sh"]
    lines = [line.partition("  #")[0] for body in shown for line in body.splitlines()]
    commands = [words for words in map(shlex.split, lines) if words[0] == "bookproof"]
    assert len(commands) == 9
    for _, *words in commands:
        assert cli._parser().parse_args(words).command


def test_every_setting_that_is_only_shown_can_be_read():
    count = 0
    for fence in stories.FENCE.finditer(TEXT):
        read = {"yaml": yaml.safe_load, "toml": tomllib.loads}.get(fence["language"])
        if read:
            assert read(fence["body"])
            count += 1
    fences = re.findall(r"^`{3,}(?:{code-block} )?(?:yaml|toml)$", TEXT, re.MULTILINE)
    assert count == len(fences) > 5


def test_links_lead_somewhere():
    count = 0
    for name, text in PAGES.items():
        prose = stories.FENCE.sub("", text)
        for page, anchor in re.findall(r"\]\((?!https://)([^)#]*)#?([^)]*)\)", prose):
            count += 1
            target = stories.FENCE.sub("", PAGES[page or name])
            assert not anchor or anchor in map(_anchor, re.findall("^#+ (.+)$", target, re.M))
    assert count > 30


def _anchor(heading):
    """Return the anchor of a heading, as MyST makes it (like GitHub)."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
