"""The settings of a book that uses this, and what each may be; wrong ones stop the build.

None has to be there. A part that needs one of them is silent without it.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.errors import ConfigError

CHECKS = ("numerals", "prose", "strays")


class Setting(NamedTuple):
    """A setting: what it is by itself, what must be made anew where it changes, what is wanted.

    `right` tells whether a value is one.
    """

    default: Any
    rebuild: str
    wanted: str
    right: Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _checks(value: Any) -> bool:
    return _texts(value) and set(value) <= set(CHECKS)


def _colours(value: Any) -> bool:
    if value is None:
        return True
    colour = re.compile("#[0-9a-f]{6}")
    said = [c for pair in value.items() for c in pair] if isinstance(value, Mapping) else [None]
    return all(isinstance(c, str) and bool(colour.fullmatch(c)) for c in said)


def _links(value: Any) -> bool:
    return isinstance(value, Mapping) and _texts([*value, *value.values()])


def _name(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[\w.-]*", value) is not None


SETTINGS = {
    "anchors_without_year": Setting("", "env", "a year as text, such as '2023'", _text),
    "beside_site": Setting({}, "html", "paths and what each is, both texts", _links),
    "chapter_checks": Setting(
        list(CHECKS), "env", f"a list of some of {', '.join(CHECKS)}", _checks
    ),
    "chapter_tags": Setting([], "env", "a list of texts", _texts),
    "chapter_topics": Setting([], "env", "a list of texts, in their order", _texts),
    "dark_figures": Setting(
        None, "html", "colours and what they become, both such as '#1a2b3c'", _colours
    ),
    "edition_licence": Setting("", "", "a line of text", _text),
    "edition_name": Setting("", "html", "a file's name without its ending", _name),
    "edition_wheels": Setting([], "", "a list of folders with a pyproject.toml", _texts),
    "github_repository": Setting("", "html", "a text like owner/name", _text),
    "glossary_page": Setting("", "env", "the name of a page, without .md", _text),
    "notebook_branch": Setting("", "html", "the name of a branch", _text),
    "online_pages": Setting([], "", "a list of pages, without .md", _texts),
    "own_packages": Setting([], "env", "a list of Python packages", _texts),
    "page_description": Setting("", "html", "a sentence", _text),
    "search_aliases": Setting("", "", "the path of a file", _text),
    "search_example": Setting("", "html", "a text", _text),
}


FILES = {"glossary_page": ".md", "search_aliases": ""}
"""The settings that name a file, and the ending that they leave out."""


def edition_name(root: Path, given: str = "") -> str:
    """Return what the editions of a book are called: as it says, else after its folder."""
    return given or re.sub(r"[^\w.-]+", "-", Path(root).resolve().name).strip("-.") or "book"


def problems(values: Mapping[str, Any], root: Path) -> list[str]:
    """Return what is wrong with the settings of the book at `root`."""
    wrong = [
        f"{name} wants {setting.wanted}, not {values[name]!r}"
        for name, setting in SETTINGS.items()
        if name in values and not setting.right(values[name])
    ]
    return wrong or [
        f"{name} wants {setting.wanted}; there is no {path}"
        for name, setting in SETTINGS.items()
        for path in (values.get(name) or "",)
        if name in FILES and path and not (root / f"{path}{FILES[name]}").is_file()
    ]


def check(app, config):
    """Refuse a book with wrong settings."""
    values = {name: config[name] for name in SETTINGS}
    if wrong := problems(values, Path(app.srcdir)):
        raise ConfigError("\n".join(f"settings: {problem}" for problem in wrong))


def setup(app):
    """Register all settings, once for all parts."""
    for name, setting in SETTINGS.items():
        app.add_config_value(name, setting.default, setting.rebuild, Any)
    app.connect("config-inited", check, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
