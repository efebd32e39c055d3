"""Check notes: run each in a copy of its folder, twice, and judge its claims."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bookproof.notes import judge
from bookproof.notes.defaults import TIMEOUT
from bookproof.notes.findings import Checked
from bookproof.notes.names import definitions, lacking, offered
from bookproof.notes.note import PYTHON, Note
from bookproof.notes.session import Given, Log, opened, run_note
from bookproof.running import kernel, warm
from bookproof.running.kernel import Guise

_PATIENCE = 15
"""How many times as long all statements of a note together may take."""

_GUISES = (
    Guise(),
    # Another hash seed, and other contents of memory that nobody has filled.
    Guise({"PYTHONHASHSEED": "1", "MALLOC_PERTURB_": "165"}),
)
_CHANCY_RUNS = 4
"""How often a note runs whose numbers are left to chance: two runs may agree by chance."""

_HEAVY = ("numpy", "pandas", "matplotlib.pyplot", "torch")
_SKIPPED = {"_build", "node_modules", "__pycache__", "site-packages"}
_MOST_COPIED = 300_000_000
_LOOKS_AROUND = re.compile(r"listdir|scandir|glob|os\.walk|iterdir|ImageFolder")
_CHANCE = re.compile(
    r"\b(rand\w*|shuffle|choices?|sample|permutation|default_rng|uniform|normal)\b"
)
_SEEDED = re.compile(r"seed|random_state")


def check(
    notes: Sequence[tuple[Note, Path]],
    workers: int = 2,
    timeout: float = TIMEOUT,
    done: Callable[[Checked], None] = lambda checked: None,
    say: Callable[[str], None] = lambda text: None,
    keep: bool = False,
) -> list[Checked]:
    """Run notes, each with the folder that is copied for it, and judge their claims.

    `done` is called after each note; `keep` keeps what the statements gave.
    """
    defined = _defined([note for note, _ in notes])

    async def run_all() -> list[Checked]:
        with tempfile.TemporaryDirectory(prefix="bookproof-", ignore_cleanup_errors=True) as place:
            runner = _Runner(Path(place).resolve(), workers, timeout, notes, say)
            async with runner:
                return await runner.all(defined, done, keep)

    return asyncio.run(run_all())


def _defined(notes: Sequence[Note]) -> dict[str, dict[str, str]]:
    """Return, for each note, where names are given that it may lack."""
    found = {}
    offers = [(note, offered(note)) for note in notes]
    for note in notes:
        others = {
            name: f"defined in {other.name}:{line}"
            for other, given in reversed(offers)
            if other is not note and other.path.parent == note.path.parent
            for name, line in given.items()
        }
        own = {name: f"defined only at line {line}" for name, line in definitions(note).items()}
        found[note.name] = others | own
    return found


class _Runner:
    """Runs notes in kernels that are forked from one nursery for each guise."""

    def __init__(
        self,
        place: Path,
        workers: int,
        timeout: float,
        notes: Sequence[tuple[Note, Path]],
        say: Callable[[str], None],
    ):
        self._place = place
        self._turns = asyncio.Semaphore(workers)
        self._timeout = timeout
        self._notes = notes
        self._say = say
        self._nurseries: list = []
        self._open: list = []

    async def __aenter__(self):
        modules = _modules([note for note, _ in self._notes])
        for guise in _GUISES[:2]:
            environment = {**kernel.environment(), **guise.environment}
            around = warm.Warmth().open(
                self._place, modules if len(self._notes) > 1 else (), environment, self._say
            )
            self._nurseries.append(await around.__aenter__())
            self._open.append(around)
        return self

    async def __aexit__(self, *error) -> None:
        for around in self._open:
            await around.__aexit__(*error)

    async def all(
        self, defined: Mapping, done: Callable[[Checked], None], keep: bool
    ) -> list[Checked]:
        """Run all notes; return what became of them in their order."""

        async def one(number: int, note: Note, root: Path) -> Checked:
            async with self._turns:
                checked = await self._check(number, note, root, defined[note.name], keep)
            done(checked)
            return checked

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(n, *each)) for n, each in enumerate(self._notes)]
        return [task.result() for task in tasks]

    async def _check(
        self, number: int, note: Note, root: Path, defined: Mapping[str, str], keep: bool
    ) -> Checked:
        imports = lacking(note)
        claims = sum(len(fence.claims) for fence in note.fences)
        code = [fence for fence in note.fences if fence.role == PYTHON]
        if not code or not (claims or keep):
            return Checked(note)
        chancy = any(_CHANCE.search(f.text) for f in code) and not any(
            _SEEDED.search(f.text) for f in code
        )
        logs = []
        for turn in range(_CHANCY_RUNS if chancy else len(_GUISES)):
            guise, name = _GUISES[turn % len(_GUISES)], f"{number}-{turn}"
            log = await self._run(name, turn, note, root, imports, guise, logs[0] if logs else None)
            logs.append(log)
            if logs[0].failed or not _gave(logs[0]):
                break
        findings = judge.judge(note, logs, defined)
        given = (
            tuple(judge.ran(fence, logs, index) for index, fence in enumerate(note.fences))
            if keep
            else ()
        )
        return Checked(note, tuple(findings), logs[0].supplied, given)

    async def _run(
        self,
        name: str,
        turn: int,
        note: Note,
        root: Path,
        imports: tuple[str, ...],
        guise: Guise,
        before: Log | None,
    ) -> Log:
        copy = self._place / name
        nursery = None
        if self._nurseries:
            nursery = await asyncio.shield(self._nurseries[turn % len(self._nurseries)])
        try:
            folder = await asyncio.to_thread(_copied, note, root, copy)
            connection = self._place / f"{name}.json"
            async with opened(folder, connection, nursery, guise, self._timeout) as session:
                return await run_note(session, note, imports, self._timeout * _PATIENCE, before)
        except OSError as error:
            message = f"its folder could not be copied: {error}"
            given = [
                [Given(ending="not run", message=message) for _ in fence.statements]
                for fence in note.fences
            ]
            return Log(given, failed=message)
        finally:
            await asyncio.to_thread(shutil.rmtree, copy, True)


def _gave(log: Log) -> bool:
    """Tell whether anything ran that another run could give otherwise."""
    return any(not given.ending for fence in log.given for given in fence)


def _modules(notes: Sequence[Note]) -> list[str]:
    """Return the heavy modules that two notes or more need."""
    texts = [
        "\n".join([*lacking(note), *(f.text for f in note.fences if f.role == PYTHON)])
        for note in notes
    ]

    def needed(name: str) -> int:
        wanted = re.compile(rf"(import|from)\s+{re.escape(name.split('.')[0])}\b")
        return sum(bool(wanted.search(text)) for text in texts)

    return [name for name in _HEAVY if needed(name) > 1]


def _copied(note: Note, root: Path, copy: Path) -> Path:
    """Copy what a note may read of its folder; return the folder of the note in the copy.

    Of a file that the note's text does not name nothing is read, unless its code looks around.
    """
    every = bool(_LOOKS_AROUND.search(note.text))
    size = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in _SKIPPED]
        inside = Path(folder).relative_to(root)
        named = every or any(part in note.text for part in inside.parts)
        for name in files:
            path = Path(folder, name)
            wanted = named or name in note.text or path.stem in note.text or name.endswith(".py")
            if not wanted or not path.is_file():
                continue
            size += path.stat().st_size
            if size > _MOST_COPIED:
                break
            (copy / inside).mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy / inside / name)
    place = copy / note.path.resolve().parent.relative_to(root.resolve())
    place.mkdir(parents=True, exist_ok=True)
    return place
