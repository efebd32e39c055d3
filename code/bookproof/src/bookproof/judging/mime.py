"""Choose which type of an output a page shows, as MyST-NB chooses it for HTML."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from myst_nb.core.render import get_mime_priority, load_mime_renders

WIDGET = "application/vnd.jupyter.widget-view+json"
SCRIPT = "application/javascript"

_PRIVATE = (WIDGET, "application/vnd.bookproof.", "application/papermill.record/")
_SHOWN = {
    WIDGET,
    SCRIPT,
    "text/html",
    "image/svg+xml",
    "image/png",
    "image/gif",
    "image/jpeg",
    "application/pdf",
    "text/markdown",
    "text/latex",
    "text/plain",
}
"""The types that MyST-NB can show; besides those of its plugins."""

Overrides = tuple[tuple[str, str, int | None], ...]


def shown_type(data: Mapping[str, object], overrides: Overrides = ()) -> str | None:
    """Return the type of an output that a page shows, None where it shows none of them.

    `overrides` is `nb_mime_priority_overrides`: builder, type and its place.
    """
    for mime in _priority(tuple(map(tuple, overrides))):
        empty = mime == "text/markdown" and not str(data.get(mime, "")).strip()
        if mime in data and not empty:  # for which MyST-NB makes no node, and takes the next
            return mime
    return None


def unseen_json(data: Mapping[str, object]) -> list[object]:
    """Return what notebooks draw and pages do not: the specification of a chart, a JSON tree."""
    return [
        content
        for mime, content in data.items()
        if content and mime.endswith(("+json", "/json")) and not mime.startswith(_PRIVATE)
    ]


@functools.cache
def _priority(overrides: Overrides) -> tuple[str, ...]:
    plugins = load_mime_renders()
    known = _SHOWN.union(
        mime for plugin in plugins for _, mime, _ in getattr(plugin, "mime_priority_overrides", ())
    )
    return tuple(m for m in get_mime_priority("html", overrides) if m in known)
