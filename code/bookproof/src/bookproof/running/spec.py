"""What is known of a kernel: by its name before it starts, and by what it says of itself."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager

_LONGEST_SOCKET_FOLDER = 80  # a path to a socket has at most 107 bytes on Linux, 103 on macOS


@functools.cache
def interpreter(name: str) -> str:
    """Return the program that runs the kernel of a name."""
    try:
        return AsyncKernelManager(kernel_name=name).format_kernel_cmd()[0]
    except (NoSuchKernel, ValueError, IndexError):
        return sys.executable  # such a kernel does not start; its start will tell


def _command(name: str) -> list[str]:
    """Return the command that starts the kernel of a name."""
    try:
        return KernelSpecManager().get_kernel_spec(name).argv or [sys.executable]
    except (NoSuchKernel, ValueError):
        return [sys.executable, "ipykernel"]  # such a kernel does not start; its start will tell


def is_ours(name: str) -> bool:
    """Tell whether the kernel of a name is an ipykernel, by the command that starts it."""
    return any("ipykernel" in word for word in _command(name))


def transport(name: str, folder: Path) -> str:
    """Return how to talk to the kernel of a name: by sockets in a folder, where it can be."""
    # Paths to sockets are short. Of the kernels that Python does not run, few know such sockets.
    fits = os.name != "nt" and len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER
    return "ipc" if fits and is_python(_command(name)[0]) else "tcp"


def is_python(program: str) -> bool:
    """Tell whether a program is a Python, by its name."""
    return Path(program).name.startswith(("python", "pypy"))


def is_ipython(info: Mapping) -> bool:
    """Tell whether a kernel that says this of itself runs our probe."""
    return info.get("implementation") == "ipython"


def stranger(name: str) -> str:
    """Return what should be known of a kernel that does not run our probe."""
    return (
        f"kernel {name!r} is none of IPython's: what its chapters read is not seen, so that they "
        "run at every check, and figures are not described"
    )


def versions(info: Mapping) -> dict[str, str]:
    """Return the version of a language other than Python, or else of its kernel."""
    language = info.get("language_info", {})
    if not info or language.get("name") == "python":
        return {}
    known = {
        language.get("name"): language.get("version"),
        info.get("implementation"): info.get("implementation_version"),
    }
    return next(({str(name): str(known[name])} for name in known if name and known[name]), {})
