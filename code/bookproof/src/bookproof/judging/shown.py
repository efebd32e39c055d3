"""Sort what a cell gave into what a reader sees of it."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from bookproof.judging import alike, mime
from bookproof.judging.html_words import Words, svg_words, words
from bookproof.judging.markdown_unseen import unseen
from bookproof.judging.state import as_json, widget_words
from bookproof.reading.chapter import Cell, Chapter
from bookproof.reading.counted import counted
from bookproof.reading.screen import normalise
from bookproof.reading.settings import DEFAULT, Settings
from bookproof.running.inside import describe
from bookproof.running.outputs import all_widgets
from bookproof.running.result import Run

_GLUE = "application/papermill.record/"
_MATPLOTLIB = re.compile(
    r"<(?:Figure|Text|matplotlib).*at [0-9a-z]+>"
    r"|\A<(?:Figure|Text|AxesSubplot|module).*>\Z|\AText\(.*\)\Z"
)
"""What mystmd takes for such results."""
_TEXTS = frozenset({"stdout", "result"})
_WRITES = re.compile(r"\s*%%(?:writefile|file)\b")
_AGAIN = re.compile(r"\A(?:Overwriting|Appending to) ")


@dataclass(frozen=True)
class Piece:
    """A text among the outputs of a cell: `part` is stdout or result.

    `mime` is its type on the page, `plain` its plain text where that says the same.
    """

    part: str
    text: str
    mime: str = "text/plain"
    plain: str | None = None


@dataclass
class Seen:
    """The outputs of a cell as a reader sees them, by the part that a block can name.

    `opaque` names what is shown and cannot be put into words; `removed` are the parts that the
    page does not show.
    """

    pieces: list[Piece] = field(default_factory=list)
    stderr: str = ""
    error: str = ""
    figures: list[str] = field(default_factory=list)
    opaque: list[str] = field(default_factory=list)
    empty: int = 0
    missing_glyphs: set[str] = field(default_factory=set)
    removed: frozenset[str] = frozenset()

    def part(self, name: str, plain: bool = False) -> str:
        """Return a part of the outputs as normalised text.

        With `plain`, what has a plain text that says the same is given by that.
        """
        if name == "figure":
            return normalise("\n".join(self.figures))
        if name in ("stderr", "error"):
            return normalise(getattr(self, name))
        wanted = {name}
        if name == "text":  # where nothing of it is shown, a block speaks of all
            wanted = {piece.part for piece in self.pieces} - self.removed or set(_TEXTS)
        text = ""
        for piece in self.pieces:
            if piece.part in wanted:
                begins = piece.part == "stdout" or text[-1:] in ("", "\n")
                given = piece.plain if plain and piece.plain is not None else piece.text
                text += given if piece.part == "stdout" else "\n" * (not begins) + given + "\n"
        return normalise(text)

    def shows(self, name: str) -> str:
        """Return a part of the outputs, empty where the page does not show it."""
        parts = {piece.part for piece in self.pieces} if name == "text" else {name}
        return "" if parts <= self.removed else self.part(name)

    def things(self) -> str:
        """Return what is shown and cannot be put into words."""
        found = (counted(number, noun) for noun, number in Counter(self.opaque).items())
        return f"{' and '.join(found)} that no {{expect}} can check"

    def types(self, name: str) -> list[str]:
        """Return the types, other than plain text, that a page shows in a part of the outputs."""
        parts = _TEXTS if name == "text" else {name}
        return sorted({p.mime for p in self.pieces if p.part in parts} - {"text/plain"})

    def has_plain(self, name: str) -> bool:
        """Tell whether a part of the outputs may also be given by plain text."""
        return name in {"text", "result"} and any(p.plain is not None for p in self.pieces)


def see(cell: Cell, chapter: Chapter, run: Run) -> Seen:
    """Return what a reader sees of the outputs of a cell."""
    widgets = all_widgets(chapter.notebook, run.widgets)
    seen = observe(run.outputs[cell.index], cell.tags, widgets, cell.settings)
    seen.pieces = [dataclasses.replace(p, text=first(cell, p.text)) for p in seen.pieces]
    return seen


def first(cell: Cell, text: str) -> str:
    """Return what a cell says of a file that it writes, as it says it where there is none yet."""
    return _AGAIN.sub("Writing ", text) if _WRITES.match(cell.source) else text


EVERYTHING = frozenset({"text", "stdout", "result", "stderr", "error", "figure", "opaque"})
"""All that a page can show of a cell."""


def removed(tags: frozenset[str], settings: Settings = DEFAULT) -> frozenset[str]:
    """Return the parts of a cell's outputs that are removed from the page."""
    words = {tag.replace("_", "-") if tag.startswith("remove_") else tag for tag in tags}
    if settings.remove_code_outputs or words & {"remove-output", "remove-cell"}:
        return EVERYTHING
    gone = {name for name in ("stdout", "stderr") if f"remove-{name}" in words}
    if settings.output_stderr in ("remove", "remove-warn"):
        gone.add("stderr")
    return frozenset(gone)


def observe(
    outputs: Sequence[NotebookNode],
    tags: frozenset[str] = frozenset(),
    widgets: Mapping[str, dict] | None = None,
    settings: Settings = DEFAULT,
) -> Seen:
    """Sort the outputs of a cell into the parts that blocks speak of.

    `widgets` is the state of interactive widgets. Values that MyST-NB's `glue` stores without
    showing them are no outputs.
    """
    seen = Seen(removed=removed(tags, settings))
    errors = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            seen.stderr += output.text
        elif output.output_type == "stream":
            seen.pieces.append(Piece("stdout", output.text))
        elif output.output_type == "error":
            errors.append(f"{output.ename}: {output.evalue}")
        elif not (_is_dropped(output, settings) or _is_kept_elsewhere(output)):
            _see(seen, output.data, widgets or {}, settings)
    seen.error = "\n".join(errors)
    return seen


def _is_kept_elsewhere(output: NotebookNode) -> bool:
    return all(name.startswith(_GLUE) for name in output.data)


def _is_dropped(output: NotebookNode, settings: Settings) -> bool:
    """Tell whether mystmd drops a result as what matplotlib says of itself."""
    if output.output_type != "execute_result" or set(output.data) != {"text/plain"}:
        return False
    dropped = settings.matplotlib_strings.startswith("remove")
    return dropped and bool(_MATPLOTLIB.search(str(output.data["text/plain"])))


def _see(seen: Seen, data: Mapping[str, Any], widgets: Mapping, settings: Settings) -> None:
    """Add what a page shows of a display or a result."""
    chosen = mime.shown_type(data, settings.mime_priority_overrides)
    described = data.get(describe.MIME)
    if described and (chosen is None or chosen.startswith("image/")):
        seen.figures.append(described["description"])
        seen.empty += described["empty"]
        seen.missing_glyphs.update(described["missing_glyphs"])
        return
    piece, opaque = _put(chosen, data, widgets, settings)
    seen.opaque += opaque
    if piece is not None and piece.text.strip():
        seen.pieces.append(piece)


def _put(
    chosen: str | None, data: Mapping[str, object], widgets: Mapping, settings: Settings
) -> tuple[Piece | None, Sequence[str]]:
    """Put an output of which a page shows the chosen type into words; else say what it is."""
    content, plain = data.get(chosen, ""), data.get("text/plain")
    if chosen in ("text/plain", None):
        drawn = map(as_json, mime.unseen_json(data))  # which is lost on the page: it must be told
        return Piece("result", "\n".join(filter(None, [str(content), *drawn]))), ()
    if chosen == "text/html":
        said = words(str(content))
        if not said.opaque and plain is not None and alike.same_words(said, str(plain)):
            return Piece("result", str(plain)), ()
        return _said(said, chosen)
    if chosen == "text/latex" or (chosen.startswith("image/") and "text/latex" in data):
        latex = str(data["text/latex"])  # the picture of a formula is drawn from it
        same = plain is not None and alike.same_symbols(latex, str(plain))
        return Piece("result", latex, "text/latex", str(plain) if same else None), ()
    if chosen == "image/svg+xml":
        return _said(svg_words(str(content)), chosen)
    if chosen == "text/markdown":
        myst = settings.render_markdown_format == "myst"
        return Piece("result", str(content), chosen), unseen(str(content), myst)
    if chosen == mime.WIDGET:
        text = widget_words(content, widgets)
        return (None, ["widget"]) if text is None else (Piece("result", text, chosen), ())
    if chosen.endswith(("+json", "/json")):
        return Piece("result", as_json(content), chosen), ()
    return None, ["script" if chosen == mime.SCRIPT else "picture"]


def _said(said: Words, chosen: str) -> tuple[Piece | None, Sequence[str]]:
    """Return the words of a piece of HTML, and what of it is none."""
    if said.opaque:
        return None, said.opaque
    return Piece("result", said.text, chosen), ["picture"] * said.fetched
