"""Which Markdown a book is written in: what its author has set of MyST's parser.

Only what decides which cells, blocks and roles there are; what the rest looks like is MyST's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from myst_parser.config.main import MdParserConfig, merge_file_level

_EXTENSIONS = {
    *("amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"),
    *("fieldlist", "substitution", "tasklist"),
}
_OPTIONS = (
    *("commonmark_only", "gfm_only", "disable_syntax", "sub_delimiters"),
    *("dmath_allow_digits", "dmath_allow_labels", "dmath_allow_space", "dmath_double_inline"),
)

Dialect = tuple[tuple[str, Any], ...]
"""Options of MyST's parser, by name, each as something that can be hashed."""


def dialect_of(config: MdParserConfig) -> Dialect:
    """Return what counts of the options of MyST's parser."""
    extensions = tuple(sorted(_EXTENSIONS.intersection(config.enable_extensions)))
    others = ((name, _hashable(getattr(config, name))) for name in _OPTIONS)
    return ("enable_extensions", extensions), *others


def read(option: Callable[[str], Any]) -> Dialect:
    """Return the dialect of a book, of which `option` gives MyST's options by name.

    Raises ValueError where one of them is not valid.
    """
    names = ("enable_extensions", *_OPTIONS)
    try:
        return dialect_of(MdParserConfig(**{name: option(name) for name in names}))
    except TypeError as error:
        raise ValueError(str(error)) from error


def of_file(dialect: Dialect, metadata: Mapping) -> Dialect:
    """Return the dialect of a file with this metadata: as in MyST, what is not valid is void."""
    own = metadata.get("myst")
    if not isinstance(own, Mapping):
        return dialect
    known = {"myst": {name: value for name, value in own.items() if isinstance(name, str)}}
    return dialect_of(merge_file_level(config_of(dialect), known, lambda *_: None))


def config_of(dialect: Dialect) -> MdParserConfig:
    """Return the options of MyST's parser."""
    return MdParserConfig(**dict(dialect))


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, (list, tuple)) else value


JUPYTER_BOOK = dialect_of(
    MdParserConfig(enable_extensions={"colon_fence", "dollarmath", "substitution", "tasklist"})
)
"""The dialect where nobody has set another: what jupyter-book has."""
