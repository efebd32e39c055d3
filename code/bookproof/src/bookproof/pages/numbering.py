"""Number figures and tables faster.

Sphinx looks at all nodes of all pages for it, at each build. Only few of them can have a number
or lead to one that has.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector


class _Numbering:
    """`TocTreeCollector.assign_figure_numbers`, which sees of each page what may bear numbers."""

    def __init__(self, assign):
        self._assign = assign

    def __get__(self, collector, owner=None):
        """Return the method of a collector."""
        return self if collector is None else lambda env: self(collector, env)

    def __call__(self, collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
        """Return the pages whose numbers have changed."""
        env.get_doctree = lambda docname: _bones(env, docname)
        try:
            return self._assign(collector, env)
        finally:
            del env.get_doctree


_known: dict[str, tuple[object, nodes.document]] = {}
_settled: set[str] = set()


def setup() -> None:
    """Let Sphinx use it."""
    if not isinstance(vars(TocTreeCollector)["assign_figure_numbers"], _Numbering):
        assign = TocTreeCollector.assign_figure_numbers
        TocTreeCollector.assign_figure_numbers = _Numbering(assign)  # type: ignore[assignment]


def work_ahead(env: BuildEnvironment) -> None:
    """Look at all pages."""
    for name in env.all_docs if env.config.numfig else ():
        with contextlib.suppress(OSError):
            _bones(env, name)


def settle(env: BuildEnvironment, but: Collection[str]) -> None:
    """Take all pages that have been looked at as they were then, but for some."""
    _settled.update(_path(env, name) for name in env.all_docs if name not in but)


def _path(env: BuildEnvironment, name: str) -> str:
    return str(Path(env.app.doctreedir, f"{name}.doctree"))


def _bones(env: BuildEnvironment, name: str) -> nodes.document:
    """Return the document of a page without what bears no numbers."""
    path = _path(env, name)
    if path in _settled and path in _known:
        return _known[path][1]
    found = os.stat(path)
    stamp = found.st_ino, found.st_size, found.st_mtime_ns
    if path not in _known or _known[path][0] != stamp:
        doctree = BuildEnvironment.get_doctree(env, name)
        _strip(doctree, [domain for domain in env.domains.values() if _numbers(domain)])
        _known[path] = stamp, doctree
    return _known[path][1]


def _strip(node: nodes.Element, domains: list[Domain]) -> bool:
    """Take away what bears no numbers below a node; tell whether anything is left."""
    left = []
    for child in node.children:
        if not isinstance(child, nodes.Element):
            continue
        # Of a numbered one its kind may depend on all that it has.
        if (
            isinstance(child, addnodes.toctree)
            or (not isinstance(child, nodes.section) and _is_numbered(child, domains))
            or _strip(child, domains)
        ):
            left.append(child)
    node.children = left
    return bool(left)


def _numbers(domain: Domain) -> bool:
    """Tell whether a domain may number anything."""
    own = type(domain).get_enumerable_node_type is not Domain.get_enumerable_node_type
    return own or bool(domain.enumerable_nodes)


def _is_numbered(node: nodes.Element, domains: list[Domain]) -> bool:
    return any(
        domain.get_enumerable_node_type(node)
        and (domain.name != "std" or domain.get_numfig_title(node))
        for domain in domains
    )
