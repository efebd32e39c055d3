"""Put into words what is no text: specifications and the state of widgets, as sorted JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

_STATE = "application/vnd.jupyter.widget-state+json"
_REFERENCE = "IPY_MODEL_"
_SOURCE = ("_esm", "_css")  # what draws a widget of anywidget's
_SILENT = ("_model_module", "_view_")


def as_json(content: object) -> str:
    """Return sorted JSON, an item a line."""
    value = content
    if isinstance(content, str):  # as some kernels send it
        try:
            value = json.loads(content)
        except ValueError:
            return content
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)


def widget_words(view: object, widgets: Mapping[str, Mapping]) -> str | None:
    """Return the state of the widget that a view shows, None where it is not known.

    `widgets` is what a notebook's metadata has of them. The models that a state refers to stand
    in their places; the names of models are random and go.
    """
    models = (widgets.get(_STATE) or {}).get("state") or {}
    model = view.get("model_id") if isinstance(view, Mapping) else None
    if model not in models:
        return None
    return as_json(_Models(models).state(model))


class _Models:
    def __init__(self, models: Mapping[str, Mapping]):
        self._models = models
        self._open: list[str] = []

    def state(self, name: str) -> object:
        """Return the state of a model, without what is empty."""
        if name in self._open:
            return f"…{len(self._open) - self._open.index(name)} levels above"
        self._open.append(name)
        model = self._models[name]
        found: dict[str, object] = {}
        for key, value in model.get("state", {}).items():
            if key in _SOURCE:
                found[key] = _digest(str(value))
            elif not key.startswith(_SILENT):
                found[key] = self._value(value)
        for buffer in model.get("buffers", ()):
            found["/".join(map(str, buffer["path"]))] = _digest(buffer["data"])
        self._open.pop()
        found = {key: value for key, value in found.items() if value not in (None, "", [], {})}
        return found if set(found) > {"_model_name"} else {}

    def _value(self, value: object) -> object:
        if isinstance(value, str) and value.startswith(_REFERENCE):
            name = value.removeprefix(_REFERENCE)
            return self.state(name) if name in self._models else value
        if isinstance(value, Mapping):
            return {key: self._value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._value(item) for item in value]
        return value


def _digest(text: str) -> str:
    return "sha_" + hashlib.sha256(text.encode()).hexdigest()[:16]
