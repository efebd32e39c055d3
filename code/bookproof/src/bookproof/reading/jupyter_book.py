"""Translate a jupyter-book 1 `_config.yml` into the options of Sphinx, as jupyter-book does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXECUTE = {
    "allow_errors": "nb_execution_allow_errors",
    "cache": "nb_execution_cache_path",
    "eval_regex": "nb_eval_name_regex",
    "exclude_patterns": "nb_execution_excludepatterns",
    "execute_notebooks": "nb_execution_mode",
    "raise_on_error": "nb_execution_raise_on_error",
    "run_in_temp": "nb_execution_in_temp",
    "show_tb": "nb_execution_show_tb",
    "stderr_output": "nb_output_stderr",
    "timeout": "nb_execution_timeout",
}
_EXCLUDED = {"_build", "Thumbs.db", ".DS_Store", "**.ipynb_checkpoints"}
MARKDOWN = ["colon_fence", "dollarmath", "linkify", "substitution", "tasklist"]
_EXTENSIONS = ["myst_nb", "jupyter_book", "sphinx_external_toc"]


def as_sphinx(content: object) -> dict[str, Any]:
    """Return what a `_config.yml` says of execution, outputs, texts and chapters, as Sphinx has it.

    Raises ValueError where it is no `_config.yml`.
    """
    if not isinstance(content, Mapping):
        raise ValueError(f"it holds {type(content).__name__}, wanted settings by name")
    sphinx = _section(content, "sphinx")
    config: dict[str, Any] = {
        "extensions": _EXTENSIONS,
        "exclude_patterns": sorted(_EXCLUDED.union(content.get("exclude_patterns") or ())),
        "external_toc_exclude_missing": content.get("only_build_toc_files") or False,
    }
    for name, value in _section(content, "execute").items():
        if name in _EXECUTE:
            config[_EXECUTE[name]] = value
    if config.get("nb_execution_mode") is False:
        config["nb_execution_mode"] = "off"  # YAML takes `off` for a boolean
    markdown = _section(content, "parse").get("myst_enable_extensions") or MARKDOWN
    config["myst_enable_extensions"] = markdown
    config |= _section(sphinx, "config")
    config["html_static_path"] = [*config.get("html_static_path", ()), "_static"]
    return config


def search_paths(content: Mapping) -> list[str]:
    """Return the folders, relative to the book's, from which its own extensions are imported."""
    extensions = _section(_section(content, "sphinx"), "local_extensions")
    return [str(path) for path in extensions.values()]


def _section(content: Mapping, name: str) -> dict:
    section = content.get(name) or {}
    if not isinstance(section, Mapping):
        raise ValueError(f"{name} is {section!r}, wanted settings by name")
    return dict(section)
