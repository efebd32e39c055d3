"""What the pages say of the check is what the check found: verification.json is the measure."""

import json
import re
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from tests.site.conftest import ROOT

from bookproof.reading.scan import scan


@pytest.fixture(scope="module")
def verification(site):
    content = json.loads((site / "verification.json").read_text(encoding="utf-8"))
    assert len(content["chapters"]) >= 5
    assert content["totals"]["verified"] >= 70
    return content


def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def page_of(site, chapter):
    return site / re.sub(r"\.(md|ipynb)$", ".html", chapter)


def verdicts_of(content, kind):
    return sum(verdict["kind"] == kind for verdict in content["verdicts"])


def test_front_page_gives_the_total(site, verification):
    text = soup(site / "book" / "index.html").select_one("article").get_text()
    [shown] = re.findall(r"(\d+) 处输出已核对", text)
    assert int(shown) == verification["totals"]["verified"]


def test_front_page_leads_to_the_ledger(site):
    links = soup(site / "book" / "index.html").select("article a[href]")
    assert "reference/ledger.html" in [link["href"] for link in links]


def in_alt_texts(chapter):
    """Return how many values of a chapter stand where a page has no place to mark them."""
    return sum(value.plain for value in scan(ROOT, chapter).values)


def test_ledger_lists_every_verdict_with_a_link_that_leads_there(site, verification):
    path = site / "book" / "reference" / "ledger.html"
    page = soup(path)
    tables = page.select("table.bookproof-ledger")
    assert len(tables) == len(verification["chapters"])
    links = unplaced = quoted = 0
    for table, (chapter, content) in zip(
        tables, sorted(verification["chapters"].items()), strict=True
    ):
        rows = table.select("tbody tr")
        assert [int(row.td.get_text()) for row in rows] == [v["line"] for v in content["verdicts"]]
        for row, verdict in zip(rows, content["verdicts"], strict=True):
            claim = row.select("td")[-1].get_text()
            if not verdict.get("message"):  # quoted as it is, with its straight quotes
                quoted += "'" in claim or '"' in claim
                assert claim.removesuffix(" …") in verdict["expected"]
        target = page_of(site, chapter)
        ids = {element["id"] for element in soup(target).select("[id]")}
        for link in table.select("a[href]"):
            address, _, anchor = link["href"].partition("#")
            assert (path.parent / address).resolve() == target.resolve()
            assert anchor in ids or not anchor, link["href"]
            unplaced += not anchor
            links += 1
    assert links == sum(len(c["verdicts"]) for c in verification["chapters"].values())
    assert quoted > 50
    assert 0 < unplaced == sum(map(in_alt_texts, verification["chapters"]))
    totals = verification["totals"]
    said = f"核对了 {totals['verified']} 处输出；未核对 {totals['unverified']} 处"
    assert said in page.select_one("article").get_text()


def test_each_chapter_says_at_its_foot_what_was_verified(site, verification, content):
    for chapter, checked in verification["chapters"].items():
        page = soup(page_of(site, chapter))
        [foot] = page.select(".bookproof-foot")
        verified, unverified = (verdicts_of(checked, k) for k in ("verified", "unverified"))
        assert f"本页核对了 {verified} 处输出" in foot.get_text()
        assert (f"另有 {unverified} 处" in foot.get_text()) == bool(unverified)
        assert f"Python {checked['versions']['python']}" in foot.get_text()
        assert len(page.select(".bookproof-verified")) == verified - in_alt_texts(chapter)
        assert len(page.select(".bookproof-unverified")) == unverified
    others = set(content) - {f"{name.rpartition('.')[0]}.html" for name in verification["chapters"]}
    assert len(others) >= 6
    assert not [name for name in others if soup(site / name).select(".bookproof-foot, .bookproof")]


def test_no_failure_is_shown_on_any_page(site, content):
    assert not [name for name in content if soup(site / name).select(".bookproof-failed")]


def test_totals_follow_the_chapters(tmp_path):
    # In processes of its own: MyST-NB and MyST-Parser do not go together in one.
    cell = "```{code-cell}\n7 // 2\n```\n```{expect}\n3\n```\n\n"
    front = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# A\n\n"
    names = ("chapters", "verified", "unverified", "failed")
    roles = " ".join(f"{{verification}}`{name}`" for name in names)
    settings = "extensions = ['myst_nb', 'bookproof.sphinx_ext']\nexclude_patterns = ['_build']\n"
    (tmp_path / "conf.py").write_text(settings)
    (tmp_path / "index.md").write_text(f"# T\n\n({roles})\n\n```{{toctree}}\na\n```\n")
    for cells, status, totals in [
        (cell, 0, "(1 1 0 0)"),
        (cell * 2 + cell.replace("{expect}\n3", "{unverified} why"), 0, "(1 2 1 0)"),
        (cell + cell.replace("\n3\n", "\n4\n"), 1, "(1 1 0 1)"),
    ]:
        (tmp_path / "a.md").write_text(front + cells)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build/html"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == status, done.stderr
        assert totals in (tmp_path / "_build" / "html" / "index.html").read_text("utf-8")
