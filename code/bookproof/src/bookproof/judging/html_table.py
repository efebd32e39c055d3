"""Find the cells of an HTML table, row by row, where spans put them."""

from __future__ import annotations

from collections.abc import Iterator

from bookproof.judging.html_tree import Element

_ROWS = ("thead", "tbody", "tfoot", "tr")


def grid(table: Element) -> list[list[Element | None]]:
    """Return the rows of a table; None is a place that a cell from the left or above covers."""
    rows: list[list[Element | None]] = []
    covered: dict[int, int] = {}  # how many more rows a column is covered for
    for row in _rows(table):
        cells: list[Element | None] = []
        for cell in row.children:
            if not isinstance(cell, Element) or cell.tag not in ("td", "th"):
                continue
            _skip(cells, covered)
            columns, deep = _span(cell, "colspan", 1000), _span(cell, "rowspan", 65534)
            for column in range(len(cells), len(cells) + columns):
                covered[column] = deep - 1
            cells += [cell] + [None] * (columns - 1)
        _skip(cells, covered)
        rows.append(cells)
    return rows


def _skip(cells: list[Element | None], covered: dict[int, int]) -> None:
    while covered.get(len(cells), 0):
        covered[len(cells)] -= 1
        cells.append(None)


def heads(rows: list[list[Element | None]]) -> int:
    """Return how many columns, from the left, hold the heads of rows."""
    first = [
        next(n for n, cell in enumerate(row) if cell is not None and cell.tag == "td")
        for row in rows
        if any(cell is not None and cell.tag == "td" for cell in row)
    ]
    return min(first, default=0)


def outside(table: Element) -> list[Element | str]:
    """Return what is in a table and in none of its cells, such as its caption."""
    return [
        child
        for holder in _holders(table)
        for child in holder.children
        if isinstance(child, str) or child.tag not in (*_ROWS, "td", "th")
    ]


def _rows(table: Element) -> Iterator[Element]:
    return (holder for holder in _holders(table) if holder.tag == "tr")


def _holders(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        if isinstance(child, Element) and child.tag in _ROWS:
            yield from _holders(child)


def _span(cell: Element, name: str, most: int) -> int:
    given = cell.attributes.get(name, "").strip()
    return min(max(int(given), 1), most) if given.isascii() and given.isdigit() else 1
