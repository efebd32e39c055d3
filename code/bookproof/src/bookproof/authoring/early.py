"""Tell `bookproof serve` of each page that is in the site, while the build goes on."""

from __future__ import annotations

import filecmp
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx

from bookproof.authoring.gate import Gate


def setup(app: Sphinx, gate: Gate) -> None:
    """Let the gate know what is written."""
    last: list[str] = []

    def tell(app: Sphinx, *page) -> Iterable[tuple]:
        """Tell of the page before this one."""
        while last:
            file = Path(app.builder.get_outfilename(last.pop())).relative_to(app.outdir)
            gate.tell_written(file.as_posix())
        if page and page[0] in app.env.found_docs and _has_pictures(app, page[0]):
            last.append(page[0])
        return ()

    app.connect("html-page-context", tell, priority=-1)
    app.connect("html-collect-pages", tell, priority=-1)  # after the last one


def _has_pictures(app: Sphinx, page: str) -> bool:
    """Tell whether the pictures of a page are in the site; Sphinx copies them after all pages."""
    folder = Path(app.outdir, app.builder.imagedir)
    pictures = [(path, name) for path, (pages, name) in app.env.images.items() if page in pages]
    try:
        return all(
            filecmp.cmp(Path(app.srcdir, path), folder / name, shallow=False)
            for path, name in pictures
        )
    except OSError:
        return False
