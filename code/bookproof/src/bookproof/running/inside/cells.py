"""Name the files that cells seem to come from as they are named everywhere."""

import os
import sys

_FOLDER = "/tmp/ipykernel_0"


def name_cells():
    """Let a cell's name have neither the kernel's process nor the machine's temporary folder.

    Warnings show it, and they are on pages. It begins like every kernel's: libraries know it by
    that.
    """
    for name in ("ipykernel.compiler", "ipykernel.debugger"):
        module = sys.modules.get(name)
        if os.sep == "/" and hasattr(module, "get_tmp_directory"):
            module.get_tmp_directory = lambda: _FOLDER
