"""The files of a new book with this site: `bookproof new FOLDER --notes FILES --site`.

They are those in the folder ``book`` beside this. bookproof finds `files` by its entry point.
"""

import json
from collections.abc import Sequence
from pathlib import Path

BOOK = Path(__file__).parent / "book"


def files(title: str, language: str, requirements: Sequence[str]) -> dict[str, str]:
    """Return the texts of a book by the names of its files.

    Args:
        title: What the book is called.
        language: That of its notes, as ``zh``.
        requirements: What pip is to install for it, a line each.

    Raises:
        ValueError: If the language is not Chinese.
    """
    if not language.startswith("zh"):
        raise ValueError(f"notesite speaks Chinese only: --language zh is wanted, not {language}")
    plots = any(line.startswith("matplotlib=") for line in requirements)
    words = {
        "%TITLE%": title,
        "%QUOTED%": json.dumps(title, ensure_ascii=False),
        "%PRELOAD%": "[matplotlib.pyplot]" if plots else "[]",
    }
    found = {}
    for path in sorted(path for path in BOOK.rglob("*") if path.is_file()):
        text = path.read_text("utf-8")
        for mark, word in words.items():
            text = text.replace(mark, word)
        found[path.relative_to(BOOK).as_posix()] = text
    needs = [line.replace("notesite", "notesite[editions]", 1) for line in requirements]
    lines = [
        new if old.startswith("notesite") else old
        for old, new in zip(requirements, needs, strict=True)
    ]
    found["requirements.txt"] = "\n".join([*lines, "jupyter-book>=1.0.4,<2"]) + "\n"
    return found
