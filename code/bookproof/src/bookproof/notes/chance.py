"""Tell whether chance could have given what is claimed."""

from __future__ import annotations

from bookproof.notes.same import bare
from bookproof.notes.tree import Node
from bookproof.notes.values import tree


def never(claimed: str, actuals: list[str]) -> bool:
    """Tell whether chance could not have given what is claimed.

    All its numbers are one where all that were given differ, or it has another shape.
    """
    wanted = tree(claimed)
    given = [tree(text) for text in actuals]
    if wanted is None or any(nodes is None for nodes in given):
        return False
    shapes = {_shape(bare(nodes[0])) if len(nodes) == 1 else None for nodes in given}
    if len(shapes) == 1 and None not in shapes and len(wanted) == 1:
        shape = _shape(bare(wanted[0]))
        if shape is not None and shape != shapes.pop():
            return True
    numbers = _numbers(wanted)
    return (
        len(numbers) >= 4
        and len(set(numbers)) == 1
        and all(len(set(found := _numbers(nodes))) > 0.9 * len(found) > 3 for nodes in given)
    )


def _numbers(nodes: list[Node]) -> list[str]:
    found = []
    for node in nodes:
        found += [node.text] if node.kind == "number" else _numbers(list(node.items))
    return found


def _shape(node: Node) -> tuple | None:
    """Return the shape of an array, None where its parts have none, or some are left out."""
    node = bare(node)
    if node.kind == "number":
        return ()
    if node.kind != "sequence" or any(item.kind == "more" for item in node.items):
        return None
    shapes = {_shape(item) for item in node.items}
    if len(shapes) > 1 or None in shapes:
        return None
    return (len(node.items), *(shapes.pop() if shapes else ()))
