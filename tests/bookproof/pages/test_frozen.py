"""What a site says of a frozen chapter: on its page, in the ledger, the notebook, the proof."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import nbformat
import pytest

from bookproof import check
from bookproof.reading.scan import scan
from bookproof.running.frozen import Frozen
from bookproof.running.result import Run
from bookproof.telling import seal, verification
from bookproof.telling.texts import texts_for

CONFIG = """\
title: small
sphinx:
  extra_extensions: [bookproof.sphinx_ext]
  config:
    language: zh_CN
    bookproof_notebooks: ["*"]
"""
CHAPTER = """
# Title

```{code-cell} python
import helper, licensed
print("size", helper.size)
```
```{expect}
size 5
```
"""
LEDGER = "# Ledger\n\n{verification}`frozen` frozen.\n\n```{verification-ledger}\n```\n"
SENTENCE = re.compile(r"构建时没有运行：输出是冻结的，\d{4}-\d\d-\d\d 在 \S.* 上运行得到。")


def build(book, *options):
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book.root, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def page(book, name):
    html = (book.root / "_build" / "html" / f"{name}.html").read_text("utf-8")
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", html))


@pytest.fixture(scope="module")
def site(make_book):
    """Return a built book with a chapter that was run where `licensed` is installed."""
    book = make_book()
    book.write("_config.yml", CONFIG)
    book.write("_toc.yml", "format: jb-book\nroot: ledger\nchapters:\n- file: a\n")
    book.write("ledger.md", LEDGER)
    book.write("helper.py", "size = 5\n")
    book.chapter("a.md", CHAPTER)
    output = nbformat.v4.new_output("stream", name="stdout", text="size 5\n")
    run = Run(([output],), None, ("helper.py",), started=math.inf, versions={"licensed": "7.7"})
    Frozen(book.root).save(scan(book.root, "a.md"), run)
    status, said = build(book, "-W", "-n", "--keep-going")
    assert status == 0, said
    assert "bookproof: 1 output verified in 1 chapter (1 frozen)" in said
    assert "bookproof: ran " not in said
    return book


def test_the_page_the_ledger_and_the_notebook_say_where_outputs_come_from(site):
    assert "✓ 输出已核对（冻结的）" in page(site, "a")
    assert "licensed 7.7" in page(site, "a")
    notebook = nbformat.read(site.root / "_build" / "html" / "a.ipynb", as_version=4)
    sentences = [cell.source for cell in notebook.cells if SENTENCE.fullmatch(cell.source)]
    assert len(sentences) == 1
    for name in ("a", "ledger"):
        assert SENTENCE.findall(page(site, name)) == sentences
    assert "其中 1 个页面的输出是冻结的。" in page(site, "ledger")
    assert "1 frozen." in page(site, "ledger")


def test_the_proof_says_it_and_the_site_can_be_sealed(site):
    content = verification.load(site.root / "_build" / "html" / "verification.json")
    jsonschema.validate(content, json.loads(verification.SCHEMA.read_text("utf-8")))
    chapter = content["chapters"]["a.md"]
    assert chapter["frozen"].keys() == {"date", "machine", "bookproof"}
    assert chapter["versions"].keys() == {"python", "licensed"}
    assert content["totals"]["frozen"] == 1
    assert seal.troubles(site.root / "_build" / "html") == []


def test_a_build_with_an_older_state_fails_and_shows_no_output(site):
    helper = site.root / "helper.py"
    helper.write_text("size = 6\n")
    status, said = build(site)
    helper.write_text("size = 5\n")
    assert status == 1
    assert "a.md:1: frozen outputs unusable: the frozen outputs are of older code" in said
    assert "helper.py has changed" in said
    assert "bookproof freeze a.md" in said
    assert "Traceback" not in said
    assert "✗ 与书中所写不符：冻结的输出不可用" in page(site, "a")
    assert "size 5" not in page(site, "a")


def test_both_languages_name_date_and_machine(site):
    [checked] = check(site.load()).chapters
    origin = checked.run.frozen
    for language in ("en", "zh_CN"):
        text = texts_for(language).frozen(origin)
        assert origin.date in text
        assert origin.machine in text
