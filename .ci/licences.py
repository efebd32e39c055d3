"""Print under which licences the files of a built site stand: `licences.py SITE`.

Every file below a `_static` is traced to the installed package, or to the part of this repository,
that has a file of the same content. One that cannot be traced is an error: it would be given away
under a licence that nobody has looked at.
"""

import sys
from collections import defaultdict
from hashlib import sha256
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOOK, OWN = "《深度学习手记》", ("book", "code/bookproof", "code/notesite")
FONTS = {"matplotlib": "图中西文的字形（DejaVu）", "pylopdf-fonts-zh-cn": "图中汉字的字形"}
# What a build writes anew, from its own and others' sources; `style.css` joins files that are
# shipped beside it, of which Furo's is the longest.
MADE = {
    "basic.css": "sphinx",
    "copybutton.js": "sphinx-copybutton",
    "documentation_options.js": "sphinx",
    "language_data.js": "sphinx",
    "mistakes.js": BOOK,
    "pygments.css": "pygments",
    "style.css": "furo",
    "translations.js": "sphinx",
}


def main(site):
    """Print the list; return the exit status."""
    owners = known()
    shipped, unknown = defaultdict(list), []
    for path in sorted(path for path in site.glob("**/_static/**/*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        owner = owners.get(sha256(path.read_bytes()).digest()) or MADE.get(path.name)
        shipped[owner].append(name) if owner else unknown.append(name)
    for package, use in FONTS.items():
        shipped[package].append(use)
    for name in unknown:
        print(f"nobody is known to have made {name}", file=sys.stderr)
    print("本网站包含的文件与它们的许可证\n")
    print((ROOT / "LICENSE").read_text("utf-8"))
    shipped.pop(BOOK, None)
    for package, names in sorted(shipped.items()):
        print(describe(metadata.distribution(package), names))
    return 1 if unknown else 0


def known():
    """Return the owner of every file that could be shipped, by its digest."""
    found = {}
    for package in metadata.distributions():
        paths = (package.locate_file(file) for file in package.files or () if _ships(file))
        found |= dict.fromkeys(_digests(paths), package.name)
    for folder in OWN:
        paths = (path for path in (ROOT / folder).rglob("*") if _ships(path))
        found |= dict.fromkeys(_digests(paths), BOOK)
    return found


def _ships(path):
    return path.suffix in {".css", ".js", ".map", ".png", ".svg", ".txt", ".woff2"}


def _digests(paths):
    return [sha256(path.read_bytes()).digest() for path in map(Path, paths) if path.is_file()]


def describe(package, names):
    """Return what is shipped of a package, with the texts of its licences."""
    about = package.metadata
    classified = [
        c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if "License" in c
    ]
    licence = about["License-Expression"] or ", ".join(classified) or about["License"] or "见下文"
    texts = [
        Path(package.locate_file(file)).read_text("utf-8", "replace").strip()
        for file in package.files or ()
        if file.name.upper().startswith(("LICEN", "COPYING", "NOTICE")) and _is_text(file)
    ]
    head = f"{package.name} {package.version}（{licence}）"
    return "\n".join(["=" * 72, head, *(f"  {name}" for name in names), "", *texts, ""])


def _is_text(path):
    return path.suffix in {"", ".md", ".rst", ".txt"}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
