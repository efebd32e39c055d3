"""verification.json: what a check of a book found, written for other programs."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookproof.judging.filters import Own
from bookproof.judging.verdict import Kind, Verdict
from bookproof.reading.counted import counted

if TYPE_CHECKING:
    from bookproof.reading.chapter import Chapter
    from bookproof.running.result import Run

FORMAT = 2
"""The version of the layout, which `verification.schema.json` documents."""

_READABLE = (1, FORMAT)  # in 1 the line of a mismatch was that of the difference

SEAL = "SHA256SUMS"
"""The file of a site that says what else was in it when it was found to be fit."""

SCHEMA = Path(__file__).with_name("verification.schema.json")


@dataclass(frozen=True)
class Checked:
    """A chapter with its run and the verdicts on it."""

    chapter: Chapter
    run: Run
    verdicts: tuple[Verdict, ...]

    @property
    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the packages that the cells import.

        Or of another language; or none, where nothing was run.
        """
        language = self.run.language
        if self.run.recorded or language.get("name", "python") != "python":
            return dict(self.run.versions)
        return {"python": language.get("version") or platform.python_version(), **self.run.versions}


def dump(chapters: Sequence[Checked], more: Mapping[str, Any] | None = None) -> str:
    """Return verification.json: sorted, without times and absolute paths.

    `more` is what a shard says of itself.
    """
    checked = {
        c.chapter.name: {
            "versions": c.versions,
            "verdicts": [_as_dict(v) for v in c.verdicts],
            **({"frozen": asdict(c.run.frozen)} if c.run.frozen else {}),
        }
        for c in chapters
    }
    kinds = (v.kind for c in chapters for v in c.verdicts)
    return text(content(checked, kinds, _filters(chapters)) | dict(more or {}))


def content(
    chapters: Mapping[str, dict], kinds: Iterable[Kind], filters: Mapping[str, list[str]]
) -> dict:
    """Return what a verification.json of these chapters holds.

    `kinds` are of all verdicts, `filters` those of the book's own that a verdict used.
    """
    found = totals(len(chapters), kinds, _frozen(chapters))
    return {
        "format": FORMAT,
        "green": not found["failed"],
        "totals": found,
        "chapters": chapters,
    } | ({"filters": filters} if filters else {})


def _filters(chapters: Sequence[Checked]) -> dict[str, list[str]]:
    used = (v.how.filters for c in chapters for v in c.verdicts if v.how)
    return {one.name: [one.pattern, one.replacement] for f in used for one in f if type(one) is Own}


def text(content: Mapping[str, Any]) -> str:
    """Return the text of a verification.json."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def load(path: Path) -> dict:
    """Read a verification.json, also one of an older format.

    Raises ValueError where it is not one, or where its totals are not those of its verdicts.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        known, claimed = content["format"], (content["green"], content["totals"])
        kinds = [Kind(v["kind"]) for c in content["chapters"].values() for v in c["verdicts"]]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a verification.json: {error!r}") from error
    if known not in _READABLE:
        raise ValueError(f"{path} has format {known}, wanted {' or '.join(map(str, _READABLE))}")
    found = totals(len(content["chapters"]), kinds, _frozen(content["chapters"]))
    if claimed != (not found["failed"], found):
        raise ValueError(f"{path} contradicts itself: says {claimed}, holds {found}")
    return content


def require_current(path: Path, content: Mapping[str, Any]) -> None:
    """Raise ValueError where what was read is of an older format."""
    if content["format"] != FORMAT:
        found = f"{path} has format {content['format']}, wanted {FORMAT}"
        raise ValueError(f"{found}: check the book again")


def summarise(totals: dict[str, int]) -> str:
    """Return one line for the totals of a verification.json."""
    line = f"{counted(totals['verified'], 'output')} verified in "
    line += counted(totals["chapters"], "chapter")
    if frozen := totals.get("frozen"):
        line += f" ({frozen} frozen)"
    if totals["unverified"]:
        line += f", {totals['unverified']} left unverified with a reason"
    if totals["failed"]:
        line += f", {totals['failed']} FAILED"
    return line


def totals(chapters: int, kinds: Iterable[Kind], frozen: int = 0) -> dict[str, int]:
    """Return how many chapters there are, and how many outputs with which outcome.

    `frozen`, the number of frozen chapters, is left out where it is 0.
    """
    count = Counter(kinds)
    found = {
        "chapters": chapters,
        "verified": count[Kind.VERIFIED],
        "unverified": count[Kind.UNVERIFIED],
        "failed": sum(number for kind, number in count.items() if kind.failed),
    }
    return found | ({"frozen": frozen} if frozen else {})


def _frozen(chapters: Mapping[str, dict]) -> int:
    return sum("frozen" in chapter for chapter in chapters.values())


def _as_dict(verdict: Verdict) -> dict:
    entry = {"line": verdict.line, "kind": str(verdict.kind)}
    if verdict.value and verdict.value.question:
        entry["expression"] = verdict.value.target
    if verdict.value and verdict.value.plain:
        entry["plain"] = True
    if verdict.cell is not None:
        entry["cell"] = verdict.cell
    if verdict.message:
        entry["message"] = verdict.message
    if verdict.expected is not None:
        entry["mode"] = verdict.mode
        entry["expected"] = verdict.expected
    if verdict.actual is not None:
        entry["actual"] = verdict.actual
    if verdict.difference is not None:
        entry["difference"] = {"line": verdict.place} | asdict(verdict.difference)
    if verdict.waived:
        entry["waived"] = list(verdict.waived)
    return entry
