"""The built book and one that is built from nothing in another folder are the same bytes.

The published tree is `_build/html`, and no file of it is exempt. What stands beside it is not
published: the pickled environment, the kept runs and MyST-NB's executed notebooks.
"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bookproof.telling.seal import SEAL

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("BOOK_SITE", ROOT / "_build" / "html"))


def published(html):
    """Return the files of a site, as paths within it."""
    return sorted(path.relative_to(html) for path in html.rglob("*") if path.is_file())


def test_a_build_from_nothing_elsewhere_gives_the_same_site(tmp_path):
    if not (SITE / "index.html").is_file():
        pytest.fail(f"no built book in {SITE}: run `make book` first", pytrace=False)
    folder = tmp_path / "much" / "deeper" / "another"
    left_out = shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info", "tests")
    shutil.copytree(ROOT, folder, ignore=left_out)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", folder]
    environment = {**os.environ, "PYTHONPATH": str(folder / "code")}  # the code of the copy
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "bookproof: ran " in said  # nothing was kept from elsewhere
    assert "one by one" not in said  # its kernels are forked: nothing that it preloads forbids it
    html = folder / "_build" / "html"
    files = published(html)
    assert len(files) > 50
    # `make seal`, `make dist`
    added = {SEAL, "licences.txt", "sbom.cdx.json", "downloads", "bookproof"}
    there = [path for path in published(SITE) if path.parts[0] not in added]
    assert files == there, "files of earlier builds may be left: make clean book"
    differing = [str(f) for f in files if not filecmp.cmp(html / f, SITE / f, shallow=False)]
    assert differing == []
    for root in (tmp_path, ROOT):
        for name in ("verification.json", "searchindex.js"):
            assert str(root) not in (html / name).read_text("utf-8")
