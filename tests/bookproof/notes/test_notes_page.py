"""The reference page of notes says what there is."""

import re
from pathlib import Path

from bookproof.notes.findings import Checked, Finding, Verdict
from bookproof.notes.reading import parse
from bookproof.notes.report import _entry

PAGE = (Path(__file__).parents[3] / "book" / "reference" / "notes.md").read_text("utf-8")
ROW = re.compile(r"^\| `([a-z ]+)` \| `(.+)` \|$", re.MULTILINE)


def test_the_examples_are_read_as_the_page_says():
    rows = [(name, code) for name, code in ROW.findall(PAGE) if "⏎" in code or "#" in code]
    assert len(rows) == 9
    for name, code in rows:
        note = parse("```python\n" + code.replace("⏎", "\n") + "\n```\n")
        assert [claim.convention for fence in note.fences for claim in fence.claims] == [name]


def test_the_page_names_every_verdict_and_every_key():
    for verdict in Verdict:
        assert f"| `{verdict}` |" in PAGE
    note = parse("```python\n3 + 4  # 7\n```\n")
    finding = Finding(note.fences[0].claims[0], Verdict.TRUE, "7")
    for key in _entry(Checked(note).note, finding):
        assert f"`{key}`" in PAGE
