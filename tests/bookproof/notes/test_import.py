"""Notes become chapters of a book: imported, checked and built, and imported again."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bookproof import notes_making
from bookproof.book import Book, check
from bookproof.cli import main
from bookproof.notes import record
from bookproof.notes.findings import Verdict
from bookproof.notes_import import import_notes
from bookproof.notes_trial import Options

NOTE = """\
# 2021年3月5日 星期五

## 一、求和

先定义一个函数：

```python
def total(values):
    return sum(values)

print(total([1, 2, 3]))  # 6
```

## 二、平方

均值是 $ \\frac{1}{n}\\sum x $ 这样写的。

![](./图/曲线 一.png)

```python
>>> [n * n for n in range(4)]
[0, 1, 4, 9]
>>> 2 ** 5
33
```

# 2021.3.7

## 随机

- 第一项

  ```python
  import random

  print(random.random())  # 0.4321
  ```

- 第二项

## 后来

![不在](missing.png)

```python
total([4, 5])
```
输出：
```
9
```
"""

PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><path d="M0 0h40"/></svg>'
)
NAMES = [
    "notes/2021-03-05-qiu-he.md",
    "notes/2021-03-05-ping-fang.md",
    "notes/2021-03-07-sui-ji.md",
    "notes/2021-03-07-hou-lai.md",
]


def notes_in(folder: Path) -> Path:
    """Write the notes into a folder whose name has blanks and Chinese."""
    place = folder / "我的 笔记"
    (place / "图").mkdir(parents=True)
    path = place / "三月.md"
    path.write_text(NOTE, "utf-8")
    (place / "图/曲线 一.svg").write_bytes(PICTURE)
    path.write_text(NOTE.replace("曲线 一.png", "曲线 一.svg"), "utf-8")
    return path


def book_in(folder: Path, toc: str = "format: jb-book\nroot: index\n") -> Path:
    """Make a book without chapters."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "_toc.yml").write_text(toc, "utf-8")
    (folder / "_config.yml").write_text("title: small\nexecute:\n  timeout: 20\n", "utf-8")
    (folder / "index.md").write_text("# Start\n", "utf-8")
    return folder


def quick(folder: Path, text: str, name: str = "one.md", **options):
    """Import a note; return what was done, and the book."""
    note = folder / "notes" / name
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(text, "utf-8")
    book = folder / "book"
    if not book.exists():
        book_in(book)
    return import_notes([note], book, Options(**options)), book


def make(book: Path, *words: str) -> subprocess.CompletedProcess:
    """Run make in a book with the programs of this environment and without the network."""
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    return subprocess.run(
        ["make", *words, f"BIN={Path(sys.executable).parent}"],
        cwd=book,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


class Made:
    """A book made of the notes by one command, and what that said."""

    def __init__(self, folder: Path):
        self.note = notes_in(folder)
        self.root = folder / "书 一"
        self.status = 0
        self.said = ""
        self.built: subprocess.CompletedProcess | None = None

    def text(self, name: str) -> str:
        return (self.root / name).read_text("utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    made = Made(tmp_path_factory.mktemp("made"))
    command = [sys.executable, "-m", "bookproof", "new", str(made.root)]
    done = subprocess.run(
        [*command, "--notes", str(made.note)], capture_output=True, text=True, timeout=300
    )
    made.status, made.said = done.returncode, done.stdout + done.stderr
    made.built = make(made.root, "book")
    return made


@pytest.fixture(scope="module")
def verdicts(made):
    """The verdicts of a check of the whole book."""
    return [(c.name, v.line, str(v.kind)) for c, v in check(Book.load(made.root))]


# ── from a note to a site ──


def test_a_section_becomes_a_chapter(made):
    assert sorted(p.relative_to(made.root).as_posix() for p in made.root.glob("notes/*.md")) == (
        sorted(NAMES)
    )
    front = [yaml.safe_load(made.text(name).split("---")[1]) for name in NAMES]
    assert [one["title"] for one in front] == ["求和", "平方", "随机", "后来"]
    assert [one["date"] for one in front] == ["2021-03-05"] * 2 + ["2021-03-07"] * 2
    assert {one["file_format"] for one in front} == {"mystnb"}
    anchors = [re.search(r"^\((.*)\)=\n# ", made.text(name), re.MULTILINE)[1] for name in NAMES]
    assert anchors == [
        "sec-2021-0305-1",
        "sec-2021-0305-2",
        "sec-2021-0307-1",
        "sec-2021-0307-2",
    ]


def test_a_day_becomes_a_part_of_the_table_of_contents(made):
    toc = yaml.safe_load(made.text("_toc.yml"))
    parts = [(p["caption"], [c["file"] + ".md" for c in p["chapters"]]) for p in toc["parts"]]
    assert parts == [("2021-03-05", NAMES[:2]), ("2021-03-07", NAMES[2:])]


def test_a_comment_becomes_a_block(made):
    text = made.text(NAMES[0])
    assert "print(total([1, 2, 3]))\n```\n```{expect}\n6\n```" in text
    assert "# 6" not in text.split("{code-cell}")[1]


def test_a_session_is_cut_below_what_it_shows(made):
    text = made.text(NAMES[1])
    assert ">>>" not in text
    assert text.count("{code-cell}") == 2
    assert "2 ** 5\n```\n```{expect}\n33\n```" in text


def test_a_fence_below_becomes_a_block_and_its_label_goes(made):
    text = made.text(NAMES[3])
    assert "total([4, 5])\n```\n```{expect}\n9\n```" in text
    assert "输出：" not in text


def test_what_another_section_defines_is_given_in_a_hidden_cell(made):
    given = made.text(NAMES[3]).split("```")[1]
    assert given.startswith("{code-cell} python\n:tags: [hide-input]")
    assert "# 笔记这一节里没有写的" in given
    assert "def total" in given


def test_a_random_value_is_unverified_with_the_reason(made):
    text = made.text(NAMES[2])
    assert re.search(r"\{unverified\}[^\n]*每次", text), text
    assert "- 第一项" in text
    assert "- 第二项" in text


def test_pictures_are_copied_under_ascii_names(made):
    assert [p.name for p in (made.root / "notes/assets").iterdir()] == ["qu-xian-yi.svg"]
    assert "```{figure} assets/qu-xian-yi.svg\n:alt: 待写：图里有什么" in made.text(NAMES[1])
    assert "*缺图：`missing.png`（不在）*" in made.text(NAMES[3])


def test_the_command_says_what_is_to_be_done(made):
    assert made.status == 1, made.said
    false = NOTE.split("\n").index("33") + 1
    missing = next(n for n, line in enumerate(NOTE.split("\n"), 1) if "missing.png" in line)
    said = "false, and imported as it is: 33 is said, the code gives 32"
    assert f"{made.note}:{false}: {said}" in made.said
    assert f"{made.note}:{missing}: the picture missing.png is missing" in made.said
    assert re.search(r"ping-fang\.md:\d+: say behind `:alt:`", made.said)
    assert "4 chapters written; claims: 3 true, 1 false, 1 random" in made.said


def test_only_the_false_claim_is_red(made, verdicts):
    line = made.text(NAMES[1]).split("\n").index("33")  # that of the block above it
    red = [one for one in verdicts if one[2] not in ("verified", "unverified")]
    assert [(name, at) for name, at, _ in red] == [(NAMES[1], line)]
    assert len(verdicts) == 5


def test_the_build_fails_for_the_false_claim_alone(made):
    said = made.built.stdout + made.built.stderr
    assert made.built.returncode != 0
    line = made.text(NAMES[1]).split("\n").index("33") + 1
    assert f"{NAMES[1]}:{line}: mismatch" in said, said
    assert not [name for name in NAMES if name != NAMES[1] and re.search(rf"{name}:\d+", said)]
    assert not re.findall(r"WARNING: (?!.*bookproof).*(?:not readable|not found)", said)
    page = (made.root / "_build/html" / NAMES[1].replace(".md", ".html")).read_text("utf-8")
    assert "qu-xian-yi.svg" in page
    assert r"\(\frac{1}{n}\sum x\)" in page
    assert "Jupyter Book community" not in page
    given = (made.root / "_build/html" / NAMES[3].replace(".md", ".html")).read_text("utf-8")
    assert "显示代码" in given


# ── a new book ──


def test_a_new_book_has_what_it_needs(made):
    files = {p.relative_to(made.root).as_posix() for p in made.root.rglob("*") if p.is_file()}
    assert {
        "_config.yml",
        "_toc.yml",
        "index.md",
        "requirements.txt",
        "Makefile",
        ".github/workflows/book.yml",
        ".gitignore",
        "README.md",
        record.FILE,
    } <= files
    config = yaml.safe_load(made.text("_config.yml"))
    assert config["title"] == "书 一"
    assert config["sphinx"]["config"]["language"] == "zh_CN"
    assert config["sphinx"]["extra_extensions"] == ["bookproof.sphinx_ext"]
    assert {"make book", "make test"} <= set(re.findall(r"make \w+", made.text("README.md")))


def test_a_new_english_book_builds(tmp_path):
    root = tmp_path / "book"
    assert main(["new", str(root), "--language", "en", "--title", "Sums: a diary"]) == 0
    assert yaml.safe_load((root / "_config.yml").read_text("utf-8"))["title"] == "Sums: a diary"
    done = make(root, "book")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '<html lang="en"' in (root / "_build/html/index.html").read_text("utf-8")


def test_a_folder_that_is_not_empty_is_refused(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    assert main(["new", str(tmp_path)]) != 0
    assert "not empty" in "".join(capsys.readouterr())
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_notes_that_are_not_there_make_no_book(tmp_path, capsys):
    assert main(["new", str(tmp_path / "book"), "--notes", str(tmp_path / "no.md")]) != 0
    assert "no such file" in "".join(capsys.readouterr())
    assert not (tmp_path / "book").exists()


# ── importing again ──

DAYS = """\
# 2020-01-02

## One

first words

## Two

second words

## Three

third words

## Four

fourth words
"""


def test_importing_again_leaves_what_the_author_has(tmp_path):
    done, book = quick(tmp_path, DAYS)
    names = [f"notes/2020-01-02-{word}.md" for word in ("one", "two", "three", "four")]
    assert done.written == names
    toc = (book / "_toc.yml").read_text("utf-8")
    done, _ = quick(tmp_path, DAYS)
    assert (done.written, done.left, done.unchanged) == ([], [], names)

    mine = book / names[0]
    mine.write_text(mine.read_text("utf-8") + "\nmine\n", "utf-8")
    (book / names[1]).unlink()
    changed = DAYS.replace("first", "1st").replace("second", "2nd").replace("third", "3rd")
    done, _ = quick(tmp_path, changed)
    assert done.written == [names[2]]
    assert done.unchanged == [names[3]]
    assert [text.split(":")[0] for text in done.left] == names[:2]
    assert "changed by its author" in done.left[0]
    assert "one.md:3 has changed too" in done.left[0]
    assert "removed by its author" in done.left[1]
    assert mine.read_text("utf-8").endswith("mine\n")
    assert not (book / names[1]).exists()
    assert "3rd words" in (book / names[2]).read_text("utf-8")
    assert (book / "_toc.yml").read_text("utf-8") == toc


def test_names_and_anchors_stay_when_a_section_comes_before(tmp_path):
    _, book = quick(tmp_path, DAYS)
    before = json.loads((book / record.FILE).read_text("utf-8"))["chapters"]
    quick(tmp_path, DAYS.replace("## One", "## Zero\n\nnew\n\n## One"))
    after = json.loads((book / record.FILE).read_text("utf-8"))["chapters"]
    assert {name: after[name]["anchor"] for name in before} == {
        name: entry["anchor"] for name, entry in before.items()
    }
    assert set(after) - set(before) == {"notes/2020-01-02-zero.md"}
    assert len({entry["anchor"] for entry in after.values()}) == 5


def test_a_chapter_of_the_same_name_is_not_overwritten(tmp_path):
    book = book_in(tmp_path / "book")
    mine = book / "notes/2020-01-02-one.md"
    mine.parent.mkdir()
    mine.write_text("# Mine\n", "utf-8")
    done, _ = quick(tmp_path, DAYS)
    assert mine.read_text("utf-8") == "# Mine\n"
    assert done.written[0] == "notes/2020-01-02-one-2.md"


# ── options ──


def test_accept_writes_what_the_code_gives_and_what_the_notes_said(tmp_path):
    text = "# 2020-01-02\n\n```python\nprint(2 + 2)  # 5\n```\n"
    done, book = quick(tmp_path, text, accept=True)
    chapter = (book / done.written[0]).read_text("utf-8")
    assert "```{expect}\n4\n```" in chapter
    assert re.search(r"\{note\}\s+The notes say:\s+```text\n5\n```", chapter)
    assert done.verdicts == {Verdict.FALSE: 1}
    assert {str(v.kind) for _, v in check(Book.load(book))} == {"verified"}


@pytest.mark.parametrize(
    ("split", "names", "days"),
    [
        ("heading", ["2020-01-02-one", "2020-01-02-two", "2020-01-02-three", "2020-01-02-four"], 4),
        ("file", ["2020-01-02"], 1),
        ("none", ["2020-01-02"], 0),
    ],
)
def test_a_split_may_be_asked_for(tmp_path, split, names, days):
    done, book = quick(tmp_path, DAYS, split=split)
    texts = [(book / name).read_text("utf-8") for name in done.written]
    assert len(done.written) == len(names)
    assert sum("date: '2020-01-02'" in text for text in texts) == days
    assert sum("sec-2020-0102" in text for text in texts) == days
    assert [Path(name).stem for name in done.written] == names


def test_readers_see_why_a_cell_does_not_run(tmp_path):
    text = "# 2024-01-02\n\n## 画\n\n```python\nimport cv9\ncv9.show()\n```\n"
    (path,) = quick(tmp_path, text)[1].glob("notes/*.md")
    written = path.read_text("utf-8")
    assert ":tags: [skip-execution]" in written
    assert "{unverified}`not run: cv9 is not installed <cv9 is not installed>`" in written


def test_a_template_may_be_given(tmp_path):
    template = "---\n$front\ntopic: sums\n---\n\n$heading\n\nBefore. $date $sections\n\n$text\n"
    done, book = quick(tmp_path, DAYS, template=template)
    text = (book / done.written[1]).read_text("utf-8")
    assert "topic: sums" in text
    assert 'Before. 2020-01-02 ["2020-0102-2"]' in text
    with pytest.raises(ValueError, match=r"wanted some of \$front"):
        quick(tmp_path / "other", DAYS, template="$nothing")


HIDDEN = """\
---
$front
---

$heading

```{code-cell} python
:tags: [remove-cell]

import functools
import json
json.dumps = functools.partial(json.dumps, indent=3)
```

$text
"""


def test_a_hidden_cell_of_a_template_is_where_a_chapter_uses_what_it_sets_up(tmp_path):
    text = (
        "# 2024-01-02\n\n## a\n\n```python\nimport json\nprint(json.dumps([1]))\n"
        "```\n\n## b\n\n```python\n1 + 1  # 2\n```\n"
    )
    done, book = quick(tmp_path, text, template=HIDDEN)
    used, idle = ((book / name).read_text("utf-8") for name in done.written)
    assert used.count("remove-cell") == 1
    assert "[\n   1\n]\n```\n" in used  # it ran first when the chapter was tried out
    assert "remove-cell" not in idle
    assert "$" not in idle
    assert check(Book.load(book, [book / name for name in done.written])).green
    with pytest.raises(ValueError, match=r"hidden cell of the template cannot run: .*nothing"):
        quick(tmp_path / "other", text, template=HIDDEN.replace("import functools", "nothing"))


def test_a_site_is_made_by_the_package_that_is_installed_for_it(tmp_path, monkeypatch, capsys):
    class Point:
        name, dist = "sites", None

        def load(self):
            return lambda title, language, needs: {
                "index.md": f"# {title} in {language}\n",
                "requirements.txt": "\n".join(needs),
                "_chapter.md": "---\n$front\nfrom: a site\n---\n\n$heading\n\n$text\n",
            }

    note = tmp_path / "note.md"
    note.write_text("# 2024-01-02\n\n## a\n\n```python\n1 + 1  # 2\n```\n")
    command = ["new", str(tmp_path / "book"), "--notes", str(note), "--site", "--title", "T"]
    monkeypatch.setattr(notes_making.importlib.metadata, "entry_points", lambda group: [])
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "--site wants one installed package that makes sites, there is none" in told
    assert 'python -m pip install "notesite' in told
    assert not (tmp_path / "book").exists()
    monkeypatch.setattr(notes_making.importlib.metadata, "entry_points", lambda group: [Point()])
    monkeypatch.setattr(notes_making, "_source", lambda name, needed: needed)
    assert main(command) == 0
    texts = {
        path.name: path.read_text("utf-8") for path in (tmp_path / "book").rglob("*.[mt][dx]*")
    }
    assert texts["index.md"] == "# T in zh\n"
    assert texts["requirements.txt"] == "bookproof[notes,serve]\nsites"
    assert "from: a site" in texts["2024-01-02-a.md"]
    assert "Makefile" in {path.name for path in (tmp_path / "book").iterdir()}


@pytest.mark.parametrize(
    ("toc", "wanted"),
    [
        (
            "format: jb-book\nroot: index\nparts:\n- caption: Start\n  chapters:\n  - file: a\n"
            "- caption: 2020-01-02 old\n  chapters:\n  - file: b\n"
            "- caption: '2020-02-01'\n  chapters:\n  - file: c\n",
            [
                ("Start", ["a"]),
                ("2020-01-02 old", ["b", "notes/2020-01-02-x"]),
                ("2020-02-01", ["c"]),
            ],
        ),
        (
            "format: jb-book\nroot: index\nparts:\n- caption: '2019-05-05'\n  chapters:\n"
            "  - file: a\n- caption: '2020-02-01'  # kept\n  chapters:\n  - file: c\n",
            [
                ("2019-05-05", ["a"]),
                ("2020-01-02", ["notes/2020-01-02-x"]),
                ("2020-02-01", ["c"]),
            ],
        ),
        (
            "format: jb-book\nroot: index\nparts:\n- caption: Start\n  chapters:\n  - file: a\n"
            "- caption: 参考\n  chapters:\n  - file: b\n"
            "- caption: 附录\n  chapters:\n  - file: c\n",
            [
                ("Start", ["a"]),
                ("2020-01-02", ["notes/2020-01-02-x"]),
                ("参考", ["b"]),
                ("附录", ["c"]),
            ],
        ),
        (
            "format: jb-book\nroot: index\nchapters:\n- file: a\n",
            ["a", "notes/2020-01-02-x"],
        ),
        (
            "format: jb-article\nroot: index\nsections:\n  - file: a\n  # end\n",
            ["a", "notes/2020-01-02-x"],
        ),
        ("format: jb-article\nroot: index\n", ["notes/2020-01-02-x"]),
    ],
)
def test_the_table_of_contents_gets_the_chapter(tmp_path, toc, wanted):
    book_in(tmp_path / "book", toc)
    _, book = quick(tmp_path, "# 2020-01-02\n\n## x\n\nwords\n")
    text = (book / "_toc.yml").read_text("utf-8")
    assert [line for line in toc.split("\n") if line not in text.split("\n")] == []
    content = yaml.safe_load(text)
    if "parts" in content:
        found = [(p["caption"], [c["file"] for c in p["chapters"]]) for p in content["parts"]]
    else:
        key = "chapters" if "chapters" in content else "sections"
        found = [entry["file"] for entry in content[key]]
    assert found == wanted


# ── bad input ──


def test_bad_notes_are_told_and_the_rest_goes_on(tmp_path):
    place = tmp_path / "坏 的"
    place.mkdir()
    (place / "a-empty.md").write_bytes(b"")
    (place / "b-gbk.md").write_bytes("# 池化\n\n一些文字，不是统一码。\n".encode("gbk"))
    (place / "c-open.md").write_text("# Open\n\n```python\nx = 1\nprint(x)\n", "utf-8")
    (place / "d-words.md").write_text("# Words\n\nno code at all\n", "utf-8")
    (place / "e-crlf.md").write_bytes(
        b"\xef\xbb\xbf# Ends\r\n\r\n```python\r\n1 + 1  # 2\r\n```\r\n"
    )
    (place / "f-front.md").write_text("---\ntitle: [a\n  b: :\n---\n# Front\n\nwords\n", "utf-8")
    book = book_in(tmp_path / "book")
    (tmp_path / "nothing").mkdir()
    done = import_notes([place, tmp_path / "nothing", tmp_path / "gone.md"], book)
    told = "\n".join(done.problems)
    for piece in (
        "a-empty.md:1: the note is empty",
        "b-gbk.md",
        "c-open.md:3",
        "nothing: no notes",
    ):
        assert piece in told, told
    assert "gone.md: there is no such file" in told
    written = {Path(name).stem: (book / name).read_text("utf-8") for name in done.written}
    assert set(written) >= {"open", "words", "ends", "front"}
    assert "1 + 1\n```\n```{expect}\n2\n```" in written["ends"]
    assert not any("\r" in text or "\ufeff" in text for text in written.values())
    assert "no code at all" in written["words"]
    assert {str(v.kind) for _, v in check(Book.load(book))} == {"verified"}


@pytest.mark.parametrize("name", ["nothing", "gone.md"])
def test_no_notes_at_all_are_an_error(tmp_path, name):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ValueError, match=r"no notes in this folder|no such file"):
        import_notes([tmp_path / name], book_in(tmp_path / "book"))


def test_a_book_without_a_table_of_contents_is_named(tmp_path):
    (tmp_path / "a.md").write_text("# A\n", "utf-8")
    with pytest.raises(ValueError, match=r"no _toc\.yml"):
        import_notes([tmp_path / "a.md"], tmp_path)
