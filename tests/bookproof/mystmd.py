"""The real mystmd, as `make lint` installs it: what it makes of a project, without the network."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_HERE = Path(__file__).parents[2] / "_build" / "node" / "node_modules" / "mystmd" / "dist"
PROGRAM = Path(os.environ.get("MYSTMD") or _HERE / "myst.cjs")
NODE = shutil.which("node")

needed = pytest.mark.skipif(
    NODE is None or not PROGRAM.is_file(), reason="no mystmd (`make lint` installs it with npm)"
)

SAME = """\
const crypto = require("node:crypto");
const fill = (bytes) => bytes.fill(7);
Math.random = () => 0.4;
crypto.randomFillSync = crypto.webcrypto.getRandomValues = fill;
"""
"""Makes what is random in mystmd the same at every build."""

SITE = "version: 1\nsite:\n  template: book-theme\n"
"""How the `myst.yml` of a test begins."""

_CHANCE = ("key", "position")


def build(root):
    """Build the site up to the content of its pages; return that by the path of each, and the log.

    The theme cannot be fetched, so that it always ends there.
    """
    shutil.rmtree(root / "_build" / "site", ignore_errors=True)
    seed = root / "_build" / "same.cjs"
    seed.parent.mkdir(exist_ok=True)
    seed.write_text(SAME, "utf-8")
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [NODE, "--require", seed, PROGRAM, "build", "--site"],
        cwd=root,
        env={**kept, "API_URL": "http://127.0.0.1:9", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )
    assert "Querying template metadata" in done.stdout, done.stdout
    content = sorted((root / "_build" / "site" / "content").rglob("*.json"))
    pages = [path.read_bytes() for path in content]
    return {json.loads(page)["location"].strip("/"): page for page in pages}, done.stdout


def errors(log):
    """Return the errors that mystmd tells of, without what the missing theme makes it say."""
    return re.findall(r"^⛔️ (.*)$", log, re.MULTILINE)


def tree(page):
    """Return the tree of a page without its keys and places."""

    def bare(node):
        if isinstance(node, list):
            return [bare(one) for one in node]
        if isinstance(node, dict):
            return {name: bare(inner) for name, inner in node.items() if name not in _CHANCE}
        return node

    return bare(json.loads(page)["mdast"])


def find(node, kind):
    """Yield the nodes of a type, in the order of the page."""
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield node
        for inner in node.get("children", ()):
            yield from find(inner, kind)
