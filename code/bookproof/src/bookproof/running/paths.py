"""Find in outputs what only the machine has that made them: the paths of its folders."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bookproof.reading.screen import normalise

_KERNEL_FILE = re.compile(r"[^\s\"']{0,200}[/\\]ipykernel_\d+[/\\]\d+\.py")
_EVEN = "/tmp/ipykernel_1/1.py"
_INSTALLED = r"[/\\](?:site|dist)-packages[/\\]"
_REST = r"[^\s\"'<>()\[\]{},;]*"
_SHARED = {"/", "/usr", "/usr/local", "/opt"}  # every machine has them


class Paths:
    """The folders of this machine, but for those that the chapter's own code names."""

    def __init__(self, root: Path, code: str):
        folders = {str(root), os.path.expanduser("~"), tempfile.gettempdir()}
        folders |= {os.path.realpath(folder) for folder in folders} | {sys.prefix, sys.base_prefix}
        spelled = {form for folder in folders - _SHARED for form in _spelled(folder)}
        names = sorted((n for n in spelled if len(n) > 1 and n not in code), key=len, reverse=True)
        places = [rf"(?<![\w.~-]){re.escape(name)}(?![\w-]|\.\w)" for name in names]
        self._pattern = re.compile(f"(?:{'|'.join([*places, _INSTALLED])}){_REST}")

    def found(self, value: object) -> list[str]:
        """Return the paths that the texts within a JSON value name, in the order of the texts."""
        raw = [text.replace(_EVEN, "") for text in _texts(value)]
        texts = (text for one in raw for text in (one, normalise(one)))
        found = (path[0] for text in texts for path in self._pattern.finditer(text))
        return list(dict.fromkeys(path.rstrip(".:") for path in found))


def without_kernel_files(value: Any) -> Any:
    """Return a JSON value in which the files of a kernel's cells have the same name everywhere."""
    if isinstance(value, str):
        return _KERNEL_FILE.sub(_EVEN, value) if "ipykernel_" in value else value
    if isinstance(value, dict):
        return {key: without_kernel_files(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_kernel_files(item) for item in value]
    return value


def _spelled(folder: str) -> tuple[str, ...]:
    """Return the forms in which a text may have a path: on Windows there are three."""
    return folder, folder.replace("\\", "/"), folder.replace("\\", "\\\\")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
