"""The site layer is a package for any notes: it knows neither this book nor its subject."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import yaml

from notesite.settings import SETTINGS, problems

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "code" / "notesite"
PACKAGE = PROJECT / "src" / "notesite"
# Each room may import those before it.
ROOMS = ["formulas", "figures", "theme", "chapters", "search", "checks", "pages", "editions"]
FOREIGN = (
    *("dlnotes", "深度学习", "deep learning", "torch", "2023-notes"),
    *("形状实验室", "book/lab", "卷积", "池化"),
)
TEXTS = {".css", ".html", ".js", ".md", ".py", ".svg", ".toml", ".txt", ".yml", ""}


def texts(folder):
    """Return the texts below a folder by their paths."""
    passed_over = ("__pycache__", ".egg-info")
    return {
        path.relative_to(PROJECT).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in TEXTS and not any(p in str(path) for p in passed_over)
    }


def test_nothing_of_this_book_is_in_it():
    found = texts(PROJECT)
    assert len(found) > 60
    found.pop("LICENSE")  # names who holds the rights
    wrong = {
        (name, word)
        for name, text in found.items()
        for word in FOREIGN
        if word.lower() in text.lower()
    }
    assert wrong == set()


def test_it_imports_without_this_book_and_its_subject():
    modules = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in ("__init__.py", "__main__.py")
    ]
    assert len(modules) > 30
    script = (
        "import importlib, sys\n"
        "for name in ('dlnotes', 'torch', 'cv2', 'pandas', 'sklearn'): sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    command = [sys.executable, "-W", "error::ImportWarning", "-c", script]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_its_wheel_has_all_its_files(tmp_path):
    passed_over = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    shutil.copytree(PROJECT, tmp_path / "source", ignore=passed_over)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", tmp_path, "./source"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    source = tmp_path / "source" / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and ".egg-info" not in str(path)
    }
    assert len(files) > 60
    assert files - packed == set()


def test_rooms_know_only_those_before_them():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders == {*ROOMS, "fresh"}
    found = 0
    for number, room in enumerate(ROOMS):
        for path in (PACKAGE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.ImportFrom) or node.level:
                    continue
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                for name in (name for name in names if name.startswith("notesite.")):
                    known = {*ROOMS[: number + 1], "settings", "durable_warnings"}
                    assert name.split(".")[1] in known, f"{path} imports {name}"
                    found += 1
    assert found > 20


def test_bookproof_does_not_import_it():
    for path in (ROOT / "code" / "bookproof" / "src").rglob("*.py"):
        assert "import notesite" not in path.read_text("utf-8"), path
        assert "from notesite" not in path.read_text("utf-8"), path


def test_every_setting_is_explained_to_authors():
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert [name for name in SETTINGS if f"| `{name}` |" not in readme] == []


def test_the_settings_of_this_book_are_right_and_others_are_told():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    assert problems(config, ROOT) == []
    assert len(SETTINGS.keys() & config.keys()) >= 12
    wrong = {name: 7 for name in SETTINGS}
    told = problems(wrong, ROOT)
    assert [line.split()[0] for line in told] == list(SETTINGS)
    assert all(" wants " in line and line.endswith("not 7") for line in told)
    assert problems({"search_aliases": "nowhere.txt"}, ROOT) == [
        "search_aliases wants the path of a file; there is no nowhere.txt"
    ]
    assert "such as '#1a2b3c'" in problems({"dark_figures": {"#FFFFFF": "#000000"}}, ROOT)[0]


def test_what_it_needs_is_what_the_book_locks():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    needs = [*project["dependencies"], *(line for lines in extras for line in lines)]
    locked = (ROOT / "requirements.txt").read_text("utf-8")
    for need in needs:
        name = need.split(">")[0].split("<")[0]
        assert f"\n{name}==" in f"\n{locked}", name
