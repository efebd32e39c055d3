"""Files as editors save them: read as Sphinx reads them, or refused by name."""

import codecs
import json

import pytest
from docutils.io import FileInput
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bookproof.authoring.accept import Refused, accept
from bookproof.reading.encoding import decode
from bookproof.reading.scan import is_chapter

TEXT = "---\nfile_format: mystnb\nkernelspec: {name: python3}\n---\n\n```{code-cell}\nprint('é')\n"
TEXT += "```\n```{expect}\né\n```\n"
NOTEBOOK = new_notebook(
    cells=[new_code_cell("print('é')"), new_markdown_cell("```{expect}\né\n```")],
    metadata={"kernelspec": {"name": "python3", "display_name": "x"}},
)


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
)
def test_it_is_read_as_sphinx_reads_it(book, data):
    path = book.root / "a.md"
    path.write_bytes(data)
    theirs = FileInput(source_path=str(path), encoding="utf-8-sig").read()
    assert decode(data) == theirs == TEXT
    assert is_chapter(path)
    report = book.check()
    assert [(v.line, str(v.kind)) for _, v in report] == [(9, "verified")]
    before = path.read_bytes()
    assert accept(report.chapters[0], force=True, everything=True) == ""
    assert path.read_bytes() == before


def test_a_notebook_may_have_a_mark(book):
    path = book.root / "a.ipynb"
    path.write_bytes(codecs.BOM_UTF8 + json.dumps(NOTEBOOK, indent=1).encode())
    assert [str(v.kind) for _, v in book.check()] == ["verified"]


def test_accept_keeps_a_mark_and_refuses_what_it_cannot_write(book):
    path = book.root / "a.md"
    path.write_bytes(codecs.BOM_UTF8 + TEXT.replace("\né\n", "\ne\n").encode())
    assert accept(book.check().chapters[0], force=True)
    assert path.read_bytes() == codecs.BOM_UTF8 + TEXT.encode()
    path.write_bytes(TEXT.replace("\né\n", "\ne\n").replace("\n", "\r").encode())
    with pytest.raises(Refused, match="its lines end with carriage returns"):
        accept(book.check().chapters[0], force=True)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (TEXT.encode("utf-16"), 1, "not UTF-8: its first bytes say UTF-16: save it as UTF-8"),
        (TEXT.encode("utf-16-be"), 7, "not UTF-8: it holds NUL bytes, as UTF-16 does"),
        (TEXT.encode("utf-32"), 1, "not UTF-8: its first bytes say UTF-32"),
        (TEXT.encode("latin-1"), 7, "not UTF-8: byte 0xe9: save it as UTF-8"),
    ],
)
def test_other_encodings_are_named(book, data, line, words):
    path = book.root / "a.md"
    path.write_bytes(data)
    [verdict] = [v for _, v in book.check()]
    assert (verdict.line, str(verdict.kind)) == (line, "chapter unreadable")
    assert verdict.message.startswith(words)
