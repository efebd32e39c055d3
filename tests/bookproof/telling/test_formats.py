"""What machines read: verification.json against its schema, JUnit XML, GitHub's annotations."""

import copy
import dataclasses
import json
import re
from xml.etree import ElementTree

import jsonschema
import nbformat
import pytest

from bookproof import Kind
from bookproof.cli import main
from bookproof.judging.stable import with_flaky
from bookproof.telling import verification
from bookproof.telling.diff import diff, table
from bookproof.telling.report import Report


def cell(code):
    return f"```{{code-cell}}\n{code}\n```\n"


def figure(empty, glyphs):
    seen = {"description": "figure 1.0 x 1.0", "empty": empty, "missing_glyphs": glyphs}
    code = "from IPython.display import display\n"
    code += f"display({{'application/vnd.bookproof.figure+json': {seen!r}}}, raw=True)"
    return cell(code) + "```{expect} figure\nfigure 1.0 x 1.0\n```\n"


EVERY_KIND = {
    "verified": cell("import yaml; print('a\\x1b[31mb')") + "```{expect}\nab\n```\n",
    "unverified": cell("1") + "```{unverified} 因为 <&>\n```\n",
    "mismatch": cell("print('\\x1b[31mred\\x1b[0m\\x07\\0 ]]> <b>')")
    + "```{expect} number\nb\n```\n",
    "missing": cell("print(2)"),
    "stderr": cell("import sys; print('e', file=sys.stderr)"),
    "empty": figure(True, []),
    "undrawn": cell("pass") + "```{expect} figure\nfigure 1.0 x 1.0\n```\n",
    "glyph": figure(False, ["20320"]),
    "failed": cell("raise ValueError('\\x1b[31m100%,\\n a: b\\x00\\ufffe')") + "\n" + cell("1"),
    "died": cell("import os; os._exit(1)"),
    "endless": cell("while True: pass"),
    "expression": cell("1") + "\n{expect}`1 <nothing>` {eval}`_`\n",
    "flaky": cell("3") + "```{expect}\n3\n```\n",
    "malformed": cell("1") + "```{expect} foo\n1\n```\n",
}


@pytest.fixture(scope="module")
def red(make_book):
    book = make_book()
    book.write("_config.yml", "execute:\n  timeout: 2\n")
    for name, body in EVERY_KIND.items():
        book.chapter(f"{name}.md", body)
    path = book.chapter("a,b:c/not started.md", cell("1"))
    path.write_text(path.read_text().replace("python3", "none"))
    book.chapter("frozen.md", cell("1"))
    book.write("_frozen/frozen.md.json", "{}")
    (book.root / "unreadable.md").write_bytes(b"---\nfile_format: mystnb\n---\n\xff")
    return Report(tuple(map(with_another_run, book.check().chapters)))


def with_another_run(checked):
    """Judge a chapter again, one of them as if another run of it had printed nothing."""
    if checked.chapter.name != "flaky.md":
        return checked
    silent = dataclasses.replace(checked.run, outputs=([],))
    verdicts = with_flaky(checked.chapter, checked.verdicts, [silent])
    return dataclasses.replace(checked, verdicts=tuple(verdicts))


@pytest.fixture(scope="module")
def green(make_book):
    book = make_book()
    book.chapter("a.md", EVERY_KIND["verified"] + "\n" + EVERY_KIND["unverified"])
    return book.check()


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(verification.SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_reports_of_every_kind_are_valid(red, green, validator):
    kinds = {verdict.kind for report in (red, green) for _, verdict in report}
    assert kinds == set(Kind)
    assert (red.green, green.green) == (False, True)
    for report in (red, green, Report(())):
        validator.validate(json.loads(report.as_json()))


def test_the_schema_knows_the_kinds_and_describes_everything(validator):
    assert validator.schema["$defs"]["verdict"]["properties"]["kind"]["enum"] == list(Kind)
    for part in (validator.schema, *validator.schema["$defs"].values()):
        for name, field in part.get("properties", {}).items():
            assert field.get("description", "").endswith("."), name


def breakages():
    """Return changes to a valid verification.json, each of which makes it invalid."""
    return {
        "unknown field": lambda v: v.update(time=1),
        "unknown field of a chapter": lambda v: v["chapters"]["a.md"].update(seconds=1),
        "unknown field of a verdict": lambda v: v["chapters"]["a.md"]["verdicts"][0].update(x=1),
        "unknown kind": lambda v: v["chapters"]["a.md"]["verdicts"][0].update(kind="fine"),
        "line 0": lambda v: v["chapters"]["a.md"]["verdicts"][0].update(line=0),
        "other format": lambda v: v.update(format=1),
        "no filters": lambda v: v.update(filters={}),
        "half a filter": lambda v: v.update(filters={"run": ["a"]}),
        "no totals": lambda v: v.pop("totals"),
        "green with failures": lambda v: v["totals"].update(failed=1),
        "red without failures": lambda v: v.update(green=False),
        "absolute path": lambda v: v["chapters"].update({"/a.md": v["chapters"].pop("a.md")}),
        "no version": lambda v: v["chapters"]["a.md"]["versions"].update(python=""),
        "verified, of nothing": lambda v: v["chapters"]["a.md"]["verdicts"][0].pop("expected"),
        "verified, but different": lambda v: v["chapters"]["a.md"]["verdicts"][0].update(
            difference={"line": 1, "expected_line": 1, "actual_line": 1, "column": 1}
        ),
        "reason lost": lambda v: v["chapters"]["a.md"]["verdicts"][1].pop("message"),
    }


@pytest.mark.parametrize("what", breakages())
def test_the_schema_is_strict(green, validator, what):
    content = json.loads(green.as_json())
    breakages()[what](content)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(content)


def test_a_verification_is_read_again_as_written(red, tmp_path):
    path = tmp_path / "v.json"
    path.write_text(red.as_json(), "utf-8")
    content = verification.load(path)
    assert content["totals"] == red.totals
    assert path.read_text("utf-8") == red.as_json()
    path.write_text(red.as_json().replace('"format": 2', '"format": 3'), "utf-8")
    with pytest.raises(ValueError, match="has format 3, wanted 1 or 2"):
        verification.load(path)


def test_a_line_is_that_of_the_block_and_the_difference_says_where(red):
    chapters = json.loads(red.as_json())["chapters"]
    [mismatch] = chapters["mismatch.md"]["verdicts"]
    assert (mismatch["cell"], mismatch["line"]) == (6, 9)
    assert mismatch["difference"] == {"line": 10, "expected_line": 1, "actual_line": 1, "column": 1}
    found = 0
    for checked in red.chapters:
        for verdict in checked.verdicts:
            if verdict.block:
                assert verdict.line == verdict.block.line
                found += 1
    assert found == 7


def test_the_older_format_is_read_by_diff_and_summary_and_by_nothing_else(book, capsys):
    book.chapter("a.md", cell("print(1)") + "```{expect}\n1\n```\n")
    report = book.check()
    new, old = book.root / "new.json", book.root / "old.json"
    new.write_text(report.as_json(), "utf-8")
    old.write_text(report.as_json().replace('"format": 2', '"format": 1'), "utf-8")
    assert main(["summary", str(old)]) == 0
    assert main(["diff", str(old), str(new)]) == 0
    assert capsys.readouterr().out.endswith("No output changed.\n")
    shard = json.loads(old.read_text("utf-8")) | {"shard": "1/1", "book": {"chapters": {}}}
    old.write_text(json.dumps(shard), "utf-8")
    assert main(["merge", str(old)]) == 2
    assert "has format 1, wanted 2: check the book again" in capsys.readouterr().err


def test_the_filters_of_the_book_that_were_used_are_told(book, validator):
    filters = {"run": ["run-[0-9]+", "run"], "unused": ["a", "b"]}
    book.write("_config.yml", f"sphinx:\n  config:\n    bookproof_filters: {filters}\n")
    code = "import os; print(f'run-{os.getpid()}', 1)"
    book.chapter("a.md", cell(code) + "```{expect} norm=run\nrun-3 1\n```\n")
    content = json.loads(book.check().as_json())
    validator.validate(content)
    assert content["green"] is True
    assert content["filters"] == {"run": ["run-[0-9]+", "run"]}
    book.chapter("a.md", cell("1") + "```{expect}\n1\n```\n")
    assert "filters" not in json.loads(book.check().as_json())


def test_junit_is_xml_with_every_verdict(red):
    root = ElementTree.fromstring(red.as_junit())
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {checked.chapter.name for checked in red.chapters}
    cases = list(root.iter("testcase"))
    assert len(cases) == sum(int(suite.get("tests")) for suite in root) == len(list(red))
    failures = list(root.iter("failure"))
    assert len(failures) == sum(int(s.get("failures")) for s in root) == red.totals["failed"]
    assert {failure.get("type") for failure in failures} == {k for k in Kind if k.failed}
    [skipped] = suites["unverified.md"].iter("skipped")
    assert skipped.get("message") == "因为 <&>"
    assert suites["unverified.md"].get("skipped") == "1"
    mismatch = suites["mismatch.md"].find("testcase")
    assert (mismatch.get("file"), mismatch.get("line")) == ("mismatch.md", "10")
    assert "+red ]]> <b>" in mismatch.find("failure").text
    failed = suites["failed.md"].find("testcase/failure[@type='cell failed']")
    assert failed.get("message") == "ValueError: [31m100%,\n a: b"


def test_annotations_are_one_a_line_and_escaped(red):
    lines = red.annotations().split("\n")
    assert len(lines) == red.totals["failed"]
    assert all(line.startswith("::error file=") for line in lines)
    [failed] = [line for line in lines if "title=cell failed" in line]
    assert failed.startswith("::error file=failed.md,line=7,title=cell failed::ValueError: ")
    assert "100%25,%0A a: b" in failed
    [unstarted] = [line for line in lines if "title=kernel not started" in line]
    assert unstarted.startswith("::error file=a%2Cb%3Ac/not started.md,line=1,title=")


def places(said):
    return re.findall(r"^::error file=(.*?),line=(\d+),(?:col=(\d+),)?title", said, re.MULTILINE)


TEXTS = {
    "ab cd\nef": ("ab cd\neg", ("11", "2")),
    "精度 0.93": ("精度 0.94", ("10", "7")),
    "1\n2": ("1", ("10", "1")),  # the last line of the block
    "    x": ("    y", ("10", "5")),
}


@pytest.mark.parametrize("actual", TEXTS)
def test_annotations_name_the_character_that_is_wrong(book, actual):
    expected, place = TEXTS[actual]
    path = book.chapter("a.md", cell(f"print({actual!r})") + f"```{{expect}}\n{expected}\n```\n")
    assert places(book.check().annotations()) == [("a.md", *place)]
    line, column = map(int, place)
    written = path.read_text("utf-8").split("\n")[line - 1]
    assert column == 1 or written[: column - 1] == actual.split("\n")[line - 10][: column - 1]


def test_annotations_of_numbers_are_at_the_number(book):
    cells = cell("print('a  1.0 b', 2.5)") + "```{expect} number\na 1.0 b 2.6\n```\n"
    book.chapter("a.md", cells)
    assert places(book.check().annotations()) == [("a.md", "10", "9")]


def test_annotations_have_no_column_where_a_line_is_not_one_of_text(book):
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "P"}}
    )
    notebook.cells = [nbformat.v4.new_code_cell("print(10)")]
    notebook.cells += [nbformat.v4.new_markdown_cell("```{expect}\n12\n```")]
    book.write("a.ipynb", nbformat.writes(notebook))
    [(name, _, column)] = places(book.check().annotations())
    assert (name, column) == ("a.ipynb", "")


def test_annotations_name_files_from_the_top_of_the_repository(book, monkeypatch, capsys):
    book.chapter("docs/a.md", cell("print(1)") + "```{expect}\n2\n```\n")
    book.write("docs/_config.yml", "title: small\n")
    monkeypatch.chdir(book.root)
    assert main(["check", "--root", "docs", "--github"]) == 1  # no repository: from here
    assert places(capsys.readouterr().out) == [("docs/a.md", "10", "1")]
    (book.root / ".git").mkdir()
    monkeypatch.chdir(book.root / "docs")
    assert main(["check", "--github"]) == 1
    assert places(capsys.readouterr().out) == [("docs/a.md", "10", "1")]


def test_the_command_line_writes_them_all(book, capsys):
    book.chapter("a.md", cell("print(1)") + "```{expect}\n2\n```\n\n" + EVERY_KIND["unverified"])
    root = ["--root", str(book.root)]
    junit, out = book.root / "junit.xml", book.root / "v.json"
    options = ["--junit", str(junit), "--json", str(out), "--github"]
    assert main(["check", *root, *options]) == 1
    said = capsys.readouterr().out
    assert said == (
        "::error file=a.md,line=10,col=1,title=mismatch::first difference at line 1, column 1\n"
        "bookproof: 0 outputs verified in 1 chapter, 1 left unverified with a reason, 1 FAILED\n"
    )
    assert ElementTree.parse(junit).getroot()[0].get("failures") == "1"
    assert json.loads(out.read_text())["green"] is False

    assert main(["list", *root]) == 0
    assert capsys.readouterr().out == "a.md: 2 cells, 1 expected, 1 unverified, 0 problems\n"
    book.chapter("a.md", cell("print(1)") + "```{expect}\n1\n```\n\n" + EVERY_KIND["unverified"])
    new = book.root / "new.json"
    assert main(["check", *root, "--json", str(new), "--github"]) == 0
    assert "::error" not in capsys.readouterr().out
    assert main(["diff", str(out), str(out)]) == 0
    assert capsys.readouterr().out == "No output changed.\n"
    assert main(["diff", str(out), str(new)]) == 0
    assert "## a.md\n\n### line 9: changed (mismatch → verified)" in capsys.readouterr().out
    assert main(["diff", "--table", str(out), str(new)]) == 0
    assert "\n| a.md:9 | mismatch → verified | `1` | `1` |\n" in capsys.readouterr().out
    assert main(["summary", str(new)]) == 0
    assert capsys.readouterr().out == (
        "bookproof: 1 output verified in 1 chapter, 1 left unverified with a reason\n"
    )


def verdicts(*texts, **versions):
    found = [{"line": i, "kind": "verified", "actual": text} for i, text in enumerate(texts, 1)]
    return {"versions": {"python": "3.13.0"} | versions, "verdicts": found}


def test_diff_tells_what_changed_appeared_and_vanished():
    before = {"chapters": {"a.md": verdicts("same", "1\n2\n3", "gone", torch="2.6.0")}}
    after = copy.deepcopy(before)
    assert diff(before, after) == ""
    after["chapters"]["a.md"] = verdicts("same", "1\n2\n4", torch="2.7.0")
    after["chapters"]["b.md"] = verdicts("new ```")
    assert diff(before, after) == (
        "## a.md\n\ntorch 2.6.0 → 2.7.0\n\n"
        "### line 2: changed (verified)\n\n"
        "```diff\n@@ -2,2 +2,2 @@\n 2\n-3\n+4\n```\n\n"
        "### line 3: vanished (verified)\n\n"
        "```\ngone\n```\n\n"
        "## b.md\n\n"
        "### line 1: appeared (verified)\n\n"
        "````\nnew ```\n````\n"
    )
    assert "### line 1: vanished (verified)" in diff(after, {"chapters": {}})


def test_diff_tells_a_change_of_kind_where_the_output_is_the_same():
    before = {"chapters": {"a.md": verdicts("same")}}
    after = copy.deepcopy(before)
    after["chapters"]["a.md"]["verdicts"][0]["kind"] = "mismatch"
    assert diff(before, after) == "## a.md\n\n### line 1: changed (verified → mismatch)\n"


def test_a_table_has_a_line_for_each_output_with_its_first_difference():
    before = {"chapters": {"a.md": verdicts("same", "1\n2\n3", "a|`b", torch="2.6.0")}}
    after = copy.deepcopy(before)
    assert table(before, after) == ""
    after["chapters"]["a.md"] = verdicts("same", "1\n2\n4\n5", "x" * 200, torch="2.7.0")
    after["chapters"]["a.md"]["verdicts"][2] |= {"kind": "mismatch", "message": "other"}
    after["chapters"]["b.md"] = verdicts("new", torch="2.7.0")
    assert table(before, after) == (
        "torch 2.6.0 → 2.7.0\n\n"
        "| output | verdict | before | after |\n"
        "|---|---|---|---|\n"
        "| a.md:2 | verified | `3` | `4` |\n"
        f"| a.md:3 | verified → mismatch | ``a\\|`b`` | `{'x' * 100}…` |\n"
        "| b.md:1 | none → verified | — | `new` |\n"
    )
    assert "| b.md:1 | verified → none | `new` | — |\n" in table(after, before)


def test_diff_and_table_show_what_cannot_be_seen():
    before, after = ({"chapters": {"a.md": verdicts(text)}} for text in ("a b", "a\u00a0b"))
    assert "-a b\n+a‹U+00A0›b\n" in diff(before, after)
    assert "| `a b` | `a‹U+00A0›b` |" in table(before, after)
