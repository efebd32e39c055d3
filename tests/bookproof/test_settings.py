"""Every setting that bears on execution or outputs does what the reference page says."""

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jupyter_book.config import get_final_config
from myst_nb.core.config import NbParserConfig, Section
from myst_parser.config.main import MdParserConfig

from bookproof import Book
from bookproof.cli import main
from bookproof.reading import dialect, jupyter_book
from bookproof.reading.settings import DEFAULT, Settings

PAGE = Path(__file__).parents[2] / "book" / "reference" / "expectations.md"
SECTION = PAGE.read_text("utf-8").partition("\n## 设置\n")[2].partition("\n## ")[0]
ROW = re.compile(r"^\| (`.+?`) \| (.*?) \| (.*?) ?\| (.+) \|$", re.MULTILINE)
ROWS = [
    (name, level)
    for names, level, _, _ in ROW.findall(SECTION)
    for name in re.findall("`(.+?)`", names)
]
FIELDS = {field.name: field for field in dataclasses.fields(NbParserConfig)}


def config(**options):
    """Return the settings of a book with these options."""
    return Settings.read(NbParserConfig(**options))


# One check of one book, in which as much as possible is set.
CONFIG = """\
execute:
  execute_notebooks: "off"
  allow_errors: true
  raise_on_error: true
  show_tb: true
  run_in_temp: true
  timeout: 2
  cache: nowhere
  exclude_patterns: ["gpu/*"]
  stderr_output: error
exclude_patterns: [drafts]
sphinx:
  config:
    nb_kernel_rgx_aliases: {"env-.*": python3}
    nb_metadata_key: mine
    nb_cell_metadata_key: its
    bookproof_not_run: {"gpu/*": it needs a GPU}
"""
SLOW = "import time\ntime.sleep(4)\n1"
PRINTS = "```{{code-cell}}\n{}\n```\n```{{expect}}\n{}\n```\n"
CHAPTERS = {
    "aliased.md": PRINTS.format("print(1)", 1),
    "drafts/draft.md": PRINTS.format("print(1)", 2),
    "errors.md": "```{code-cell}\n1 / 0\n```\n" + PRINTS.format("print('after')", "after"),
    "gpu/train.md": "```{code-cell}\nimport no_such_library\n```\n",
    "skipped.md": "```{code-cell}\n:tags: [skip-execution]\n1 / 0\n```\n" + PRINTS.format(1, 1),
    "slow_cell.md": PRINTS.format(
        ":its: {execution_timeout: 60}\nimport time\ntime.sleep(4)\n1", 1
    ),
    "slow.md": PRINTS.format(SLOW, 1),
    "strict.md": "```{code-cell}\n1 / 0\n```\n" + PRINTS.format(1, 1),
    "tagged.md": "```{code-cell}\n:tags: [raises-exception]\n1 / 0\n```\n" + PRINTS.format(1, 1),
    "temp.md": PRINTS.format("import os\nos.listdir()", "[]"),
    "unlimited.md": PRINTS.format(SLOW, 1),
    "wrong_cell.md": "```{code-cell}\n:its: {execution_mode: force}\n1\n```\n```{expect}\n1\n```\n",
}
HEADS = {
    "aliased.md": "kernelspec: {name: env-book}",
    "strict.md": "execution: {allow_errors: false}",
    "tagged.md": "mine: {execution_allow_errors: false}",
    "unlimited.md": "mine: {execution_timeout: -1}",
}
KERNEL = "kernelspec: {name: python3}"


@pytest.fixture(scope="module")
def checked(make_book):
    """Check the book; return the kinds of verdict, and the messages, by chapter."""
    book = make_book()
    book.write("_config.yml", CONFIG)
    for name, body in CHAPTERS.items():
        head = HEADS.get(name, KERNEL)
        head += "" if "kernelspec" in head else f"\n{KERNEL}"
        path = book.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"---\nfile_format: mystnb\n{head}\n---\n\n{body}")
    chapters = book.check().chapters
    return {c.chapter.name: [(str(v.kind), v.message) for v in c.verdicts] for c in chapters} | {
        "settings": chapters[0].chapter.settings
    }


def kinds(checked, name):
    return [kind for kind, _ in checked[name]]


VERIFIED = ["verified"]
RAISED = ["missing expectation", "verified"]


def modes_are_one(checked):
    modes = ("off", "auto", "force", "cache", "inline")
    assert {config(execution_mode=mode).execution_mode for mode in modes} == {"auto"}
    assert kinds(checked, "aliased.md") == VERIFIED  # and the book says `off`


def mode_of_a_file(checked):
    for off in ("off", False):
        assert DEFAULT.of({"mystnb": {"execution_mode": off}}).unrun(Path("/a.md"))
    assert not DEFAULT.of({"mystnb": {"execution_mode": "force"}}).unrun(Path("/a.md"))


def excluded(checked):
    assert checked["gpu/train.md"] == [("unverified", "it needs a GPU")]


def timeout(checked):
    assert kinds(checked, "slow.md") == ["cell never ended"]
    assert kinds(checked, "unlimited.md") == kinds(checked, "slow_cell.md") == VERIFIED


def in_temp(checked):
    assert kinds(checked, "temp.md") == VERIFIED


def allow_errors(checked):
    assert kinds(checked, "errors.md") == RAISED


def raises(checked):
    assert kinds(checked, "tagged.md") == RAISED


def of_jupyter_cache(checked):
    assert kinds(checked, "strict.md") == ["cell failed", "cell not run"]
    assert DEFAULT.of({"execution": {"timeout": 5}}).execution_timeout == 5


def without_effect(checked):
    for name in ("execution_raise_on_error", "execution_show_tb", "execution_cache_path"):
        assert name not in {field.name for field in dataclasses.fields(Settings)}
    assert kinds(checked, "errors.md") == RAISED  # as if there were no `raise_on_error`


def alias(checked):
    assert kinds(checked, "aliased.md") == VERIFIED


def keys(checked):
    assert kinds(checked, "unlimited.md") == kinds(checked, "slow_cell.md") == VERIFIED
    message = "`its: execution_mode` is no setting of a cell"
    assert checked["wrong_cell.md"] == [("malformed block", message), ("verified", "")]


def formats(checked):
    read = config(custom_formats={".py": "json.loads"}).custom_formats
    assert read == {".py": ("json.loads", {}, False)}  # what becomes of it: test_formats.py


def skipped(checked):
    assert kinds(checked, "skipped.md") == VERIFIED


def plugin(checked):
    for read in (
        lambda: config(render_plugin="mine"),
        lambda: DEFAULT.of({"mystnb": {"render_plugin": "mine"}}),
    ):
        with pytest.raises(ValueError, match="render_plugin` is 'mine': only MyST-NB's default"):
            read()


def drafts(checked):
    assert "drafts/draft.md" not in checked


def passed_on(name, value):
    """Return a test that a setting is passed on to who obeys it, from every level it can have."""

    def test(checked):
        assert getattr(DEFAULT, name) == getattr(NbParserConfig(), name) or name in BOOK
        assert getattr(config(**{name: value}), name) == value
        sections = FIELDS[name].metadata["sections"]
        if Section.file_lvl in sections and name not in BOOK:
            assert getattr(DEFAULT.of({"mystnb": {name: value}}), name) == value
        if Section.cell_lvl in sections:
            key = FIELDS[name].metadata.get("cell_key", name)
            found = DEFAULT.of_cell({"mystnb": {key: value}})
            given = NbParserConfig().get_cell_level_config(name, {"mystnb": {key: value}}, print)
            assert getattr(found, name) == given == value

    return test


def markdown(checked):
    """What becomes of it: test_dialect.py."""
    for metadata in ({"myst": {"enable_extensions": ["deflist"]}}, {"myst": 3}, {}):
        spoken = dict(DEFAULT.of(metadata).dialect)["enable_extensions"]
        known = ("colon_fence", "dollarmath", "substitution", "tasklist")
        assert spoken == (("deflist",) if metadata.get("myst", 3) != 3 else known)
    wrong = dataclasses.asdict(MdParserConfig()) | {"enable_extensions": ["colon_fences"]}
    with pytest.raises(ValueError, match="'enable_extensions' items not recognised"):
        dialect.read(wrong.get)


BOOK = ("mime_priority_overrides",)


def elsewhere(checked):
    """Its test: test_the_command_and_the_build_see_the_same_chapters."""


def of_looks(checked):
    """Nothing of it bears on what a cell gives; MyST-NB does it."""


TESTS: dict[tuple[str, str], Callable] = {
    ("execution_mode", "全书"): modes_are_one,
    ("execution_mode", "一章"): mode_of_a_file,
    ("execution_excludepatterns", "全书"): excluded,
    ("execution_timeout", "全书、一章、单元格"): timeout,
    ("execution_in_temp", "全书、一章"): in_temp,
    ("execution_allow_errors", "全书、一章"): allow_errors,
    ("execution_raise_on_error", "全书、一章"): without_effect,
    ("execution_show_tb", "全书、一章"): without_effect,
    ("execution_cache_path", "全书、一章"): without_effect,
    ("kernel_rgx_aliases", "全书"): alias,
    ("eval_name_regex", "全书、一章"): passed_on("eval_name_regex", "^a$"),
    ("custom_formats", "全书"): formats,
    ("metadata_key", "全书"): keys,
    ("cell_metadata_key", "全书、一章"): keys,
    ("output_stderr", "全书、一章、单元格"): passed_on("output_stderr", "remove"),
    ("merge_streams", "全书、一章、单元格"): passed_on("merge_streams", True),
    ("remove_code_source", "全书、一章、单元格"): passed_on("remove_code_source", True),
    ("remove_code_outputs", "全书、一章、单元格"): passed_on("remove_code_outputs", True),
    ("mime_priority_overrides", "全书"): passed_on(
        "mime_priority_overrides", (("html", "text/plain", 0),)
    ),
    ("render_markdown_format", "全书、一章、单元格"): passed_on("render_markdown_format", "gfm"),
    ("render_plugin", "全书、一章"): plugin,
    ("execution: {timeout, allow_errors}", "一章的元数据"): of_jupyter_cache,
    ("skip-execution", "标签"): skipped,
    ("raises-exception", "标签"): raises,
    ("exclude_patterns", "全书"): drafts,
    ("external_toc_exclude_missing", "全书"): elsewhere,
    ("myst_enable_extensions", "全书、一章"): markdown,
    ("source_suffix", "全书"): elsewhere,
    ("include_patterns", "全书"): elsewhere,
} | {(name, "各级"): of_looks for name, level in ROWS if level == "各级"}


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_setting_does_what_the_page_says(row, checked):
    TESTS[row](checked)


def test_every_setting_has_a_row():
    assert len(ROWS) == len(set(ROWS)) == len(TESTS) == 38
    theirs = {name for name, field in FIELDS.items() if not field.metadata.get("sphinx_exclude")}
    assert theirs <= {name for name, _ in ROWS}
    assert {*re.findall("`execute: (.+?)`", SECTION)} == {*jupyter_book._EXECUTE}


def test_without_any_setting_all_is_as_mystnb_has_it():
    assert config() == DEFAULT
    assert DEFAULT.of({"title": "a"}) is DEFAULT


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"mystnb": 3}, "`mystnb` is 3, wanted settings by name"),
        ({"mystnb": {"execution_timout": 3}}, "`mystnb: execution_timout` is no setting"),
        ({"mystnb": {"execution_timeout": "3"}}, "'execution_timeout' must be of type"),
        ({"mystnb": {"output_stderr": "hide"}}, "'output_stderr' must be in"),
        ({"mystnb": {"kernel_rgx_aliases": {}}}, "only for a book: nb_kernel_rgx_aliases"),
        ({"execution": {"timeout": "soon"}}, "'execution_timeout' must be of type"),
    ],
)
def test_what_a_file_cannot_set_is_named(metadata, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        DEFAULT.of(metadata)


@pytest.mark.parametrize("reasons", [["gpu"], {"gpu/*": ""}, {"gpu/*": 3}, "gpu"])
def test_reasons_that_are_none_are_named(reasons):
    with pytest.raises(ValueError, match="wanted reasons by pattern"):
        Settings.read(NbParserConfig(), reasons)


WHOLE = """\
title: a book
only_build_toc_files: true
exclude_patterns: [drafts, "**/.*"]
execute:
  execute_notebooks: off
  cache: cached
  exclude_patterns: [gpu/*]
  timeout: 7
  run_in_temp: true
  allow_errors: true
  raise_on_error: true
  show_tb: true
  eval_regex: "^a"
  stderr_output: remove
parse:
  myst_enable_extensions: [deflist, linkify]
html: {favicon: a.svg}
sphinx:
  extra_extensions: [bookproof.sphinx_ext]
  config:
    nb_merge_streams: true
    html_static_path: [static]
"""


@pytest.mark.parametrize("more", ["", "    nb_execution_timeout: 9\n    exclude_patterns: [x]\n"])
@pytest.mark.parametrize("text", [WHOLE, "title: a\nsphinx:\n  config:\n    language: de\n"])
def test_a_configuration_is_translated_as_jupyter_book_does(tmp_path, text, more):
    content = yaml.safe_load(text + more)
    (tmp_path / "_static").mkdir()
    cli = {"latex_individualpages": False}
    theirs, _ = get_final_config(user_yaml=content, cli_config=cli, sourcedir=tmp_path)
    ours = jupyter_book.as_sphinx(yaml.safe_load(text + more))
    del ours["extensions"]  # the few of theirs that count here
    assert len(ours) >= 3
    for name, value in ours.items():
        same = sorted if name == "exclude_patterns" else lambda value: value
        assert same(value) == same(theirs[name]), name


FOUND = """\
import json


def tell(app, env, *_):
    names = [checked.chapter.name for checked in app.bookproof_report.chapters]
    settings = repr(app.bookproof_report.chapters[0].chapter.settings)
    with open(app.srcdir / "found.json", "w") as file:
        json.dump([names, settings], file)


def setup(app):
    app.connect("env-get-outdated", tell, priority=900)
"""
TEXT = "---\nfile_format: mystnb\n---\n# T\n\n```{unverified} nothing\n```\n"
FILES = [
    "a.md",
    "b.md",
    "b.ipynb",
    "c.nb.md",
    "drafts/d.md",
    "extra/e.md",
    "extra/f.md",
    "not_in_toc.md",
    "scripts/s.txt",
    "_static/g.md",
    ".hidden/h.md",
]
SPHINX = {
    "nb_custom_formats": {".txt": "found.read"},
    "nb_execution_timeout": 11,
    "nb_kernel_rgx_aliases": {"x": "y"},
    "myst_enable_extensions": ["linkify", "fieldlist", "amsmath"],
    "myst_dmath_double_inline": True,
}
READER = "\n\ndef read(text):\n    import nbformat.v4 as v4\n\n    return v4.new_notebook()\n"


@pytest.mark.parametrize("only", [True, False])
@pytest.mark.parametrize("kind", ["jupyter-book", "conf.py"])
def test_the_command_and_the_build_see_the_same_chapters(book, kind, only):
    for name in FILES:
        book.write(name, TEXT if name.endswith("md") else json.dumps(NOTEBOOK))
    book.write("ext/found.py", FOUND + READER)
    toc = "format: jb-book\nroot: a\nchapters:\n- file: b\n- file: c.nb\n"
    book.write("_toc.yml", toc + "- glob: extra/*\n- file: drafts/d\n- file: scripts/s\n")
    out = book.root / "_build" / "html"
    if kind == "conf.py":
        (book.root / "_config.yml").unlink()
        extensions = ["myst_nb", "bookproof.sphinx_ext", "found", "sphinx_external_toc"]
        values = {
            "extensions": extensions,
            "exclude_patterns": ["drafts", "_build", "ext"],
            "include_patterns": ["**.md", "**.ipynb", "scripts/*"],
            "external_toc_exclude_missing": only,
            **SPHINX,
        }
        lines = ["import sys", f"sys.path.insert(0, {str(book.root / 'ext')!r})"]
        lines += [f"{name} = {value!r}" for name, value in values.items()]
        book.write("conf.py", "\n".join(lines) + "\n")
        command = [sys.executable, "-m", "sphinx", "-q", book.root, out]
    else:
        content = {
            "only_build_toc_files": only,
            "exclude_patterns": ["drafts"],
            "execute": {"timeout": 5, "exclude_patterns": ["z"]},
            "sphinx": {
                "local_extensions": {"found": "ext"},
                "extra_extensions": ["bookproof.sphinx_ext"],
                "config": SPHINX,
            },
        }
        book.write("_config.yml", yaml.safe_dump(content))
        command = [Path(sys.executable).with_name("jupyter-book"), "build", "-q", book.root]
    try:
        loaded = book.load()
    finally:
        sys.path[:] = [path for path in sys.path if not path.startswith(str(book.root))]
    subprocess.run(command, capture_output=True, timeout=300)
    chapters, settings = json.loads((book.root / "found.json").read_text())
    assert list(loaded.chapters) == chapters
    assert repr(loaded.settings) == settings
    assert ("not_in_toc.md" in chapters) is not only
    assert {"a.md", "b.ipynb", "c.nb.md", "extra/f.md", "scripts/s.txt"} <= set(chapters)
    assert not {"b.md", "drafts/d.md"} & set(chapters)


NOTEBOOK = {
    "cells": [],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("conf.py", "x = 1 /", "invalid syntax (conf.py, line 1)"),
        ("conf.py", "1 / 0", "division by zero"),
        ("conf.py", "nb_output_stderr = 'hide'", "'output_stderr' must be in"),
        ("conf.py", "nb_render_plugin = 'mine'", "only MyST-NB's default is supported"),
        ("conf.py", "bookproof_not_run = ['x']", "bookproof_not_run is ['x'], wanted reasons"),
        ("_config.yml", "only_build_toc_files: true", "_toc.yml"),
        ("_config.yml", "execute: [1]", "execute is [1], wanted settings by name"),
    ],
)
def test_a_configuration_that_cannot_be_obeyed_is_named(book, capsys, name, text, words):
    (book.root / "_config.yml").unlink()
    book.write(name, f"{text}\n")
    book.chapter("a.md", "```{code-cell}\n1\n```\n")
    assert main(["list", "--root", str(book.root)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "cannot be read" in said
    assert str(book.root) in said


def test_a_build_says_the_same_without_a_traceback(book):
    (book.root / "_config.yml").unlink()
    lines = ["extensions = ['myst_nb', 'bookproof.sphinx_ext']", "nb_render_plugin = 'mine'"]
    book.write("conf.py", "\n".join(lines))
    book.chapter("index.md", "# T\n")
    command = [sys.executable, "-m", "sphinx", "-q", book.root, book.root / "_build"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "only MyST-NB's default is supported" in done.stderr
    assert "Traceback" not in done.stderr


def test_old_names_of_settings_are_known(book):
    (book.root / "_config.yml").unlink()
    book.write("conf.py", "execution_timeout = 4\nexecution_allow_errors = True\n")
    book.chapter("a.md", "```{code-cell}\n1\n```\n")
    settings = Book.load(book.root).settings
    assert (settings.execution_timeout, settings.execution_allow_errors) == (4, True)
