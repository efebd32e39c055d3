"""Read what configures a book: its `_config.yml`, its `conf.py`, its `myst.yml`, or nothing.

The command sees what the build sees: the same settings, and the same chapters. What an extension
changes while it is set up, only the build sees.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from myst_nb.core.config import NbParserConfig
from myst_parser.config.main import MdParserConfig
from sphinx.config import Config, convert_source_suffix
from sphinx.errors import SphinxError
from sphinx.project import EXCLUDE_PATHS
from sphinx.util import get_filetype
from sphinx.util.matching import get_matching_files, patmatch

from bookproof import mystmd_project
from bookproof.judging.filters import check_own
from bookproof.reading import dialect, jupyter_book
from bookproof.reading.scan import is_chapter
from bookproof.reading.settings import Settings
from bookproof.running.frozen import FOLDER

PARSER = "myst-nb"
"""What Sphinx calls the files that MyST-NB reads."""

FILES = ("_config.yml", "conf.py", mystmd_project.FILE)
"""The files that configure a book; the first that is there counts."""

_NEVER = ["_build", FOLDER, ".*", "**/.*", "**/.*/**", ".*/**", "**/node_modules"]
_UNSET = "--unset--"
_OTHERS = {
    "external_toc_path": "_toc.yml",
    "external_toc_exclude_missing": False,
    "html_extra_path": [],
    "html_static_path": [],
    "bookproof_preload": [],
    "bookproof_not_run": {},
    "bookproof_filters": {},
}
"""The options besides MyST-NB's that are asked for, and what they are where nobody sets them."""


@dataclass(frozen=True)
class Configuration:
    """What a book's configuration says; `chapters` finds them below the root."""

    settings: Settings
    preload: tuple[str, ...]
    chapters: Callable[[], list[str]]


def configuration(root: Path) -> Configuration:
    """Read the configuration of the book at `root`.

    Raises ValueError where it cannot be read, or asks for what is not supported.
    """
    path = next((root / n for n in FILES if (root / n).is_file()), None)
    try:
        if path is not None and path.name == mystmd_project.FILE:
            return _of_mystmd(root, path)
        config = _sphinx_config(path)
        nb = NbParserConfig(**_of_mystnb(config))
        settings = settings_of(nb, config)
        preload = preloaded(config.bookproof_preload)
    except (OSError, SphinxError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise _unreadable(path, error.__cause__ or error) from error
    return Configuration(settings, preload, lambda: _discover(root, config, settings))


def _of_mystmd(root: Path, path: Path) -> Configuration:
    project = mystmd_project.read(path)
    settings, preload = mystmd_project.settings_of(project)

    def chapters() -> list[str]:
        try:
            return mystmd_project.chapters(root, project, settings)
        except (OSError, ValueError, AttributeError, yaml.YAMLError) as error:
            raise _unreadable(path, error) from error

    return Configuration(settings, preload, chapters)


def settings_of(nb: NbParserConfig, config: Config) -> Settings:
    """Return the settings of a book from MyST-NB's options and Sphinx's.

    Raises ValueError where one of them cannot be obeyed.
    """
    settings = Settings.read(nb, config.bookproof_not_run)
    filters = check_own(config.bookproof_filters)
    spoken = dialect.read(lambda name: config[f"myst_{name}"])
    language = config.language or "en"
    return replace(settings, dialect=spoken, filters=filters, language=language)


def _unreadable(path: Path | None, error: BaseException) -> ValueError:
    return ValueError(f"{path} cannot be read: {' '.join(str(error).split())}")


def preloaded(value: object) -> tuple[str, ...]:
    """Return the modules to preload; raise ValueError for what is no list of them."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"bookproof_preload is {value!r}, wanted a list of modules")
    return tuple(value)


def _sphinx_config(path: Path | None) -> Config:
    if path is None:
        markdown = jupyter_book.MARKDOWN
        config = Config({"exclude_patterns": _NEVER, "myst_enable_extensions": markdown})
    elif path.name == "conf.py":
        config = Config.read(path.parent)
    else:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
        config = Config(jupyter_book.as_sphinx(content))
        for folder in jupyter_book.search_paths(content):  # readers may be there
            if (place := str((path.parent / folder).resolve())) not in sys.path:
                sys.path.append(place)
    for name, default, field in NbParserConfig().as_triple():
        config.add(f"nb_{name}", default, "env", ())
        if legacy := field.metadata.get("legacy_name"):
            config.add(legacy, _UNSET, "env", ())
    for name, default, _ in MdParserConfig().as_triple():
        config.add(f"myst_{name}", default, "env", ())
    for name, default in _OTHERS.items():
        config.add(name, default, "env", ())
    convert_source_suffix(None, config)  # type: ignore[arg-type]  # it does not use the app
    return config


def _of_mystnb(config: Config) -> dict[str, object]:
    """Return MyST-NB's options; an old name that is used counts for more, as in MyST-NB."""
    found = {}
    for name, _, field in NbParserConfig().as_triple():
        if not field.metadata.get("sphinx_exclude"):
            legacy = config[field.metadata.get("legacy_name", f"nb_{name}")]
            found[name] = config[f"nb_{name}"] if legacy == _UNSET else legacy
    return found


def _discover(root: Path, config: Config, settings: Settings) -> list[str]:
    """Return the chapters that Sphinx finds: of several files for a page, the first."""
    suffixes = config.source_suffix | {
        suffix: PARSER
        for suffix in (".md", ".ipynb", *settings.custom_formats)
        if config.source_suffix.get(suffix, "restructuredtext") == "restructuredtext"
    }
    excluded = [*config.exclude_patterns, "**.ipynb_checkpoints", *config.templates_path]
    excluded += [*config.html_extra_path, *config.html_static_path, *EXCLUDE_PATHS]
    in_toc = _toc(root / config.external_toc_path, config) if _uses_toc(config) else None
    pages: dict[str, str] = {}
    for name in get_matching_files(root, config.include_patterns, excluded):
        ends = [suffix for suffix in suffixes if os.path.basename(name).endswith(suffix)]
        if ends and (in_toc is None or all(in_toc(name, suffix) for suffix in ends)):
            pages.setdefault(name.removesuffix(ends[0]), name)
    return [
        name
        for name in pages.values()
        if get_filetype(suffixes, name) == PARSER and is_chapter(root / name, settings)
    ]


def _uses_toc(config: Config) -> bool:
    return bool(config.external_toc_exclude_missing) and (
        "sphinx_external_toc" in config.extensions
    )


def _toc(path: Path, config: Config) -> Callable[[str, str], bool]:
    """Return what tells whether a file, with one of the suffixes it has, is in the contents."""
    try:
        from sphinx_external_toc.parsing import parse_toc_yaml  # comes with jupyter-book

        toc = parse_toc_yaml(path)
    except Exception as error:  # of many kinds, without a common one
        raise _unreadable(path, error) from error

    def has(name: str, suffix: str) -> bool:
        page = name.removesuffix(suffix)
        if name in toc or page in toc or any(patmatch(page, glob) for glob in toc.globs()):
            return True
        return any(part.startswith(".") for part in name.split("/"))  # it overlooks what is hidden

    return has
