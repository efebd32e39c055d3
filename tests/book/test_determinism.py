"""Two builds of the book, from nothing, in two folders, give the same bytes.

The published tree is `_build/html`, and no file of it is exempt. What stands beside it is not
published: the pickled environment, the kept runs and MyST-NB's executed notebooks.
"""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(source, folder):
    """Copy the sources into a folder and build them there, with the code of the copy."""
    shutil.copytree(source, folder)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", folder]
    environment = {**os.environ, "PYTHONPATH": str(folder / "code")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bookproof: ran " in done.stdout + done.stderr  # nothing was kept from elsewhere
    html = folder / "_build" / "html"
    return html, sorted(p.relative_to(html) for p in html.rglob("*") if p.is_file())


def test_two_builds_in_two_folders_are_the_same(tmp_path):
    source = tmp_path / "source"
    left_out = shutil.ignore_patterns(".*", "_build", "__pycache__", "*.egg-info", "tests")
    shutil.copytree(ROOT, source, ignore=left_out)
    one, files = build(source, tmp_path / "one")
    other, files_there = build(source, tmp_path / "much" / "deeper" / "another")
    assert files == files_there
    assert len(files) > 50
    differing = [str(f) for f in files if not filecmp.cmp(one / f, other / f, shallow=False)]
    assert differing == []
    text = (one / "verification.json").read_text("utf-8") + (one / "searchindex.js").read_text()
    assert str(tmp_path) not in text
