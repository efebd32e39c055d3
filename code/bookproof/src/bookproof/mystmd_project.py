"""Read what configures a project of mystmd, its `myst.yml`: the pages it has, and their settings.

bookproof's own settings stand under `project: options: bookproof:`, which mystmd leaves alone.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bookproof.judging.filters import check_own
from bookproof.reading.dialect import Dialect, config_of, dialect_of
from bookproof.reading.mystmd_syntax import DIALECT
from bookproof.reading.scan import is_chapter
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.frozen import FOLDER

FILE = "myst.yml"
_PAGES = (".md", ".ipynb", ".tex", ".myst.json")
_NEVER = ("_build", "node_modules", FOLDER)
_OWN = ("filters", "language", "not_run", "preload", "timeout")
_EXTENDED = re.compile(r"[?*+@!]\(|\[!")  # which Python reads in another way, or not at all


def read(path: Path) -> dict[str, Any]:
    """Return what a `myst.yml`, and the files that it extends, say of their project.

    Raises ValueError where it cannot be obeyed.
    """
    return _read(path, ())


def _read(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text("utf-8")) or {}
    if not isinstance(content, Mapping):
        raise ValueError(f"it holds {type(content).__name__}, wanted settings by name")
    for other in _section(content, "site").get("projects") or ():
        place = other.get("path") if isinstance(other, Mapping) else None
        if place not in (None, ".", "./"):
            raise ValueError(
                f"site: projects: has {place}, a project of its own, which is not checked with "
                f"this one: remove it from here, and check it with --root {place}"
            )
    found: dict[str, Any] = {}
    named = content.get("extends", content.get("extend")) or ()
    for name in [named] if isinstance(named, str) else named:
        if re.match(r"https?://", name):
            raise ValueError(f"extends {name}, which is not read: put a copy of it beside the book")
        other = path.parent / name
        if other not in above:
            found = _filled(found, _read(other, (*above, path)))
    project = _section(content, "project")
    return _filled(_section(project, "frontmatter") | project, found)


def _filled(project: dict[str, Any], by: dict[str, Any]) -> dict[str, Any]:
    """Return a project with what it does not say itself."""
    merged = {n: _section(by, n) | _section(project, n) for n in ("options", "settings")}
    return {**by, **project, **{name: value for name, value in merged.items() if value}}


def settings_of(project: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings of a project, and the modules to preload.

    Raises ValueError where one of them cannot be obeyed.
    """
    own = _section(_section(project, "options"), "bookproof")
    if unknown := sorted(set(own) - set(_OWN)):
        known = ", ".join(_OWN)
        raise ValueError(f"options: bookproof: has an unknown {unknown[0]!r}; known: {known}")
    timeout = own.get("timeout", -1)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise ValueError(f"options: bookproof: timeout is {timeout!r}, wanted seconds")
    not_run = own.get("not_run") or {}
    reasons = [*not_run, *not_run.values()] if isinstance(not_run, Mapping) else [None]
    if not all(isinstance(text, str) and text.strip() for text in reasons):
        raise ValueError(f"options: bookproof: not_run is {not_run!r}, wanted reasons by pattern")
    preload = own.get("preload") or ()
    if isinstance(preload, str) or not all(isinstance(name, str) for name in preload):
        raise ValueError(f"options: bookproof: preload is {preload!r}, wanted a list of modules")
    kernel = _section(_section(project, "jupyter"), "kernelspec") or _section(project, "kernelspec")
    shown = _section(project, "settings")
    shared = {"kernelspec": kernel, "settings": shown}
    settings = replace(
        DEFAULT,
        dialect=_dialect(_section(shown, "parser")),
        eval_name_regex="(?s).",  # any expression may be shown
        execution_timeout=timeout,
        filters=check_own(own.get("filters") or {}),
        language=str(own.get("language") or "en"),
        not_run=not_run,
        project=shared,
    )
    return settings, tuple(preload)


def _dialect(parser: Mapping[str, Any]) -> Dialect:
    if parser.get("dollarmath", parser.get("dollar_math", True)) is not False:
        return DIALECT
    config = config_of(DIALECT)
    return dialect_of(replace(config, enable_extensions=config.enable_extensions - {"dollarmath"}))


def chapters(root: Path, project: Mapping[str, Any], settings: Settings) -> list[str]:
    """Return the pages of a project that have something to be checked, as mystmd finds them.

    Raises ValueError where it is not known how mystmd would.
    """
    toc = project.get("toc")
    if toc is not None:
        found = list(_of_contents(root, toc))
    elif (root / "_toc.yml").is_file():
        found = list(_of_old_contents(root))
    else:
        excluded = [root / name for p in _texts(project, "exclude") for name in _matches(root, p)]
        found = list(_of_folder(root, root, excluded))
    names: dict[str, None] = {}
    for name in found:
        path = root / name
        if path.suffix.lower() in (".md", ".ipynb") and path.suffix != path.suffix.lower():
            raise ValueError(f"{name} is a page to mystmd: let its name end in small letters")
        if name.endswith(".myst.json") and _has_cells(path):
            raise ValueError(f"{name} has code cells, which are not read there: make it a notebook")
        if is_chapter(path, settings):
            names[name] = None
    return list(names)


def _has_cells(path: Path) -> bool:
    text = path.read_text("utf-8", "replace")
    return "notebook-code" in text or "inlineExpression" in text


def _of_contents(root: Path, entries: object) -> Iterator[str]:
    if not isinstance(entries, list) or not all(isinstance(e, Mapping) for e in entries):
        raise ValueError(f"toc is {entries!r}, wanted a list of entries with `file` and the like")
    for entry in entries:
        if "file" in entry:
            yield from _resolved(root, str(entry["file"]))
        elif "pattern" in entry and "url" not in entry:
            for name in _matches(root, str(entry["pattern"])):
                if (root / name).is_file() and not name.startswith("_build/"):
                    yield from _resolved(root, name)
        if entry.get("children"):
            yield from _of_contents(root, entry["children"])


def _of_old_contents(root: Path) -> Iterator[str]:
    """Yield the pages of a `_toc.yml` of jupyter-book 1, which mystmd reads, too."""

    def files(node: Any) -> Iterator[str]:
        if isinstance(node, Mapping):
            yield from (str(node[key]) for key in ("root", "file") if key in node)
        for inner in node.values() if isinstance(node, Mapping) else node or ():
            if isinstance(inner, list | Mapping):
                yield from files(inner)

    for name in files(yaml.safe_load((root / "_toc.yml").read_text("utf-8"))):
        yield from _resolved(root, name)


def _resolved(root: Path, name: str) -> Iterator[str]:
    """Yield the page that an entry names, with or without its suffix."""
    for candidate in (name, *(name + suffix for suffix in _PAGES)):
        path = Path(os.path.normpath(root / candidate))
        if path.is_file():
            if not path.is_relative_to(root):
                raise ValueError(f"toc has {name}, which is outside {root}")
            yield path.relative_to(root).as_posix()
            return


def _of_folder(root: Path, folder: Path, excluded: Sequence[Path]) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _NEVER or path in excluded:
            continue
        if path.is_dir() and not path.is_symlink() and not (path / FILE).is_file():
            yield from _of_folder(root, path, excluded)
        elif path.is_file() and path.name.lower().endswith(_PAGES):
            yield path.relative_to(root).as_posix()


def _matches(root: Path, pattern: str) -> Iterator[str]:
    """Yield what a pattern matches, as paths relative to the root."""
    if _EXTENDED.search(pattern):
        raise ValueError(f"the pattern {pattern!r} is not supported: use *, **, ? and {{a,b}}")
    for one in _unfolded(pattern):
        for name in sorted(glob.glob(one, root_dir=root, recursive=True)):
            yield Path(os.path.normpath(name)).as_posix()


def _unfolded(pattern: str) -> list[str]:
    """Return the patterns that one with `{a,b}` stands for."""
    found = re.search(r"\{([^{}]*,[^{}]*)\}", pattern)
    if found is None:
        return [pattern]
    words = (pattern[: found.start()] + w + pattern[found.end() :] for w in found[1].split(","))
    return [one for word in words for one in _unfolded(word)]


def _texts(content: Mapping[str, Any], name: str) -> list[str]:
    found = content.get(name) or []
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise ValueError(f"{name} is {found!r}, wanted a list of patterns")
    return found


def _section(content: object, name: str) -> dict[str, Any]:
    found = (content.get(name) if isinstance(content, Mapping) else None) or {}
    if not isinstance(found, Mapping):
        raise ValueError(f"{name} is {found!r}, wanted settings by name")
    return dict(found)
