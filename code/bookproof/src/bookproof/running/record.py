"""Turn a run into what JSON can hold, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import nbformat

from bookproof.running.result import Run

_NOT_KEPT = ("failure", "found", "either", "made", "unkept", "names", "continued", "frozen")
"""What a run that can be kept has not, or what says nothing later."""


def content(run: Run) -> dict[str, Any]:
    """Return the fields of a run that ended well."""
    names = [field.name for field in dataclasses.fields(run)]
    return {name: getattr(run, name) for name in names if name not in _NOT_KEPT}


def run(content: Mapping[str, Any]) -> Run:
    """Return the run whose fields these are; those that are missing have their defaults."""
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
    return Run(**fields | {"outputs": tuple(map(nbformat.from_dict, content["outputs"]))})
