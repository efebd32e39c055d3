"""Report what became of a book's outputs: to people, to CI, and as verification.json."""

from __future__ import annotations

import difflib
import json
import platform
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from bookproof.block import Block, parse
from bookproof.chapter import Chapter
from bookproof.compare import Kind, Verdict
from bookproof.run import Run
from bookproof.store import versions

FORMAT = 1
"""The version of verification.json's layout, which `verification.schema.json` documents."""

SCHEMA = Path(__file__).with_name("verification.schema.json")

_DIFF_LINES = 40


@dataclass(frozen=True)
class Checked:
    """A chapter with its run and the verdicts on it."""

    chapter: Chapter
    run: Run
    verdicts: tuple[Verdict, ...]

    @property
    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the packages that the cells import."""
        return {"python": platform.python_version()} | versions(self.chapter)


@dataclass(frozen=True)
class Report:
    """The outcome of a check; `chapters` are in the order of the book.

    `unkept` says why runs could not be kept for the next time, where they could not.
    """

    chapters: tuple[Checked, ...]
    unkept: str = ""

    @property
    def green(self) -> bool:
        """Tell whether nothing failed."""
        return not any(verdict.kind.failed for _, verdict in self)

    @property
    def totals(self) -> dict[str, int]:
        """Return how many chapters there are, and how many outputs with which outcome."""
        return _count(len(self.chapters), [verdict.kind for _, verdict in self])

    def __iter__(self) -> Iterator[tuple[Chapter, Verdict]]:
        """Yield every verdict with its chapter."""
        for checked in self.chapters:
            for verdict in checked.verdicts:
                yield checked.chapter, verdict

    def as_json(self) -> str:
        """Return verification.json: sorted, without times and absolute paths."""
        content = {
            "format": FORMAT,
            "green": self.green,
            "totals": self.totals,
            "chapters": {
                checked.chapter.name: {
                    "versions": checked.versions,
                    "verdicts": [_as_dict(verdict) for verdict in checked.verdicts],
                }
                for checked in self.chapters
            },
        }
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def summary(self) -> str:
        """Return one line that says how many outputs were verified."""
        return summarise(self.totals)

    def warning(self) -> str:
        """Return what should be known besides the verdicts, empty where there is nothing."""
        if not self.unkept:
            return ""
        return f"warning: the runs cannot be kept and will be made again: {self.unkept}"

    def failures(self) -> str:
        """Return every failure, its place first, the way a compiler shows errors."""
        shown = [_show(*pair) for pair in self if pair[1].kind.failed]
        shown = [text for text in shown if text]
        for checked in self.chapters:
            idle = [v for v in checked.verdicts if v.kind is Kind.NOT_RUN]
            if idle:
                count = f"{len(idle)} cell{'s'[: len(idle) > 1]}"
                place = f"{checked.chapter.name}:{idle[0].line}"
                shown.append(f"{place}: {count} {idle[0].message}")
        stale = {c.name for c, v in self if v.kind is Kind.MISMATCH and v.actual}
        if stale:
            shown.append("If the new output is right: bookproof accept " + " ".join(sorted(stale)))
        return "\n\n".join(shown)

    def annotations(self) -> str:
        """Return the failures as GitHub workflow commands, one a line."""
        return "\n".join(
            f"::error file={_escaped(chapter.name, ',:')},line={verdict.line},"
            f"title={_escaped(str(verdict.kind), ',:')}::{_escaped(verdict.message)}"
            for chapter, verdict in self
            if verdict.kind.failed
        )

    def as_junit(self) -> str:
        """Return the verdicts as JUnit XML: a suite for each chapter, a case for each verdict."""
        root = ElementTree.Element("testsuites", name="bookproof")
        for checked in self.chapters:
            verdicts = checked.verdicts
            suite = ElementTree.SubElement(
                root,
                "testsuite",
                name=checked.chapter.name,
                tests=str(len(verdicts)),
                failures=str(sum(v.kind.failed for v in verdicts)),
                skipped=str(sum(v.kind is Kind.UNVERIFIED for v in verdicts)),
            )
            for verdict in verdicts:
                case = ElementTree.SubElement(
                    suite,
                    "testcase",
                    classname=checked.chapter.name,
                    name=f"line {verdict.line}",
                    file=checked.chapter.name,
                    line=str(verdict.line),
                )
                if verdict.kind is Kind.UNVERIFIED:
                    ElementTree.SubElement(case, "skipped", message=_printable(verdict.message))
                elif verdict.kind.failed:
                    failure = ElementTree.SubElement(
                        case,
                        "failure",
                        type=str(verdict.kind),
                        message=_printable(verdict.message),
                    )
                    failure.text = _printable(_show(checked.chapter, verdict))
        ElementTree.indent(root)
        return ElementTree.tostring(root, "unicode", xml_declaration=True) + "\n"


def summarise(totals: dict[str, int]) -> str:
    """Return one line for the totals of a verification.json."""
    line = f"{totals['verified']} outputs verified in {totals['chapters']} chapters"
    if totals["unverified"]:
        line += f", {totals['unverified']} left unverified with a reason"
    if totals["failed"]:
        line += f", {totals['failed']} FAILED"
    return line


def read_verification(path: Path) -> dict:
    """Read a verification.json.

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
    if known != FORMAT:
        raise ValueError(f"{path} has format {known}, wanted {FORMAT}")
    totals = _count(len(content["chapters"]), kinds)
    if claimed != (not totals["failed"], totals):
        raise ValueError(f"{path} contradicts itself: says {claimed}, holds {totals}")
    return content


def _count(chapters: int, kinds: list[Kind]) -> dict[str, int]:
    count = Counter(kinds)
    return {
        "chapters": chapters,
        "verified": count[Kind.VERIFIED],
        "unverified": count[Kind.UNVERIFIED],
        "failed": sum(number for kind, number in count.items() if kind.failed),
    }


def mode(block: Block) -> str:
    """Return how a block is compared, in the words of its author."""
    return parse(block.argument).mode


def _as_dict(verdict: Verdict) -> dict:
    entry = {"line": verdict.line, "kind": str(verdict.kind)}
    if verdict.cell is not None:
        entry["cell"] = verdict.cell
    if verdict.message:
        entry["message"] = verdict.message
    if verdict.expected is not None:
        entry["mode"] = mode(verdict.block)
        entry["expected"] = verdict.expected
    if verdict.actual is not None:
        entry["actual"] = verdict.actual
    return entry


def _show(chapter: Chapter, verdict: Verdict) -> str:
    """Return a failure as text; cells that did not run are told together, elsewhere."""
    if verdict.kind is Kind.NOT_RUN:
        return ""
    lines = [f"{chapter.name}:{verdict.line}: {verdict.kind}: {verdict.message}"]
    if verdict.expected is not None:
        diff = difflib.unified_diff(
            verdict.expected.split("\n"),
            verdict.actual.split("\n"),
            f"expected ({mode(verdict.block)}, line {verdict.block.line})",
            f"actual (cell at line {verdict.cell})",
            lineterm="",
        )
        lines += _capped([f"    {line}" for line in diff])
    elif verdict.actual:
        lines += _capped([f"    {line}" for line in verdict.actual.split("\n")])
    return "\n".join(lines)


def _capped(lines: list[str]) -> list[str]:
    if len(lines) <= _DIFF_LINES:
        return lines
    return [*lines[:_DIFF_LINES], f"    … and {len(lines) - _DIFF_LINES} more lines"]


def _escaped(text: str, more: str = "") -> str:
    """Escape a text for a GitHub workflow command."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _printable(text: str) -> str:
    """Drop the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


_NOT_XML = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
