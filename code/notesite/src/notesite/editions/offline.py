"""All that is published, in one zip to read without a network: site, notebooks, wheels, sums."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from notesite.editions.source import Source, verified

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can tell
DOWNLOADS = "downloads"  # where a published site has its editions: none contains another
PROOF = "verification.json"  # what a site of its own has, which stands beside this one


def write(folder: Path, source: Source) -> Path:
    """Write the zip of a book into a folder; return its path.

    The same files give the same bytes: names are sorted, times left out.
    """
    site = source.site
    verified(site)  # raises where it is not
    built = {f"wheels/{name}": content for name, content in wheels(source).items()}
    files = {"README.txt": readme(source, built).encode()} | built
    beside = {DOWNLOADS, *(path.parent.name for path in site.glob(f"*/{PROOF}"))}
    for file in site.rglob("*"):
        place = file.relative_to(site)
        if file.is_file() and place.parts[0] not in beside and not place.name.startswith("."):
            files[f"site/{place.as_posix()}"] = file.read_bytes()
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    files["SHA256SUMS"] = "".join(sums).encode()
    path = folder / f"{source.name}-offline.zip"
    with ZipFile(path, "w") as archive:
        for name in sorted(files):
            archive.writestr(entry(f"{source.name}/{name}", ZIP_DEFLATED), files[name])
    return path


def readme(source: Source, built: Collection[str]) -> str:
    """Return what a reader is told who has unpacked the zip."""
    found = sorted({p.parent.relative_to(source.site) for p in source.site.rglob("*.ipynb")})
    notebooks = "、".join(f"site/{folder.as_posix()}/" for folder in found)
    lines = [f"{source.title}：离线版", "", "打开 site/index.html，就能读全书、搜索，不需要网络。"]
    if notebooks:
        lines += [f"{notebooks} 里的 .ipynb 是各章的笔记本。"]
    if built:
        lines += ["要运行笔记本，先安装 wheels/ 里的包：", "    python -m pip install wheels/*.whl"]
    lines += ["SHA256SUMS 是每个文件的校验和：在这个文件夹里运行 sha256sum -c SHA256SUMS。", ""]
    return "\n".join(lines)


def entry(name: str, kind: int) -> ZipInfo:
    """Return the head of a file in a zip, the same on every machine and day."""
    info = ZipInfo(name, EPOCH)
    info.compress_type, info.create_system, info.external_attr = kind, 3, 0o644 << 16
    return info


def wheels(source: Source) -> dict[str, bytes]:
    """Build the wheels of the projects in ``edition_wheels`` from a copy; return them by name.

    Raises ``SystemExit`` where one cannot be built.
    """
    projects = source.settings["edition_wheels"]
    if not projects:
        return {}
    passed_over = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "_build")
    with tempfile.TemporaryDirectory() as folder:
        copy, built = Path(folder, "source"), Path(folder, "built")
        shutil.copytree(source.root, copy, ignore=passed_over)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", str(built)]
        command += [f"./{project}" for project in projects]
        times = {"SOURCE_DATE_EPOCH": "315532800"}  # as `EPOCH`
        environment = os.environ | times
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
        if done.returncode:  # else it only repeats a warning of setuptools
            raise SystemExit(done.stdout + done.stderr)
        return {path.name: path.read_bytes() for path in sorted(built.glob("*.whl"))}
