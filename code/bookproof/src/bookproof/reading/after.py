"""Read after which other chapters a chapter has to run."""

from __future__ import annotations

import dataclasses
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from bookproof.reading.chapter import Chapter, Problem

_WANTED = "after: wanted the names of chapters, as in `bookproof: {after: [01]}`"


def declared(chapter: Chapter, head: object, text: str) -> Chapter:
    """Return a chapter with the names that its front matter, or metadata, gives under `after`."""
    ours = head.get("bookproof") if isinstance(head, Mapping) else None
    names = ours.get("after") if isinstance(ours, Mapping) else None
    if names is None:
        return chapter
    names = [names] if isinstance(names, str) else names
    if isinstance(names, list) and all(isinstance(name, str) and name for name in names):
        return dataclasses.replace(chapter, after=tuple(names))
    lines = enumerate(text.split("\n"), start=1)
    line = next((number for number, line in lines if "after" in line), 1)
    return _with_problem(chapter, f"{_WANTED}, given {names!r}", line)


def resolve(
    chapters: Sequence[Chapter], read: Callable[[str], Chapter | None]
) -> tuple[list[Chapter], list[Chapter]]:
    """Return the chapters, and those besides that have to run before them; `after` has full names.

    A name is relative to the chapter's folder or to the book's root, with or without its suffix.
    `read` returns a chapter of the book by its full name, None where there is none. What cannot be
    obeyed becomes a problem of the chapter.
    """
    known = {chapter.name: chapter for chapter in chapters}
    found: dict[str, Chapter] = {}
    waiting = list(known)
    for name in waiting:  # it grows
        chapter, after = known[name], []
        for word in chapter.after:
            earlier = _find(name, word, known, read)
            if earlier is None:
                chapter = _with_problem(chapter, f"after: there is no chapter {word!r}")
                continue
            after.append(earlier.name)
            if earlier.name not in known:
                known[earlier.name] = earlier
                waiting.append(earlier.name)
        found[name] = dataclasses.replace(chapter, after=tuple(after))
    _break_circles(found)
    asked = [found.pop(chapter.name) for chapter in chapters]
    return asked, list(found.values())


def earlier(name: str, chapters: Mapping[str, Chapter]) -> set[str]:
    """Return all chapters that run before one."""
    found: set[str] = set()
    waiting = [name]
    for one in waiting:  # it grows
        if one in chapters:
            waiting += set(chapters[one].after) - found
            found.update(chapters[one].after)
    return found


def in_turns(names: Iterable[str], chapters: Mapping[str, Chapter]) -> Iterator[list[str]]:
    """Yield those of the names whose turn it is, one after the other, as the chapters want it."""
    left = list(names)
    while left:
        turn = [name for name in left if earlier(name, chapters).isdisjoint(left)]
        yield turn
        left = [name for name in left if name not in turn]


def _find(
    name: str, word: str, known: Mapping[str, Chapter], read: Callable[[str], Chapter | None]
) -> Chapter | None:
    for folder in (posixpath.dirname(name), ""):
        place = posixpath.normpath(posixpath.join(folder, word))
        for candidate, chapter in known.items():
            if place in (candidate, posixpath.splitext(candidate)[0]):
                return chapter
        for suffix in ("", ".md", ".ipynb"):
            chapter = None if place.startswith("..") else read(place + suffix)
            if chapter is not None:
                return chapter
    return None


def _break_circles(chapters: dict[str, Chapter]) -> None:
    while True:
        try:
            TopologicalSorter({name: chapter.after for name, chapter in chapters.items()}).prepare()
            return
        except CycleError as error:
            circle = error.args[1][1:]  # each stands before the next
            first = circle.index(min(circle))
            told = " after ".join([min(circle), *reversed(circle[first:] + circle[:first])])
            for name in circle:
                message = f"after: the chapters go in a circle: {told}"
                chapters[name] = dataclasses.replace(
                    _with_problem(chapters[name], message), after=()
                )


def _with_problem(chapter: Chapter, message: str, line: int = 1) -> Chapter:
    return dataclasses.replace(chapter, problems=(*chapter.problems, Problem(line, message)))
