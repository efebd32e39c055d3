"""Sort what a cell gave into what a reader sees of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from bookproof.reading.screen import normalise
from bookproof.running.inside import describe


@dataclass
class Seen:
    """The outputs of a cell as a reader sees them, by the part that a block can name."""

    text: str = ""
    stdout: str = ""
    result: str = ""
    stderr: str = ""
    error: str = ""
    figures: list[str] = field(default_factory=list)
    opaque: int = 0
    empty: int = 0
    missing_glyphs: set[str] = field(default_factory=set)

    def part(self, name: str) -> str:
        """Return a part of the output as normalised text."""
        return normalise("\n".join(self.figures) if name == "figure" else getattr(self, name))


_GLUE = "application/papermill.record/"
_OBJECT = re.compile(r"<IPython\.core\.display\.\w+ object>")


def observe(outputs: list[NotebookNode]) -> Seen:
    """Sort the outputs of a cell into the parts that blocks speak of.

    Pictures and other rich media that have neither a description nor a text of their own are
    opaque: nothing can be expected of them. Values that MyST-NB's `glue` stores without showing
    them are no outputs.
    """
    seen = Seen()
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            seen.stderr += output.text
        elif output.output_type == "stream":
            seen.text += output.text
            seen.stdout += output.text
        elif output.output_type == "error":
            seen.error = f"{output.ename}: {output.evalue}"
        elif not all(mime.startswith(_GLUE) for mime in output.data):
            plain = output.data.get("text/plain", "")
            drawn = any(mime.startswith("image/") for mime in output.data)
            if described := output.data.get(describe.MIME):
                seen.figures.append(described["description"])
                seen.empty += described["empty"]
                seen.missing_glyphs.update(described["missing_glyphs"])
            elif drawn or not plain or _OBJECT.fullmatch(plain):
                seen.opaque += 1
            else:
                # On the page a result begins a line of its own.
                seen.text += "\n" * (seen.text[-1:] not in ("", "\n")) + plain + "\n"
                seen.result += plain + "\n"
    return seen
