import pytest
from myst_nb.core.read import read_myst_markdown_notebook

from bookproof.reading.block import parse
from bookproof.reading.scan import is_chapter, scan

CELL = "```{code-cell} python\nprint(1)\n```\n"


def problems(book, body):
    book.chapter("a.md", body)
    return [(p.line, p.message) for p in scan(book.root, "a.md").problems]


def test_cells_and_blocks_have_their_lines(book):
    path = book.chapter(
        "a.md",
        """\

        # Title

        ```{code-cell} python
        :tags: [hide-input]
        print(1)

        print(2)
        ```
        ```{expect} number
        1
        2
        ```
        ```{unverified} a picture
        ```

        ~~~{code-cell}
        ---
        mystnb:
          image:
            alt: x
        ---
        pass
        ~~~
        """,
    )
    chapter = scan(book.root, "a.md")
    lines = path.read_text().splitlines()
    first, second = chapter.cells
    assert lines[first.line - 1] == "```{code-cell} python"
    assert lines[first.source_line - 1] == "print(1)"
    assert lines[second.source_line - 1] == "pass"
    assert first.tags == {"hide-input"}
    expect, unverified = first.blocks
    assert lines[expect.line - 1 : expect.end] == ["```{expect} number", "1", "2", "```"]
    assert (expect.argument, expect.body) == ("number", "1\n2\n")
    assert (unverified.directive, unverified.argument) == ("unverified", "a picture")
    assert second.blocks == ()
    assert chapter.problems == ()


def test_cells_are_those_of_mystnb(book):
    path = book.chapter("a.md", "\n" + CELL + "\n+++\n" + CELL + "- x\n\n  ```\n  y\n  ```\n")
    theirs = read_myst_markdown_notebook(path.read_text(), add_source_map=True)
    ours = scan(book.root, "a.md").cells
    nodes = [
        (line, cell.source)
        for line, cell in zip(theirs.metadata["source_map"], theirs.cells, strict=True)
        if cell.cell_type == "code"
    ]
    assert [(cell.line, cell.source) for cell in ours] == nodes
    assert len(nodes) == 2


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        ("", "exact"),
        ("number contains", "contains number"),
        ("atol=0.01 rtol=1e-3 unordered lines", "lines unordered rtol=0.001 atol=0.01"),
        ("norm=time,addr figure norm=b", "figure norm=addr norm=b norm=time"),
        ("rtol=0 error", "error rtol=0"),
        ("rtol=1e-12", "rtol=1E-12"),
    ],
)
def test_the_words_are_told_in_a_fixed_order_and_mean_the_same(words, mode):
    expectation = parse(words)
    assert expectation.mode == mode
    assert parse(mode) == expectation


@pytest.mark.parametrize("body", ["--- 1\n:tags: 2\n", "`x` ``y``\n", "$\\frac{a}{b}$\n"])
def test_a_body_is_literal(book, body):
    book.chapter("a.md", "\n" + CELL + "```{expect}\n" + body + "```\n")
    assert scan(book.root, "a.md").cells[0].blocks[0].body == body


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("```{expect}\n1\n```\n", 6, "without a cell"),
        (CELL + "text\n\n```{expect}\n1\n```\n", 11, "without a cell"),
        (CELL + "\n- x\n\n  ```{expect}\n  1\n  ```\n", 12, "without a cell"),
        (CELL + "```{expect} numbr\n1\n```\n", 9, "unknown word 'numbr'"),
        (CELL + "```{expect}\n\n```\n", 9, "is empty"),
        (CELL + "```{expect}\n[..]\n\n[..] [..]\n```\n", 9, "compares nothing"),
        (CELL + "```{expect} lines\n...\n```\n", 9, "compares nothing"),
        (CELL + "```{expect} contains unordered\n[..]\n```\n", 9, "compares nothing"),
        (CELL + "```{expect}\n1\n", 9, "never closed"),
        (CELL + "```{unverified}\n```\n", 9, "needs a reason"),
        (CELL + "```{expect}\n1\n```\n```{expect}\n1\n```\n", 12, "has one like it already"),
        ("> ```{code-cell}\n> 1\n> ```\n", 6, "never runs"),
        (CELL + "````{note}\n```{expect}\n3\n```\n````\n", 10, "inside another block"),
        (CELL + ":::{note}\n```{expect}\n3\n```\n:::\n", 10, "inside another block"),
        (":::{note}\n```{code-cell}\n1\n```\n:::\n", 7, "never runs"),
        ("`````{note}\n````{tip}\n```{code-cell}\n1\n```\n````\n`````\n", 8, "never runs"),
        (CELL + "```{expect} exact number\n1\n```\n", 9, "'number' beside a word"),
        (CELL + "```{expect} rtol=small\n1\n```\n", 9, "has 'rtol=small'; wanted a number that"),
        (CELL + "```{expect} atol=-1\n1\n```\n", 9, "has 'atol=-1'; wanted a number that is not"),
        (CELL + "```{expect} rtol=inf\n1\n```\n", 9, "has 'rtol=inf'; wanted"),
        (CELL + "```{expect} rtol=\n1\n```\n", 9, "has 'rtol='; wanted"),
        (CELL + "```{expect} rtol=1 rtol=2\n1\n```\n", 9, "'rtol=2' beside a word"),
        (CELL + "```{expect} exact rtol=1\n1\n```\n", 9, "has a tolerance beside 'exact'"),
        (CELL + "```{expect} unordered unordered\n1\n```\n", 9, "'unordered' beside a word"),
    ],
)
def test_a_malformed_block_is_a_problem(book, body, line, words):
    [(found, message)] = problems(book, body)
    assert (found, words in message) == (line, True), message


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"---\nfile_format: mystnb\n---\n\n\xff\n", 5, "not UTF-8: byte 0xff: save it as UTF-8"),
        (b"---\nfile_format: mystnb\nx: [\n---\n", 3, "cannot be read as a notebook"),
    ],
)
def test_an_unreadable_chapter_is_a_problem(book, content, line, words):
    path = book.root / "a.md"
    path.write_bytes(content)
    chapter = scan(book.root, "a.md")
    assert chapter.notebook is None
    [problem] = chapter.problems
    assert problem.line == line
    assert words in problem.message


def test_what_looks_like_a_notebook_but_would_not_run_is_a_problem(book):
    broken = book.write("a.md", "---\nfile_format: mystnb\nx: [\n---\n" + CELL)
    forgotten = book.write("b.md", "# T\n\n" + CELL)
    only_block = book.write("d.md", "# T\n\n> ```{expect}\n> 1\n> ```\n")
    assert is_chapter(only_block)  # or the page would show a badge that nobody checked
    quoted = book.write("c.md", "# T\n\n````md\n" + CELL + "````\n")
    assert [is_chapter(path) for path in (broken, forgotten, quoted)] == [True, True, False]
    [problem] = scan(book.root, "b.md").problems
    assert "file_format: mystnb" in problem.message


def test_only_notebooks_are_chapters(book):
    assert not is_chapter(book.write("a.md", "# plain\n"))
    assert not is_chapter(book.write("b.md", "---\ntitle: x\n---\n"))
    assert is_chapter(book.chapter("c.md", ""))


@pytest.mark.parametrize("character", "\r\v\f\x85\u2028\u2029")
def test_a_character_that_ends_a_line_for_mystnb_alone_is_a_problem(book, character):
    path = book.root / "a.md"
    book.chapter("a.md", "")
    path.write_bytes(path.read_bytes() + f"x{character}y\n\n{CELL}".encode())
    chapter = scan(book.root, "a.md")
    assert [(p.line, p.message[:6]) for p in chapter.problems] == [(6, f"U+{ord(character):04X}")]


def test_blank_lines_around_the_code_do_not_move_it(book):
    text = "```{code-cell}\n:tags: [x]\n\n1\n\n\n```\n"
    path = book.chapter("a.md", text)
    [cell] = scan(book.root, "a.md").cells
    assert path.read_text().split("\n")[cell.source_line - 1] == "1"


def test_an_example_in_a_literal_block_is_none(book):
    body = "\n" + CELL + "```{expect}\n1\n```\n\n````{code-block} md\n" + CELL + "````\n"
    assert problems(book, body) == []
