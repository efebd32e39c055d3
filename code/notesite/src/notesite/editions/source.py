"""The book that editions are made of: its settings, its table of contents, its built site.

Editions are made of what was built and verified, not built once more. A site that is not green
gets none.
"""

import json
import posixpath
import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from notesite.settings import SETTINGS, edition_name, problems


class Source(NamedTuple):
    """A book's folder, its site's, its settings, and the front page of its contents."""

    root: Path
    site: Path
    title: str
    author: str
    settings: dict[str, Any]
    toc: dict[str, Any]

    @property
    def name(self) -> str:
        """Return what its editions are called."""
        return edition_name(self.root, self.settings["edition_name"])

    @property
    def front(self) -> str:
        """Return the name of the front page."""
        return _page(str(self.toc["root"]))

    @property
    def pages(self) -> list[tuple[str, str]]:
        """Return the pages of the table of contents in their order, with the caption of each."""
        return [(self.front, ""), *_below(self.toc, "")]


def load(root: Path, site: Path | None = None) -> Source:
    """Read what editions need to know of the book in a folder.

    Raises ``SystemExit`` where it is no book of jupyter-book 1, or has wrong settings.
    """
    root = root.resolve()
    config, toc = _yaml(root / "_config.yml"), _yaml(root / "_toc.yml")
    if "root" not in toc:
        raise SystemExit(f"{root / '_toc.yml'} has no `root`: it is no table of contents")
    said = (config.get("sphinx") or {}).get("config") or {}
    if wrong := problems(said, root):
        raise SystemExit("\n".join(f"{root / '_config.yml'}: {problem}" for problem in wrong))
    settings = {name: said.get(name, setting.default) for name, setting in SETTINGS.items()}
    title, author = (str(config.get(key) or "") for key in ("title", "author"))
    built = site or root / "_build" / "html"
    return Source(root, built, title or root.name, author, settings, toc)


def verified(site: Path) -> dict[str, int]:
    """Return how many outputs and values of each page were verified.

    Raises ``SystemExit`` where there is no site, or one that was not verified.
    """
    try:
        content = json.loads((site / "verification.json").read_text("utf-8"))
    except (OSError, ValueError):
        content = {}
    if content.get("green") is not True:
        raise SystemExit(f"no verified site in {site}: build the book first, until it is green")
    return {
        posixpath.splitext(name)[0]: sum(v["kind"] == "verified" for v in chapter["verdicts"])
        for name, chapter in content.get("chapters", {}).items()
    }


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SystemExit(f"{path} cannot be read: {error}; run this in the book's folder") from None
    if not isinstance(content, dict):
        raise SystemExit(f"{path} holds {type(content).__name__}, wanted settings by name")
    return content


def _page(name: str) -> str:
    return re.sub(r"\.(md|ipynb|rst)$", "", name)


def _below(entry: dict[str, Any], part: str) -> list[tuple[str, str]]:
    """Return the pages below an entry, all in one part unless it has parts of its own."""
    found: list[tuple[str, str]] = []
    for own in entry.get("parts") or entry.get("subtrees") or ():
        found += _below(own, str(own.get("caption") or ""))
    for key in ("chapters", "sections", "entries"):
        for one in entry.get(key) or ():
            if "file" in one:
                found.append((_page(str(one["file"])), part))
            found += _below(one, part)
    return found
