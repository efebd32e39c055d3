import json

import pytest

from bookproof.cli import main
from bookproof.telling import verification

GOOD = "```{code-cell}\nprint('ok', 3)\n```\n```{expect}\nok 3\n```\n"


@pytest.fixture
def red(book):
    book.chapter("a.md", GOOD.replace("\nok 3", "\nok 4"))
    book.chapter("b.md", GOOD + "\n```{code-cell}\n1 / 0\n```\n\n" + GOOD)
    return book


def test_the_message_has_the_place_first_and_all_failures(red):
    assert red.check().failures() == (
        "a.md:10: mismatch: first difference at line 1, column 4\n"
        "    --- expected (exact, line 9)\n"
        "    +++ actual (cell at line 6)\n"
        "    @@ -1 +1 @@\n"
        "    -ok 4\n"
        "    +ok 3\n"
        "\n"
        "b.md:14: cell failed: ZeroDivisionError: division by zero\n"
        "\n"
        "b.md:17: 1 cell did not run, because an earlier cell failed\n"
        "\n"
        "If the new output is right: bookproof accept a.md"
    )


def test_only_what_accept_can_write_is_advised(book):
    book.chapter("a.md", GOOD.replace("{expect}\nok 3", "{expect} contains\nok 4"))
    book.chapter("b.md", GOOD.replace("\nok 3", "\nok 4"))
    both = GOOD.replace("{expect}\nok 3", "{expect} stream=stdout contains\nno") + "\n"
    book.chapter("c.md", both + GOOD.replace("\nok 3", "\nok 4"))
    *_, advice, by_hand = book.check().failures().split("\n\n")
    assert advice == "If the new output is right: bookproof accept b.md"
    assert by_hand == (
        "To be edited by hand, because only you know which part of the output matters: "
        "a.md:10, c.md:10"
    )
    for name in ("a.md", "c.md"):  # it is so
        assert main(["accept", "--root", str(book.root), str(book.root / name)]) == 1


def test_who_has_no_blocks_yet_is_told_how_to_get_them(book, capsys):
    bare = GOOD.partition("```{expect}")[0]
    names = [f"{letter}.md" for letter in "abcde"]
    for name in names:
        book.chapter(name, bare)
    told = "To have blocks written for what has none, and read them: bookproof accept --all"
    assert book.check().failures().split("\n\n")[-1] == f"{told} {' '.join(names)}"
    book.chapter("f.md", bare)
    assert book.check().failures().split("\n\n")[-1] == told  # the names would be many
    assert main(["accept", "--root", str(book.root), "--all"]) == 0
    assert book.check().green


def test_a_long_difference_is_capped(book):
    cell = "```{code-cell}\nfor i in range(500): print(i)\n```\n```{expect}\n0\n```\n"
    book.chapter("a.md", cell)
    message = book.check().failures()
    assert len(message.splitlines()) < 50
    assert "more lines" in message


def test_the_difference_shows_only_lines_that_do_not_match(book):
    code = "for i in range(90): print(f'step {i} loss {i / 7} took {i} ms', i == 80)"
    cell = f"```{{code-cell}}\n{code}\n```\n```{{expect}} number norm=time\n"
    lines = "\n".join(f"step {i} loss {i / 7:.2f} took 1 s False" for i in range(90))
    book.chapter("a.md", f"{cell}{lines}\n```\n")
    shown = [line for line in book.check().failures().split("\n") if line[4:5] in ("-", "+")]
    assert len(shown) == 4
    assert shown[2:] == [
        "    -step 80 loss 11.43 took 1 s False",
        "    +step 80 loss 11.428571428571429 took 80 ms True",
    ]


def test_verification_json_has_no_path_and_no_time(red):
    text = red.check().as_json()
    assert str(red.root) not in text
    assert "second" not in text
    assert red.check().as_json() == text
    content = json.loads(text)
    assert content["green"] is False
    assert content["totals"] == {"chapters": 2, "verified": 1, "unverified": 0, "failed": 3}
    assert content["chapters"]["a.md"]["verdicts"] == [
        {
            "line": 9,
            "cell": 6,
            "kind": "mismatch",
            "mode": "exact",
            "message": "first difference at line 1, column 4",
            "expected": "ok 4",
            "actual": "ok 3",
            "difference": {"line": 10, "expected_line": 1, "actual_line": 1, "column": 4},
        }
    ]


def test_a_verification_that_was_edited_is_refused(red, tmp_path):
    path = tmp_path / "verification.json"
    path.write_text(red.check().as_json())
    assert verification.load(path)["green"] is False
    for old, new in [('"green": false', '"green": true'), ('"failed": 3', '"failed": 0')]:
        path.write_text(red.check().as_json().replace(old, new))
        with pytest.raises(ValueError, match="contradicts itself"):
            verification.load(path)
    path.write_text("{}")
    with pytest.raises(ValueError, match="is not a verification"):
        verification.load(path)


def test_the_command_line_tells_and_exits(red, capsys):
    out = red.root / "v.json"
    root = ["--root", str(red.root)]
    assert main(["check", *root, "--json", str(out)]) == 1
    said = capsys.readouterr()
    assert said.out == "bookproof: 1 output verified in 2 chapters, 3 FAILED\n"
    assert "a.md:10: mismatch" in said.err
    assert main(["summary", str(out)]) == 1
    assert main(["check", *root, str(red.root / "b.md")]) == 1
    assert "a.md" not in capsys.readouterr().err
    red.chapter("a.md", GOOD)
    assert main(["check", *root, str(red.root / "a.md"), "--json", str(out)]) == 0
    assert main(["summary", str(out)]) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["summary", "none.json"], "cannot be read"),
        (["check", "none.md"], "is not a file"),
        (["check", "plain.md"], "is no notebook"),
        (["check", "/etc/hostname"], "outside the book"),
    ],
)
def test_bad_usage_is_told(book, monkeypatch, capsys, arguments, words):
    book.write("plain.md", "# x\n")
    monkeypatch.chdir(book.root)
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_help_documents_the_exit_status(capsys):
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "exit status" in capsys.readouterr().out
