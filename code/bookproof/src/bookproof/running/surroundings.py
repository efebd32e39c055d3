"""What a run depends on besides the book: interpreter, packages, processor, environment."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from bookproof.running import kernel, packages, spec

_LIBRARIES = (
    "ARROW ATEN AWS_LC BLIS CUBLAS CUDA CUDNN DNNL FLEXIBLAS GOTO GOMP HIP ITT JAX KMP LC LIBXSMM "
    "LP_NUM MALLOC MIOPEN MKL MPL MKLDNN NPY NUMBA NUMEXPR NVIDIA OMP ONEDNN OPENBLAS OPENCV ORT "
    "POLARS PYTORCH RAYON ROCBLAS SKLEARN TF TORCH TORCHINDUCTOR TRITON VECLIB XLA"
)
_COUNTING = re.compile(
    r"LANG(UAGE)?|TZ|SOURCE_DATE_EPOCH|PYTHON(PATH|UTF8|OPTIMIZE|WARNINGS|MALLOC|INTMAXSTRDIGITS)|"
    r"GLIBC_TUNABLES|LD_(PRELOAD|LIBRARY_PATH|BIND_NOW)|DYLD_.*|MPL.*|"
    rf"({'|'.join(_LIBRARIES.split())})_.*"
)
"""The environment variables that libraries read, without our seeing it, and that change results."""

_SET_BY_LIBRARIES = {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK", "MALLOC_TRIM_THRESHOLD_"}
"""Those that scikit-learn and Dask set in processes of their own accord; no result has them in it.

A kernel that needs the first two has them anyway; the last says when memory is given back.
"""

_OF_OPENCV = "/cv2/../../lib64"
"""The end of what OpenCV adds to the search path of a process that imports it."""

PROCESSOR = ("the processor", "the number of processors")
"""The words for what the machine has; on a cluster it may differ."""


def surroundings(kernel_name: str) -> dict[str, Any]:
    """Return what a run depends on besides the book, by the words that name it."""
    own = json.dumps([kernel.ENVIRONMENT, kernel.prelude()])
    version, *installed = environment(spec.interpreter(kernel_name))
    machine = dict(zip(PROCESSOR, (processor(), str(_processors())), strict=True))
    return {
        "Python": version,
        "packages": installed,
        "bookproof": hashlib.sha256(own.encode()).hexdigest(),
        "the environment": _environment(),
        **machine,
    }


def difference(before: dict, after: dict) -> str:
    """Return what differs between two of them, or more, empty where nothing does."""
    for name in after:
        if before[name] == after[name]:
            continue
        if name == "packages":
            changed = sorted(set(before[name]) ^ set(after[name]))
            return "packages have changed: " + ", ".join(changed[:4]) + ", …" * (len(changed) > 4)
        if name == "the environment":
            changed = sorted(n for n, _ in before[name].items() ^ after[name].items())
            return f"the environment variable {changed[0]} has changed"
        return f"{name} has changed"
    return ""


def _environment() -> dict[str, str]:
    found = {name: os.environ[name] for name in sorted(os.environ) if _counts(name)}
    paths = found.pop("LD_LIBRARY_PATH", "").split(":")
    paths = [path for path in paths if path and not path.endswith(_OF_OPENCV)]
    return found | ({"LD_LIBRARY_PATH": ":".join(paths)} if paths else {})


def _counts(name: str) -> bool:
    ours = name in kernel.ENVIRONMENT or name in _SET_BY_LIBRARIES
    return not ours and _COUNTING.fullmatch(name) is not None


def variable(name: str) -> str | None:
    """Return what tells two values of a variable apart; it may be a secret."""
    value = kernel.environment().get(name)
    return None if value is None else hashlib.sha256(value.encode()).hexdigest()


@functools.cache
def processor() -> str:
    """Return the model of the processor, with a digest of what it is able to do."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            first = file.read().partition("\n\n")[0]
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", first, re.MULTILINE))
    able = facts.get("flags") or facts.get("Features") or ""
    model = facts.get("model name") or platform.machine()
    return f"{model} {hashlib.sha256(able.encode()).hexdigest()[:8]}"


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def importable(root: Path) -> list[str]:
    """Return what this interpreter can import: packages, and what lies in the book's folders."""
    folders = [path for path in sys.path if Path(path).is_relative_to(root) and os.path.isdir(path)]
    return [
        *environment(),
        *(f"{path}/{name}" for path in folders for name in sorted(os.listdir(path))),
    ]


@functools.cache
def environment(interpreter: str = sys.executable) -> list[str]:
    """Return an interpreter's version and machine, then the packages it has installed."""
    if interpreter == sys.executable:
        return packages.installed()
    if not spec.is_python(interpreter):
        return [f"{interpreter} does not tell"]
    try:
        command = [interpreter, packages.__file__]
        quiet: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "timeout": 30,
        }
        return json.loads(subprocess.check_output(command, **quiet))
    except (OSError, subprocess.SubprocessError, ValueError):
        return [f"{interpreter} does not tell"]
