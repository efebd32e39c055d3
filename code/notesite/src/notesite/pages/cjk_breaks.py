"""Drop line breaks between Chinese characters, which HTML would show as spaces.

Authors may wrap lines anywhere. A break goes if Chinese stands on both sides of it, or full-width
punctuation on either; between Chinese and Latin text, code or mathematics it stays a space.
"""

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform

HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
FULL_WIDTH = r"\u3001-\u3003\u3008-\u3020\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
# Western shape, Chinese width: these count only beside Chinese.
SHARED = "‘’“”—…·"

BREAK = re.compile(
    rf"(?<=[{HAN}{FULL_WIDTH}{SHARED}])\n(?=[{HAN}{FULL_WIDTH}{SHARED}])"
    rf"|(?<=[{FULL_WIDTH}])\n|\n(?=[{FULL_WIDTH}])"
)
VERBATIM = (nodes.literal, nodes.FixedTextElement, nodes.math, nodes.math_block, nodes.raw)


def drop_breaks(block):
    """Drop such breaks in one text block, across the borders of its inline elements."""
    texts = []
    for text in block.findall(nodes.Text):
        parent = text.parent
        while parent is not block and not isinstance(parent, VERBATIM):
            parent = parent.parent
        # Of code and mathematics only the place matters: they count as one Latin letter.
        texts.append((text, str(text) if parent is block else "x"))
    whole = "".join(shown for _, shown in texts)
    gone = {match.start() for match in BREAK.finditer(whole)}
    start = 0
    for text, shown in texts:
        kept = "".join(c for i, c in enumerate(shown, start) if i not in gone)
        start += len(shown)
        if len(kept) < len(shown):
            # By identity: `replace` looks for equal text, and line breaks are all equal.
            siblings = text.parent.children
            place = next(i for i, sibling in enumerate(siblings) if sibling is text)
            text.parent[place] = nodes.Text(kept)


class ChineseLineBreaks(SphinxTransform):
    """Apply `drop_breaks` to every text block of a page."""

    default_priority = 800

    def apply(self, **kwargs):
        """Visit the blocks that hold text directly."""
        for block in list(self.document.findall(nodes.TextElement)):
            outer = isinstance(block.parent, nodes.TextElement)
            if not outer and not isinstance(block, VERBATIM):
                drop_breaks(block)


def setup(app):
    """Register the transform."""
    app.add_transform(ChineseLineBreaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
