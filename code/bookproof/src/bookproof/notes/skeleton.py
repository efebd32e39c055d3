"""The files of a new book, in the language of its author."""

from __future__ import annotations

import json
from collections.abc import Sequence

_CONFIG = """\
# jupyter-book 1: `make book` builds it, and checks that all outputs are as the chapters say.
title: {title}
author: ""
copyright: ""
only_build_toc_files: true
exclude_patterns:
  - "**/.*"
  - _build
  - README.md
execute:
  execute_notebooks: "off"  # bookproof executes the chapters
  timeout: 60
parse:
  myst_enable_extensions: [amsmath, colon_fence, dollarmath, linkify, substitution, tasklist]
sphinx:
  extra_extensions: [bookproof.sphinx_ext]
  config:
    language: {language}
"""
_PROMPTS_ZH = """\
    nb_code_prompt_show: 显示代码
    nb_code_prompt_hide: 隐藏代码
"""

_TOC = "format: jb-book\nroot: index\n"

_MAKEFILE = """\
# `make book BIN=/somewhere/bin` uses an environment that is there, instead of making one.
PYTHON ?= python3
BIN ?= .venv/bin
READY := $(if $(filter undefined file,$(origin BIN)),.venv/ready)

.PHONY: book test serve clean
book: $(READY)
	$(BIN)/jupyter-book build .

test: $(READY)
	$(BIN)/bookproof check --twice

serve: $(READY)
	$(BIN)/bookproof serve -- $(BIN)/jupyter-book build . || [ $$? -eq 130 ]

clean:
	rm -rf _build

.venv/ready: requirements.txt
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --requirement requirements.txt
	touch $@
"""

_WORKFLOW = """\
name: book
on: [push, pull_request]
permissions:
  contents: read
jobs:
  book:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: make book
      - run: make test
"""

_IGNORED = "_build/\n.venv/\n__pycache__/\n.ipynb_checkpoints/\n.DS_Store\n"

_INDEX_ZH = """\
# {title}

构建这本书时，全部代码重新运行，印出的每一行都与书里写的比较：
核对了 {{verification}}`verified` 处输出，{{verification}}`unverified` 处没有核对并写明原因。
"""

_INDEX = """\
# {title}

Building this book runs all its code again, and compares every output with what the book says:
{{verification}}`verified` outputs are verified, {{verification}}`unverified` are not, with the
reason beside them.
"""

_README_ZH = """\
# {title}

```sh
make book   # 建立环境，构建并核对全书，网页在 _build/html/index.html
make test   # 在别处再运行一遍，找出每次不同的输出
```

需要 Python 3.11 或更新的版本和 `make`。`make serve` 边写边看。

- 导入笔记：`.venv/bin/bookproof notes import 笔记.md --into .`。
  章节写在 `notes/` 里，目录 `_toc.yml` 随之更新；再导入一次，只改你没有动过的章节。
- 构建失败时，先看是哪个文件的哪一行：改代码，改核对块，
  或者用 `.venv/bin/bookproof accept notes/某一章.md` 采用代码给出的输出。
- `requirements.txt` 写明装什么；章节里用到的包加在那里。
"""

_README = """\
# {title}

```sh
make book   # makes an environment, builds and checks the book; see _build/html/index.html
make test   # runs it once more elsewhere, to find what differs from run to run
```

Python 3.11 or newer and `make` are needed. `make serve` shows the book while you write.

- Import notes: `.venv/bin/bookproof notes import notes.md --into .` writes chapters into `notes/`
  and adds them to `_toc.yml`; importing again changes only chapters that you have not touched.
- When the build fails, it names file and line: mend the code or the block, or let
  `.venv/bin/bookproof accept notes/chapter.md` take what the code gives.
- `requirements.txt` says what is installed; add the packages that your chapters use.
"""


def skeleton(
    title: str, chinese: bool, bookproof: str, packages: Sequence[str] = ()
) -> dict[str, str]:
    """Return the files of a book by their names.

    `bookproof` says how pip gets it, `packages` what else the chapters need.
    """
    quoted = json.dumps(title, ensure_ascii=False)
    words = {"title": title}
    needs = ["jupyter-book>=1.0.4,<2", "sphinx>=7.4,<8", *(["jieba"] if chinese else ())]
    return {
        "_config.yml": _CONFIG.format(title=quoted, language="zh_CN" if chinese else "en")
        + (_PROMPTS_ZH if chinese else ""),
        "_toc.yml": _TOC,
        "index.md": (_INDEX_ZH if chinese else _INDEX).format(**words),
        "README.md": (_README_ZH if chinese else _README).format(**words),
        "Makefile": _MAKEFILE,
        "requirements.txt": "\n".join([bookproof, *needs, *packages]) + "\n",
        ".gitignore": _IGNORED,
        ".github/workflows/book.yml": _WORKFLOW,
    }
