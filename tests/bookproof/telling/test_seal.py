"""A site that is not what was verified is not fit to be published, whoever changed it."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from bookproof.cli import main
from bookproof.telling import seal

GOOD = "```{code-cell}\nprint('ok', 3)\n```\n```{expect}\nok 3\n```\n"
OWN = "```{code-cell}\nprint('run-7 ok')\n```\n```{expect} norm=run\nrun-1 ok\n```\n"
NUMBER = "```{code-cell}\nprint(1.2345)\n```\n```{expect} number\n1.23\n```\n"
REASON = "```{code-cell}\nprint(object())\n```\n```{unverified} an address\n```\n"
SETTINGS = "extensions = ['myst_nb', 'bookproof.sphinx_ext']\nexclude_patterns = ['_build']\n"
SETTINGS += "bookproof_filters = {'run': ['run-[0-9]+', 'run']}\n"


def build(book, chapter):
    """Build the book, as it is; return the site."""
    book.write("conf.py", SETTINGS)
    book.write("index.md", "# T\n\n```{toctree}\na\nnotes/b\n```\n")
    book.chapter("a.md", f"# A\n\n{chapter}")
    book.chapter("notes/b.md", f"# B\n\n{REASON}\n{GOOD}")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "_build/html"]
    subprocess.run(command, cwd=book.root, capture_output=True)
    return book.root / "_build" / "html"


@pytest.fixture(scope="module")
def built(make_book):
    return build(make_book(), f"{GOOD}\n{NUMBER}\n{OWN}")


@pytest.fixture(scope="module")
def red(make_book):
    return build(make_book(), GOOD.replace("\nok 3", "\nok 4"))


@pytest.fixture
def site(built, tmp_path):
    """Return a sealed site, to be spoilt."""
    folder = tmp_path / "site"
    shutil.copytree(built, folder)
    assert main(["seal", str(folder)]) == 0
    return folder


def edit(site, change):
    """Edit verification.json; the totals follow where they can."""
    path = site / "verification.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    kinds = [v["kind"] for c in content["chapters"].values() for v in c["verdicts"]]
    content["totals"] |= {kind: kinds.count(kind) for kind in ("verified", "unverified")}
    content["totals"]["chapters"] = len(content["chapters"])
    path.write_text(json.dumps(content), "utf-8")


def refused(site, capsys, *more):
    """Let the command line check the site; return what it says of it."""
    assert main(["seal", str(site), "--check", *more]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"bookproof: refused: {site} is not fit to be published\n")
    return said.splitlines()[1:]


def test_a_sealed_site_passes_and_sha256sum_agrees(site, capsys):
    assert main(["seal", str(site), "--check"]) == 0
    assert capsys.readouterr().out.endswith(f"{site} is as sealed\n")
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", seal.SEAL], cwd=site, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK\n") >= 10
    assert "notes/b.html: OK\n" in done.stdout


def test_what_was_altered_since_is_not_sealed_again(book, capsys):
    site = build(book, GOOD)
    assert main(["seal", str(site)]) == 0
    (site / "more.txt").write_text("added")
    assert main(["seal", str(site)]) == 0
    page = site / "a.html"
    page.write_text(page.read_text("utf-8").replace("ok 3", "ok 4"), "utf-8")
    capsys.readouterr()
    assert main(["seal", str(site)]) == 1
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"  {page} is not the file that SHA256SUMS is of",
        f"  build the site again, or remove {site / seal.SEAL} if that is right",
    ]
    assert main(["seal", str(site), "--check"]) == 1
    build(book, GOOD.replace("3", "4"))
    assert not (site / seal.SEAL).exists()
    assert main(["seal", str(site)]) == 0


def test_hidden_files_do_not_count(site):
    (site / ".nojekyll").touch()
    (site / "notes" / ".cache").mkdir()
    (site / "notes" / ".cache" / "x").touch()
    assert main(["seal", str(site), "--check"]) == 0


def test_a_book_that_is_not_as_it_says_is_never_sealed(red, capsys):
    assert (red / "a.html").is_file()  # Sphinx writes the pages all the same
    assert main(["seal", str(red)]) == 1
    assert "is not green: 1 output verified in 2 chapters, 1 left" in capsys.readouterr().err
    assert not (red / seal.SEAL).exists()


def drop_first(content):
    del content["chapters"]["a.md"]["verdicts"][0]


def drop_chapter(content):
    del content["chapters"]["a.md"]


def add_chapter(content):
    content["chapters"]["c.md"] = content["chapters"]["a.md"]


def move(content):
    content["chapters"]["a.md"]["verdicts"][0]["line"] += 1


def excuse(content):
    verdict = content["chapters"]["a.md"]["verdicts"][0]
    for key in ("mode", "expected", "actual"):
        del verdict[key]
    verdict |= {"kind": "unverified", "message": "because"}


def change_output(content):
    content["chapters"]["a.md"]["verdicts"][0]["actual"] = "ok 4"


def change_number(content):
    content["chapters"]["a.md"]["verdicts"][1]["actual"] = "1.24"


def change_mode(content):
    content["chapters"]["a.md"]["verdicts"][0]["mode"] = "roughly"


def change_filtered(content):
    content["chapters"]["a.md"]["verdicts"][2]["actual"] = "run-7 no"


def change_filter(content):
    content["filters"]["run"][0] = "never"


def drop_filters(content):
    del content["filters"]


def break_filter(content):
    content["filters"]["run"][0] = "("


def age(content):
    content["format"] = 1


def redden(content):
    content["green"] = False


def miscount(content):
    content["totals"]["failed"] = 1


def extend(content):
    content["checked"] = "by hand"


def empty(content):
    content["chapters"] = {}


def cut(content):
    content["shard"], content["book"] = "1/2", {"chapters": {}}


EDITS = {
    drop_first: "a.html shows other verdicts",
    drop_chapter: "a.html shows other verdicts",
    add_chapter: "c.html is missing",
    move: "a.html shows other verdicts",
    excuse: "a.html shows other verdicts",
    change_output: "a.md:11: said to be verified",
    change_number: "a.md:18: said to be verified",
    change_mode: "a.md:11: said to be verified",
    change_filtered: "a.md:25: said to be verified",
    change_filter: "a.md:25: said to be verified",
    drop_filters: "a.md:25: said to be verified",
    break_filter: "verification.json: bookproof_filters: run: '('",
    age: "has format 1, wanted 2: check the book again",
    redden: "contradicts itself",
    miscount: "contradicts itself",
    extend: "is not as its schema says at $",
    empty: "is not green: 0 outputs verified in 0 chapters",
    cut: "is shard 1/2 of a book",
}


@pytest.mark.parametrize("change", EDITS, ids=lambda change: change.__name__)
def test_a_verification_that_was_edited_by_hand_is_refused(site, capsys, change):
    edit(site, change)
    changed, *other = refused(site, capsys)
    assert changed.endswith("verification.json is not the file that SHA256SUMS is of")
    assert other
    seal.write(site)  # whoever edits one file can edit another
    assert EDITS[change] in refused(site, capsys)[0]
    assert main(["seal", str(site)]) == 1


def test_a_verification_that_hides_a_failure_is_refused(red, tmp_path, capsys):
    site = shutil.copytree(red, tmp_path / "site")
    path = site / "verification.json"
    text = path.read_text("utf-8").replace('"green": false', '"green": true')
    text = text.replace('"kind": "mismatch"', '"kind": "verified"').replace(
        '"failed": 1', '"failed": 0'
    )
    text = re.sub(r'\n *"message": "first difference.*', "", text)
    text = re.sub(r',\n *"difference": {[^}]*}', "", text)
    path.write_text(text.replace('"verified": 1', '"verified": 2'), "utf-8")
    seal.write(site)
    said = refused(site, capsys)
    assert len(said) == 2
    assert "a.md:11: said to be verified, but the two texts differ" in said[0]
    assert "a.html shows other verdicts than verification.json has" in said[1]


SPOILT = {
    "verification.json": "verification.json cannot be read",
    "a.html": "a.html is missing, the page of a chapter",
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_file_that_is_missing_is_refused(site, capsys, name):
    (site / name).unlink()
    said = refused(site, capsys)
    assert said[0].endswith(f"{name} is missing")
    assert SPOILT[name] in said[1]
    assert main(["seal", str(site)]) == 1


def test_a_page_that_was_edited_is_refused(site, capsys):
    page = site / "notes" / "b.html"
    page.write_text(page.read_text("utf-8").replace("ok 3", "ok 4"), "utf-8")
    assert refused(site, capsys) == [f"  {page} is not the file that SHA256SUMS is of"]


def test_a_page_that_claims_what_was_not_verified_is_refused(site, capsys):
    badge = '<p class="bookproof bookproof-verified">✓</p>'
    (site / "index.html").write_text(badge, "utf-8")
    seal.write(site)
    [said] = refused(site, capsys)
    assert said.endswith("index.html shows other verdicts than verification.json has")


def test_a_file_that_was_added_is_refused(site, capsys):
    (site / "notes" / "c.js").touch()
    assert refused(site, capsys) == [f"  {site / 'notes' / 'c.js'} is not in SHA256SUMS"]


def test_a_site_without_a_seal_is_refused(site, capsys):
    (site / seal.SEAL).unlink()
    assert refused(site, capsys) == [f"  {site / seal.SEAL} is missing, or cannot be read"]
    (site / seal.SEAL).write_text("no digest\n")
    assert len(refused(site, capsys)) >= 10


@pytest.fixture
def nested(site, built):
    """Return a site with another one in it, unsealed: a manual beside the book, say."""
    shutil.copytree(built, site / "manual")
    return site


def test_a_site_within_a_site_is_sealed_with_it(nested, capsys):
    assert main(["seal", str(nested)]) == 0
    assert main(["seal", str(nested), "--check"]) == 0
    names = [line.partition("  ")[2] for line in (nested / seal.SEAL).read_text().splitlines()]
    assert {"a.html", "manual/a.html", "manual/verification.json"} <= set(names)


def test_a_site_within_a_site_has_to_be_fit_itself(nested, red, capsys):
    shutil.rmtree(nested / "manual")
    shutil.copytree(red, nested / "manual")
    assert main(["seal", str(nested)]) == 1
    said = capsys.readouterr().err.splitlines()
    proof = nested / "manual" / "verification.json"
    assert said[1].startswith(f"  {proof} is not green: 1 output")
    assert len(said) == 2


def test_pages_answer_for_the_verdicts_of_their_own_site(nested, capsys):
    page = nested / "manual" / "a.html"
    page.write_text(page.read_text("utf-8").replace("bookproof-verified", "x"), "utf-8")
    seal.write(nested)
    assert refused(nested, capsys) == [
        f"  {page} shows other verdicts than verification.json has",
    ]
    (nested / "manual" / "verification.json").unlink()  # then they are the outer one's
    seal.write(nested)
    assert [line.split()[0] for line in refused(nested, capsys)] == [
        str(nested / "manual" / "notes" / "b.html")
    ]


def test_a_page_of_the_book_cannot_be_taken_over_by_a_site_within(nested, capsys):
    shutil.copy(nested / "verification.json", nested / "notes")
    seal.write(nested)
    assert f"  {nested / 'notes' / 'b.html'} is missing, the page of a chapter" in refused(
        nested, capsys
    )
