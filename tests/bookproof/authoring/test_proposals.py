"""What is proposed for a given output, without kernels: outputs are made here."""

import dataclasses
import time

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookproof.authoring.accept import accept
from bookproof.judging.compare import compare
from bookproof.reading.scan import scan
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.result import Run
from bookproof.telling.verification import Checked

FRONT = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
CELL = "```{code-cell}\nprint(...)\n```\n"


def printed(text):
    return Run(([nbformat.v4.new_output("stream", name="stdout", text=text)],))


def shown(**data):
    return Run(([nbformat.v4.new_output("display_data", data=data)],))


def propose(folder, *runs, code="print(...)", name="a.md", settings=DEFAULT):
    """Accept the outputs of one cell; return what stands under it then, and what was said."""
    path = folder / name
    if name.endswith(".md"):
        front = FRONT + CELL.replace("print(...)", code)
        path.write_text(front, "utf-8")
    else:
        front = ""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        path.write_text(nbformat.writes(notebook) + "\n", "utf-8")
    first, *again = runs
    chapter = scan(folder, name, settings=settings)
    checked = Checked(chapter, first, tuple(compare(chapter, first)))
    notes = []
    accept(checked, everything=True, again=again or [first], note=notes.append)
    chapter = scan(folder, name)
    for run in runs:
        failed = [v for v in compare(chapter, run) if v.kind.failed and v.cell]
        assert failed == [], notes
    return path.read_bytes().decode("utf-8")[len(front) :], "\n".join(notes)


NOW = {"1795911786": "1795931678", "t=1795911786176 ok": "t=1795998812119 ok"}


@pytest.mark.parametrize("text", NOW)
def test_a_moment_is_not_taken_for_an_identity(tmp_path, text):
    block, said = propose(tmp_path, printed(text), printed(NOW[text]))
    assert "norm=" not in block + said
    assert block.startswith("```{unverified}")


def test_an_identity_is_one(tmp_path):
    block, _ = propose(tmp_path, printed("140487868182816"), printed("94702039554768"))
    assert block == "```{expect} norm=id\n140487868182816\n```\n"


NASTY = [
    *("`", "```", "````{expect}", "~~~", "---", "+++", ":::", "...", ":x: y", "[..]", "<div>", "|"),
    *("\n", " ", "\t", "\r", "\f", "\v", "\x00", "\x07", "\x08", "\x1b[31m", "\x1b", "[0m", "\x85"),
    *("\u2028", "\u00a0", "\u200b", "\ufeff", "\u3000", "\ud800", "准确率0.93", "1.23456789012345"),
    *("# x", "> ", "- ", "    ", "$$", "{", "}", "\\", "&amp;", "0x7f3a12345678", "'", "%"),
]
OUTPUTS = st.one_of(
    st.lists(st.sampled_from(NASTY), max_size=12).map("".join), st.text(max_size=40)
)


@pytest.mark.parametrize("name", ["a.md", "a.ipynb"])
def test_whatever_is_printed_what_is_proposed_reads_back_and_verifies(tmp_path, name):
    tried = 0

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(OUTPUTS)
    def one(text):
        nonlocal tried
        written, notes = propose(tmp_path, printed(text), name=name)
        tried += "{expect}" in written or "{unverified} holds U+" in notes

    one()
    assert tried > 20


@pytest.mark.parametrize(
    ("character", "name"),
    [
        *[("\f", "U+000C"), ("\v", "U+000B"), ("\x85", "U+0085"), ("\u2028", "U+2028")],
        *[("\x00", "U+0000"), ("\ud800", "U+D800"), ("\x1d", "U+001D")],
    ],
)
def test_what_no_block_can_hold_is_named(tmp_path, character, name):
    written, notes = propose(tmp_path, printed(f"a{character}b\n"))
    assert written == f"```{{unverified}} holds {name}, which no block can hold\n```\n"
    assert notes == f"a.md:6: proposed as {{unverified}}: holds {name}, which no block can hold"


def test_a_long_dump_is_proposed_by_its_ends(tmp_path):
    text = "\n".join(f"row {n}" for n in range(41))
    written, notes = propose(tmp_path, printed(text))
    body = "\n".join(["row 0", *(f"row {n}" for n in range(1, 10)), "..."])
    assert written.startswith(f"```{{expect}} lines\n{body}\nrow 31\n")
    assert written.endswith("\nrow 40\n```\n")
    assert notes == "a.md:6: proposed as {expect} lines: 21 of 41 lines left out"
    short = "\n".join(f"row {n}" for n in range(40))
    assert propose(tmp_path, printed(short)) == (f"```{{expect}}\n{short}\n```\n", "")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("0.30000000000000004", "0.300000"),
        ("pi is 3.141592653589793, about", "pi is 3.14159, about"),
        ("1234567.8912345", "1234567.9"),
        ("[0.0001234567891234, 2]", "[0.000123457, 2]"),
        ("-6.02214076123e+23", "-6.02214e+23"),
        ("准确率0.93333333333333", None),
    ],
)
def test_digits_that_nobody_means_are_rounded_and_that_is_said(tmp_path, text, body):
    written, notes = propose(tmp_path, printed(text))
    if body is None:  # whether the judge takes it for a number is not of this test
        assert "0.93333" in written
        return
    assert written == f"```{{expect}} number\n{body}\n```\n"
    assert notes == "a.md:6: proposed as {expect} number: 1 number rounded to 6 digits"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.12345678", "print(array)"),
        ("12345678901234567890", "print(2**64)"),
        ("3.14159265358979323846264338327950", "print(mp.pi)"),
        ("0.333333333333", "print(f'{1 / 3:.12f}')"),
        ("0.333333333333", "print('%.12f' % (1 / 3))"),
        ("0.333333333333", "round(1 / 3, 12)"),
        ("version 2.13.0", "print(v)"),
        ("192.168.100.200", "print(host)"),
    ],
)
def test_numbers_that_are_meant_are_not_cut(tmp_path, text, code):
    assert propose(tmp_path, printed(text), code=code) == (f"```{{expect}}\n{text}\n```\n", "")


def test_a_filter_evens_out_what_differs(tmp_path):
    runs = [printed(f"<Thing at 0x7f00{n}0aa>, took {n}.5 ms\n") for n in (12, 34, 56)]
    written, notes = propose(tmp_path, *runs)
    assert written.startswith("```{expect} norm=addr,time\n<Thing at 0x7f00120aa>")
    assert notes.split("\n") == [
        "a.md:6: proposed as {expect} norm=addr,time: differs from run to run",
        "    -<Thing at 0x7f00120aa>, took 12.5 ms",
        "    +<Thing at 0x7f00340aa>, took 34.5 ms",
    ]


def test_an_address_does_not_last_even_where_two_runs_agree(tmp_path):
    written, notes = propose(tmp_path, printed("<Thing object at 0x7f3a00112233>"))
    assert written.startswith("```{expect} norm=addr\n")
    assert "shows an address in memory" in notes
    kept = propose(tmp_path, printed("0xdeadbeef"))
    assert kept == ("```{expect}\n0xdeadbeef\n```\n", "")


def test_each_part_is_proposed_by_itself(tmp_path):
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no\n  luck", traceback=[])
    words = [nbformat.v4.new_output("stream", name="stdout", text=f"run {n}") for n in (1, 2)]
    runs = [Run(([text, error],)) for text in words]
    written, _ = propose(tmp_path, *runs)
    wanted = "```{expect} error\nValueError: no\n  luck\n```\n"
    assert written == wanted + "```{unverified} differs from run to run\n```\n"


def test_a_picture_is_proposed_as_what_it_is(tmp_path):
    picture = shown(**{"image/png": "aGVsbG8=", "text/plain": "<PIL.Image>"})
    written, notes = propose(tmp_path, picture)
    reason = "shown as something that cannot be compared as text"
    assert written == f"```{{unverified}} {reason}\n```\n"
    assert notes == f"a.md:6: proposed as {{unverified}}: {reason}"


def test_what_only_some_runs_give_cannot_be_proposed(tmp_path):
    (tmp_path / "a.md").write_text(FRONT + CELL, "utf-8")
    chapter = scan(tmp_path, "a.md")
    runs = printed("now"), Run(([],))
    checked = Checked(chapter, runs[0], tuple(compare(chapter, runs[0])))
    notes = []
    assert accept(checked, everything=True, again=runs[1:], note=notes.append) == ""
    assert notes[-1].startswith("a.md:6: nothing is proposed: differs from run to run; ")


def test_reasons_are_in_the_language_of_the_book(tmp_path):
    chinese = Settings(language="zh_CN")
    written, notes = propose(tmp_path, printed("1"), printed("2"), settings=chinese)
    assert written == "```{unverified} 每次运行都不同\n```\n"
    assert "differs from run to run" in notes
    written, _ = propose(tmp_path, printed("a\fb"), settings=chinese)
    assert written == "```{unverified} 含有 U+000C，核对块里写不下\n```\n"


def test_a_second_block_joins_the_first(tmp_path):
    text = CELL + "```{expect} stream=stdout\none\n```\n"
    path = tmp_path / "a.md"
    path.write_text(FRONT + text, "utf-8")
    chapter = scan(tmp_path, "a.md")
    result = nbformat.v4.new_output("execute_result", data={"text/plain": "2"})
    run = Run(([*printed("one").outputs[0], result],))
    checked = Checked(chapter, run, tuple(compare(chapter, run)))
    accept(checked, everything=True, again=[dataclasses.replace(run)])
    assert path.read_text("utf-8") == FRONT + text + "```{expect} stream=result\n2\n```\n"


def test_a_large_output_takes_no_long_time(tmp_path):
    runs = [printed("\n".join(str(n * step) for n in range(10_000))) for step in (7, 11)]
    started = time.process_time()
    written, notes = propose(tmp_path, *runs)
    assert time.process_time() - started < 60
    assert written == "```{unverified} differs from run to run\n```\n"
    assert notes.count("\n") <= 8
