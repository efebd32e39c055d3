"""The pytest front end: the same verdicts as the command, as tests that behave like tests."""

import json
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookproof import check, cli

from .conftest import SmallBook

pytest_plugins = ["pytester"]

CELL = "```{{code-cell}} python\n{}\n```\n"
GOOD = CELL.format("print('one', 'two')") + "```{expect}\none two\n```\n"
BAD = CELL.format("print('one')") + "```{expect}\ntwo\n```\n"
UNVERIFIED = CELL.format("print(id(object()))") + "```{unverified} an address\n```\n"


@pytest.fixture
def book(pytester, monkeypatch):
    """A book where pytest is started."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return SmallBook(pytester.path)


@pytest.fixture
def run(pytester):
    """Run pytest here; return what became of it."""
    return lambda *words: pytester.inline_run("-p", "no:cacheprovider", *words)


def counted(source, number):
    """Return a cell that says each time it runs, outside the book."""
    return CELL.format(f"with open('../ran', 'a') as log:\n    log.write('{number} ')\n{source}")


def executions(book):
    """Return what has run, in that order, since the last time this was asked."""
    log = book.root.parent / "ran"
    found = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def ids(result):
    return [item.nodeid for item in collected(result)]


def collected(result):
    [call] = result.getcalls("pytest_collection_finish")
    return call.session.items


def outcomes(result):
    """Return what became of each item, by its name."""
    passed, skipped, failed = result.listoutcomes()
    return {
        str(report.nodeid): word
        for word, reports in (("passed", passed), ("skipped", skipped), ("failed", failed))
        for report in reports
    }


def test_without_being_asked_it_does_nothing_and_costs_nothing(book):
    book.chapter("a.md", BAD)
    book.write(
        "conftest.py",
        "import json, sys\n"
        "def pytest_unconfigure():\n"
        "    print(json.dumps([n for n in sys.modules if n.split('.')[0] in WATCHED]))\n"
        "WATCHED = ('bookproof', 'jupyter_client', 'myst_nb', 'nbformat', 'sphinx', 'yaml')\n",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist"]
    done = subprocess.run(command, cwd=book.root, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert json.loads(done.stdout.splitlines()[-1]) == ["bookproof", "bookproof.pytest_plugin"]
    assert not (book.root / "_build").exists()


def test_blocks_are_items_and_collecting_runs_nothing(book, run):
    book.chapter(
        "a.md",
        counted("print('one', 'two')", 1)
        + "```{expect}\none two\n```\n"
        + "A value {expect}`2 <1 + 1>` and {unverified}`3 <nobody knows>`.\n\n"
        + counted("print(0.5); 1", 2)
        + "```{expect} number stream=stdout\n0.5\n```\n```{expect} stream=result\n1\n```\n"
        + UNVERIFIED,
    )
    book.write("notes.md", "# Prose alone\n")
    assert ids(run("--bookproof", "--collect-only")) == [
        "a.md::expect-one-two",
        "a.md::expect-2-1-+-1",
        "a.md::unverified-3-nobody-knows",
        "a.md::expect-number-stream-stdout-0.5",
        "a.md::expect-stream-result-1",
        "a.md::unverified-an-address",
        "a.md::chapter",
    ]
    assert executions(book) == []


def test_names_are_unique_and_stay_when_text_above_changes(book, run):
    book.chapter("a.md", GOOD * 3)
    first = ids(run("--bookproof", "--collect-only"))
    assert first == [f"a.md::expect-one-two{n}" for n in ("", "-2", "-3")] + ["a.md::chapter"]
    book.chapter("a.md", "Some words.\n\n" + GOOD * 3)
    assert ids(run("--bookproof", "--collect-only")) == first


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pytest.ini", "[pytest]\nbookproof = true\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\nbookproof = true\n"),
        ("tox.ini", "[pytest]\naddopts = --bookproof\n"),
    ],
)
def test_it_can_be_asked_for_in_the_configuration(book, run, file, text):
    book.chapter("a.md", GOOD)
    book.write(file, text)
    assert len(ids(run("--collect-only"))) == 2


def test_what_is_not_verified_has_neither_passed_nor_was_it_skipped(book, pytester):
    book.chapter("a.md", GOOD + UNVERIFIED)
    done = pytester.runpytest("--bookproof", "--junitxml=out.xml")
    assert done.ret == 0
    done.stdout.fnmatch_lines(["a.md .u.*", "bookproof: 1 output verified, 1 unverified (-rs *)"])
    assert "2 passed, 1 unverified in" in done.stdout.lines[-1]
    assert " skipped" not in done.stdout.str()
    [case] = ElementTree.parse(book.root / "out.xml").iterfind(".//testcase[skipped]")
    assert case.get("name") == "unverified-an-address"
    assert "unverified: an address" in case[-1].get("message")
    for option in ("-rs", "-ra", "-v"):
        done = pytester.runpytest("--bookproof", option)
        done.stdout.fnmatch_lines(["UNVERIFIED a.md::unverified-an-address - an address"])
    done.stdout.fnmatch_lines(["a.md::unverified-an-address UNVERIFIED*"])


def test_a_failure_is_told_as_the_command_tells_it(book, pytester, monkeypatch, capsys):
    book.chapter("a.md", BAD)
    monkeypatch.chdir(book.root)
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().err
    message = said[said.index("a.md:") :].rstrip("\n")
    done = pytester.runpytest("--bookproof")
    assert done.ret == 1
    assert message in done.stdout.str()
    assert "Traceback" not in done.stdout.str()
    short = "FAILED a.md::expect-two - mismatch: first difference at line 1, column 1"
    assert short in done.stdout.lines


MANY = {
    "good.md": GOOD + UNVERIFIED + "Some {expect}`2 <1 + 1>`.\n",
    "wrong.md": BAD + GOOD + "\n{expect}`3 <1 + 1>` {expect}`4 <2 * 2>` {expect}`1 <nothing>`\n",
    "raises.md": GOOD
    + CELL.format("1 / 0")
    + "```{expect}\n1\n```\n"
    + GOOD
    + CELL.format("2")
    + "And {expect}`2 <1 + 1>`.\n",
    "missing.md": CELL.format("print(1)"),
    "stderr.md": CELL.format("import sys\nprint(1, file=sys.stderr)") + GOOD,
    "unneeded.md": CELL.format("x = 1") + "```{unverified} for nothing\n```\n",
    "malformed.md": CELL.format("1") + "```{expect} numbr\n1\n```\n" + GOOD,
    "empty.md": CELL.format("1") + "```{expect}\n```\n" + "```{unverified}\n```\n",
    "stray.md": "```{expect}\n1\n```\n" + GOOD,
    "twice.md": CELL.format("1") + "```{expect}\n1\n```\n```{expect}\n2\n```\n",
    "unclosed.md": CELL.format("1") + "```{expect}\n1\n",
    "dies.md": GOOD + CELL.format("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)") + GOOD,
    "skipped.md": "```{code-cell} python\n:tags: [skip-execution]\n1\n```\n```{expect}\n1\n```\n",
    "figure.md": CELL.format("1") + "```{expect} figure\naxes 1\n```\n",
    "error.md": "```{code-cell} python\n:tags: [raises-exception]\n1 / 0\n```\n"
    "```{expect} error\nZeroDivisionError: division by zero\n```\n",
    "both.md": CELL.format("print(1); 2")
    + "```{expect} stream=stdout\n1\n```\n```{unverified} half of it\n```\n",
    "reads.md": CELL.format("open('made.txt').read()") + "```{expect}\n'x'\n```\n",
    "makes.md": CELL.format("with open('made.txt', 'w') as made:\n    _ = made.write('x')"),
    "value.md": "Before all cells {expect}`2 <1 + 1>`.\n\n" + GOOD + "{expect}`12` {eval}`1 + 1`\n",
    "evaluates.md": GOOD + "It is {eval}`x`.\n",
    "no_kernel.md": GOOD,
}


def heads(verdicts):
    return sorted((name, v.line, str(v.kind), v.message) for name, v in verdicts)


@pytest.fixture
def many(book):
    for name, text in MANY.items():
        book.chapter(name, text)
    path = book.root / "no_kernel.md"
    path.write_text(path.read_text().replace("python3", "no-such-kernel"))
    cells = [new_code_cell("1 + 1"), new_markdown_cell("And {expect}`3 <1 + 1>`.")]
    cells[0].metadata["bookproof"] = ["```{expect}\n3\n```\n"]
    nbformat.write(new_notebook(cells=cells), book.root / "a.ipynb")
    return book


def test_the_verdicts_are_those_of_the_command(many, pytester):
    report = check(many.load())
    wanted = {(chapter.name, verdict) for chapter, verdict in report}
    failed = [(name, verdict) for name, verdict in wanted if verdict.kind.failed]
    assert len({name for name, _ in failed}) >= len(MANY) - 5
    assert len({verdict.kind for _, verdict in failed}) >= 9
    found = set()

    class Listen:
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(self, item, call):
            verdicts = getattr(call.excinfo and call.excinfo.value, "verdicts", ())
            found.update((item.chapter, verdict) for verdict in verdicts)
            return (yield)

    result = pytester.inline_run("--bookproof", "-p", "no:cacheprovider", plugins=[Listen()])
    assert result.ret == 1
    assert heads(found) == heads(failed)
    # A chapter has failed where the command says so, and all that it says has passed, has.
    passed, skipped, failures = result.listoutcomes()
    files = {str(report.nodeid).partition("::")[0] for report in failures}
    assert files == {name for name, _ in failed}
    kinds = [str(verdict.kind) for _, verdict in report]
    properties = [word for report in (*passed, *skipped) for word in report.user_properties]
    assert properties.count(("bookproof", "verified")) == kinds.count("verified") >= 10
    assert properties.count(("bookproof", "unverified")) == len(skipped)
    assert len(skipped) == kinds.count("unverified") >= 2


def test_what_comes_from_selection_is_what_is_run(book, run):
    for number in range(3):
        book.chapter(
            f"{'abc'[number]}.md",
            counted(f"print({number})", number) + f"```{{expect}}\n{number}\n```\n",
        )
    assert outcomes(run("--bookproof", "-k", "a.md and not chapter")) == {
        "a.md::expect-0": "passed"
    }
    assert executions(book) == ["0"]
    assert outcomes(run("--bookproof", "b.md")) == {
        "b.md::expect-1": "passed",
        "b.md::chapter": "passed",
    }
    assert executions(book) == ["1"]
    assert outcomes(run("--bookproof", "c.md::expect-2")) == {"c.md::expect-2": "passed"}
    assert executions(book) == ["2"]


def test_the_last_that_failed_can_be_run_alone(book, pytester):
    book.chapter("a.md", GOOD)
    book.chapter("b.md", BAD + GOOD)
    assert pytester.runpytest("--bookproof").ret == 1
    again = pytester.inline_run("--bookproof", "--lf")
    assert outcomes(again) == {"b.md::expect-two": "failed"}
    book.chapter("b.md", BAD.replace("print('one')", "print('two')") + GOOD)
    again = pytester.inline_run("--bookproof", "--lf")
    assert outcomes(again) == {"b.md::expect-two": "passed"}


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_the_first_failure_is_the_end(book, run, option):
    book.chapter("a.md", counted("print(1)", "a") + "```{expect}\n2\n```\n")
    book.chapter("b.md", counted("print(1)", "b") + "```{expect}\n1\n```\n")
    assert outcomes(run("--bookproof", option)) == {"a.md::expect-2": "failed"}
    assert executions(book) == ["a"]


def chapters(count):
    """Return chapters of which every second is never kept, for it fails."""
    texts = {}
    for number in range(count):
        end = "raise ValueError" if number % 2 else "3"
        body = counted(f"print({number})", number) + f"```{{expect}}\n{number}\n```\n"
        texts[f"{number}.md"] = body + CELL.format(end) + "```{expect}\n3\n```\n"
    return texts


@pytest.mark.parametrize(
    ("count", "options"),
    [(10, []), (10, ["-n", "2", "--dist", "load"]), (4, ["-n", "2", "--dist", "loadfile"])],
    ids=["alone", "load", "loadfile"],
)
def test_a_book_costs_one_execution_of_each_chapter(book, pytester, count, options):
    for name, text in chapters(count).items():
        book.chapter(name, text)
    done = pytester.runpytest_subprocess("--bookproof", "-p", "no:cacheprovider", *options)
    assert sorted(executions(book)) == [str(number) for number in range(count)]
    done.assert_outcomes(passed=2 * count, failed=count)
    told = f"bookproof: {3 * count // 2} outputs verified, 0 unverified"
    assert told in done.stdout.lines
    done.stdout.fnmatch_lines(["1.md:15: cell failed: ValueError"])
    assert not [*book.root.glob("**/*.lock")]


def test_nothing_runs_again_where_nothing_has_changed(book, run):
    book.chapter("a.md", counted("print(1)", 1) + "```{expect}\n1\n```\n")
    for _ in range(2):
        assert set(outcomes(run("--bookproof")).values()) == {"passed"}
    assert executions(book) == ["1"]


def tree(book):
    """Write a book of jupyter-book into `docs`, and tests beside it."""
    docs = SmallBook(book.root / "docs")
    book.root.joinpath("_config.yml").unlink()
    docs.write(
        "_config.yml",
        "title: tree\nonly_build_toc_files: true\nexclude_patterns: [drafts]\n",
    )
    docs.write(
        "_toc.yml", "format: jb-book\nroot: index\nchapters:\n- file: part/a\n- file: drafts/b\n"
    )
    docs.write("index.md", "# Index\n")
    docs.chapter("part/a.md", GOOD)
    docs.chapter("part/left_out.md", BAD)
    docs.chapter("drafts/b.md", BAD)
    book.write("tests/test_it.py", "def test_it():\n    pass\n")
    return docs


def test_a_book_is_found_from_above_from_its_root_and_from_within(book, run, monkeypatch):
    docs = tree(book)
    ours = ["expect-one-two", "chapter"]
    above = [*(f"docs/part/a.md::{name}" for name in ours), "tests/test_it.py::test_it"]
    assert ids(run("--bookproof", "--collect-only")) == above
    assert ids(run("--bookproof", "--collect-only", "docs")) == above[:2]
    assert ids(run("--bookproof", "--collect-only", "docs/part/a.md")) == above[:2]
    assert ids(run("--bookproof", "--collect-only", "tests")) == above[2:]
    monkeypatch.chdir(docs.root)
    assert ids(run("--bookproof", "--collect-only")) == [f"part/a.md::{name}" for name in ours]
    monkeypatch.chdir(docs.root / "part")
    assert set(outcomes(run("--bookproof", "--rootdir", str(book.root / "tests"))).values()) == {
        "passed"
    }
    kept = docs.root / "_build" / ".bookproof"
    assert len([*kept.rglob("*.json")]) >= 1  # where the command keeps them, too
    assert not (book.root / "_build").exists()


def test_a_folder_whose_name_pytest_passes_by_is_gone_into(book, run):
    book.chapter("build/a.md", GOOD)
    book.chapter("dist/b.md", GOOD)
    book.write("build/test_c.py", "def test_c():\n    pass\n")
    options = ["--bookproof", "--collect-only"]
    assert [name for name in ids(run(*options)) if ".md" in name] == [
        f"{name}::{item}"
        for name in ("build/a.md", "dist/b.md")
        for item in ("expect-one-two", "chapter")
    ]
    assert len(ids(run(*options, "--ignore=dist"))) < len(ids(run(*options)))
    assert not [name for name in ids(run(*options, "--ignore-glob=*/build")) if "build" in name]


def test_a_book_that_cannot_be_read_is_an_error(book, pytester):
    book.chapter("a.md", GOOD)
    book.write("_config.yml", "execute: [")
    done = pytester.runpytest("--bookproof")
    assert done.ret == pytest.ExitCode.INTERRUPTED
    done.stdout.fnmatch_lines(["*bookproof: *_config.yml cannot be read: *"])
    done.assert_outcomes(errors=1)


def test_what_a_chapter_must_run_after_is_obeyed_and_missed(book, run):
    makes = CELL.format("with open('made.txt', 'w') as made:\n    _ = made.write('x')")
    reads = CELL.format("open('made.txt').read()") + "```{expect}\n'x'\n```\n"
    book.chapter("z.md", makes)
    book.chapter("a.md", reads)
    path = book.root / "a.md"
    path.write_text(path.read_text().replace("---\n", "---\nbookproof: {after: [z.md]}\n", 1))
    assert outcomes(run("--bookproof", "a.md")) == {
        "a.md::expect-x": "passed",
        "a.md::chapter": "passed",
    }


def test_warnings_of_ours_are_no_errors_of_the_books_tests(book, pytester):
    book.chapter("a.md", GOOD)
    done = pytester.runpytest_subprocess("--bookproof", "-W", "error")
    done.assert_outcomes(passed=2)
    assert "warnings summary" not in done.stdout.str()


def test_others_that_collect_the_same_files_still_do(book, pytester):
    book.chapter("a.md", GOOD + "\n>>> 1 + 1\n2\n")
    done = pytester.runpytest("--bookproof", "--doctest-glob=*.md", "-v")
    done.assert_outcomes(passed=3)
    done.stdout.fnmatch_lines(["a.md::expect-one-two PASSED*", "a.md::a.md PASSED*"])


def test_a_failure_in_another_process_is_told_in_full(book, pytester):
    book.chapter("a.md", BAD)
    done = pytester.runpytest_subprocess("--bookproof", "-n", "1", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(
        ["a.md:10: mismatch: first difference at line 1, column 1", "*-two", "*+one"]
    )


def test_a_book_in_a_folder_without_configuration_is_that_of_where_one_stands(book, run):
    (book.root / "_config.yml").unlink()
    book.chapter("deep/a.md", GOOD)
    book.chapter("deep/node_modules/b.md", GOOD)
    assert ids(run("--bookproof", "--collect-only")) == [
        "deep/a.md::expect-one-two",
        "deep/a.md::chapter",
    ]


def test_no_chapter_is_no_failure(book, run):
    book.write("a.md", "# Prose\n")
    assert run("--bookproof").ret == pytest.ExitCode.NO_TESTS_COLLECTED
