"""Every way to expect, with real kernels."""

import pytest

from bookproof import Kind
from bookproof.authoring.accept import Refused, accept

PLOT = """\
```{code-cell}
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
ax.plot([0, 1, 2], [1, 4, 2.5], label="loss")
ax.set(title="Loss", xlabel="epoch", ylabel="mean", yscale="log")
ax.legend()
plt.show()
```
"""

DESCRIPTION = """\
```{expect} figure
figure 6.4 x 4.8
axes "Loss"
  x [-0.1, 2.1] "epoch"
  y [0.933, 4.287] log "mean"
  line "loss" 3 points x 0.0 1.0 2.0 y 1.0 4.0 2.5
  legend "loss"
```
"""


def cell(code, *blocks, tags=""):
    option = f":tags: [{tags}]\n" if tags else ""
    return "\n".join([f"```{{code-cell}}\n{option}{code}\n```", *blocks, ""])


def block(words, body, fence="```"):
    return f"{fence}{{expect}} {words}\n{body}\n{fence}"


def kinds(book):
    return [str(v.kind) for _, v in book.check()]


@pytest.mark.parametrize(
    ("code", "words", "body"),
    [
        ("print('a'); print('b')", "exact", "a\nb"),
        ("print(1, 0.9312)", "number", "1 0.93"),
        ("print('long'); print('loss 0.9312')", "contains number", "loss 0.93"),
        ("for i in range(100): print(i)", "lines", "0\n...\n99"),
        ("for i in range(9): print(i / 7)", "lines number", "0.0\n...\n1.143"),
        ("import sys; print('w', file=sys.stderr)", "stream=stderr", "w"),
        ("print(object())", "norm=addr", "<object object at 0x1234567890>"),
        ("print('12 ms   x')", "norm=time,blanks", "7.5 s x"),
        ("print('`a` ```b```')", "", "`a` ```b```"),
        ("print('a\\tb')", "", "a\tb"),
        ("print('\\x1b[31mred\\x1b[0m')", "", "red"),
        ("for i in range(3): print(i, end='\\r')\nprint('done')", "", "done"),
        ("print('卷积，全角：１２')", "", "卷积，全角：１２"),
        ("print('x' * 100_000)", "contains", "xxx"),
        ("'内核'", "", "'内核'"),
        ("print('a', end='')\n2", "", "a\n2"),
        ("print('loss', 100.04)", "rtol=1e-3", "loss 100.0"),
        ("print('loss', 0.34)", "atol=0.05", "loss 0.3"),
        ("for name in ('b', 'a'): print(name)", "unordered", "a\nb"),
        ("import os; print('pid', os.getpid(), 'ok')", "", "pid [..] ok"),
        ("print(object(), '3 ms')", "norm=addr norm=time", "<object object at 0x1234567> 1 s"),
    ],
)
def test_an_output_matches(book, code, words, body):
    book.chapter("a.md", cell(code, block(words, body)))
    assert kinds(book) == ["verified"]


def test_prints_and_results_can_be_told_apart(book):
    blocks = block("stream=stdout", "a"), block("stream=result", "2")
    book.chapter("a.md", cell("print('a')\n1 + 1", *blocks))
    assert kinds(book) == ["verified", "verified"]
    book.chapter("a.md", cell("print('a')\n1 + 1", blocks[0]))
    assert kinds(book) == ["missing expectation", "verified"]


def test_an_output_with_fences_fits_a_longer_fence(book):
    book.chapter("a.md", cell("print('```\\nx\\n```')", block("", "```\nx\n```", "````")))
    assert kinds(book) == ["verified"]


@pytest.mark.parametrize("tags", ["hide-input", "hide-output", "remove-input", "remove-output"])
def test_what_a_page_hides_is_checked_all_the_same(book, tags):
    path = book.chapter("a.md", cell("1 + 1", block("", "2"), tags=tags))
    assert kinds(book) == ["verified"]
    path.write_text(path.read_text().replace("\n2\n", "\n3\n"))
    assert kinds(book) == ["mismatch"]


def test_an_expected_error(book):
    path = book.chapter(
        "a.md", cell("1 / 0", block("error", "ZeroDivisionError: division by zero"))
    )
    [verdict] = [v for _, v in book.check()]
    assert str(verdict.kind) == "cell failed"
    assert "raises-exception" in verdict.message
    path.write_text(path.read_text().replace("1 / 0", ":tags: [raises-exception]\n1 / 0"))
    assert kinds(book) == ["verified"]
    path.write_text(path.read_text().replace("division by", "division through"))
    assert kinds(book) == ["mismatch"]
    path.write_text(path.read_text().replace("1 / 0", "1 / 1"))
    assert "mismatch" in kinds(book)


def test_several_contains_under_one_cell(book):
    code = "print('one')\nprint('two')"
    book.chapter("a.md", cell(code, block("contains", "two"), block("contains", "one")))
    assert kinds(book) == ["verified", "verified"]
    book.chapter("a.md", cell(code, block("contains", "three"), block("contains", "one")))
    assert kinds(book) == ["mismatch", "verified"]


def test_a_figure_is_described_and_compared(book):
    path = book.chapter("a.md", PLOT + DESCRIPTION)
    assert kinds(book) == ["verified"]
    for old, new in [
        ("4, 2.5]", "4, 2.6]"),
        ('title="Loss"', 'title="Less"'),
        ('"log"', '"linear"'),
    ]:
        path.write_text(path.read_text().replace(old, new, 1))
        assert kinds(book) == ["mismatch"], new
        path.write_text(path.read_text().replace(new, old, 1))


def test_a_figure_is_compared_as_numbers_with_tolerance(book):
    path = book.chapter("a.md", PLOT + DESCRIPTION.replace("4.287", "4.289"))
    assert kinds(book) == ["verified"]
    for old, new in [("4.289", "4.292"), ("3 points", "4 points")]:
        path.write_text(path.read_text().replace(old, new))
        assert kinds(book) == ["mismatch"]
        path.write_text(path.read_text().replace(new, old))
    path.write_text(path.read_text().replace("4.289", "4.3"))
    assert kinds(book) == ["mismatch"]
    path.write_text(path.read_text().replace("{expect} figure", "{expect} figure number"))
    assert kinds(book) == ["verified"]


def test_several_figures_in_a_cell(book):
    code = """\
import matplotlib.pyplot as plt
for n in (1, 2):
    plt.figure()
    plt.bar(["a", "b"][:n], [1, 2.5][:n])"""
    body = """\
figure 6.4 x 4.8
axes
  x [-0.44, 0.44] ticks "a"
  y [0.0, 1.05]
  bars 1: 1.0
figure 6.4 x 4.8
axes
  x [-0.49, 1.49] ticks "a" "b"
  y [0.0, 2.625]
  bars 2: 1.0 2.5"""
    book.chapter("a.md", cell(code, block("figure", body)))
    assert kinds(book) == ["verified"]


def test_a_figure_that_is_not_drawn_or_empty_or_lacks_a_glyph(book):
    book.chapter("a.md", cell("pass", block("figure", "figure 1.0 x 1.0")))
    assert kinds(book) == ["figure not drawn"]
    code = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    described = "figure 6.4 x 4.8\naxes\n  x [0.0, 1.0]\n  y [0.0, 1.0]"
    book.chapter("a.md", cell(code, block("figure", described)))
    assert kinds(book) == ["figure empty", "verified"]
    described = (
        'figure 6.4 x 4.8\naxes "卷积"\n  x [0.0, 1.0]\n  y [0.0, 1.0]\n  line 1 points x 0.0 y 0.0'
    )
    quiet = "import warnings; warnings.simplefilter('ignore')\n"
    plot = "ax.plot([0.0], [0.0]); ax.set(title='卷积', xlim=(0, 1), ylim=(0, 1));"
    for prefix in ("", quiet):
        book.chapter(
            "a.md",
            cell(prefix + code + plot, block("stream=result", "x"), block("figure", described)),
        )
        verdicts = [v for _, v in book.check()]
        assert "missing glyph" in [str(v.kind) for v in verdicts]
        assert "unexpected stderr" not in [str(v.kind) for v in verdicts]
        assert any("U+5377" in v.message or "5377" in v.message for v in verdicts)


def test_a_missing_glyph_does_not_hide_other_stderr(book):
    code = """\
import sys
import matplotlib.pyplot as plt
plt.plot([0, 1]); plt.title("卷积")
print("trouble", file=sys.stderr)"""
    book.chapter("a.md", cell(code, block("figure contains", "line")))
    [stderr] = [v for _, v in book.check() if str(v.kind) == "unexpected stderr"]
    assert stderr.actual == "trouble"


def test_describing_a_figure_leaves_what_is_shown(book):
    book.chapter("a.md", PLOT + DESCRIPTION)
    [checked] = book.check().chapters
    [output] = checked.run.outputs[0]
    assert set(output.data) == {
        "image/png",
        "text/plain",
        "application/vnd.bookproof.figure+json",
    }


def test_accept_keeps_digits_and_wildcards(book):
    text = cell("print('loss 0.87654')", block("number", "loss 0.93"))
    text += cell("for i in range(5): print(i)", block("lines", "1\n...\n4"))
    text += cell("for i in 'abcxyz': print(i)", block("lines", "a\nb\n...\nz"))
    text += cell("for i in 'abcxyz': print(i)", block("lines", "a\n...\nx\ny"))
    path = book.chapter("a.md", text)
    assert accept(book.check().chapters[0], force=True)
    assert path.read_text().endswith(
        text.replace("0.93", "0.88").replace("\n1\n...", "\n0\n1\n...").replace("x\ny", "x\ny\nz")
    )
    assert book.check().green


def test_accept_keeps_wildcards_within_a_line(book):
    text = cell("print('pid 7, loss 0.87654'); print('a')", block("number", "pid [..] 0.93\nb"))
    text += cell("print('pid 7'); print('b')", block("", "pid [..]\na"))
    text += cell("for i in 'abz': print(i)", block("lines", "[..]\n...\ny"))
    path = book.chapter("a.md", text)
    assert accept(book.check().chapters[0], force=True)
    after = text.replace("pid [..] 0.93\nb", "pid 7, loss 0.87654\na")
    after = after.replace("pid [..]\na", "pid [..]\nb").replace("...\ny", "...\nz")
    assert path.read_text().endswith(after)
    assert book.check().green


def test_a_filter_of_the_books_own(book):
    rules = "{run: ['run-[0-9]+', run-N], 轮: ['第\\d+轮', '']}"
    book.write("_config.yml", f"sphinx:\n  config:\n    bookproof_filters: {rules}\n")
    code = "import os; print(f'run-{os.getpid()} 第{os.getpid()}轮 好')"
    path = book.chapter("a.md", cell(code, block("norm=run,轮", "run-1 第2轮 好")))
    assert kinds(book) == ["verified"]
    path.write_text(path.read_text("utf-8").replace("轮 好\n`", "轮 坏\n`"), "utf-8")
    assert kinds(book) == ["mismatch"]
    path.write_text(path.read_text("utf-8").replace("norm=run", "norm=runs"), "utf-8")
    [(_, verdict)] = book.check()
    assert "unknown filter 'runs'; known: addr, " in verdict.message
    assert verdict.message.endswith(", run, 轮")
    book.write("_config.yml", "sphinx:\n  config:\n    bookproof_filters: {time: [a, b]}\n")
    with pytest.raises(ValueError, match=r"_config.yml cannot be read: bookproof_filters: time: "):
        book.load()


def test_accept_all_proposes_what_is_missing(book):
    text = "\n".join(
        [
            cell("print('a')\n2"),
            PLOT,
            "Text.\n",
            cell("print('```')"),
            cell("1 / 0", tags="raises-exception"),
            cell("pass"),
            "```{code-cell}\nprint(1)\n```",
        ]
    )
    path = book.chapter("a.md", text.rstrip("\n"))
    assert not book.check().green
    with pytest.raises(Refused, match="CI is set"):
        accept_in_ci(book)
    assert accept(book.check().chapters[0], force=True, everything=True)
    report = book.check()
    assert report.green, report.failures()
    assert report.totals["verified"] == 5
    assert DESCRIPTION in path.read_text()
    before = path.read_bytes()
    assert accept(report.chapters[0], force=True, everything=True) == ""
    assert path.read_bytes() == before


def accept_in_ci(book):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CI", "1")
        accept(book.check().chapters[0], everything=True)


def test_an_unknown_filter_is_named_with_those_that_there_are(book):
    book.chapter("a.md", "```{code-cell}\n1\n```\n```{expect} norm=addr norm=tme\n1\n```\n")
    [(_, verdict)] = book.check()
    assert (verdict.kind, verdict.line) == (Kind.MALFORMED, 9)
    assert (
        "unknown filter 'tme'; known: addr, id, pid, uuid, path, date, time, blanks"
        in verdict.message
    )


@pytest.mark.parametrize("magic", ["%%writefile", "%%file", "%%writefile -a"])
@pytest.mark.parametrize("said", ["Writing", "Overwriting", "Appending to"])
def test_a_file_that_is_there_already_is_no_difference(book, magic, said):
    def cell(n):
        return (
            f"```{{code-cell}}\n{magic} out.txt\nx = {n}\n```\n```{{expect}}\n{said} out.txt\n```\n"
        )

    for n in range(2):
        book.chapter("a.md", cell(n))
        assert kinds(book) == ["verified"]
    assert (book.root / "out.txt").is_file()
    book.chapter("a.md", cell(2).replace("out.txt\n```\n", "other.txt\n```\n"))
    assert kinds(book) == ["mismatch"]
    book.chapter(
        "a.md", "```{code-cell}\nprint('Overwriting x')\n```\n```{expect}\nWriting x\n```\n"
    )
    assert kinds(book) == ["mismatch"]
