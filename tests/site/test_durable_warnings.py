"""Warnings last, whatever gives them, and only the pages that they are of are read again."""

import re
import sys

import pytest

from notesite.durable_warnings import AGAIN

PHASES = """
from sphinx.util import logging

logger = logging.getLogger("phases")
seen = {"read": [], "written": []}
wanted = {}


def at(event, give):
    def handler(app, *arguments):
        for options in wanted.get(event, ()):
            logger.warning("in %s", event, **options)
        return give(app, *arguments)
    return handler


def setup(app):
    for event in ("config-inited", "builder-inited", "env-get-outdated"):
        app.connect(event, at(event, lambda *_: []))
    app.connect("source-read", lambda app, page, _: seen["read"].append(page))
    for event in ("env-updated", "env-check-consistency", "build-finished"):
        app.connect(event, at(event, lambda *_: []))

    def context(app, page, *_):
        seen["written"].append(page)
        if page == "context":
            logger.warning("in a template", location=page)

    app.connect("html-page-context", context)
    return {"parallel_read_safe": True}
"""


@pytest.fixture
def phases(tmp_path, monkeypatch):
    """Return a module that warns where it is told to, and knows the pages read and written."""
    folder = tmp_path / "extension"
    folder.mkdir()
    (folder / "phases.py").write_text(PHASES, "utf-8")
    monkeypatch.syspath_prepend(folder)
    import phases

    yield phases
    del sys.modules["phases"]


def built(book, phases):
    """Build; return the warnings, the pages that were read, and those that were written."""
    for pages in phases.seen.values():
        pages.clear()
    book.build()
    plain = re.sub(r"\x1b\[[\d;]*m", "", book.warnings)
    warnings = sorted(re.findall("(?:WARNING|ERROR): .*", plain))
    written = set(phases.seen["written"]) - {"genindex", "search"}
    return warnings, sorted(phases.seen["read"]), written


# Pages with what is wrong in them, and the page that is right.
WRONG = {
    "context": ("", ""),  # the extension warns of it
    "first": ("(twice)=\n## First\n", "## First\n"),
    "including": ("```{include} part.inc\n```\n", ""),
    "label": ("{ref}`nowhere`\n", ""),
    "lexing": ("```python\n?!$ = (\n```\n", ""),
    "missing": ("{doc}`nothing`\n", ""),
    "nonsense": ("```{nonsense}\n```\n", ""),
    "picture": ("![none](none.png)\n", ""),
    "second": ("(twice)=\n## Second\n", "## Second\n"),
    "third": ("(twice)=\n## Third\n", "## Third\n"),
}


def pages(wrong):
    texts = {name: f"# {name}\n\n{WRONG[name][0]}" for name in wrong}
    listed = "\n".join(["fine", *sorted(WRONG), "nowhere"])
    index = f"# T\n\n```{{toctree}}\n{listed}\n```\n"
    return texts | {
        "index": index,
        "lonely": "# Lonely\n",
        "fine": "# Fine\n",
        "also": "---\norphan: true\n---\n# A",
    }


def test_only_pages_with_warnings_are_read_again_and_warn_of_the_same(tiny_book, phases):
    book = tiny_book("notesite.durable_warnings", "phases", include_patterns=["*.md"])
    (book.folder / "part.inc").write_text("{nonsense}`x`\n")
    book.write(**pages(WRONG))
    first, read, _ = built(book, phases)
    assert len(first) == 11
    assert len(read) == 14
    warned = sorted([*WRONG, "index", "lonely"])
    for _ in range(2):
        warnings, read, written = built(book, phases)
        assert warnings == first
        assert read == warned
        assert written == set(warned)
    # Half of them are mended: the others warn of the same as before.
    for name in ("second", "third", "including", "lexing", "missing"):
        book.write(**{name: f"# {name}\n\n{WRONG[name][1]}"})
    fewer, *_ = built(book, phases)
    assert len(fewer) == 6
    assert set(fewer) < set(first)
    assert built(book, phases)[0] == fewer
    for name in ("label", "nonsense", "picture"):
        book.write(**{name: f"# {name}\n"})
    (book.folder / "context.md").unlink()
    book.write(index="# T\n\n```{toctree}\n:glob:\n*\n```\n")
    assert built(book, phases)[0] == []
    assert built(book, phases)[1:] == ([], set())


# Each with whether Sphinx tells it again by itself.
EVENTS = {
    "config-inited": True,
    "builder-inited": False,
    "env-get-outdated": False,
    "env-updated": False,
    "env-check-consistency": False,
    "build-finished": False,
}


@pytest.mark.parametrize("event", EVENTS)
def test_warnings_without_a_page_last_too(tiny_book, phases, event):
    book = tiny_book("notesite.durable_warnings", "phases")
    book.write(fine="---\norphan: true\n---\n# Fine\n")
    places = {"": [], "/elsewhere/x.py:3": [], "fine": ["fine"]}
    for place, page in list(places.items())[: 2 if EVENTS[event] else 3]:
        phases.wanted[event] = [{"location": place}]
        book.write(index=f"# T {place}\n\n{{doc}}`fine`\n")  # or there is nothing to do
        warning = [f"WARNING: in {event}"]
        assert built(book, phases)[0] == warning
        warnings, read, _ = built(book, phases)
        assert warnings == warning
        if page:  # at the end, that which was written last may be counted in
            assert page == [name for name in read if name != "index" or event != "build-finished"]
        else:
            assert read == ([] if EVENTS[event] else ["fine", "index"])
        phases.wanted.clear()
        assert built(book, phases)[0] == []
        assert built(book, phases)[:2] == ([], [])


def test_what_is_told_at_every_build_makes_no_page_be_read(tiny_book, phases):
    book = tiny_book("notesite.durable_warnings", "phases").write(index="# T\n")
    phases.wanted["env-get-outdated"] = [{"extra": AGAIN}]
    phases.wanted["config-inited"] = [{}]
    phases.wanted["builder-inited"] = [{"type": "no", "subtype": "where"}]
    book.config["suppress_warnings"] = ["no.where"]
    for pages in (["index"], []):
        warnings, read, _ = built(book, phases)
        assert warnings == ["WARNING: in config-inited", "WARNING: in env-get-outdated"]
        assert read == pages
