"""What holds the house together: layers, names, and Pythons."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def other_pythons():
    """Return the supported Pythons on the path that start (a version manager's may not)."""
    for minor in range(11, 16):
        python = shutil.which(f"python3.{minor}")
        if python and not subprocess.run([python, "-c", ""], capture_output=True).returncode:
            yield python


def imports(package):
    found = {}
    for path in sorted((ROOT / "code" / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            else:
                continue
            found.setdefault(path.relative_to(ROOT).as_posix(), set()).update(
                name.split(".")[0] for name in names
            )
    return found


def test_code_is_no_package():
    assert not (ROOT / "code" / "__init__.py").exists()


def test_the_debugger_imports_from_the_root():
    for python in [sys.executable, *other_pythons()]:
        check = "import code, pdb; code.InteractiveConsole; print(code.__file__)"
        done = subprocess.run([python, "-c", check], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not done.stdout.startswith(str(ROOT / "code"))


def test_pytest_starts_from_the_root():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/book"]
    environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout
    assert "test_code_is_no_package" in done.stdout


def test_a_changed_lock_is_installed_before_the_book_is_built():
    def steps(*options):
        command = ["make", "--dry-run", *options, "book"]
        environment = {key: value for key, value in os.environ.items() if "MAKE" not in key}
        return subprocess.check_output(command, cwd=ROOT, text=True, env=environment).split("\n")

    installs = [line for line in steps("--what-if=requirements.txt") if " pip install " in line]
    assert len(installs) == 2  # and what is installed is part of every kept run
    assert not any(" pip install " in line for line in steps())


@pytest.mark.parametrize(
    ("package", "least", "forbidden"),
    [
        ("bookproof", 10, {"dlnotes", "pandas", "torch"}),
        ("dlnotes", 8, {"bookproof", "docutils", "jupyter_book", "myst_nb", "sphinx"}),
    ],
)
def test_the_layers_do_not_mix(package, least, forbidden):
    modules = imports(package)
    assert len(modules) >= least
    for module, names in modules.items():
        assert not names & forbidden, module


BOOKPROOF = ROOT / "code" / "bookproof" / "src" / "bookproof"
ROOMS = ["reading", "running", "judging", "telling", "pages", "authoring", "notes"]


def test_rooms_know_only_those_before_them():
    assert [room for room in ROOMS if (BOOKPROOF / room / "__init__.py").exists()] == ROOMS
    assert {path.name for path in BOOKPROOF.iterdir() if path.is_dir()} - {"__pycache__"} == {
        *ROOMS
    }
    found = 0
    for number, room in enumerate(ROOMS):
        for path in (BOOKPROOF / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
                elif isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                else:
                    continue
                for name in (name for name in names if name.startswith("bookproof.")):
                    assert name.split(".")[1] in ROOMS[: number + 1], f"{path} imports {name}"
                    found += 1
    assert found > 60


def test_no_file_of_bookproof_is_long():
    lengths = {p: len(p.read_text("utf-8").split("\n")) for p in BOOKPROOF.rglob("*.py")}
    assert len(lengths) > 38
    assert {str(path): n for path, n in lengths.items() if n > 260} == {}
