"""Pair each of some things with one of its own, as many as can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def pair(count: int, candidates: Callable[[int], Sequence[int]]) -> list[int | None]:
    """Return for each of `count` things one of its candidates, None for those that are left over.

    No candidate is given twice, and as few things as possible are left over: where one finds all
    of its candidates taken, others change theirs (augmenting paths, breadth first).

    >>> pair(3, [[0, 1], [0], [0, 1]].__getitem__)
    [1, 0, None]
    """
    chosen: list[int | None] = [None] * count
    owner: dict[int, int] = {}
    for thing in range(count):
        came: dict[int, int] = {}
        waiting = [thing]
        free = None
        for one in waiting:  # it grows
            for candidate in candidates(one):
                if candidate in came:
                    continue
                came[candidate] = one
                if candidate not in owner:
                    free = candidate
                    break
                waiting.append(owner[candidate])
            if free is not None:
                break
        while free is not None:
            one = came[free]
            owner[free] = one
            chosen[one], free = free, chosen[one]
    return chosen
