"""Put a piece of HTML into words: what a reader reads of it, line by line.

A table is written row by row; blocks, items and `<br>` begin lines. What says of itself that it is
hidden is left out only where no style sheet could bring it back: rather too many words are
compared than too few. What is seen and is no text stands in brackets: pictures with their address
or a digest, drawings with a digest, the state of controls. Of a picture that is only named by its
address nothing compares what it shows: it is told as well.
"""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass

from bookproof.judging import html_table, html_unseen
from bookproof.judging.html_tree import Element, read

_BLOCKS = str.split(
    "address article aside blockquote body caption center dd desc details dialog div dl dt "
    "fieldset figcaption figure footer foreignobject form h1 h2 h3 h4 h5 h6 head header hr html "
    "legend li main nav ol optgroup option p pre section select summary svg table text textarea "
    "title tr ul"
)
_SILENT = str.split("base col colgroup link meta metadata param source style track wbr")

_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CONTENT = re.compile(r"(?<![-\w])content\s*:\s*([^;}]*)", re.IGNORECASE)
_COMPUTED = re.compile(r"\b(?:attr|counters?|var|url|image-set)\(", re.IGNORECASE)
_EMPTY = re.compile(r"\s*(?:none|normal|''|\"\")?\s*(?:!important\s*)?", re.IGNORECASE)
_BLANKS = re.compile("[ \t\r\n\f]+")
_KEPT = str.maketrans(" \t\n", "\ue000\ue001\ue002")
_BACK = str.maketrans("\ue000\ue001\ue002\xa0", " \t\n ")


@dataclass(frozen=True)
class Table:
    """The texts of a table's cells, row by row; where a cell spans others they are empty.

    `heads` is how many columns, from the left, hold the heads of rows.
    """

    rows: tuple[tuple[str, ...], ...]
    heads: int


@dataclass(frozen=True)
class Words:
    """What is read of a piece of HTML.

    `opaque` names what cannot be put into words; then `text` may be other than what is shown.
    `fetched` is how many pictures come from files of their own, beside the text. `tables` are the
    tables in it, `rest` is the text without them.
    """

    text: str
    opaque: tuple[str, ...] = ()
    fetched: int = 0
    tables: tuple[Table, ...] = ()
    rest: str = ""


def svg_words(svg: str) -> Words:
    """Put a drawing of its own, with or without an XML head, into words."""
    return words(svg[max(svg.find("<svg"), 0) :])


@functools.lru_cache(maxsize=64)
def words(html: str) -> Words:
    """Put a piece of HTML into words."""
    try:
        return _words(html, read(html))
    except (AssertionError, RecursionError):  # of the parser; of what is nested too deeply
        return Words("", ("unreadable text",))


def _words(html: str, root: Element) -> Words:
    elements = list(root.walk())[1:]
    hides = all(e.tag not in ("style", "link") for e in elements)
    writer, around = _Writer(hides), _Writer(hides, tables=False)
    texts, rest = [_tidy(writer.inside(root))], _tidy(around.inside(root))
    opaque = list(html_unseen.unreadable(html, elements))
    contents = [c for e in elements if e.tag == "style" for c in _CONTENT.findall(e.text())]
    if any(map(_COMPUTED.search, contents)):
        opaque.append("style")
    texts += [f"[style {c.strip()}]" for c in contents if not _EMPTY.fullmatch(c)]
    if not writer.read and len(texts) == 1:
        opaque += ["picture"] * writer.pictures
        if any(e.tag not in {*_SILENT, "br", "html", "head", "body"} for e in elements):
            opaque = opaque or ["empty element"]  # something may fill it, or colour it
    text = "\n".join(filter(None, texts))
    fetched = 0 if opaque else sum(map(html_unseen.is_fetched, elements))
    return Words(text, tuple(opaque), fetched, tuple(writer.tables), rest)


class _Writer:
    """Write elements as text, whose lines are not tidied yet."""

    def __init__(self, hides: bool, tables: bool = True):
        self._hides = hides
        self._with_tables = tables
        self._literal = False
        self.read = False  # whether there is any text
        self.pictures = 0
        self.tables: list[Table] = []

    def inside(self, element: Element) -> str:
        return self._all(element.children)

    def _all(self, children: list[Element | str]) -> str:
        return "".join(self._text(c) if isinstance(c, str) else self._element(c) for c in children)

    def _text(self, text: str) -> str:
        self.read = self.read or bool(text.strip())
        return text.translate(_KEPT) if self._literal else _BLANKS.sub(" ", text)

    def _element(self, element: Element) -> str:
        if element.tag in _SILENT or (self._hides and _says_hidden(element)):
            return ""
        write = getattr(self, f"tag_{element.tag}", self.inside)
        text = write(element)
        return f"\n{text}\n" if element.tag in _BLOCKS else text

    def tag_br(self, element: Element) -> str:
        return "\n"

    def tag_pre(self, element: Element) -> str:
        before, self._literal = self._literal, True
        text = self.inside(element).removeprefix("\ue002")
        self._literal = before
        return text

    tag_textarea = tag_pre

    def tag_a(self, element: Element) -> str:
        text, address = self.inside(element), _address(element, "href")
        return f"{text} <{address}>" if address and address != text.strip() else text

    def tag_sup(self, element: Element) -> str:
        return f"^{self.inside(element)}"

    def tag_sub(self, element: Element) -> str:
        return f"_{self.inside(element)}"

    def tag_ul(self, element: Element) -> str:
        return self._items(element, None)

    def tag_ol(self, element: Element) -> str:
        start = element.attributes.get("start", "")
        return self._items(element, int(start) if re.fullmatch(r"-?\d{1,9}", start) else 1)

    def _items(self, element: Element, number: int | None) -> str:
        lines = []
        for child in element.children:
            if isinstance(child, Element) and child.tag == "li":
                mark = "-" if number is None else f"{child.attributes.get('value') or number}."
                number = None if number is None else number + 1
                lines.append(f"{mark} {self._all([child]).strip()}")
            else:
                lines.append(self._all([child]))
        return "\n".join(lines)

    def tag_img(self, element: Element) -> str:
        given = element.attributes
        alt, others = given.get("alt", ""), given.get("srcset", "")
        return self._picture("image", alt, _address(element, "src"), others)

    def tag_svg(self, element: Element) -> str:
        return f"{self.inside(element)}\n{self._picture('drawing', _digest(_form(element)))}"

    def _picture(self, *parts: str) -> str:
        self.pictures += 1
        return f"[{' '.join(filter(None, parts))}]"

    def tag_input(self, element: Element) -> str:
        given = element.attributes
        kind = given.get("type", "text").lower()
        if kind == "hidden":
            return ""
        if kind in ("checkbox", "radio"):
            return "[x]" if "checked" in given else "[ ]"
        self.read = True
        return f"[{kind} {given.get('value') or given.get('placeholder', '')}]"

    def tag_meter(self, element: Element) -> str:
        self.read = True
        given = element.attributes
        return f"[{element.tag} {given.get('value', '')} of {given.get('max', '1')}]"

    tag_progress = tag_meter

    def tag_table(self, element: Element) -> str:
        if not self._with_tables:
            return ""
        place = len(self.tables)
        around = self._all(html_table.outside(element))
        grid = html_table.grid(element)
        rows = tuple(tuple(self._cell(cell) for cell in row) for row in grid)
        self.tables.insert(place, Table(rows, html_table.heads(grid)))
        lines = ("| " + " | ".join(c.replace("|", r"\|") for c in row) + " |" for row in rows)
        return "\n".join([around, *(line.translate(_KEPT) for line in lines)])

    def _cell(self, cell: Element | None) -> str:
        return "" if cell is None else _tidy(self.inside(cell)).strip().replace("\n", " ⏎ ")


def _address(element: Element, name: str) -> str:
    address = element.attributes.get(name, "").strip()
    if address.startswith("data:"):
        return f"{re.split('[;,]', address[5:])[0]} {_digest(address)}"
    return address


def _says_hidden(element: Element) -> bool:
    style = element.attributes.get("style", "")
    return "hidden" in element.attributes or _HIDDEN.search(style) is not None


def _tidy(text: str) -> str:
    lines = (re.sub(" +", " ", line).strip(" ") for line in text.split("\n"))
    return "\n".join(filter(None, lines)).translate(_BACK)


def _form(element: Element) -> str:
    """Return a drawing without what does not bear on its looks: blanks, comments, metadata."""
    inner = (c.strip() if isinstance(c, str) else _form(c) for c in element.children)
    given = "".join(f" {name}={value!r}" for name, value in sorted(element.attributes.items()))
    if element.tag in ("metadata", "desc", "title"):
        return ""
    return f"<{element.tag}{given}>{''.join(inner)}</>"


def _digest(text: str) -> str:
    """Return a digest in which no number can be read."""
    return "sha_" + hashlib.sha256(text.encode()).hexdigest()[:16]
