"""Make of what a kernel sent the outputs of a cell: the same at every run, in order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_output

# Anchored: else a long line is gone through again from each of its characters.
_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)
_ERASED = re.compile(r"[^\n\x08]\x08|^\x08+", re.MULTILINE)
_EXIT = re.compile(
    r"^.*UserWarning: To exit: use 'exit', 'quit', or Ctrl-D\.\n(?:  warn\(.*\n)?", re.MULTILINE
)


def settle(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return outputs in the order in which they appear, with the streams between two joined.

    A kernel sends what is printed in pieces, cut by the clock: between two displays it is one
    piece for stdout, then one for stderr. Of what was overwritten the last state stays.
    """
    settled: list[NotebookNode] = []
    streams: dict[str, NotebookNode] = {}
    for output in outputs:
        if output.output_type != "stream":
            settled += _finished(streams, outputs)
            settled.append(output)
            streams = {}
        elif output.name in streams:
            streams[output.name].text += output.text
        else:
            streams[output.name] = NotebookNode(output)
    return settled + list(_finished(streams, outputs))


def _finished(
    streams: dict[str, NotebookNode], outputs: Sequence[NotebookNode]
) -> Iterator[NotebookNode]:
    for stream in sorted(streams.values(), key=lambda stream: stream.name != "stdout"):
        text = stream.text
        while (shorter := _ERASED.sub("", text)) != text:
            text = shorter
        text = _OVERWRITTEN.sub("", text)
        if any(output.get("ename") == "SystemExit" for output in outputs):
            text = _EXIT.sub("", text)  # how to leave IPython, with a path of the machine
        if text:
            stream.text = text
            yield stream


def ensure_error(cell: NotebookNode, cell_index: int, execute_reply: dict) -> None:
    """Add the error to a cell's outputs where the kernel says that there was one, and shows none.

    What the kernel wrote of it to stderr goes.
    """
    reply = execute_reply["content"]
    if reply["status"] != "error" or any(o.output_type == "error" for o in cell.outputs):
        return
    name, value = reply.get("ename") or "error", str(reply.get("evalue", ""))
    line = f"{name}: {value}".removesuffix(": ")
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            output.text = output.text.replace(f"{line}\n", "")
    shown = reply.get("traceback") or [line]
    cell.outputs.append(new_output("error", ename=name, evalue=value, traceback=shown))


def widgets(client: NotebookClient) -> dict:
    """Return the state of the interactive widgets, as a notebook's metadata has it."""
    stored = client.nb.metadata.pop("widgets", None)
    client.set_widgets_metadata()
    found = client.nb.metadata.pop("widgets", {})
    if stored is not None:
        client.nb.metadata.widgets = stored
    return found


def name_widgets(outputs: Sequence[Sequence[NotebookNode] | None], found: dict) -> dict:
    """Return the state of the widgets under names that are the same at every run.

    The outputs that show them are changed likewise.
    """
    if not found:
        return found
    names = {old: f"{number:032x}" for number, old in enumerate(found[_STATE]["state"], start=1)}
    for output in (output for given in outputs for output in given or ()):
        view = output.get("data", {}).get(_VIEW)
        if view and view.get("model_id") in names:
            view["model_id"] = names[view["model_id"]]
    text = json.dumps(found)
    for old, new in names.items():
        text = text.replace(old, new)
    return json.loads(text)


_STATE = "application/vnd.jupyter.widget-state+json"
_VIEW = "application/vnd.jupyter.widget-view+json"


def all_widgets(notebook: NotebookNode, found: Mapping[str, dict]) -> Mapping[str, dict]:
    """Return the state of the widgets of a run, and of those that the notebook has stored."""
    stored = notebook.metadata.get("widgets", {})
    if not stored or not found:
        return found or stored
    states = {**stored[_STATE]["state"], **found[_STATE]["state"]}
    return {_STATE: {**found[_STATE], "state": states}}
