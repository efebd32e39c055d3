"""Chapters that are .ipynb files: blocks stand in the Markdown cell after the code cell."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bookproof.authoring.accept import Refused, accept
from bookproof.reading.notebook import places
from bookproof.reading.scan import scan


def write(book, *cells, name="a.ipynb"):
    """Write a notebook as nbformat does; a text is a Markdown cell, a tuple holds code."""
    nodes = [
        new_code_cell(*cell) if isinstance(cell, tuple) else new_markdown_cell(cell)
        for cell in cells
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = book.root / name
    nbformat.write(new_notebook(cells=nodes, metadata={"kernelspec": kernel}), path)
    return path


def line_of(path, text):
    """Return the line of the file on which a source line stands."""
    lines = path.read_text("utf-8").split("\n")
    [number] = [n for n, line in enumerate(lines, 1) if line.strip().rstrip(",") == text]
    return number


def test_every_outcome_has_its_line_in_the_file(book):
    path = write(
        book,
        "# Title",
        # Its first line also stands in the metadata and in the outputs of the cells.
        ("1",),
        "```{expect}\n1\n```\nSo it is.",
        ("print('first')\nprint('second')",),
        "\n```{expect}\nfirst\nanother\n```",
        ("2",),
        "No block.",
        ("3",),
        "Text before.\n\n```{expect}\n3\n```",
        ("4",),
        "```{expect} exakt\n4\n```\n```{unverified} for a reason\n```",
        ("x = 5\n1 / 0",),
    )
    verdicts = [(v.place, str(v.kind)) for _, v in book.check()]
    lines = path.read_text().split("\n")
    expects = [n for n, line in enumerate(lines, 1) if '"```{expect}\\n"' in line]
    assert verdicts == [
        (expects[0], "verified"),
        (line_of(path, '"another\\n"'), "mismatch"),
        (line_of(path, '"2"'), "missing expectation"),
        (line_of(path, '"3"'), "missing expectation"),
        (expects[2], "malformed block"),
        (line_of(path, '"```{expect} exakt\\n"'), "malformed block"),
        (line_of(path, '"```{unverified} for a reason\\n"'), "unverified"),
        (line_of(path, '"1 / 0"'), "cell failed"),
    ]


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_lines_are_found_however_the_file_is_written(indent, ascii_only):
    sources = ['"source"', ["\n", "二\n", '{"a": [1]}'], "three\nlines\n", "", []]
    cells = [
        {"cell_type": "code", "outputs": [{"text": ["x\n"], "source": "y"}], "source": source}
        for source in sources
    ]
    content = {"metadata": {"cells": [{"source": ["no"]}]}, "cells": cells}
    text = json.dumps(content, indent=indent, ensure_ascii=ascii_only)
    found = [place.source for place in places(text)]
    assert [len(lines) for lines in found] == [1, 3, 2, 1, 1]
    lines = text.split("\n")
    for source, numbers in zip(sources, found, strict=True):
        parts = source if isinstance(source, list) else [source] * len(numbers)
        for part, place in zip(parts, numbers, strict=False):
            assert json.dumps(part, ensure_ascii=ascii_only) in lines[place - 1]


def test_outputs_in_the_file_do_not_count(book):
    path = write(book, ("print('new')",), "```{expect}\nold\n```")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [new_output("stream", name="stdout", text="old\n")]
    nbformat.write(notebook, path)
    [verdict] = [verdict for _, verdict in book.check()]
    assert (str(verdict.kind), verdict.actual) == ("mismatch", "new")


def test_accept_rewrites_the_body_and_no_other_byte(book):
    path = write(
        book,
        "# 标题 \\u4e00",
        ("print('二')\nprint('\"three\"')",),
        "```{expect}\nold\n```\nText.",
    )
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n ") + b"\n\n")
    before = path.read_text("utf-8")
    [checked] = book.check().chapters
    assert '+     "二\\n",' in accept(checked)
    assert path.read_text("utf-8") == before.replace(
        '     "old\\n",\n', '     "二\\n",\n     "\\"three\\"\\n",\n'
    )
    report = book.check()
    assert report.green
    whole = path.read_bytes()
    assert accept(report.chapters[0]) == ""
    assert path.read_bytes() == whole


def test_accept_writes_escapes_where_the_file_has_them(book):
    path = write(book, "# 标题", ("print('二')",), "```{expect}\nold\n```")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1), "ascii")
    assert accept(book.check().chapters[0])
    assert '"\\u4e8c\\n",' in path.read_text("ascii")
    assert book.check().green


@pytest.mark.parametrize("indent", [None, 1])
def test_accept_refuses_what_it_cannot_rewrite_line_by_line(book, indent):
    path = write(book, ("1",), "```{expect}\nold\n```")
    content = json.loads(path.read_text())
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    path.write_text(json.dumps(content, indent=indent))
    before = path.read_bytes()
    with pytest.raises(Refused, match="a line in each line"):
        accept(book.check().chapters[0])
    assert path.read_bytes() == before


@pytest.mark.parametrize("minor", [4, 5])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_accept_proposes_a_markdown_cell(book, minor, newline):
    figure = "import matplotlib.pyplot as plt\nprint('二')\n_ = plt.plot([1, 2])"
    path = write(book, ("1",), "```{expect}\n1\n```", (figure,), "Text.", ("print('```')",))
    notebook = json.loads(path.read_text("utf-8")) | {"nbformat_minor": minor}
    if minor == 4:
        for cell in notebook["cells"]:
            del cell["id"]
    path.write_bytes(
        json.dumps(notebook, indent=2, ensure_ascii=False).encode().replace(b"\n", newline)
    )
    before = path.read_bytes()
    [checked] = book.check().chapters
    added = [line for line in accept(checked, everything=True).split("\n")[3:] if line[0] in "+-"]
    assert {line for line in added if line[0] == "-"} <= {"-    }"}  # only a comma was put after it
    report = book.check()
    assert report.green
    assert [v.mode for _, v in report] == ["exact", "exact", "figure", "exact"]
    after = path.read_bytes()
    assert after.count(b"\n") == after.count(newline)
    nbformat.validate(json.loads(after))
    cells = json.loads(after)["cells"]
    assert [c["cell_type"][0] for c in cells] == list("cmcmmcm")
    assert [c for n, c in enumerate(cells) if n not in (3, 6)] == json.loads(before)["cells"]
    assert accept(report.chapters[0], everything=True) == ""
    assert path.read_bytes() == after


def test_accept_refuses_to_propose_in_a_notebook_without_lines(book):
    path = write(book, ("1",), "```{expect}\n1\n```", ("2",))
    path.write_text(json.dumps(json.loads(path.read_text())))
    before = path.read_bytes()
    with pytest.raises(Refused, match="a line in each line"):
        accept(book.check().chapters[0], everything=True)
    assert path.read_bytes() == before


def test_a_notebook_has_the_cells_of_its_file(book):
    write(book, ("1",), "text", ("%%time\nx = 2",), "")
    assert [cell.source for cell in scan(book.root, "a.ipynb").cells] == ["1", "%%time\nx = 2"]


def test_tags_of_any_type_are_text(book):
    path = write(book, ("1",), "```{expect}\n1\n```")
    path.write_text(path.read_text().replace('"metadata": {}', '"metadata": {"tags": [1, "b"]}', 1))
    assert scan(book.root, "a.ipynb").cells[0].tags == {"1", "b"}
    assert book.check().green
