"""The notebooks of the built book: they read as the pages do, and run anywhere else.

The last tests make a new virtual environment that holds nothing but this repository's wheels, and
what the notebooks themselves ask for, with all that it requires, as it is installed here. There
they run notebooks that import together all that any imports: the cells are those of the chapters.
"""

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bookproof.reading.scan import scan

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("BOOK_SITE", ROOT / "_build" / "html"))
NOTES = "book/notes"
PLAIN = re.compile(r"`+.*?`+|\$.*?\$", re.DOTALL)  # what is literal in Markdown


@pytest.fixture(scope="module")
def folder():
    """Return the folder of the site that has the notebooks."""
    if not (SITE / "index.html").is_file():
        pytest.fail(f"no built book in {SITE}: run `make book` first", pytrace=False)
    return SITE / NOTES


@pytest.fixture(scope="module")
def notebooks(folder):
    """Return all notebooks by name."""
    found = {path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}
    assert sorted(found) == sorted(path.stem for path in (ROOT / NOTES).glob("*.md"))
    assert len(found) >= 29
    return found


def test_every_notebook_is_valid_and_has_its_outputs(notebooks):
    outputs = 0
    for notebook in notebooks.values():
        nbformat.validate(notebook)
        setup, *code = (cell for cell in notebook.cells if cell.cell_type == "code")
        assert (setup.execution_count, setup.outputs) == (None, [])
        assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]
        silent = [c for c in code if c.metadata.get("bookproof") and not c.outputs]
        assert silent == []
        outputs += sum(len(cell.outputs) for cell in code)
        assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert outputs > 600


def test_the_blocks_of_each_cell_are_those_of_the_chapter(notebooks, folder):
    count = 0
    for name in notebooks:
        chapter, copy = scan(ROOT, f"{NOTES}/{name}.md"), scan(folder, f"{name}.ipynb")
        assert copy.problems == ()
        blocks = [
            [(c.source, [(b.directive, b.argument, b.body) for b in c.blocks]) for c in cells]
            for cells in (chapter.cells, copy.cells[1:])
        ]
        assert blocks[0] == blocks[1]
        count += len(copy.blocks)
    assert count > 600


def test_the_text_is_plain_markdown(notebooks):
    cells = 0
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            if cell.cell_type != "markdown":
                continue
            cells += 1
            assert not re.search(r"^(`{3,}|:{3,})\{|^\([\w-]+\)=|^:\s", cell.source, re.M), name
            text = PLAIN.sub("", cell.source)
            assert not re.search(r"\{[\w:-]+\}`|\]\([^)]*\.md\b", cell.source), name
            assert "{cite}" not in text, name
            for target in re.findall(r"\]\(([^):]+\.ipynb)\)", text):
                assert target.removesuffix(".ipynb") in notebooks, (name, target)
    assert cells > 600


def test_the_zip_has_them_all(folder):
    with zipfile.ZipFile(SITE / "notebooks.zip") as file:
        assert file.namelist() == [f"notebooks/{p.name}" for p in sorted(folder.glob("*.ipynb"))]
        for name in file.namelist():
            assert file.read(name) == (folder / name.partition("/")[2]).read_bytes()


def command(*words, **options):
    """Run a command away from this repository's code; return what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER"))}
    done = subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=1200, **options
    )
    return done.returncode, done.stdout + done.stderr


def require(name, found):
    """Add a distribution of this environment, and all that it requires, to those found."""
    found.add(canonicalize_name(name))
    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        missed = canonicalize_name(wanted.name) not in found
        if missed and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            require(wanted.name, found)


def link(name, venv):
    """Put a distribution of this environment into another, as pip would, with its files here."""
    for file in metadata.files(name):
        source = os.path.normpath(file.locate())
        inside = os.path.relpath(source, sys.prefix)
        if inside.split(os.sep)[0] in ("lib", "share") and os.path.isfile(source):
            (venv / inside).parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, venv / inside)
            except OSError:  # another file system
                shutil.copy2(source, venv / inside)


@pytest.fixture(scope="module")
def bookproof(notebooks, tmp_path_factory):
    """Return bookproof's command in a new environment that holds what the notebooks ask for."""
    place = tmp_path_factory.mktemp("reader")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "code", place / "source" / "code", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place / "source")
    setups = "".join(notebook.cells[0].source for notebook in notebooks.values())
    asked = sorted(set(re.findall(r'"([\w.-]+)==[\w.]+"', setups)))
    assert {"numpy", "torch", "opencv-python-headless", "pandas"} <= set(asked)
    assert "dlnotes" not in asked
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", place / "wheels"]
    status, said = command(*build, place / "source", place / "source" / "code" / "bookproof")
    assert status == 0, said
    wheels = sorted((place / "wheels").glob("*.whl"))
    assert [wheel.name.partition("-")[0] for wheel in wheels] == ["bookproof", "dlnotes"]
    command(sys.executable, "-m", "venv", "--without-pip", place / "venv")
    needed = {"dlnotes", "bookproof"}
    for name in [*needed, *asked]:
        require(name, needed)
    assert len(needed) > 40
    for name in needed - {"dlnotes", "bookproof"}:
        link(name, place / "venv")
    scripts = place / "venv" / "bin"
    install = ["--python", scripts / "python", "install", "--no-deps"]
    status, said = command(*pip, *install, *wheels)
    assert status == 0, said
    return scripts / "bookproof"


def found(path):
    """Return what a verification.json says of each chapter, but for lines and order.

    An alternative text stands in its figure's options in a chapter, in the text in a notebook.
    """
    chapters = json.loads(path.read_text("utf-8"))["chapters"]
    return {
        Path(name).stem: sorted(
            (v["kind"], v.get("mode") or "", v.get("expected") or "") for v in chapter["verdicts"]
        )
        for name, chapter in chapters.items()
    }


def imports(notebook):
    """Return the import statements of a notebook."""
    code = "\n".join(c.source for c in notebook.cells if c.cell_type == "code")
    nodes = ast.walk(ast.parse(re.sub(r"(?m)^( *)[%!].*", r"\1pass", code)))
    return {ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)}


def covering(notebooks):
    """Return the names of few notebooks that use together all packages that any uses."""
    packages = {
        name: {statement.split()[1].partition(".")[0] for statement in imports(notebook)}
        for name, notebook in notebooks.items()
    }
    left, chosen = set().union(*packages.values()), []
    assert {"cv2", "dlnotes", "matplotlib", "numpy", "pandas", "sklearn", "torch"} <= left
    while left:
        chosen.append(max(sorted(packages), key=lambda name: len(packages[name] & left)))
        left -= packages[chosen[-1]]
    return sorted(f"{name}.ipynb" for name in chosen)


def test_whatever_notebooks_import_is_there(bookproof, notebooks, tmp_path):
    statements = sorted(set().union(*map(imports, notebooks.values())))
    assert len(statements) > 60
    (tmp_path / "imports.py").write_text("\n".join(statements), "utf-8")
    status, said = command(bookproof.with_name("python"), "imports.py", cwd=tmp_path)
    assert status == 0, said


@pytest.mark.parametrize(("name", "few"), [("下载 的 笔记本", False), ("empty", True)])
def test_notebooks_give_elsewhere_what_the_book_says(bookproof, notebooks, tmp_path, name, few):
    place = tmp_path / name
    place.mkdir()
    with zipfile.ZipFile(io.BytesIO((SITE / "notebooks.zip").read_bytes())) as file:
        file.extractall(place)
    names = covering(notebooks)
    assert len(names) >= 3
    names = names[:1] if few else names
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    haste = {"config": {"bookproof_preload": settings["bookproof_preload"]}}
    patience = {"timeout": 600}  # other tests use the cores too
    config = yaml.safe_dump({"execute": patience, "sphinx": haste})
    (place / "notebooks" / "_config.yml").write_text(config, "utf-8")
    status, said = command(bookproof, "check", "--json", "v.json", *names, cwd=place / "notebooks")
    assert status == 0, said
    wanted = found(SITE / "verification.json")
    there = found(place / "notebooks" / "v.json")
    assert there == {stem: wanted[stem] for stem in there}
    assert len(there) == len(names)
    assert sum(len(verdicts) for verdicts in there.values()) > 30 * len(names)


def test_a_falsified_notebook_is_found_elsewhere(bookproof, folder, tmp_path):
    name = "2023-10-16-star-args.ipynb"
    notebook = nbformat.read(folder / name, as_version=4)
    cells = [
        c for c in notebook.cells if c.metadata.get("bookproof", ["", ""])[0] == "```{expect}\n"
    ]
    cells[0].metadata.bookproof[1] = "never\n"
    nbformat.write(notebook, tmp_path / name)
    status, said = command(bookproof, "check", name, cwd=tmp_path)
    assert status == 1
    assert f"{name}:" in said
    assert "mismatch" in said
    assert "1 FAILED" in said


def test_the_first_cell_does_nothing_where_all_is_installed(bookproof, folder, tmp_path):
    name = "2023-10-16-star-args.ipynb"
    shutil.copy(folder / name, tmp_path)
    script = (
        "import nbclient, nbformat\n"
        f"notebook = nbformat.read({name!r}, as_version=4)\n"
        "nbclient.NotebookClient(notebook, timeout=60).execute()\n"
        "assert notebook.cells[0].outputs == []\n"
        "assert notebook.cells[0].execution_count == 1\n"
    )
    status, said = command(bookproof.with_name("python"), "-c", script, cwd=tmp_path)
    assert status == 0, said
