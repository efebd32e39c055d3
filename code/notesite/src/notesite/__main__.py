"""Make editions of the built book in this folder: ``python -m notesite epub pdf offline``."""

import sys
from importlib import import_module
from pathlib import Path

from notesite.editions.source import Source, load

EDITIONS = ("epub", "pdf", "offline")


def main(names: list[str]) -> None:
    """Make the editions of these names in ``_build/dist``."""
    wrong = [name for name in names if name not in EDITIONS]
    if wrong or not names:
        given = ", ".join(wrong) or "nothing"
        raise SystemExit(f"wanted some of {', '.join(EDITIONS)}, not {given}")
    source = load(Path.cwd())
    folder = source.root / "_build" / "dist"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = make(name, folder, source)
        print(f"{path.relative_to(source.root)}（{path.stat().st_size / 1e6:.2f} MB）")


def make(name: str, folder: Path, source: Source) -> Path:
    """Make one edition; return its path. Raises ``SystemExit`` where something is not installed."""
    try:
        write = import_module(f"notesite.editions.{name}").write
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("notesite"):
            raise
        said = f"{name} needs {error.name}: python -m pip install 'notesite[editions]'"
        raise SystemExit(said) from None
    return write(folder, source)


if __name__ == "__main__":
    main(sys.argv[1:])
