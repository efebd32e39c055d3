"""The settings of a book that bear on how its cells run and on what its pages show of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """What an author has set; the names are MyST-NB's, without `nb_`, or bookproof's own.

    `language` is the one that pages are in, `filters` are patterns and
    replacements by the name that `norm=` uses.
    """

    execution_allow_errors: bool = False
    output_stderr: str = "show"
    mime_priority_overrides: tuple[tuple[str, str, int | None], ...] = ()
    language: str = "en"
    filters: Mapping[str, tuple[str, str]] = field(default_factory=dict)


DEFAULT = Settings()
