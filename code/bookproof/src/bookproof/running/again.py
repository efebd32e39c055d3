"""Run chapters again in another place, to see which of their outputs last.

Everything is other that a reader's machine has other: the folder and its name, the folder for
temporary files, its owner, the process, what lies where in memory, the hash seed, the time zone,
the clocks, the processors, the order in which folders list their files.
"""

from __future__ import annotations

import ast
import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bookproof.reading.after import in_turns
from bookproof.reading.chapter import Chapter
from bookproof.reading.scan import scan
from bookproof.running.clone import Clone, Tree
from bookproof.running.kernel import Guise
from bookproof.running.result import Run
from bookproof.running.run import run

_SEEDS = ("1", "2", "3", "4")
_FARTHEST = ("Pacific/Kiritimati", "Etc/GMT+12")  # in one of them it is another day than here
_PATIENCE = 4  # all there is slower; whether outputs last is asked, not how fast they come
_HASHED = {"set", "frozenset", "hash"}
_RANDOM = re.compile(r"\b(rand\w*|shuffle|choices?|sample|permutation|default_rng|uniform)\b")
_SEEDED = re.compile(r"seed|random_state|(default_rng|RandomState|Random)\(\s*\w")


class Again:
    """The second runs of chapters, and for those that chance rules some more."""

    def __init__(
        self,
        firsts: Sequence[tuple[Chapter, Run]],
        root: Path,
        workers: int,
        running: Callable[[Chapter], None],
        done: Callable[[Chapter, Run], None],
        note: Callable[[str], None],
    ):
        """Take chapters with their first runs; the rest is as in `run.run`."""
        ordered = sorted(firsts, key=lambda first: -first[1].seconds)
        self._chapters = {chapter.name: chapter for chapter, _ in ordered}
        self._firsts = [result for _, result in ordered]
        self._tree = Tree.of(root)
        self._how = workers, (), running, done, note
        self._note = note

    def runs(self) -> dict[str, tuple[Run, ...]]:
        """Return at least one more run for each chapter, by name.

        A chapter that does not come to its end in a clone, or with clocks that run too fast, runs
        with all files that its first run had, and with clocks that are right.
        """
        names = list(self._chapters)
        strict = bool(self._tree.tracked)
        results = self._round(names, strict, True, _SEEDS[0])
        failed = [name for name in names if results[name].failure]
        if failed:
            why = {name: results[name].failure.message for name in failed}
            results = {**results, **self._round(failed, False, False, _SEEDS[0])}
            for name in failed:
                if not results[name].failure and strict:
                    self._note(f"{name}: in a clean clone, with other clocks: {why[name]}")
        found = {name: [result] for name, result in results.items()}
        chancy = [name for name in names if _chancy(self._chapters[name])]
        for seed in _SEEDS[1:] if chancy else ():
            for again, strictly in ((False, strict), (True, False)):
                group = [name for name in chancy if (name in failed) is again]
                more = self._round(group, strictly, not again, seed) if group else {}
                for name, result in more.items():
                    found[name].append(result)
        return {name: tuple(results) for name, results in found.items()}

    def _round(
        self, names: Sequence[str], strict: bool, hurried: bool, seed: str
    ) -> Mapping[str, Run]:
        """Run chapters in a copy: of what git tracks, or else of all that no run has written."""
        tree = self._tree
        files = tree.tracked if strict else tree.unwritten(self._firsts)
        own = [self._chapters[name].path.relative_to(tree.top).as_posix() for name in names]
        with tree.cloned(sorted({*files, *own})) as copy:
            guise, results = _guise(copy, seed, hurried), {}
            for turn in in_turns(names, self._chapters):
                chapters = [
                    scan(copy.root, name, settings=self._chapters[name].settings) for name in turn
                ]
                results |= run(chapters, copy.root, *self._how, guise=guise)
            return results


def _guise(copy: Clone, seed: str, hurried: bool) -> Guise:
    today = datetime.datetime.now().astimezone()
    zone = _FARTHEST[0] if _ahead(today) != today.date() else _FARTHEST[1]
    folders = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(copy.temporary))
    people = dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "somebody")
    # Another allocator: addresses are other even where the system does not see to that, and so
    # is what lies in memory that nobody has filled.
    memory = {"PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": str(40 * int(seed))}
    return Guise(
        {**folders, **people, **memory, "TZ": zone, "PYTHONHASHSEED": seed}, hurried, _PATIENCE
    )


def _ahead(now: datetime.datetime) -> datetime.date:
    return now.astimezone(datetime.timezone(datetime.timedelta(hours=14))).date()


def _chancy(chapter: Chapter) -> bool:
    """Tell whether two runs of a chapter may well give the same by chance alone."""
    code = "\n".join(cell.source for cell in chapter.cells)
    if _RANDOM.search(code) and not _SEEDED.search(code):
        return True
    return any(_makes_sets(cell.source) for cell in chapter.cells)


def _makes_sets(source: str) -> bool:
    lines = (re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in source.split("\n"))
    try:
        nodes = list(ast.walk(ast.parse("\n".join(lines))))
    except (SyntaxError, ValueError):
        return re.search(r"\b(set|frozenset|hash)\(", source) is not None
    return any(
        isinstance(node, ast.SetComp)
        or (isinstance(node, ast.Name) and node.id in _HASHED)
        or (isinstance(node, ast.Set) and not all(_is_number(e) for e in node.elts))
        for node in nodes
    )


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex))
