"""Tell what changes in a book."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from watchfiles import Change, awatch

from bookproof.authoring.sources import Sources


async def changes(root: Path, sources: Sources) -> AsyncGenerator[set[str], None]:
    """Yield the files of `sources` below `root` that have changed, as paths relative to it.

    First comes an empty set: from then on nothing is missed.

    Only folders that can hold some are watched: an environment beside the chapters has thousands,
    which would take a second to begin with, and a site changes all the time.

    Raises ValueError where the root cannot be watched.
    """
    news: asyncio.Queue[set[Path] | OSError] = asyncio.Queue()
    following = [_Follow([root], sources, news, recursive=False)]
    try:
        following.append(_Follow(_folders(root, sources), sources, news))
        await asyncio.sleep(0)  # now they watch
        yield set()
        while True:
            paths = await news.get()
            if isinstance(paths, OSError):
                raise paths
            below = following[1]
            if any(
                path.parent == root and (path.is_dir() or path in below.paths) for path in paths
            ):
                following[1] = _Follow(_folders(root, sources), sources, news)
                await asyncio.sleep(0)  # it watches before anybody looks into what is new
                below.end()
            yield {str(path.relative_to(root)) for path in paths}
    except OSError as error:
        raise ValueError(f"{root} cannot be watched: {error}") from error
    finally:
        for each in following:
            each.end()


def _folders(root: Path, sources: Sources) -> list[Path]:
    """Return the folders in the root that can hold a source."""
    return [p for p in root.iterdir() if p.is_dir() and sources(Change.modified, str(p))]


class _Follow:
    """Puts into `news` what changes at some paths, or why they cannot be watched."""

    def __init__(self, paths: list[Path], sources: Sources, news, *, recursive: bool = True):
        self.paths = paths
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._run(sources, news, recursive))

    async def _run(self, sources: Sources, news: asyncio.Queue, recursive: bool) -> None:
        options: dict[str, Any] = {"watch_filter": sources, "stop_event": self._stop}
        try:
            async for found in awatch(*self.paths, recursive=recursive, **options):
                paths = {Path(path) for _, path in found}
                # What is written into a new folder before it is watched, nobody tells of.
                new = [Path(path) for change, path in found if change is Change.added]
                await news.put(paths.union(*map(sources.below, new)))
        except OSError as error:
            if all(path.is_dir() for path in self.paths):
                await news.put(error)  # else one has just gone: the folder above tells

    def end(self) -> None:
        """End it, and its thread."""
        self._stop.set()
        self._task.cancel()
