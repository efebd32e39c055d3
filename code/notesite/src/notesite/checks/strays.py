"""What an author would miss on the site and no build tells: pages, pictures and texts left out.

Warned of are files of chapters that are in no table of contents and lines of it without a file,
chapters whose code no cell runs, pictures that are not there, pictures and figures without a text
for those who do not see them, and what is still to be written of a chapter made from a note.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docutils import nodes
from sphinx.util import logging

from notesite.durable_warnings import AGAIN

logger = logging.getLogger(__name__)

_SAID = (
    *(nodes.math_block, nodes.literal_block, nodes.bullet_list, nodes.enumerated_list),
    *(nodes.container, nodes.figure, nodes.table),
)
"""What a word and a colon may lead to."""
_FOREIGN = (
    "strays: readers load no picture from another host: save %s beside the chapter, "
    "and write its path"
)
_PYTHON = {"python", "py", "python3", "ipython", "ipython3", "pycon"}


def _wanted(app):
    return "strays" in app.config.chapter_checks


def find_unlisted(app, env, added, changed, removed):
    """Warn of files beside the chapters that are no page."""
    if not _wanted(app):
        return ()
    known = {Path(env.doc2path(page)) for page in env.found_docs}
    for folder in sorted({path.parent for path in map(Path, map(env.doc2path, env.chapters))}):
        for path in sorted([*folder.glob("*.md"), *folder.glob("*.ipynb")]):
            if path not in known:
                name = path.relative_to(app.srcdir).with_suffix("").as_posix()
                message = "strays: it is no page of the book: add `- file: %s` to _toc.yml"
                logger.warning(message, name, location=f"{path}:1", extra=AGAIN)
    return ()


def find_missing(app, env, added, changed, removed):
    """Warn of pages that the table of contents lists and that are not there, in its own line."""
    toc = Path(app.srcdir) / "_toc.yml"
    if not _wanted(app):
        return ()
    lines = toc.read_text("utf-8").split("\n") if toc.is_file() else []
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"\s*(?:- )?(?:file|root):\s*(\S+)\s*", line)
        name = match and match[1].strip("\"'")
        if name and re.sub(r"\.(md|ipynb|rst)$", "", name) not in env.found_docs:
            message = "strays: there is no page %s: was the file renamed? mend this line"
            logger.warning(message, name, location=f"{toc}:{number}", extra=AGAIN)
    return ()


class _Pictures(HTMLParser):
    """Collect the attributes of the pictures in a piece of HTML."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        """Keep them."""
        if tag == "img":
            self.found.append(dict(attrs))

    handle_startendtag = handle_starttag


def look(app, doctree):
    """Warn of what is missing on a page."""
    if not _wanted(app):
        return
    folder = Path(app.env.doc2path(app.env.docname)).parent
    for raw in doctree.findall(nodes.raw):
        if "html" not in raw.get("format", "").split():
            continue
        pictures = _Pictures()
        pictures.feed(raw.astext())
        for picture in pictures.found:
            source = urlsplit(picture.get("src") or "")
            if source.scheme in ("http", "https"):
                logger.warning(_FOREIGN, picture["src"], location=raw)
            elif not source.scheme and not (folder / unquote(source.path)).is_file():
                logger.warning("strays: there is no picture %s", source.path, location=raw)
            if not (picture.get("alt") or "").strip():
                logger.warning('strays: say in alt="…" what the picture shows', location=raw)
    for image in doctree.findall(nodes.image):
        if urlsplit(image["uri"]).scheme in ("http", "https"):
            logger.warning(_FOREIGN, image["uri"], location=image.parent)
        if image.get("alt", "").strip():
            continue
        bundle = _above(image, "mime_bundle")
        if bundle is None:
            message = "strays: say between the brackets of ![](%s) what the picture shows"
            logger.warning(message, image["uri"], location=image.parent)
        elif not any(child.get("mime_type") == "text/html" for child in bundle):
            message = (
                "strays: say in the cell's option mystnb.image.alt what the figure shows; "
                "on top of the cell: --- / mystnb: / `  image:` / `    alt: …` / ---"
            )
            logger.warning(message, location=_above(image, "cell_code"))
    if app.env.docname in app.env.chapters:
        look_for_gaps(doctree)
    cells = [n for n in doctree.findall(nodes.container) if n.get("nb_element") == "cell_code"]
    if app.env.docname in app.env.chapters and not cells:
        for block in doctree.findall(nodes.literal_block):
            if block.get("language", "").lower() in _PYTHON:
                message = (
                    "strays: nothing runs this code, nor any of the chapter: "
                    "write ```{code-cell} python, and {expect} below"
                )
                logger.warning(message, location=block)
                break


def look_for_gaps(doctree):
    """Warn of what a chapter's skeleton has places for and nobody has written yet."""
    for section in doctree.findall(nodes.section):
        if all(isinstance(node, nodes.title | nodes.Invisible) for node in section):
            message = "strays: nothing stands under the heading %s: write it, or take it out"
            logger.warning(message, section[0].astext(), location=section)
    for paragraph in doctree.findall(nodes.paragraph):
        parts = [node for node in paragraph if node.astext().strip()]
        first, rest = parts[0] if parts else None, paragraph.astext()
        if isinstance(first, nodes.emphasis) and first.astext().startswith("缺图"):
            message = (
                "strays: the picture %s is missing: put it beside the chapter and write "
                "![what it shows](its path), or take this line out"
            )
            names = [code.astext() for code in first.findall(nodes.literal)] or [""]
            logger.warning(message, names[0], location=paragraph)
        elif isinstance(first, nodes.strong):
            rest = rest.removeprefix(first.astext()).strip()
            after = paragraph.next_node(descend=False, siblings=True)
            if rest in (":", "：") and not isinstance(after, _SAID):
                message = "strays: nothing is said of %s: write it, or take it out"
                logger.warning(message, first.astext(), location=paragraph)


def _above(node, element):
    """Return what MyST-NB has made a node of, None where it is none of an output."""
    while node is not None and node.get("nb_element") != element:
        node = node.parent
    return node


def setup(app):
    """Look once before pages are read, and at each page that was."""
    app.setup_extension("notesite.chapters.front_matter")
    app.connect("env-get-outdated", find_unlisted, priority=600)  # after the chapters are known
    app.connect("env-get-outdated", find_missing)
    app.connect("doctree-read", look)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
