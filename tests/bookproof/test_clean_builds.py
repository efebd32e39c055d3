"""`-W -n --keep-going` stays clean where it was clean without bookproof, and says no more."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """\
title: odd
execute:
  execute_notebooks: force
  timeout: 60
sphinx:
{extensions}  config:
    nb_kernel_rgx_aliases: {{"env-.*": python3}}
    nb_execution_show_tb: true
"""

MAGICS = """
# Magics

```{code-cell} ipython3
:tags: [hide-input]
!echo one; echo "two's"
```
{one}

```{code-cell} ipython3
%%bash
echo three
```
{two}

```{code-cell} ipython3
%precision 2
?
x = !echo four
x
```
{three}
"""

ODD = """
# Odd

(place)=
See {ref}`place`, {nb-download}`odd.ipynb` and [](./plain.md).

```{nb-exec-table}
```

```{code-cell} ipython3
---
tags: [remove-input, a tag]
mystnb:
  number_source_lines: true
  image: {alt: nothing}
---
from IPython.display import Markdown, display
from myst_nb import glue

glue("value", 3, display=False)
display(Markdown("*three*"))
```
{four}

Glued: {glue:text}`value`.

+++ {"slideshow": {"slide_type": "notes"}}

```{raw-cell}
:format: html
<b>raw</b>
```

```{code-cell} ipython3
:tags: [raises-exception]
1 / 0
```
{five}
"""

BLOCKS = {
    "one": "```{expect}\none\ntwo's\n```",
    "two": "```{expect}\nthree\n```",
    "three": "```{unverified} odd\n```",
    "four": "```{unverified} odd\n```",
    "five": "```{expect} error\nZeroDivisionError: division by zero\n```",
}
ALIASED = "---\nfile_format: mystnb\nkernelspec:\n  name: env-book\n---\n"


def write(book, text, ours):
    for name, block in BLOCKS.items():
        text = text.replace(f"\n{{{name}}}\n", f"\n{block}\n" if ours else "\n")
    return text


@pytest.fixture(scope="module")
def warnings(make_book):
    """Build the same book with bookproof and without; return what each build warns of."""
    found = []
    for ours in (False, True):
        book = make_book()
        extensions = "  extra_extensions: [bookproof.sphinx_ext]\n" if ours else ""
        book.write("_config.yml", CONFIG.format(extensions=extensions))
        book.write(
            "_toc.yml", "format: jb-book\nroot: magics\nchapters:\n- glob: o*\n- file: plain\n"
        )
        book.chapter("magics.md", write(book, MAGICS, ours))
        path = book.chapter("odd.md", write(book, ODD, ours))
        path.write_text(ALIASED + path.read_text("utf-8").split("---\n", 2)[2])
        book.write("plain.md", "# Plain\n\n[nowhere](#no-such-place) {doc}`no-such-page`\n")
        command = [Path(sys.executable).with_name("jupyter-book"), "build", "-n", book.root]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
        said = re.sub(r"\S*/(\w+\.md)(:\d+)?", r"\1", said)  # blocks move the lines
        page = (book.root / "_build/html/magics.html").read_text("utf-8")
        lexers = set(re.findall(r'<div class="highlight-(\w+)', page))
        table = (book.root / "_build/html/odd.html").read_text("utf-8")
        rows = re.findall(r'<tr class="row-(?:even|odd)"><td><p><a.*?>(\w+)<', table)
        said = [line for line in said.split("\n") if not line.startswith("[IPKernelApp]")]
        warned = sorted(line for line in said if re.search("WARNING|ERROR", line))
        found.append((warned, lexers, rows))
    return found


def test_no_warning_is_new_and_none_is_lost(warnings):
    (stock, _, _), (ours, _, _) = warnings
    assert len(stock) == 4, stock  # those that the page means to have
    assert ours == stock


def test_code_is_coloured_as_it_was(warnings):
    assert warnings[0][1] == warnings[1][1]
    assert "ipython3" in warnings[1][1]


def test_the_table_of_executions_has_the_same_pages(warnings):
    assert warnings[0][2] == warnings[1][2] == ["magics", "odd"]
