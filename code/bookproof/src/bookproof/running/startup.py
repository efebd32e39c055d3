"""Tell which modules a kernel looks for when it starts, before anything of ours runs in it."""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Set
from pathlib import Path
from typing import Any

from bookproof.running import files, kernel, spec, surroundings

_TIMEOUT = 60  # seconds
_START = """\
import json, os, sys
from importlib.machinery import PathFinder

asked, plain = set(), PathFinder.find_spec

def find_spec(cls, fullname, path=None, target=None):
    asked.add(fullname)
    return plain(fullname, path, target)

PathFinder.find_spec = classmethod(find_spec)
import ipykernel_launcher
from ipykernel.kernelapp import IPKernelApp

answer, *arguments = sys.argv[1:]
application = IPKernelApp.instance()
application.initialize(arguments)
application.kernel.shell.run_cell("", silent=True)
names = sorted(name for name in asked if "." not in name)
with open(answer, "w", encoding="utf-8") as file:
    json.dump(names, file)
os._exit(0)
"""


def names(kernel_name: str, folder: Path) -> Set[str] | None:
    """Return the names of the modules, None where they cannot be known.

    They are kept in a file in `folder`, since to find them takes half a second.
    """
    if not spec.is_ours(kernel_name):
        return None
    interpreter = spec.interpreter(kernel_name)
    of = hashlib.sha256(json.dumps([_START, *surroundings.environment(interpreter)]).encode())
    path = folder / f"start-{of.hexdigest()[:16]}.json"
    try:
        return frozenset(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        found = _found(interpreter)
    if found is not None:
        files.write(path, json.dumps(sorted(found)))
    return found


@functools.cache
def _found(interpreter: str) -> Set[str] | None:
    with tempfile.TemporaryDirectory(prefix="bookproof-") as folder:
        answer = Path(folder, "answer")
        command = [interpreter, "-c", _START, str(answer), "-f", str(Path(folder, "kernel.json"))]
        environment = {**kernel.environment(), "IPYTHONDIR": folder}
        quiet: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "capture_output": True,
            "timeout": _TIMEOUT,
        }
        try:
            subprocess.run(
                [*command, "--HistoryManager.enabled=False"],
                cwd=folder,
                env=environment,
                check=True,
                **quiet,
            )
            return frozenset(json.loads(answer.read_text("utf-8")))
        except (OSError, subprocess.SubprocessError, ValueError):
            return None
