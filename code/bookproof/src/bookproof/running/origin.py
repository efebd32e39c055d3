"""Tell when and on what machine a chapter ran."""

from __future__ import annotations

import contextlib
import datetime
import platform
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

_GPUS = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
_CPU = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Origin:
    """Where frozen outputs come from.

    `date` is that of the run in UTC, `machine` names its processors and its system, `bookproof`
    is the release that ran it.
    """

    date: str
    machine: str
    bookproof: str


def here() -> Origin:
    """Return the origin of what is run here and now."""
    processors = [*_gpus(), _cpu()]
    system = f"{platform.system()} {platform.machine()}"
    return Origin(
        datetime.datetime.now(datetime.UTC).date().isoformat(),
        f"{', '.join(filter(None, processors))} ({system})",
        metadata.version("bookproof"),
    )


def _gpus() -> list[str]:
    """Return the names of the graphics processors that NVIDIA's driver knows."""
    count = Counter(line.strip() for line in _said(_GPUS).splitlines() if line.strip())
    return [f"{number} × {name}" if number > 1 else name for name, number in count.items()]


def _cpu() -> str:
    with contextlib.suppress(OSError):
        if found := _CPU.search(Path("/proc/cpuinfo").read_text("utf-8")):
            return found[1].strip()
    apple = _said(["sysctl", "-n", "machdep.cpu.brand_string"]).strip()
    return apple or platform.processor()


def _said(command: list[str]) -> str:
    """Return what a program says, empty where there is none or it fails."""
    try:
        quiet: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "timeout": 20,
        }
        return subprocess.check_output(command, text=True, **quiet)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
