"""Run chapters one after the other where they say so, and find those that should."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from bookproof.reading.after import earlier
from bookproof.reading.chapter import Chapter, Problem
from bookproof.running.result import Run
from bookproof.running.store import Kept, Store


class Schedule:
    """Which of the chapters run next.

    `asked` have to be valid, `others` only where one needs them; `settled` are the runs of those
    that are not to be run.
    Chapters that must wait are looked at again when those before them have run: what they read may
    be another then. `left` is how many have to run still, as far as is known.
    """

    def __init__(
        self,
        store: Store,
        asked: Sequence[Chapter],
        others: Sequence[Chapter],
        settled: Mapping[str, Run],
    ):
        self._store = store
        self._settled = settled
        self.asked = asked
        self._chapters = {chapter.name: chapter for chapter in (*asked, *others)}
        self.runs: dict[str, Run] = {}
        self.left = 0

    def due(self) -> list[tuple[Chapter, Kept]]:
        """Return the chapters that can run now, with what is known of their last runs.

        What needs not run is in `runs` then.
        """
        kept = {
            name: self._kept(chapter)
            for name, chapter in self._chapters.items()
            if name not in self.runs
        }
        asked = (chapter.name for chapter in self.asked if chapter.name in kept)
        due = {name for name in asked if kept[name].run is None}
        waiting = list(due)
        for name in waiting:  # it grows
            for before in self._chapters[name].after:
                missing = before in kept and (kept[before].run is None or self._store.lacks(before))
                if missing and before not in due:
                    due.add(before)
                    waiting.append(before)
        for name in kept:
            held = due & earlier(name, self._chapters)
            if kept[name].run is not None and name not in due and not held:
                self.runs[name] = kept[name].run
        self.left = len(due)
        now = [name for name in due if not due & earlier(name, self._chapters)]
        return [(self._chapters[name], kept[name]) for name in now]

    def whys(self) -> dict[str, str]:
        """Return for each asked chapter why it would run, empty where it would not."""
        kept = {chapter.name: self._kept(chapter) for chapter in self.asked}
        found = {}
        for name in kept:
            due = [n for n in earlier(name, self._chapters) if n in kept and kept[n].why]
            may = f"{min(due)} would run, and may change what it reads" if due else ""
            found[name] = kept[name].why or may
        return found

    def _kept(self, chapter: Chapter) -> Kept:
        if chapter.name in self._settled:
            return Kept(self._settled[chapter.name])
        return self._store.load(chapter)


def with_clashes(
    chapters: Sequence[Chapter], runs: Mapping[str, Run], store: Store
) -> list[Chapter]:
    """Return the chapters; one that reads what another makes without saying so has a problem."""
    known = {chapter.name: chapter for chapter in chapters}
    makers = {name: set(made) for name, made in store.products.items()}
    makers |= {name: set(run.made) for name, run in runs.items() if run.made}
    found = []
    for chapter in chapters:
        before = earlier(chapter.name, known)
        for maker, made in sorted(makers.items()):
            read = made.intersection(runs[chapter.name].surely)
            if maker == chapter.name or maker in before or not read:
                continue
            if chapter.name in earlier(maker, known):
                continue
            message = (
                f"after: the chapter reads {min(read)}, which {maker} makes: "
                f"add `bookproof: {{after: [{maker}]}}` to its front matter"
            )
            problems = (*chapter.problems, Problem(1, message))
            chapter = dataclasses.replace(chapter, problems=problems)
        found.append(chapter)
    return found
