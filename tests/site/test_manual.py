"""The manual of bookproof as it is published: fit beside the book, whole, accessible, alone."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
import yaml
from bs4 import BeautifulSoup
from tests.site.conftest import listed, serve
from tests.site.test_all_pages import COLOURS, colour_faults, violations

from bookproof.telling import seal

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "code" / "bookproof" / "docs"


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    """Build the manual; return its site."""
    folder = tmp_path_factory.mktemp("manual")
    command = ["make", "--silent", "manual", f"MANUAL_OUT={folder}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def pages(manual):
    """Return the names of its pages, and make sure that none is missing or left over."""
    toc = listed(yaml.safe_load((SOURCE / "_toc.yml").read_text("utf-8")))
    found = sorted(path.name for path in manual.rglob("*.html"))
    assert found == sorted([*(f"{name}.html" for name in toc), "search.html"])
    assert len(found) >= 18
    return found


def test_every_output_of_it_is_verified_or_has_a_reason(manual):
    found = json.loads((manual / "verification.json").read_text("utf-8"))
    assert found["green"]
    assert found["totals"]["verified"] >= 9
    verdicts = [v for chapter in found["chapters"].values() for v in chapter["verdicts"]]
    unverified = [v for v in verdicts if v["kind"] == "unverified"]
    assert len(unverified) == found["totals"]["unverified"]
    assert all(v["message"] for v in unverified)


def test_it_is_sealed_with_the_book(site, manual, tmp_path):
    both = tmp_path / "site"
    shutil.copytree(site, both)
    shutil.copytree(manual, both / "bookproof", dirs_exist_ok=True)
    assert seal.troubles(both) == []
    page = both / "bookproof" / "random.html"
    page.write_text(page.read_text("utf-8").replace("bookproof-verified", "x"), "utf-8")
    [trouble] = seal.troubles(both)
    assert trouble.startswith(f"{page} shows other verdicts")


def test_the_makers_of_its_files_are_known(manual):
    command = [sys.executable, ROOT / ".ci" / "licences.py", manual.parent]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nsphinx-copybutton " in done.stdout


def test_its_links_lead_somewhere(manual, pages):
    soups = {n: BeautifulSoup((manual / n).read_text("utf-8"), "html.parser") for n in pages}
    anchors = {name: {e["id"] for e in soup.select("[id]")} for name, soup in soups.items()}
    count, broken = 0, []
    for name, soup in soups.items():
        for element in soup.select("[href], [src]"):
            link = element.get("href") or element.get("src")
            if re.match(r"[a-z]+:", link):
                continue
            target, anchor = urldefrag(urljoin(name, link))
            target = unquote(target).partition("?")[0]
            count += 1
            there = (manual / target).is_file()
            if not there or (anchor and unquote(anchor) not in anchors[target]):
                broken.append(f"{name}: {link}")
    assert count > 800
    assert broken == []


def test_axe_finds_nothing_in_both_modes_and_it_asks_nobody_else(page, manual, pages):
    found = []
    seen = {"light": set(), "dark": set()}
    rules = {rule: {"enabled": False} for rule in COLOURS}
    with serve(manual) as address:
        for name in pages:
            page.goto(address + name)
            for mode in ("light", "dark"):
                page.emulate_media(color_scheme=mode)
                page.set_viewport_size({"width": 1280, "height": 800})
                faults = colour_faults(page, seen[mode])
                if mode == "light":
                    faults += violations(page, rules=rules)
                found += [f"{name}, {mode}: {fault}" for fault in faults]
            page.set_viewport_size({"width": 360, "height": 800})
            page.evaluate("new Promise(requestAnimationFrame)")  # by then the page knows its size
            found += [f"{name}, narrow: {fault}" for fault in violations(page, rules=rules)]
        assert found == []
        assert page.troubles == []
        assert [url for url in page.requests if not url.startswith((address, "data:"))] == []
