"""The examples of the reference page for authors: each does what the page says."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bookproof import Book, check, cli
from bookproof.authoring.accept import accept
from bookproof.book import check_twice
from bookproof.judging import filters
from bookproof.judging.verdict import Kind
from bookproof.reading import block
from bookproof.reading.scan import is_chapter, scan
from bookproof.running.frozen import Frozen
from bookproof.running.result import Run
from bookproof.telling.texts import texts_for

PAGE = Path(__file__).parents[2] / "book" / "reference" / "expectations.md"
TEXT = PAGE.read_text("utf-8")
KINDS = {chinese: Kind(kind) for kind, chinese in texts_for("zh_CN").kinds.items()}

EXAMPLE = re.compile(r"^(`{3,})(text|json)\n(.*?)^\1\n结果：(.*?)。", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"^\| 单元格 \| `(\{expect\}.*?)` \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)
ROW = re.compile(r"^\| `(.*?)` \| `(.*?)` \| (\w+)：.+ \|$", re.MULTILINE)
OUTCOME = re.compile(r"^\| (\S.*?) `([a-z ]+)` \|(.*)\|.*\|$", re.MULTILINE)

FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
GOOD = "```{code-cell}\n0\n```\n```{expect}\n0\n```\n"

# An example with such an outcome needs a chapter to itself; the others share one, which is faster.
ALONE = {
    Kind.FLAKY,
    Kind.CELL_FAILED,
    Kind.FROZEN,
    Kind.KERNEL_DIED,
    Kind.NOT_STARTED,
    Kind.TIMEOUT,
    Kind.UNCHECKED,
    Kind.UNREADABLE,
}

# These are checked in a way of their own.
NAMED = {Kind.TIMEOUT: "endless.md", Kind.FLAKY: "flaky.md"}


VALUE = re.compile(r"^\| `(.*?)` \| 写 `(.*?)` \| (\w+)：.+ \|$", re.MULTILINE)


def examples():
    """Return (language, text, outcomes) for each example of the page."""
    return [
        (language, text, [KINDS[name] for name in re.findall(r"\*\*(.+?)\*\*", outcome)])
        for _, language, text, outcome in EXAMPLE.findall(TEXT)
    ]


def rows():
    """Return (words, code, body, outcome) for each row of the page's tables of examples."""
    return [
        (words, code, body, KINDS[name])
        for words, table in TABLE.findall(TEXT)
        for code, body, name in ROW.findall(table)
    ]


def own_filters():
    """Return the settings that the page shows for filters of a book's own."""
    [settings] = re.findall(
        r"^```yaml\n(bookproof_filters:.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
    )
    return yaml.safe_load(settings)


def row_as_text(words, code, body, outcome):
    return f"```{{code-cell}}\n{code}\n```\n```{words}\n{body}\n```\n"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check everything at once; return the verdicts on each example, on each row, the chapters."""
    root = tmp_path_factory.mktemp("reference")
    (root / "_config.yml").write_text(yaml.safe_dump({"sphinx": {"config": own_filters()}}))
    shared, places = FRONT + GOOD, []

    def share(text):
        nonlocal shared
        first, shared = shared.count("\n"), shared + text + "\n"
        places.append(("shared.md", range(first, shared.count("\n"))))

    def alone(name, text, first=0):
        (root / name).write_text(text, "utf-8")
        places.append((name, range(first, 999)))

    for number, (language, text, outcomes) in enumerate(examples()):
        name = NAMED.get(outcomes[0], f"{number}.md")
        if language == "json":
            alone(f"{number}.ipynb", text)
        elif text.startswith("---"):
            alone(name, text)
        elif Kind.UNCHECKED in outcomes:
            alone(name, FRONT + text)
        elif Kind.FROZEN in outcomes:
            alone(name, FRONT + text)
            Frozen(root).save(scan(root, name, (FRONT + GOOD).encode()), Run(([],)))
        elif not ALONE.isdisjoint(outcomes):
            alone(name, FRONT + GOOD + text, (FRONT + GOOD).count("\n") + 1)
        else:
            share(text)
    for row in rows():
        share(row_as_text(*row))
    (root / "shared.md").write_text(shared, "utf-8")
    # The cell that never ends shall not take long; the others may, on a busy machine.
    book = Book.load(root)
    others = tuple(name for name in book.chapters if name not in NAMED.values())
    reports = [
        check(replace(book, chapters=others, timeout=60)),
        check(replace(book, chapters=(NAMED[Kind.TIMEOUT],), timeout=2)),
        check_twice(replace(book, chapters=(NAMED[Kind.FLAKY],), timeout=60)),
    ]
    chapters = {one.chapter.name: one for report in reports for one in report.chapters}
    verdicts = [[v for v in chapters[name].verdicts if v.line in lines] for name, lines in places]
    count = len(examples())
    return verdicts[:count], verdicts[count:], [chapters[name] for name, _ in places]


def test_every_example_is_found():
    fences = re.findall(r"^`{4,}text$|^```json$", TEXT, re.MULTILINE)
    assert len(examples()) == len(fences) == 41
    lines = re.findall(r"^\| `.*` \| `.*` \| .*：.* \|$", TEXT, re.MULTILINE)
    assert len(rows()) == len(lines) == 66


def test_every_example_does_what_the_page_says(checked):
    wrong = {
        text: [f"{v.line}: {v.kind}: {v.message}" for v in found]
        for (_, text, outcomes), found in zip(examples(), checked[0], strict=True)
        if [v.kind for v in found] != outcomes
    }
    assert wrong == {}


def test_every_row_does_what_the_page_says(checked):
    wrong = {
        row: [v.kind for v in found]
        for row, found in zip(rows(), checked[1], strict=True)
        if [v.kind for v in found] != [row[-1]]
    }
    assert wrong == {}


def test_every_value_in_the_text_is_judged_as_the_page_says(tmp_path):
    values = VALUE.findall(TEXT)
    assert len(values) == len(re.findall(r"^\|.*\| 写 `", TEXT, re.MULTILINE)) == 15
    prose = "\n\n".join(f"{{expect}}``{written} <{value}>``" for value, written, _ in values)
    (tmp_path / "a.md").write_text(f"{FRONT}{GOOD}\n{prose}\n", "utf-8")
    [checked] = check(Book.load(tmp_path)).chapters
    found = [verdict for verdict in checked.verdicts if verdict.value]
    wanted = [KINDS[name] for *_, name in values]
    told = zip(values, found, wanted, strict=True)
    assert [(value, v.message) for value, v, kind in told if v.kind != kind] == []


def test_accept_proposes_what_the_page_says(checked):
    texts = [text for _, text, _ in examples()]
    place = [Kind.MISSING in o and Kind.UNCHECKED in o for _, _, o in examples()].index(True)
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


def test_every_word_is_listed_and_has_an_example():
    used = {words for words, _ in TABLE.findall(TEXT)}
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
