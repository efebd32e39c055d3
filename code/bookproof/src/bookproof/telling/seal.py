"""Seal a built site, and tell whether a site is still the one that was sealed.

The seal is a file of digests, one of every other file, that `sha256sum --check` reads. Only a
site gets one whose verification.json is green and agrees with itself and with the pages. A folder
of it that has a verification.json of its own is a site within, say a manual beside its book: it has
to be fit itself, and has one seal with the whole.

It betrays whatever is changed afterwards, by accident or by hand, but whoever can change files
can also make a new seal. Who has to be sure of that too compares the seal's own digest with one
from elsewhere: a signed attestation, say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from jsonschema import Draft202012Validator

from bookproof.judging import match, written
from bookproof.judging.filters import check_own
from bookproof.judging.how import how
from bookproof.judging.verdict import VALUE, Kind
from bookproof.reading.block import parse
from bookproof.running import files
from bookproof.telling import verification
from bookproof.telling.verification import SEAL


def troubles(site: Path) -> list[str]:
    """Return what keeps a built site from being published, empty where nothing does.

    That is: verification.json is missing, is not as its schema says, contradicts itself, is red,
    is but a part of a book or verifies nothing; a verdict in it does not follow from its two
    texts; a page is missing, or shows other verdicts than verification.json has. So for each site
    within it.
    """
    proofs = {path.parent for path in site.rglob("verification.json")} | {site}
    return [
        trouble
        for one in sorted(proofs)
        for trouble in _own_troubles(one, [other for other in proofs if one in other.parents])
    ]


def _own_troubles(site: Path, within: list[Path]) -> list[str]:
    """Return the troubles of a site, without those of the sites within it."""
    path = site / "verification.json"
    try:
        content = verification.load(path)
        verification.require_current(path, content)
    except ValueError as error:
        return [str(error)]
    schema = json.loads(verification.SCHEMA.read_text("utf-8"))
    errors = list(Draft202012Validator(schema).iter_errors(content))
    if errors:
        return [f"{path} is not as its schema says at {error.json_path}" for error in errors]
    if "shard" in content:
        return [f"{path} is shard {content['shard']} of a book, not the whole"]
    if not content["green"] or not content["totals"]["verified"]:
        return [f"{path} is not green: {verification.summarise(content['totals'])}"]
    try:
        own = check_own(content.get("filters", {}))
    except ValueError as error:
        return [f"{path}: {error}"]
    chapters = content["chapters"]
    return [*_false_verdicts(chapters, own), *_wrong_pages(site, chapters, within)]


def write(site: Path) -> None:
    """Seal a site that has no troubles."""
    lines = [f"{digest}  {name}\n" for name, digest in _digests(site).items()]
    files.write(site / SEAL, "".join(lines))


def broken(site: Path) -> list[str]:
    """Return where a site is not as its seal says, empty where it is."""
    try:
        lines = (site / SEAL).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return [f"{site / SEAL} is missing, or cannot be read"]
    sealed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = _digests(site)
    return [
        f"{site / name} {_what(sealed.get(name), found.get(name))}"
        for name in sorted(sealed.keys() | found.keys())
        if sealed.get(name) != found.get(name)
    ]


def altered(site: Path) -> list[str]:
    """Return what was sealed and is another file now, or gone, since the site was last built.

    A build takes the seal away.
    """
    if not (site / SEAL).exists():
        return []
    added = f"is not in {SEAL}"
    found = [trouble for trouble in broken(site) if not trouble.endswith(added)]
    return found and [*found, f"build the site again, or remove {site / SEAL} if that is right"]


def _what(before: str | None, after: str | None) -> str:
    if after is None:
        return "is missing"
    return f"is not in {SEAL}" if before is None else f"is not the file that {SEAL} is of"


def _digests(site: Path) -> dict[str, str]:
    """Return the SHA-256 of every file but the seal, by its path.

    Hidden files are left out: neither GitHub's artifacts nor its Pages take them along.
    """
    names = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    seen = sorted(name for name in names if name != SEAL and not re.search(r"(^|/)\.", name))
    return {name: files.digest(names[name]) for name in seen}


def _false_verdicts(chapters: dict, own: dict) -> Iterator[str]:
    """Yield the places where the book is said to be right, and is not."""
    for name, chapter in chapters.items():
        for verdict in chapter["verdicts"]:
            if verdict["kind"] == Kind.VERIFIED and not _holds(verdict, own):
                yield f"{name}:{verdict['line']}: said to be verified, but the two texts differ"


def _holds(verdict: dict, own: dict) -> bool:
    """Tell whether the two texts of a verdict are the same, compared as its author asked."""
    if verdict["mode"] == VALUE:
        return written.same(verdict["expected"], verdict["actual"])
    try:
        manner = how(parse(verdict["mode"]), own)
    except ValueError:
        return False
    return match.compare(verdict["expected"], verdict["actual"], manner) is None


def _wrong_pages(site: Path, chapters: dict, within: list[Path]) -> Iterator[str]:
    """Yield the pages that are missing, or show other verdicts than their chapter has."""
    wanted = {
        PurePosixPath(name).with_suffix(".html").as_posix(): sorted(
            (verdict["kind"], verdict["line"])
            for verdict in chapter["verdicts"]
            if not verdict.get("plain")
        )
        for name, chapter in chapters.items()
    }
    pages = (p for p in site.rglob("*.html") if not any(other in p.parents for other in within))
    shown = {p.relative_to(site).as_posix(): sorted(_badges(p)) for p in pages}
    for name in sorted(wanted.keys() | shown.keys()):
        if name not in shown:
            yield f"{site / name} is missing, the page of a chapter"
        elif shown[name] != wanted.get(name, []):
            yield f"{site / name} shows other verdicts than verification.json has"


_BADGE = re.compile(r"<(?:p|span)\b[^>]*\bbookproof-(verified|unverified|failed)\b[^>]*>")
_LINE = re.compile(r'\bid="bookproof-line-(\d+)(?:-\d+)?"')


def _badges(page: Path) -> Iterator[tuple[str, int]]:
    """Yield the state and the line of every badge on a page."""
    for badge in _BADGE.finditer(page.read_text("utf-8")):
        line = _LINE.search(badge[0])
        yield badge[1], int(line[1]) if line else 0
