"""What a run of a chapter gave, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from bookproof.running.failure import Failure
from bookproof.running.origin import Origin


@dataclass(frozen=True)
class Run:
    """What the code cells of a chapter gave: a list of outputs each, None where one did not run.

    `opened` are the files and folders that the run read, as paths relative to the book's root,
    `variables` the environment variables; `found`, `either`, `surely`, `made`, `sought` and
    `unkept` are those of its `Trace`. `names` are those of all files of the book at its end,
    without what other chapters were making, if it may have looked at them. `started` is the time of
    day in seconds, `seconds` how long the cells took; `versions` are those of the packages that the
    cells import, `modules` the top-level modules that were imported at the end; `language` is what
    the kernel says of its language. `values` is what each question of the chapter is worth, None
    where it was not asked; `widgets` the state of the interactive widgets, as a notebook's metadata
    has it. `recorded` says that nothing was run, and the outputs are those that the file holds;
    `frozen` where the outputs come from, where they were kept beside the book and not made here;
    `continued` that it went on from a snapshot of an earlier one.
    """

    outputs: tuple[list[NotebookNode] | None, ...]
    failure: Failure | None = None
    opened: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    seconds: float = 0.0
    started: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, str | None] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    surely: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    sought: Mapping[str, Any] = field(default_factory=dict)
    unkept: str = ""
    names: tuple[str, ...] = ()
    continued: bool = False
    modules: tuple[str, ...] = ()
    language: Mapping[str, Any] = field(default_factory=dict)
    values: tuple[dict | None, ...] = ()
    widgets: Mapping[str, dict] = field(default_factory=dict)
    recorded: bool = False
    frozen: Origin | None = None
