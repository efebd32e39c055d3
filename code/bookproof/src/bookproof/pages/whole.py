"""Leave a site as a build from nothing leaves it, whatever was built in its folder before.

Sphinx writes pages again whose own source has changed. That others show the old title of a
page in their navigation, link to a page that is gone, or lead into a section that has another
name now, it leaves to the next complete build, and so the book's own style sheets that have
changed; an author who watches his book would be misled. And it takes a page for up to date whose
source was saved while it was read, or was saved earlier and has now been moved there.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from myst_nb.sphinx_ext import OUTPUT_FOLDER, add_global_html_resources
from sphinx.application import Sphinx
from sphinx.util import isurl

from bookproof.pages.builders import has_pages
from bookproof.running import files

_BEHIND = 0.02  # seconds that the system's clock for files may be behind


def setup(app: Sphinx) -> None:
    """Register the handlers."""
    app.connect("env-purge-doc", _begin)
    app.connect("env-get-outdated", _changed)
    app.connect("env-get-updated", _outdated, priority=900)  # when figures have their numbers
    app.connect("html-collect-pages", _forget_terms)
    app.connect("build-finished", _finish)


def _begin(app: Sphinx, env, page: str) -> None:
    """Note that a page is about to be read."""
    env.bookproof_begun = getattr(env, "bookproof_begun", {})
    env.bookproof_begun[page] = time.time() - _BEHIND


def _changed(app: Sphinx, env, *_) -> list[str]:
    """Return the pages with a file that has changed, or come, since they were begun to be read."""
    # The pictures that cells have shown are written while their page is read.
    made = Path(app.outdir).with_name(OUTPUT_FOLDER)

    def newest(page: str) -> float:
        names = (env.doc2path(page, False), *env.dependencies.get(page, ()))
        places = [Path(os.path.normpath(Path(env.srcdir, name))) for name in names]
        found = [place for place in places if place.exists() and not place.is_relative_to(made)]
        return max((place.stat().st_ctime for place in found), default=0)

    begun = getattr(env, "bookproof_begun", {})
    return [page for page in env.found_docs & begun.keys() if newest(page) > begun[page]]


def _outdated(app: Sphinx, env) -> Iterable[str]:
    """Return the pages to write again: all where something has changed that any may show."""
    if not has_pages(app.builder):
        return ()
    # MyST-NB copies its style sheet last; but pages have a digest of those that are there.
    Path(app.outdir, "_static").mkdir(parents=True, exist_ok=True)
    add_global_html_resources(app, None)
    app.bookproof_shown = shown = _shown(env)
    before = _read(app)
    changed = before.get("warned") or any(
        shown.get(name) != value for name, value in before.get("shown", shown).items()
    )
    return sorted(env.found_docs) if changed else ()


def _shown(env) -> dict[str, object]:
    """Return by name what pages may show of one another: titles, places, numbers, their order."""
    found: dict[str, object] = {"order": json.dumps(env.toctree_includes)}
    found["files"] = _files_digest(env.config, Path(env.srcdir))
    for doc, title in env.titles.items():
        found[f"page {doc}"] = title.astext()
        found[f"numbers {doc}"] = repr([env.toc_secnumbers.get(doc), env.toc_fignumbers.get(doc)])
        slugs = env.metadata[doc].get("myst_slugs", {})
        # Not the line where it stands: no page shows that.
        found |= {f"slug {doc} {slug}": repr(place[1:]) for slug, place in slugs.items()}
    for name, domain in sorted(env.domains.items()):
        for key, title, kind, doc, anchor, _ in domain.get_objects():
            found[f"{name} {kind} {key}"] = f"{title} {doc} {anchor}"
    return found


def _files_digest(config, root: Path) -> str:
    """Return a digest of the book's own files in every site: pages have digests of some."""
    names = [*config.html_static_path, *config.html_extra_path]
    names += filter(None, [config.html_logo, config.html_favicon])
    paths = [root / name for name in names if not isurl(name)]
    digest = hashlib.sha256()
    for file in sorted({file for path in paths for file in (path, *path.rglob("*"))}):
        if file.is_file():
            digest.update(f"{os.path.relpath(file, root)} {files.digest(file)}\n".encode())
    return digest.hexdigest()


def _forget_terms(app: Sphinx) -> Iterable[tuple]:
    """Drop from the search index the terms that are on no page any more."""
    index = app.builder.indexer
    for terms in (index._mapping, index._title_mapping) if index else ():
        for term in [term for term, pages in terms.items() if not pages]:
            del terms[term]
    return ()


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """Remove the pages that are gone; note what was written to the end."""
    shown = getattr(app, "bookproof_shown", None)
    if exception or shown is None:
        return
    written = {doc: _files(app, doc) for doc in app.env.found_docs}
    kept = {name for names in written.values() for name in names}
    for doc, names in _read(app).get("written", {}).items():
        for name in names if doc not in written else ():
            if name not in kept:
                Path(app.outdir, name).unlink(missing_ok=True)
    content = {"shown": shown, "written": written, "warned": bool(app._warncount)}
    files.write(_path(app), json.dumps(content))


def _files(app: Sphinx, doc: str) -> list[str]:
    """Return what there is of a page in the site."""
    source = f"{app.env.doc2path(doc, False)}{app.config.html_sourcelink_suffix}"
    page = Path(app.builder.get_outfilename(doc)).relative_to(app.outdir).as_posix()
    return [page, f"_sources/{source}", f"_sources/{app.env.doc2path(doc, False)}", f"{doc}.ipynb"]


def _path(app: Sphinx) -> Path:
    return Path(app.doctreedir, f"bookproof-{app.builder.name}-pages.json")


def _read(app: Sphinx) -> Mapping:
    try:
        return dict(json.loads(_path(app).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
