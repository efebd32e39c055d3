"""What a Dask worker does: tell what it has, run a chapter, and stop when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from distributed import get_worker

from bookproof.reading.chapter import Chapter
from bookproof.running import files, surroundings
from bookproof.running.result import Run
from bookproof.running.run import run

TOPIC = "bookproof"
"""The topic of the events that tell which chapter starts."""

_lock = threading.Lock()
_running: dict[tuple[str, str], tuple[asyncio.AbstractEventLoop, asyncio.Task] | None] = {}
_stopped: set[str] = set()


def state(root: Path, names: Sequence[str], kernels: Sequence[str]) -> dict[str, str]:
    """Return what must be the same on all machines, by the words that name it."""
    found = {f"the folder {root}": "present" if root.is_dir() else "absent"}
    found |= {f"the SHA-256 of {name}": files.digest(root / name) for name in names}
    for kernel in kernels:
        for what, value in surroundings.surroundings(kernel).items():
            if what in surroundings.PROCESSOR:  # machines differ, and nobody has another
                continue
            if isinstance(value, str):
                found[f"{what} of kernel {kernel}"] = value
            elif isinstance(value, Mapping):
                found |= {f"the environment variable {name}": value[name] for name in value}
            else:
                packages = (package.rpartition("-") for package in value)
                found |= {f"{name} of kernel {kernel}": version for name, _, version in packages}
    return found


def fresh_state(root: Path, names: Sequence[str], kernels: Sequence[str]) -> dict[str, str]:
    """Return the state on a worker, which may be older than what is installed."""
    surroundings.environment.cache_clear()
    return state(root, names, kernels)


def require_equal(worker: str, here: Mapping[str, str], there: Mapping[str, str]) -> None:
    """Raise ValueError where the state on a worker is not the one here."""
    for what in [*here, *sorted(there.keys() - here.keys())]:
        if here.get(what) != there.get(what):
            values = [repr(found.get(what, "absent")) for found in (there, here)]
            raise ValueError(f"Dask worker {worker}: {what} is {values[0]}, wanted {values[1]}")


def task(
    check: str, chapter: Chapter, root: Path, wanted: Mapping[str, str]
) -> tuple[Run, list[str]] | None:
    """Run a chapter of a check; return its run and notes, None where it was stopped.

    Raises ValueError where the state on the worker is not the wanted one.
    """
    worker = get_worker()
    require_equal(worker.address, wanted, state(root, [chapter.name], [chapter.kernel]))
    key, notes = (check, chapter.name), []

    def running(_: Chapter) -> None:
        with _lock:
            if check in _stopped:
                asyncio.current_task().cancel()
            else:
                _running[key] = asyncio.get_running_loop(), asyncio.current_task()

    with _lock:
        if check in _stopped:
            return None
        _running[key] = None
    try:
        worker.log_event(TOPIC, key)
        runs = run([chapter], root, 1, (), running, lambda *_: None, notes.append)
        return runs[chapter.name], notes
    except KeyboardInterrupt:  # how `run` says that it was stopped; it would end the worker
        return None
    finally:
        with _lock:
            del _running[key]


def stop(check: str) -> int:
    """Stop a check on this worker; return how many of its chapters still run."""
    with _lock:
        _stopped.add(check)
        mine = {key: where for key, where in _running.items() if key[0] == check}
        for key, where in mine.items():
            if where:
                loop, running = where
                with contextlib.suppress(RuntimeError):  # it has just come to its end
                    loop.call_soon_threadsafe(running.cancel)
                _running[key] = None  # once: a second time would cut short the kernel's end
        return len(mine)
