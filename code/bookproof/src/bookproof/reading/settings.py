"""The settings of a book that bear on how its cells run and on what its pages show of them.

MyST-NB's own class says which there are, of what kind, and at which level: for the book, for a
file, for a cell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from typing import Any

from myst_nb.core.config import NbParserConfig, Section

from bookproof.reading import dialect

_BOOK = ("custom_formats", "kernel_rgx_aliases", "metadata_key", "mime_priority_overrides")
"""What MyST-NB asks of the whole book alone, whatever a file says."""


@dataclass(frozen=True)
class Settings:
    """What an author has set; the names are MyST-NB's, without `nb_`, or bookproof's own.

    `execution_mode` is a file's: for a book all modes mean the same, that bookproof runs every
    chapter. `dialect` is the Markdown that texts are written in, `language` the one of the pages,
    `filters` are patterns and replacements by the name that `norm=` uses, `not_run` the reasons
    why chapters are not run, by the pattern of their paths. `matplotlib_strings` is what mystmd
    does with results like `<Figure …>`, `project` what its `myst.yml` says to all pages, None in a
    book of MyST-NB.
    """

    custom_formats: Mapping[str, tuple[str, Mapping, bool]] = field(default_factory=dict)
    metadata_key: str = "mystnb"
    cell_metadata_key: str = "mystnb"
    kernel_rgx_aliases: Mapping[str, str] = field(default_factory=dict)
    eval_name_regex: str = "^[a-zA-Z_][a-zA-Z0-9_]*$"
    execution_mode: str = "auto"
    execution_excludepatterns: tuple[str, ...] = ()
    execution_timeout: float = 30
    execution_in_temp: bool = False
    execution_allow_errors: bool = False
    merge_streams: bool = False
    render_plugin: str = "default"
    render_markdown_format: str = "commonmark"
    remove_code_source: bool = False
    remove_code_outputs: bool = False
    output_stderr: str = "show"
    mime_priority_overrides: tuple[tuple[str, str, int | None], ...] = ()
    dialect: dialect.Dialect = dialect.JUPYTER_BOOK
    language: str = "en"
    filters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    not_run: Mapping[str, str] = field(default_factory=dict)
    matplotlib_strings: str = "show"
    project: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, nb: NbParserConfig, not_run: object = None) -> Settings:
        """Return the settings of a book from MyST-NB's, and from bookproof's own.

        Raises ValueError where one of them cannot be obeyed.
        """
        reasons: Any = {} if not_run is None else not_run
        texts = [*reasons, *reasons.values()] if isinstance(reasons, Mapping) else [None]
        if not all(isinstance(text, str) and text.strip() for text in texts):
            raise ValueError(f"bookproof_not_run is {not_run!r}, wanted reasons by pattern")
        found: dict[str, Any] = {
            name: _plain(getattr(nb, name)) for name in _names() - {"execution_mode"}
        }
        return cls(**found, not_run=reasons)._supported("nb_")

    def of(self, metadata: Mapping) -> Settings:
        """Return the settings in force for a notebook with this metadata.

        Raises ValueError where they cannot be obeyed.
        """
        given = metadata.get(self.metadata_key) or {}
        if not isinstance(given, Mapping):
            raise ValueError(f"`{self.metadata_key}` is {given!r}, wanted settings by name")
        given = {name: value for name, value in given.items() if name != "output_folder"}
        if given.get("execution_mode") is False:
            given["execution_mode"] = "off"  # as YAML has it without quotes
        for name in given:
            if name in _BOOK:
                raise ValueError(f"`{self.metadata_key}: {name}` is only for a book: nb_{name}")
        execution = metadata.get("execution")
        if isinstance(execution, Mapping):  # jupyter-cache's own, which counts for more
            known = {"execution_timeout": "timeout", "execution_allow_errors": "allow_errors"}
            given |= {name: execution[key] for name, key in known.items() if key in execution}
        spoken = dialect.of_file(self.dialect, metadata)
        if not given and spoken == self.dialect:
            return self
        checked = _checked(given, f"{self.metadata_key}: ")
        found = dataclasses.replace(self, **checked, dialect=spoken)
        return found._supported(f"{self.metadata_key}: ")

    def of_cell(self, metadata: Mapping) -> Settings:
        """Return the settings in force for a cell with this metadata, of those that are valid."""
        try:
            return dataclasses.replace(self, **self._of_cell(metadata))
        except ValueError:
            return self

    def cell_problem(self, metadata: Mapping) -> str:
        """Tell what is wrong with the settings of a cell, empty where nothing is."""
        try:
            self._of_cell(metadata)
        except ValueError as error:
            return str(error)
        return ""

    def _of_cell(self, metadata: Mapping) -> dict[str, Any]:
        key = self.cell_metadata_key if self.cell_metadata_key in metadata else "render"
        given = metadata.get(key)
        if not isinstance(given, Mapping):
            return {}
        for name in given:
            if name in _FIELDS and name not in _CELL:
                raise ValueError(f"`{key}: {name}` is no setting of a cell")
        values = {_CELL[name]: value for name, value in given.items() if name in _CELL}
        return _checked(values, f"{key}: ")

    def unrun(self, path: PurePath) -> str:
        """Return why the chapter at this path is not to be run, empty where it is."""
        if pattern := _matching(path, self.execution_excludepatterns):
            return f"it is excluded from execution by {pattern!r}"
        return "its execution_mode is off" if self.execution_mode == "off" else ""

    def reason(self, path: PurePath, metadata: Mapping) -> str:
        """Return the author's reason why a chapter is not run, empty where there is none."""
        own = metadata.get("bookproof")
        if isinstance(own, Mapping) and "not_run" in own:
            return str(own["not_run"] or "").strip()
        return self.not_run.get(_matching(path, self.not_run), "")

    def _supported(self, prefix: str) -> Settings:
        if self.render_plugin != "default":
            raise ValueError(
                f"`{prefix}render_plugin` is {self.render_plugin!r}: only MyST-NB's default is "
                "supported, because what another one shows is not known"
            )
        return self


_FIELDS = {field.name: field for field in dataclasses.fields(NbParserConfig)}
_CELL = {
    field.metadata.get("cell_key", name): name
    for name, field in _FIELDS.items()
    if Section.cell_lvl in field.metadata.get("sections", ())
} | {"execution_timeout": "execution_timeout"}
"""What can be set for a cell, by the words for it there. The timeout is bookproof's addition."""


def _names() -> set[str]:
    """Return the names of MyST-NB's settings that are also ours."""
    return {field.name for field in dataclasses.fields(Settings)} & _FIELDS.keys()


def _checked(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return those of MyST-NB's settings that are ours; raise ValueError for what is not valid."""
    if unknown := sorted(set(given) - _FIELDS.keys()):
        raise ValueError(f"`{prefix}{unknown[0]}` is no setting of MyST-NB")
    try:
        valid = NbParserConfig(**given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`{prefix.rstrip(': ')}`: {error}") from error
    return {name: _plain(getattr(valid, name)) for name in given if name in _names()}


def _plain(value: object) -> object:
    return tuple(map(_plain, value)) if isinstance(value, (list, tuple)) else value


def _matching(path: PurePath, patterns: Mapping[str, str] | tuple[str, ...]) -> str:
    """Return the first pattern that a path ends with, as MyST-NB compares them."""
    posix = PurePosixPath(path.as_posix())
    return next((pattern for pattern in patterns if posix.match(pattern)), "")


DEFAULT = Settings()
