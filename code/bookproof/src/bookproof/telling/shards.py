"""Split a book among machines, and put together what they found.

Each machine checks a shard, every n-th chapter. Its verification.json also says which book that
is of: the digests of all chapters, and the commit where git knows one.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bookproof.judging.verdict import Kind
from bookproof.running import files
from bookproof.telling import verification

Part = tuple[Path, dict]
"""A file with the verification.json that was read from it."""


@dataclass(frozen=True)
class Shard:
    """The `number`-th of `count` parts of a book, from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `i/n`.

        Raises ValueError where it is something else.
        """
        match = re.fullmatch("([0-9]{1,6})/([0-9]{1,6})", text)
        shard = cls(int(match[1]), int(match[2])) if match else cls(0, 0)
        if not 1 <= shard.number <= shard.count:
            raise ValueError(f"a shard is i/n with 1 <= i <= n, say 2/4, not {text!r}")
        return shard

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return f"{self.number}/{self.count}"

    def of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return this part of a book's chapters: neighbours, often of one length, are spread."""
        return tuple(sorted(names)[self.number - 1 :: self.count])

    def entry(self, root: Path, names: Sequence[str]) -> dict:
        """Return what a shard's verification.json holds besides: its number and its book."""
        book = {"chapters": {name: files.digest(root / name) for name in names}}
        commit = _commit(root)
        return {"shard": str(self), "book": book | ({"commit": commit} if commit else {})}


def merge(parts: Sequence[Part]) -> dict:
    """Return the verification.json that one check of the whole book would have written.

    Raises ValueError where the files are not exactly the shards of one book, each of them once,
    checked with the same versions.
    """
    for part in parts:
        verification.require_current(*part)
    shards = [_read(*part) for part in parts]
    _require_all(parts, shards)
    first, content = parts[0]
    for path, other in parts[1:]:
        if differs := _difference(content["book"], other["book"]):
            raise ValueError(f"{first} and {path} are of different books: {differs}")
    _require_same_versions(parts)
    for (path, other), shard in zip(parts, shards, strict=True):
        if sorted(other["chapters"]) != list(shard.of(content["book"]["chapters"])):
            raise ValueError(f"{path} does not hold the chapters that are shard {shard}")
    chapters = {name: found for _, other in parts for name, found in other["chapters"].items()}
    kinds = [Kind(v["kind"]) for found in chapters.values() for v in found["verdicts"]]
    return verification.content(chapters, kinds, _filters(parts))


def _read(path: Path, content: dict) -> Shard:
    if "shard" not in content:
        raise ValueError(f"{path} is no shard: wanted what `bookproof check --shard i/n` wrote")
    try:
        tables = [content["book"]["chapters"], content.get("filters", {})]
        tables += [found["versions"] for found in content["chapters"].values()]
        if not all(isinstance(table, dict) for table in tables):
            raise TypeError("wanted tables of digests, filters and versions")
        return Shard.parse(content["shard"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not the verification.json of a shard: {error!r}") from error


def _require_all(parts: Sequence[Part], shards: Sequence[Shard]) -> None:
    """Raise ValueError unless the shards are all of one division, each of them once."""
    seen: dict[int, Path] = {}
    for (path, _), shard in zip(parts, shards, strict=True):
        if shard.count != shards[0].count:
            raise ValueError(
                f"the shards are of different divisions: {parts[0][0]} is {shards[0]}, "
                f"{path} is {shard}"
            )
        if shard.number in seen:
            raise ValueError(f"{seen[shard.number]} and {path} are both shard {shard}")
        seen[shard.number] = path
    count = shards[0].count
    missing = [str(Shard(i, count)) for i in range(1, count + 1) if i not in seen]
    if missing:
        given = ", ".join(str(path) for path in seen.values())
        raise ValueError(f"shard {', '.join(missing)} is missing; given: {given}")


def _difference(ours: dict, theirs: dict) -> str:
    """Return what two books differ in, empty where they are one."""
    for key in ("chapters", "commit"):
        if ours.get(key) != theirs.get(key):
            break
    else:
        return ""
    if key == "commit":
        return f"commits {ours.get(key, 'unknown')} and {theirs.get(key, 'unknown')}"
    changed = sorted({name for name, _ in ours[key].items() ^ theirs[key].items()})
    return ", ".join(changed[:4]) + ", …" * (len(changed) > 4)


def _require_same_versions(parts: Sequence[Part]) -> None:
    """Raise ValueError where two chapters saw different versions: one check has only one each."""
    seen: dict[str, tuple[str, Path]] = {}
    for path, content in parts:
        for found in content["chapters"].values():
            for name, version in found["versions"].items():
                known, where = seen.setdefault(name, (version, path))
                if known != version:
                    raise ValueError(f"{where} was made with {name} {known}, {path} with {version}")


def _filters(parts: Sequence[Part]) -> dict[str, list[str]]:
    """Return the book's own filters that any shard used.

    Raises ValueError where two shards have different ones of one name.
    """
    found: dict[str, tuple[list[str], Path]] = {}
    for path, content in parts:
        for name, rule in content.get("filters", {}).items():
            known, where = found.setdefault(name, (rule, path))
            if known != rule:
                raise ValueError(f"{where} has the filter {name} {known}, {path} has {rule}")
    return {name: rule for name, (rule, _) in found.items()}


def _commit(root: Path) -> str:
    """Return the commit that git has checked out, empty where there is none or no git."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
