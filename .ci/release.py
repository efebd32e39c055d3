"""Print what the changelog says of a release of bookproof: `release.py TAG`.

Refuses, with status 1, a tag that is not that of the version, and a version of which the changelog
says nothing.
"""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "code" / "bookproof"


def main(tag="", project=PROJECT):
    """Print the notes; return the exit status."""
    try:
        print(notes(tag, project))
    except ValueError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def notes(tag, project):
    """Return what stands below the version's heading; raise ValueError where it may not be."""
    metadata = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    version = metadata["project"]["version"]
    if tag != f"bookproof-v{version}":
        raise ValueError(
            f"the tag is {tag!r}, but the version in pyproject.toml is {version}: "
            f"tag bookproof-v{version}, or change the version first"
        )
    text = (project / "CHANGELOG.md").read_text("utf-8")
    sections = re.split(r"^## +", text, flags=re.MULTILINE)
    head = re.compile(rf"\[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d *\n")
    found = [head.sub("", section, count=1).strip() for section in sections if head.match(section)]
    if len(found) == 1 and found[0]:
        return found[0]
    wanted = f"CHANGELOG.md wants one section `## [{version}] - YYYY-MM-DD` that says something"
    if not found:
        raise ValueError(f"{wanted}, and has none: rename [Unreleased]")
    raise ValueError(f"{wanted}, and has {len(found)}{'' if found[0] else ', empty'}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
