"""A book that is checked in parts: together they are the check of the whole, or are refused."""

import copy
import json
import subprocess

import jsonschema
import pytest

from bookproof.cli import main
from bookproof.telling import verification
from bookproof.telling.shards import Shard

GOOD = "```{code-cell}\nprint('ok')\n```\n```{expect}\nok\n```\n"
BODIES = {
    "a.md": GOOD,
    "b.md": GOOD.replace("{expect}\nok", "{expect}\nno"),
    "c.md": "```{code-cell}\nimport yaml\n1 / 0\n```\n\n" + GOOD,
    "d/e.md": GOOD + "\n```{code-cell}\nprint('图 \\x1b[1m')\n```\n```{unverified} 因为\n```\n",
    "f.md": GOOD,
}


@pytest.fixture(scope="module")
def parts(make_book):
    """Check a book as a whole and in thirds; return its folder, with whole.json, 1.json and so on.

    The chapters that failed are run anew each time, the others are not.
    """
    book = make_book()
    for name, body in BODIES.items():
        book.chapter(name, body)
    root, shards = ["--root", str(book.root)], ["1/3", "2/3", "3/3"]
    assert main(["check", *root, "--json", str(book.root / "whole.json")]) == 1
    statuses = [
        main(["check", *root, "--shard", shard, "--json", str(book.root / f"{shard[0]}.json")])
        for shard in shards
    ]
    assert statuses == [0, 1, 1]
    return book.root


def merging(folder, *names, out="out.json"):
    return main(["merge", *(str(folder / name) for name in names), "--json", str(folder / out)])


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_the_parts_of_any_division_are_the_book_once(count):
    names = ("c", "a", "e", "d", "b")
    parts = [Shard(number, count).of(names) for number in range(1, count + 1)]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert parts[0][:2] == tuple("abcde"[::count][:2])  # neighbours are spread


@pytest.mark.parametrize("order", [("1", "2", "3"), ("3", "1", "2")])
def test_merged_parts_are_the_bytes_of_one_check(parts, capsys, order):
    assert merging(parts, *(f"{number}.json" for number in order)) == 1
    assert (parts / "out.json").read_bytes() == (parts / "whole.json").read_bytes()
    said = "bookproof: 3 outputs verified in 5 chapters, 1 left unverified with a reason, 3 FAILED"
    assert capsys.readouterr().out == said + "\n"
    assert main(["summary", str(parts / "out.json")]) == 1


def test_more_parts_than_chapters_are_green_and_merge(book, capsys):
    book.chapter("a.md", GOOD)
    for number in ("2", "1"):
        out = str(book.root / f"{number}.json")
        command = ["check", "--root", str(book.root), "--shard", f"{number}/2", "--json", out]
        assert main(command) == 0
        assert "shard" in capsys.readouterr().out
    assert main(["check", "--root", str(book.root), "--json", str(book.root / "whole.json")]) == 0
    assert merging(book.root, "1.json", "2.json") == 0
    assert (book.root / "out.json").read_bytes() == (book.root / "whole.json").read_bytes()


def test_parts_bring_the_filters_that_they_used(book, capsys):
    rules = "{a: [a+, a], b: [b+, b], c: [c+, c]}"
    book.write("_config.yml", f"sphinx:\n  config:\n    bookproof_filters: {rules}\n")
    for name in "ab":
        code = f"```{{code-cell}}\nprint('{name * 3}')\n```\n"
        book.chapter(f"{name}.md", f"{code}```{{expect}} norm={name}\n{name}\n```\n")
    root = ["--root", str(book.root)]
    for number in "12":
        out = ["--json", str(book.root / f"{number}.json")]
        assert main(["check", *root, "--shard", f"{number}/2", *out]) == 0
    assert main(["check", *root, "--json", str(book.root / "whole.json")]) == 0
    assert merging(book.root, "1.json", "2.json") == 0
    assert (book.root / "out.json").read_bytes() == (book.root / "whole.json").read_bytes()
    content = json.loads((book.root / "2.json").read_text("utf-8"))
    content["filters"]["a"] = ["x", "y"]
    (book.root / "2.json").write_text(json.dumps(content), "utf-8")
    capsys.readouterr()
    assert merging(book.root, "1.json", "2.json") == 2
    assert "1.json has the filter a ['a+', 'a'], " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0/2", "3/2", "1/0", "2", "1/2/3", "a/b", "-1/2", "1 / 2", ""])
def test_what_is_no_shard_is_bad_usage(book, capsys, text):
    book.chapter("a.md", GOOD)
    assert main(["check", "--root", str(book.root), f"--shard={text}"]) == 2
    wanted = f"a shard is i/n with 1 <= i <= n, say 2/4, not {text!r}"
    assert capsys.readouterr().err == f"bookproof: {wanted}\n"


def test_a_part_says_so_and_is_not_taken_for_the_whole(parts, capsys):
    part, whole = str(parts / "1.json"), str(parts / "whole.json")
    refused = f"bookproof: refused: {part} is shard 1/3 of a book: `bookproof merge` all first\n"
    for command in (["summary", part], ["diff", part, whole], ["diff", whole, part]):
        assert main(command) == 1
        assert capsys.readouterr() == ("", refused)


def test_parts_and_the_merged_file_keep_to_the_schema(parts):
    schema = json.loads(verification.SCHEMA.read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    merging(parts, "1.json", "2.json", "3.json")
    for name in ("1.json", "2.json", "3.json", "out.json", "whole.json"):
        content = json.loads((parts / name).read_text("utf-8"))
        validator.validate(content)
        assert ("shard" in content) == ("book" in content) == (name[0] in "123")
    for key, value in (("shard", "0/3"), ("shard", None), ("book", {}), ("book", None)):
        content = json.loads((parts / "1.json").read_text("utf-8"))
        content[key] = value
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(content)
        del content[key]
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(content)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("1 3", "shard 2/3 is missing; given: 1.json, 3.json"),
        ("2", "shard 1/3, 3/3 is missing; given: 2.json"),
        ("1 2 3 2", "2.json and 2.json are both shard 2/3"),
        ("1 whole 3", "whole.json is no shard: wanted what `bookproof check --shard i/n` wrote"),
    ],
)
def test_too_few_and_too_many_are_refused(parts, monkeypatch, capsys, names, words):
    monkeypatch.chdir(parts)
    command = ["merge", *(f"{name}.json" for name in names.split()), "--json", "none.json"]
    assert main(command) == 2
    assert capsys.readouterr().err == f"bookproof: {words}\n"
    assert not (parts / "none.json").exists()


def other_digest(content):
    content["book"]["chapters"]["a.md"] = "0" * 64


def other_version(content):
    content["chapters"]["b.md"]["versions"]["python"] = "2.7"


CHANGES = {
    "division": (
        lambda c: c.update(shard="2/4"),
        "the shards are of different divisions: 1.json is 1/3, changed.json is 2/4",
    ),
    "chapter": (other_digest, "1.json and changed.json are of different books: a.md"),
    "one more": (
        lambda c: c["book"]["chapters"].update({"z.md": ""}),
        "1.json and changed.json are of different books: z.md",
    ),
    "commit": (
        lambda c: c["book"].update(commit="1" * 40),
        "1.json and changed.json are of different books: commits ",
    ),
    "versions": (other_version, "1.json was made with python "),
    "number": (lambda c: c.update(shard="3/3"), "changed.json and 3.json are both shard 3/3"),
    "no book": (lambda c: c.pop("book"), "changed.json is not the verification.json of a shard: "),
    "odd book": (lambda c: c["book"].update(chapters=[]), "changed.json is not the verification"),
    "odd shard": (lambda c: c.update(shard=2), "changed.json is not the verification.json of a"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_parts_that_do_not_belong_together_are_refused(parts, monkeypatch, capsys, what):
    monkeypatch.chdir(parts)
    change, words = CHANGES[what]
    content = json.loads((parts / "2.json").read_text("utf-8"))
    change(content)
    (parts / "changed.json").write_text(json.dumps(content), "utf-8")
    assert main(["merge", "1.json", "changed.json", "3.json"]) == 2
    assert capsys.readouterr().err.startswith(f"bookproof: {words}")


def test_a_part_with_the_chapters_of_another_is_refused(parts, monkeypatch, capsys):
    monkeypatch.chdir(parts)
    contents = [json.loads((parts / f"{number}.json").read_text("utf-8")) for number in "12"]
    swapped = copy.deepcopy(contents)
    for one, other in zip(swapped, reversed(contents), strict=True):
        one["shard"] = other["shard"]
    for number, content in zip("12", swapped, strict=True):
        (parts / f"s{number}.json").write_text(json.dumps(content), "utf-8")
    assert main(["merge", "s1.json", "s2.json", "3.json"]) == 2
    said = capsys.readouterr().err
    assert said == "bookproof: s1.json does not hold the chapters that are shard 2/3\n"


def test_parts_of_two_commits_are_told_apart_by_a_module(book, monkeypatch, capsys):
    monkeypatch.chdir(book.root)
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]

    def commit():
        subprocess.run(["git", "add", "."], check=True)
        subprocess.run(["git", *identity, "commit", "-qm", "x"], check=True)

    subprocess.run(["git", "init", "-q"], check=True)
    book.write(".gitignore", "_build\n*.json\n")
    book.chapter("a.md", GOOD)
    book.chapter("b.md", GOOD)
    for number in "12":
        book.write("helper.py", f"size = {number}\n")
        commit()
        assert main(["check", "--shard", f"{number}/2", "--json", f"{number}.json"]) == 0
    capsys.readouterr()
    assert main(["merge", "1.json", "2.json"]) == 2
    assert "1.json and 2.json are of different books: commits " in capsys.readouterr().err


def test_given_chapters_are_divided_too(book, monkeypatch):
    monkeypatch.chdir(book.root)
    for name in ("a.md", "b.md", "c.md"):
        book.chapter(name, GOOD)
    for number in "12":
        options = [f"--shard={number}/2", "--json", f"{number}.json"]
        assert main(["check", "a.md", "c.md", *options]) == 0
    assert main(["check", "a.md", "c.md", "--json", "whole.json"]) == 0
    assert merging(book.root, "1.json", "2.json") == 0
    assert (book.root / "out.json").read_bytes() == (book.root / "whole.json").read_bytes()
