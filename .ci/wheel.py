"""Test bookproof as a user gets it: `wheel.py lowest|newest|sphinx [OPTION OF PYTEST…]`.

Builds the wheel from the source distribution, or takes the one in the folder WHEELS, installs it
into a new environment of the Python that runs this, or of that in PYTHON, and runs the tests of
bookproof there, outside the repository.
There are no torch and no dlnotes. UV names the program that resolves, by default the one on the
path. The releases of what bookproof needs are those that its own pyproject.toml allows:

* `lowest`: the oldest;
* `newest`: the newest that jupyter-book 1 bears, which is the oldest that holds back others;
* `sphinx`: the newest, for books of Sphinx and MyST-NB without jupyter-book.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "code" / "bookproof"
UV = os.environ.get("UV", "uv")
PYTHON = os.environ.get("PYTHON", sys.executable)
WHEELS = os.environ.get("WHEELS")
MYSTMD = ROOT / "_build" / "node" / "node_modules" / "mystmd" / "dist" / "myst.cjs"
RESOLUTIONS = {
    "lowest": ("--resolution", "lowest-direct", "--group", "jupyter-book"),
    "newest": ("--resolution", "highest", "--group", "jupyter-book"),
    "sphinx": ("--resolution", "highest"),
}
# What the tests read of the repository besides themselves. No source is among it.
READ = [
    "book/reference/expectations.md",
    "book/reference/notes.md",
    "code/bookproof/CHANGELOG.md",
    "code/bookproof/LICENSE",
    "code/bookproof/README.md",
    "code/bookproof/pyproject.toml",
    "pyproject.toml",
]
# They are about sources of this repository, or need what only its book has.
NOT_HERE = [
    "tests/bookproof/notes/test_same.py",
    "tests/bookproof/test_mutation.py",
]
# They build with jupyter-book, or read its settings.
OF_JUPYTER_BOOK = [
    "tests/bookproof/authoring/test_serve.py",
    "tests/bookproof/pages/test_frozen.py",
    "tests/bookproof/pages/test_values.py",
    "tests/bookproof/reading/test_formats.py",
    "tests/bookproof/test_clean_builds.py",
    "tests/bookproof/test_foreign_book.py",
    "tests/bookproof/test_settings.py",
    *(
        f"tests/bookproof/test_sphinx_ext.py::{name}"
        for name in (
            "test_a_block_from_an_included_file_fails_every_build",
            "test_a_book_is_built_checked_and_rebuilt",
            "test_a_notebook_that_cannot_be_read_is_reported",
            "test_a_traceback_shows_the_cell_but_no_files_of_the_machine",
            "test_each_fault_has_its_message_and_the_rest_is_still_reported",
            "test_only_a_page_that_has_changed_is_written_again",
        )
    ),
]
# Old releases of others warn of what new ones have mended.
QUIETLY = ["-p", "no:cacheprovider", "-o", "filterwarnings="]


def main(resolution, *options):
    """Install and test; return the exit status of pytest."""
    with tempfile.TemporaryDirectory(prefix="bookproof-wheel-") as folder:
        place = Path(folder)
        python = install(place, RESOLUTIONS[resolution])
        tree = place / "tree"
        copy(tree)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        environment |= {"PATH": f"{python.parent}{os.pathsep}{environment['PATH']}"}
        environment.setdefault("MYSTMD", str(MYSTMD))
        environment["JUPYTER_PLATFORM_DIRS"] = "1"  # else old releases warn of it, in outputs
        check = "import bookproof, sys; print(sys.version.split()[0], bookproof.__file__)"
        subprocess.run([python, "-c", check], cwd=tree, check=True)
        left_out = NOT_HERE + (OF_JUPYTER_BOOK if resolution == "sphinx" else [])
        ignored = [f"--{'deselect' if '::' in n else 'ignore'}={n}" for n in left_out]
        command = [python, "-m", "pytest", *QUIETLY, *ignored, *options]
        if not any(option.startswith("tests") for option in options):
            command.append("tests/bookproof")
        return subprocess.run(command, cwd=tree, env=environment, check=False).returncode


def install(place, resolution):
    """Return the Python of a new environment that has the wheel and what its tests need."""
    python = place / "venv" / "bin" / "python"
    pins = place / "pins.txt"
    if not WHEELS:
        uv("build", "--out-dir", place / "dist", PROJECT)
    [wheel] = Path(WHEELS or place / "dist").resolve().glob("*.whl")
    uv("venv", "--python", PYTHON, place / "venv")
    project = PROJECT / "pyproject.toml"
    resolve = ["pip", "compile", "--python", python, "--no-header", "--no-annotate"]
    chosen = [f"{project}:{word}" if word == "jupyter-book" else word for word in resolution]
    uv(*resolve, "--all-extras", *chosen, "--output-file", pins, project)
    into = ["pip", "install", "--python", python]
    uv(*into, "--requirement", pins)
    # No dependency is lifted by what the tests need besides.
    uv(*into, "--constraint", pins, "--group", f"{project}:test")
    uv(*into, "--no-deps", wheel)
    uv("pip", "check", "--python", python)
    print(pins.read_text("utf-8"))
    return python


def copy(tree):
    """Copy the tests, and what they read."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tests" / "bookproof", tree / "tests" / "bookproof", ignore=ignored)
    for path in (ROOT / "tests").glob("*.py"):
        shutil.copy2(path, tree / "tests")
    manual = Path("code", "bookproof", "docs")
    ignored = shutil.ignore_patterns("_build")
    shutil.copytree(ROOT / manual, tree / manual, ignore=ignored)
    for name in READ:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tree / name)


def uv(*words):
    """Run uv."""
    subprocess.run([UV, words[0], "--quiet", *words[1:]], check=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
