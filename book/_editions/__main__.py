"""Make editions of the built book: ``python book/_editions epub pdf offline``."""

import sys
from pathlib import Path

import articles
import epub
import offline
import pdf

DIST = articles.ROOT / "_build" / "dist"
EDITIONS = {"epub": epub.write, "pdf": pdf.write, "offline": offline.write}


def main(names: list[str]) -> None:
    """Make the editions of these names, each as ``_build/dist/dlnotes-book…``."""
    if unknown := set(names) - EDITIONS.keys() or not names:
        raise SystemExit(f"wanted some of {', '.join(EDITIONS)}, not {unknown or 'nothing'}")
    DIST.mkdir(parents=True, exist_ok=True)
    for name in names:
        path: Path = EDITIONS[name](DIST)
        print(f"{path.relative_to(articles.ROOT)}（{path.stat().st_size / 1e6:.1f} MB）")


if __name__ == "__main__":
    main(sys.argv[1:])
