"""Values on pages and in notebooks: marked where they were checked, never lost, never stale."""

import html
import json
import re
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from bookproof.book import Book, check
from bookproof.cli import main
from bookproof.pages.export import export
from bookproof.pages.plain import Surroundings

SETTINGS = """\
extensions = ['myst_nb', 'bookproof.sphinx_ext']
exclude_patterns = ['_build', 'part.md']
myst_enable_extensions = ['colon_fence', 'dollarmath', 'substitution']
"""

CHAPTER = """
# Acc

```{code-cell}
---
mystnb:
  image:
    alt: drawn to {expect}`0.93 <acc>`
  figure:
    caption: Up to {expect}`93 % <acc>`
---
import matplotlib.pyplot as plt

acc, n, word = 0.9312, 12345, "cat"
plt.plot([0, acc]);
```
```{expect} figure contains
line
```

## Up to {expect}`0.93 <acc>`

It is {expect}`0.93 <acc>` of {expect}`12,345 <n>`, a {expect}`cat <word>`[^1].

| a |
|---|
| {expect}`12345 <n \\| 1>` |

:::{admonition} Title {expect}`0.93 <acc>`
Quick: {unverified}`3 s <differs from run to run>`
:::

[^1]: A footnote: {expect}`0.93 <acc>`.

```{figure} x.svg
:alt: up to {expect}`0.93 <acc>`

Caption
```
"""

EVAL = """
# Eval

```{code-cell}
from fractions import Fraction
from IPython.display import Math
import matplotlib.pyplot as plt
import numpy as np

a, text, array = 41, "it's", np.arange(4).reshape(2, 2)
formula = Math("a^2")
figure, axes = plt.subplots(figsize=(1, 1))
axes.plot([0, 1])
plt.close()
```

The answer is {eval}`a`, {eval}`text`; {eval}`formula`[^1]. It is {expect}`41 <a>`.

```{eval} array
```

```{code-cell}
a = 42
```

Then {eval}`a`.

```{eval:figure} figure
:alt: nothing

A caption with {eval}`a`
```

[^1]: Before, {eval}`text`.
"""


def build(book, builder="html", *options):
    command = [sys.executable, "-m", "sphinx", "-b", builder, *options, ".", f"_build/{builder}"]
    done = subprocess.run(command, cwd=book.root, capture_output=True, text=True, timeout=300)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def page(book, name):
    return (book.root / "_build" / "html" / f"{name}.html").read_text("utf-8")


def body(text):
    """Return the visible words of a page."""
    main = re.search(r'(?s)<div class="body" role="main">(.*?)<div class="sphinxsidebar"', text)[1]
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", main)).split())


@pytest.fixture(scope="module")
def built(make_book):
    """Build a book as clean as it can be; return it."""
    book = make_book()
    book.write("conf.py", SETTINGS)
    book.write("index.md", "# T\n\n```{toctree}\na\ne\n```\n\n```{verification-ledger}\n```\n")
    book.write("x.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    book.chapter("a.md", CHAPTER)
    book.chapter("e.md", EVAL)
    status, said = build(book, "html", "-W", "-n", "--keep-going")
    assert status == 0, said
    assert "12 outputs verified in 2 chapters, 9 left unverified" in said
    return book


MARK = re.compile(r'<span class="bookproof-value bookproof-(\w+)" id="(.*?)" (.*?)>(.*?)</span>')


def test_each_value_is_marked_and_tells_more_on_hover_and_focus(built):
    marks = MARK.findall(page(built, "a"))
    shown = {(state, text) for state, _, _, text in marks}
    assert shown == {
        ("verified", "0.93"),
        ("verified", "93 %"),
        ("verified", "12,345"),
        ("verified", "12345"),
        ("verified", "cat"),
        ("unverified", "3 s"),
    }
    assert len({anchor for _, anchor, _, _ in marks}) == len(marks) == 9
    assert page(built, "a").count('class="bookproof-value') == len(marks)  # none in a menu
    for _, anchor, attributes, _ in marks:
        assert re.fullmatch(r"bookproof-line-\d+-\d+", anchor)
        assert 'tabindex="0"' in attributes
    told = [html.unescape(re.search('title="(.*?)"', a)[1]) for _, _, a, _ in marks]
    assert told[0] == "✓ checked: acc"
    assert "✓ checked: n | 1" in told
    assert "not verified: differs from run to run" in told


def test_where_no_role_can_stand_the_page_has_the_text(built):
    shown = page(built, "a")
    assert 'alt="drawn to 0.93"' in shown
    assert 'alt="up to 0.93"' in shown
    assert "{expect}" not in shown


def test_the_ledger_and_verification_list_values(built):
    ledger = page(built, "index")
    assert "n | 1" in body(ledger)
    for anchor in MARK.findall(page(built, "a")):
        assert f'href="a.html#{anchor[1]}"' in ledger
    content = json.loads((built.root / "_build/html/verification.json").read_text("utf-8"))
    asked = [v.get("expression") for v in content["chapters"]["a.md"]["verdicts"]]
    assert asked.count("acc") == 7
    assert sum(v.get("plain", False) for v in content["chapters"]["a.md"]["verdicts"]) == 2


def test_a_seal_judges_values_again(built, capsys):
    site = built.root / "_build" / "html"
    assert main(["seal", str(site)]) == 0
    path = site / "verification.json"
    text = path.read_text("utf-8")
    assert text.count('"actual": "12345"') == 2
    path.write_text(text.replace('"actual": "12345"', '"actual": "12346"'), "utf-8")
    assert main(["seal", str(site)]) == 1
    assert "said to be verified, but the two texts differ" in capsys.readouterr().err
    path.write_text(text, "utf-8")
    other = site / "a.html"
    shown = other.read_text("utf-8")
    other.write_text(shown.replace("bookproof-value bookproof-unverified", "bookproof-value"))
    assert main(["seal", str(site)]) == 1
    assert "shows other verdicts" in capsys.readouterr().err
    other.write_text(shown, "utf-8")


def test_eval_shows_what_stock_myst_nb_shows(built, make_book):
    stock = make_book()
    settings = SETTINGS.replace(", 'bookproof.sphinx_ext'", "") + "nb_execution_mode = 'inline'\n"
    stock.write("conf.py", settings)
    stock.write("index.md", "# T\n\n```{toctree}\ne\n```\n")
    stock.chapter("e.md", EVAL.replace("{expect}`41 <a>`", "41"))
    assert build(stock, "html", "-W")[0] == 0
    ours = body(page(built, "e")).replace(
        "not verified: the code gives it, and nothing compares it", ""
    )
    ours = re.sub(r"\d+ outputs? of this page.*", "", ours)
    assert "".join(ours.split()) == "".join(body(page(stock, "e")).split())
    assert "The answer is 41" in body(page(built, "e"))
    ours, theirs = (re.findall(r"<img [^>]*>", page(book, "e")) for book in (built, stock))
    assert ours == theirs  # a picture's name is the digest of its content
    assert len(ours) == 1


def test_other_builders_show_plain_text(built):
    assert build(built, "text")[0] == 0
    text = (built.root / "_build" / "text" / "a.txt").read_text("utf-8")
    assert "It is 0.93 of 12,345, a cat" in text
    assert "checked" not in text
    assert "The answer is 41, it's" in (built.root / "_build/text/e.txt").read_text("utf-8")


def test_what_changes_is_told_at_every_build_and_shown(built, make_book):
    book = make_book()
    for name in ("conf.py", "index.md", "x.svg", "a.md", "e.md"):
        book.write(name, (built.root / name).read_text("utf-8"))
    path = book.root / "a.md"
    path.write_text(path.read_text().replace("`12,345 <n>`", "`12,346 <n>`"))
    book.chapter("e.md", EVAL.replace("Then {eval}`a`", "Then {eval}`b` {eval}`a`"))
    for _ in range(2):
        status, said = build(book)
        assert status == 1
        assert "a.md:28:31: mismatch: the text says 12,346, but `n` is 12345" in said
        assert "e.md:31:6: expression failed: `b`: NameError" in said
    assert "bookproof-value bookproof-failed" in page(book, "a")
    assert re.search(
        '<span class="bookproof-value bookproof-failed"[^>]*>b</span>', page(book, "e")
    )
    path.write_text(CHAPTER_FILE.replace("n, word = 0.9312, 12345", "n, word = 0.9312, 12346"))
    book.chapter("e.md", EVAL.replace("a = 42", "a = 43"))
    status, said = build(book)
    assert "the text says 12,345, but `n` is 12346" in said
    assert "Then 43 ." in body(page(book, "e"))


CHAPTER_FILE = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n" + CHAPTER


def test_a_value_that_the_check_does_not_see_fails_every_build(make_book):
    book = make_book()
    book.write("conf.py", SETTINGS + "myst_substitutions = {'s': '{expect}`3 <a>`'}\n")
    book.write("part.md", "Part {expect}`3 <a>` and {eval}`a`\n")
    ways = {
        "included": "```{include} part.md\n```\n",
        "substituted": "{{ s }}\n",
        "restructured": "```{eval-rst}\nIs :expect:`3 <a>`\n```\n",
        "never": "[^never]: {expect}`3 <a>`\n",
    }
    book.write("index.md", "# T\n\n```{toctree}\n" + "\n".join(ways) + "\n```\n")
    good = "# T\n\n```{code-cell}\na = 3\n```\n\n{expect}`3 <a>`\n\n"
    for way, text in ways.items():
        book.chapter(f"{way}.md", good + text)
    for _ in range(2):
        status, said = build(book)
        assert status == 1
        unseen = re.findall(r"(\w+)\.\w+:\d+: \{(\w+)\} was not checked: it comes from", said)
        assert sorted(unseen) == [
            ("part", "eval"),
            ("part", "expect"),
            ("restructured", "expect"),
            ("substituted", "expect"),
        ]
        assert "never.md:14: {expect} was checked, but the page does not show it" in said
        assert not (book.root / "_build" / "html" / "verification.json").exists()
    for way in ways:
        book.chapter(f"{way}.md", good)
    assert build(book)[0] == 0


def test_a_pattern_for_eval_is_obeyed(book):
    front = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n{}---\n"
    text = "```{code-cell}\na = 3\n```\n{expect}`3 <a>` {eval}`a + 1`\n"
    book.write("a.md", front.format("") + text)
    [_, verdict] = book.check().chapters[0].verdicts
    assert verdict.kind == "malformed block"
    assert verdict.message.startswith("{eval} `a + 1` is not as `eval_regex` wants it")
    book.write("a.md", front.format("mystnb:\n  eval_name_regex: .*\n") + text)
    [_, verdict] = book.check().chapters[0].verdicts
    assert (verdict.kind, verdict.actual) == ("unverified", "4")


def test_a_downloaded_notebook_shows_numbers_and_checks_them(built, make_book):
    report = check(Book.load(built.root))
    around = Surroundings(labels={}, boxes={"admonition": ""})
    notebooks = {c.chapter.name: export(c, around, {}) for c in report.chapters}
    text = "\n".join(c.source for c in nbformat.reads(notebooks["a.md"], 4).cells)
    assert "{expect}" not in text
    assert "It is 0.93 of 12,345, a cat[^1]" in text
    shown = "\n".join(c.source for c in nbformat.reads(notebooks["e.md"], 4).cells)
    assert "The answer is 41, it's" in shown
    assert "Then 42." in shown
    book = make_book()
    book.write("a.ipynb", notebooks["a.md"])
    report = book.check()
    assert report.green
    assert report.totals["verified"] == 10
    book.write("a.ipynb", notebooks["a.md"].replace("12345", "12346"))
    assert [str(v.kind) for _, v in book.check() if v.kind.failed].count("mismatch") == 2


def test_a_plain_kernel_gives_the_same_as_a_check(built):
    """The values of the run are those of nbclient, which knows nothing of bookproof."""
    [checked] = check(Book.load(built.root, [built.root / "a.md"])).chapters
    sources = [cell.source for cell in checked.chapter.cells]
    questions = [question.expression for question in checked.chapter.questions]
    cells = [nbformat.v4.new_code_cell(source) for source in [*sources, *questions]]
    NotebookClient(nbformat.v4.new_notebook(cells=cells)).execute()
    told = [cell.outputs[0].data["text/plain"] for cell in cells[len(sources) :]]
    assert [answer["text"] for answer in checked.run.values] == told
