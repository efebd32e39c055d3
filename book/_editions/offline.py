"""All that is published, in one zip to read without a network: site, notebooks, wheels, sums."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from articles import ROOT, SITE, verified

FOLDER = "dlnotes-book"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can tell
BESIDE = {"downloads", "bookproof"}  # what `make dist` puts there: no edition contains another
README = """\
深度学习手记：离线版

打开 site/index.html，就能读全书、搜索、用形状实验室，不需要网络。
site/book/notes/ 里如有 .ipynb，是各章的笔记本；要运行它们，先安装 wheels/ 里的包：
    python -m pip install wheels/*.whl
SHA256SUMS 是每个文件的校验和：在这个文件夹里运行 sha256sum -c SHA256SUMS。
"""


def write(folder: Path, site: Path = SITE) -> Path:
    """Write ``dlnotes-book-offline.zip`` into a folder; return its path.

    The same files give the same bytes: names are sorted, times left out.
    """
    verified(site)  # raises where it is not
    files = {"README.txt": README.encode()}
    for path in site.rglob("*"):
        name = path.relative_to(site)
        if path.is_file() and name.parts[0] not in BESIDE and not name.name.startswith("."):
            files[f"site/{name.as_posix()}"] = path.read_bytes()
    files |= {f"wheels/{name}": content for name, content in wheels().items()}
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files["SHA256SUMS"] = "".join(sums).encode()
    path = folder / f"{FOLDER}-offline.zip"
    with ZipFile(path, "w") as archive:
        for name in sorted(files):
            archive.writestr(entry(f"{FOLDER}/{name}", ZIP_DEFLATED), files[name])
    return path


def entry(name: str, kind: int) -> ZipInfo:
    """Return the head of a file in a zip, the same on every machine and day."""
    info = ZipInfo(name, EPOCH)
    info.compress_type, info.create_system, info.external_attr = kind, 3, 0o644 << 16
    return info


def wheels() -> dict[str, bytes]:
    """Build the wheels of dlnotes and bookproof from a copy; return them by name."""
    passed_over = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
    with tempfile.TemporaryDirectory() as folder:
        source, built = Path(folder, "source"), Path(folder, "built")
        shutil.copytree(ROOT / "code", source / "code", ignore=passed_over)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, source)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", built, ".", "code/bookproof"]
        times = {"SOURCE_DATE_EPOCH": "315532800"}  # as `EPOCH`
        environment = os.environ | times
        done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)
        if done.returncode:  # else it only repeats a warning of setuptools
            raise SystemExit(done.stdout + done.stderr)
        return {path.name: path.read_bytes() for path in sorted(built.glob("*.whl"))}
