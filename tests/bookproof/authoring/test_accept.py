import subprocess

import pytest

from bookproof.authoring.accept import Refused, accept
from bookproof.cli import main

BODY = """\
```{code-cell}
print("one\\ntwo")
```
```{expect}
old
```

Text between.

```{code-cell}
3
```
````{expect} number
4

````
Last line"""


def test_accept_writes_the_outputs_and_nothing_else(book):
    path = book.chapter("a.md", BODY)
    before = path.read_text()
    [checked] = book.check().chapters
    diff = accept(checked)
    assert diff.startswith("--- a.md\n+++ a.md\n")
    wanted = before.replace("\nold\n", "\none\ntwo\n").replace("\n4\n\n", "\n3\n")
    assert path.read_text() == wanted
    report = book.check()
    assert report.green
    assert accept(report.chapters[0]) == ""
    assert path.read_text() == wanted


def test_accept_keeps_the_digits_of_lines_that_moved(book):
    path = book.chapter(
        "a.md",
        """\
        ```{code-cell}
        print("a new line", "loss 0.98765", "accuracy 0.12345", "epoch 3", sep="\\n")
        ```
        ```{expect} number
        loss 0.91
        accuracy 0.123
        epoch 2
        ```
        """,
    )
    assert accept(book.check().chapters[0])
    assert "\na new line\nloss 0.99\naccuracy 0.123\nepoch 3\n" in path.read_text()
    assert book.check().green


def test_accept_keeps_line_endings(book):
    path = book.chapter("a.md", BODY)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert accept(book.check().chapters[0])
    assert b"\none\r\ntwo\r\n" in path.read_bytes()
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n")
    assert book.check().green


def refusal(checked, **options):
    before = checked.chapter.path.read_bytes()
    with pytest.raises(Refused) as reason:
        accept(checked, **options)
    assert checked.chapter.path.read_bytes() == before
    return str(reason.value)


def test_accept_refuses_in_ci(book, monkeypatch):
    book.chapter("a.md", BODY)
    monkeypatch.setenv("CI", "1")
    assert "CI is set" in refusal(book.check().chapters[0])


def test_accept_refuses_where_a_cell_failed(book):
    book.chapter("a.md", BODY + "\n\n```{code-cell}\n1 / 0\n```\n")
    assert "cell failed" in refusal(book.check().chapters[0])


def test_accept_says_why_where_no_cell_can_be_mended(book):
    path = book.chapter("a.md", BODY)
    path.write_text(path.read_text().replace("python3", "no-such"))
    words = r"^a.md:1: kernel not started: there is no kernel named 'no-such'"
    with pytest.raises(Refused, match=words):
        accept(book.check().chapters[0])


def test_accept_refuses_an_output_that_would_close_the_block(book):
    book.chapter("a.md", "```{code-cell}\nprint('```')\n```\n```{expect}\nold\n```\n")
    assert "fence" in refusal(book.check().chapters[0])


def test_accept_refuses_to_empty_a_block(book):
    book.chapter("a.md", "```{code-cell}\npass\n```\n```{expect}\nold\n```\n")
    assert "prints nothing" in refusal(book.check().chapters[0])


def test_accept_overwrites_nothing_that_git_could_not_give_back(book, capsys):
    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=book.root, check=True)

    def accepts(*options):
        return main(["accept", "--root", str(book.root), *options]) == 0

    def change(old, new):
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    path = book.chapter("a.md", f"{BODY}\nNow {{expect}}`5 <2 + 2>`.\n")
    git("init", "--quiet")
    assert accepts(str(path))  # of a file git never had
    assert "+two" in capsys.readouterr().out
    git("add", "a.md")
    git("commit", "--quiet", "--message", "x")
    change('print("one\\ntwo")', "print('one')\nprint(2)\nprint('three')")
    assert accepts()  # what it overwrites is in the last commit
    assert "+three" in capsys.readouterr().out
    assert book.check().green
    assert accepts()
    # What was accepted, or written by hand, is not: it is overwritten only where that is wanted.
    lines = path.read_text().splitlines()
    change("2\nthree\n", "2\nmine\n")
    place = f"a.md:{lines.index('three') + 1}: "
    assert not accepts()
    refused = capsys.readouterr().err
    assert f"{place}accept would overwrite what git does not have" in refused
    assert "mine" in path.read_text()
    git("add", "a.md")  # now git has it
    assert accepts()
    change("three\n```", "own\n```")
    assert not accepts()
    assert accepts("--force")
    git("add", "a.md")
    change("`4 <2 + 2>`", "`7 <2 + 2>`")
    assert not accepts()
    change("`7 <2 + 2>`", "`4 <2 + 2>`")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").replace(b"three')", b"3')"))
    assert accepts()  # git knows the lines, whatever their ends
    assert book.check().green


def test_accept_asks_git_of_a_file_in_conflict(book):
    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=book.root, check=arguments[0] != "merge")

    git("init", "--quiet", "--initial-branch", "main")
    path = book.chapter("a.md", BODY)
    for branch, text in (("main", "old"), ("theirs", "theirs"), ("main", "ours")):
        if text != "old":
            git("checkout", "--quiet", *["-b"] * (branch == "theirs"), branch)
        path.write_text(f"{path.read_text().partition('# ')[0]}# {text}\n")
        git("add", "a.md")
        git("commit", "--quiet", "--message", text)
    git("merge", "theirs")
    assert "<<<<<<<" in path.read_text()
    path.write_text(path.read_text().replace("\nold\n", "\nmine\n"))
    assert main(["accept", "--root", str(book.root)]) == 1


def test_accept_all_beside_values_in_the_text(book):
    cells = "```{code-cell}\nn = 1\nprint(n)\n```\n\n```{code-cell}\nn += 1\nprint(n)\n```\n"
    path = book.chapter("a.md", f"{cells}\nFrom {{expect}}`3 <n - 1>` to {{expect}}`2 <n>`.\n")
    assert main(["accept", "--root", str(book.root), "--all"]) == 0
    assert path.read_text().count("```{expect}") == 2
    assert "{expect}`1 <n - 1>`" in path.read_text()
    assert book.check().green


def test_accept_all_tells_of_comments_that_the_code_contradicts(book, capsys):
    code = "x = [[0, 1, 2], [3, 4, 5]]\nlen(x)  # 3\nlen(x[0])  # 3\nprint(x[1])\n# [3, 4, 6]"
    book.chapter("a.md", f"```{{code-cell}}\n{code}\n```\n\nA list:\n\n- `len(x)  # 7`\n")
    path = book.chapter("b.md", "```{code-cell}\nprint(1)  # one\n```\n")
    assert main(["accept", "--root", str(book.root), "--all"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "comment" in line]
    assert said == [
        "bookproof: a.md:8: the comment says 3, the code gives 2",
        "bookproof: a.md:11: the comment says [3, 4, 6], the code gives [3, 4, 5]",
    ]
    assert "{expect}" in path.read_text()
    assert book.check().green


def test_accept_refuses_a_chapter_that_was_changed_while_it_ran(book):
    path = book.chapter("a.md", BODY)
    [checked] = book.check().chapters
    path.write_text(path.read_text().replace("Text between", "Another\n\nline"))
    assert "was changed while it ran" in refusal(checked)


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_accept_refuses_to_write_below_what_is_never_closed(book, end):
    path = book.chapter("a.md", "```{code-cell}\n1\n```\n```{expect}\n1" + end)
    before = path.read_bytes()
    [checked] = book.check().chapters
    with pytest.raises(Refused, match=r"^a.md:9: {expect} is never closed: close it"):
        accept(checked, everything=True)
    assert path.read_bytes() == before
