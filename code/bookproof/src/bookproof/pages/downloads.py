"""Write the notebooks of a book beside its pages, and all of them into one zip."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.locale import admonitionlabels

from bookproof.pages.export import archive, export
from bookproof.pages.plain import Surroundings
from bookproof.running import apart, files, scans

ARCHIVE = "notebooks.zip"


def setup(app: Sphinx) -> None:
    """Register the options.

    `bookproof_notebooks` are patterns of the pages that readers get as notebooks;
    `bookproof_boxes` has titles of a book's own boxes by directive; `bookproof_sources` what pip
    installs for modules that are not on PyPI, empty where nobody knows from where.
    """
    app.add_config_value("bookproof_notebooks", [], "", [list, tuple])
    app.add_config_value("bookproof_boxes", {}, "", [dict])
    app.add_config_value("bookproof_sources", {}, "", [dict])


def begin(app: Sphinx) -> None:
    """Write them in a process of its own, while this one writes the pages."""
    if apart.possible() and app.builder.name == "html":
        app.bookproof_writing = apart.Apart(lambda tell: _write(app))


def write(app: Sphinx) -> None:
    """Write what has changed since the last build: notebooks that miss or differ, and the zip."""
    writing: apart.Apart | None = getattr(app, "bookproof_writing", None)
    if writing is None:
        _write(app)
        return
    while not writing.ended:
        writing.hear()
    app.bookproof_writing = None


def stop(app: Sphinx) -> None:
    """Write no more: the build has failed."""
    if writing := getattr(app, "bookproof_writing", None):
        writing.stop()


def _write(app: Sphinx) -> None:
    patterns = app.config.bookproof_notebooks
    pages = {
        name: page.checked
        for name, page in app.bookproof_pages.items()
        if page.checked.chapter.notebook and any(fnmatch.fnmatch(name, p) for p in patterns)
    }
    if not pages or app.builder.name != "html":
        return
    around, sources = _surroundings(app, sorted(pages)), app.config.bookproof_sources
    common = f"{scans.readers()}\n{around}\n{sources}\n"
    kept = Path(app.doctreedir, "bookproof-notebooks.json")
    known, keys = _read(kept), {}
    for name, checked in pages.items():
        key = f"{common}{app.bookproof_pages[name].digest}"
        keys[name] = hashlib.sha256(key.encode()).hexdigest()
        path = Path(app.outdir, f"{name}.ipynb")
        if known.get(name) != keys[name] or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write(path, export(checked, around, sources))
    zipped = Path(app.outdir, ARCHIVE)
    if known != keys or not zipped.exists():
        names = [f"{name}.ipynb" for name in pages]
        files.write(zipped, archive({n: Path(app.outdir, n).read_bytes() for n in names}))
        files.write(kept, json.dumps(keys))


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _references(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Return label and Markdown of each work that the book lists, by sphinxcontrib-bibtex."""
    cite = app.env.domains.get("cite")
    if cite is None or not cite.citations:
        return {}
    from pybtex.backends.markdown import Backend  # comes with the extension

    backend, found = Backend(), {}
    for citation in cite.citations:
        text = " ".join(citation.formatted_entry.text.render(backend).split())
        # Most of its escapes are not needed within a line.
        plain = re.sub(r"\\([.(){}+!#-])", r"\1", text)
        found[citation.key] = citation.formatted_entry.label, plain
    return found


def _surroundings(app: Sphinx, notebooks: list[str]) -> Surroundings:
    """Return what Sphinx knows of everything that a chapter may speak of."""
    env, config = app.env, app.config
    labels = {label: title for label, (_, _, title) in env.domains["std"].labels.items()}
    form = config.numfig_format.get("figure", "%s")
    for numbers in env.toc_fignumbers.values():
        for label, number in numbers.get("figure", {}).items():
            labels[label] = form % ".".join(map(str, number))
    boxes = {name: str(title) for name, title in admonitionlabels.items()}
    return Surroundings(
        notebooks=notebooks,
        site=config.html_baseurl,
        labels=dict(sorted(labels.items())),
        references=_references(app),
        boxes={**boxes, "admonition": "", **config.bookproof_boxes},
        language=config.language,
    )
