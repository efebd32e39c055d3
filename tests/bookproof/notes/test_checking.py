"""What notes are told: the verdicts on their claims, and that one note never spoils another."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from bookproof import cli

VERDICTS = """\
---
title: 一些笔记
---

```python
import random
import numpy as np

a = np.array([[1, 2], [3, 4]])
a.shape  # (2, 2)
a.mean()  # 2.5
a[0]  # [1, 2]
np.pi  # 3.14
a.sum()  # 11
random.random()  # 0.25
len([random.random()])  # 1
lost + 1  # 3
int("q")  # ValueError
import nothing_of_this_name
open("none.txt").read()  # 'x'
print(open("data.txt").read())  # 7
input()  # 'y'
b = a + lost
b[0]  # [1 2]
```

输出：

```python
for i in range(2):
    print("行", i)
```

```
行 0
行 1
```

```python
def half(x):
    y = x / 2
    print(y)  # 2.0
    return y

half(4)
below  # 3
below = 3
random.choice([1, 2, 3, 4, 5, 6, 7, 8])  # 3
id(a)  # 140
{"x", "y"}  # {'y', 'x'}
```
"""

WANTED = {
    10: "true",
    11: "true",
    12: "other style",
    13: "true to the digits written",
    14: "false",
    15: "random",
    16: "true",
    17: "not run",
    18: "true",
    20: "not run",
    21: "true",
    22: "not run",
    24: "not run",
    35: "true",
    42: "true",
    46: "not run",
    48: "random",
    49: "random",
    50: "other style",
}

OTHERS = {
    "killer.md": "```python\n1  # 1\nimport os, signal\nos.kill(os.getpid(), 9)\n2  # 2\n```\n",
    "hang.md": "```python\nimport time\ntime.sleep(60)  # 0\n3  # 3\n```\n",
    "writes.md": "```python\nopen('made.txt', 'w').write('x')  # 1\n```\n",
    "空 白.md": "\ufeff```python\r\nx = 1\r\nx  # 2\r\n```\r\n",
    "open.md": "```python\n4  # 4\n\n## next\n\n```python\n5  # 5\n```\n",
    "empty.md": "",
    "prose.md": "# words\n\nno code\n",
    "supplied.md": "```python\nnp.zeros(2).shape  # (2,)\n```\n",
    "session.md": "```python\n>>> import numpy as np\n>>> np.float64(3)\n3.0\n```\n",
    "elsewhere.md": "```python\nhalf(4)  # 2.0\n```\n",
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Check a folder of notes once; return the status, what was printed, and the JSON."""
    root = tmp_path_factory.mktemp("我的 笔记")
    (root / "verdicts.md").write_text(VERDICTS, "utf-8")
    (root / "data.txt").write_text("7", "utf-8")
    (root / "latin.md").write_bytes(b"caf\xe9\n")
    for name, text in OTHERS.items():
        (root / name).write_text(text, "utf-8", newline="")
    before = sorted(path.name for path in root.iterdir())
    target = root.with_name("verdicts.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("tmp")))
        patch.setattr(tempfile, "tempdir", None)
        lines = []
        for name in ("say", "show"):
            patch.setattr(
                f"bookproof.notes_commands.{name}", lambda text, _=None: lines.append(text)
            )
        arguments = ["notes", "check", str(root), "--json", str(target), "--timeout", "3"]
        status = cli.main(arguments)
        left = os.listdir(tempfile.gettempdir())
    assert sorted(path.name for path in root.iterdir()) == before
    assert left == []
    return status, "\n".join(lines), json.loads(target.read_text("utf-8"))


def verdicts(checked, name):
    """Return the verdicts on the claims of a note by line."""
    claims = checked[2]["claims"]
    return {c["line"]: c["verdict"] for c in claims if Path(c["file"]).name == name}


def test_every_verdict(checked):
    assert verdicts(checked, "verdicts.md") == WANTED
    assert set(WANTED.values()) == {
        "true",
        "true to the digits written",
        "other style",
        "false",
        "random",
        "not run",
    }


def test_each_has_its_reason(checked):
    whys = {c["line"]: c["why"] for c in checked[2]["claims"] if c["file"].endswith("verdicts.md")}
    assert "`lost` is never defined" in whys[17]
    assert "file is missing" in whys[20]
    assert "input" in whys[22]
    assert "line 23 failed" in whys[24]
    assert "defined only at line 47" in whys[46]
    assert "verdicts.md:40" in next(
        c["why"] for c in checked[2]["claims"] if c["file"].endswith("elsewhere.md")
    )


def test_a_note_that_dies_or_hangs_stops_no_other(checked):
    assert verdicts(checked, "killer.md") == {2: "true", 5: "not run"}
    assert verdicts(checked, "hang.md") == {3: "not run", 4: "true"}
    why = {c["line"]: c["why"] for c in checked[2]["claims"] if c["file"].endswith("hang.md")}
    assert why[3] == "took more than 3 s"


def test_bad_input_is_told_and_the_rest_goes_on(checked):
    status, text, content = checked
    assert status == 1
    assert "latin.md:1: not UTF-8: byte 0xe9" in text
    assert content["unread"] == [next(x for x in text.split("\n") if "latin" in x)[11:]]
    assert "open.md:1: the fence is never closed" in text
    assert verdicts(checked, "open.md") == {2: "true", 7: "true"}
    assert verdicts(checked, "空 白.md") == {3: "false"}
    assert verdicts(checked, "writes.md") == {2: "true"}


def test_a_session_shows_what_repr_gives(checked):
    assert verdicts(checked, "session.md") == {4: "other style"}


def test_usual_imports_are_supplied_and_told(checked):
    assert verdicts(checked, "supplied.md") == {2: "true"}
    assert "supplied what it lacks: import numpy as np" in checked[1]


def test_what_is_false_is_shown_beside_what_is_right(checked):
    lines = checked[1].split("\n")
    place = next(n for n, line in enumerate(lines) if "verdicts.md:14: false" in line)
    assert [line.split() for line in lines[place + 1 : place + 3]] == [
        ["claimed", "|", "actual"],
        ["11", "|", "np.int64(10)"],
    ]
    assert lines[-1].startswith("bookproof: 11 notes, 30 claimed outputs: ")


def test_the_list_runs_nothing(tmp_path, capsys):
    path = tmp_path / "a.md"
    path.write_text("```python\nopen('made', 'w')\nprint(3)  # 3\n```\n", "utf-8")
    assert cli.main(["notes", "check", str(path), "--list"]) == 0
    out = capsys.readouterr().out
    assert f"{path}:3: trailing, about line 3: 3" in out
    assert "1 claimed output; nothing was run" in out


def test_nothing_to_check_is_bad_usage(tmp_path, capsys):
    assert cli.main(["notes", "check", str(tmp_path), str(tmp_path / "none.md")]) == 2
    told = capsys.readouterr().err
    assert "no notes in this folder" in told
    assert "no such file" in told
