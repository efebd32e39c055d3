"""Tell what an interpreter has installed. Other interpreters run it as a script."""

import functools
import json
import os
import platform
import re
import sys
from importlib import metadata

_IMPORT = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)


def installed():
    """Return the version and machine of this interpreter, then its packages with versions."""
    found = set()
    for folder in filter(os.path.isdir, sys.path):
        names = (os.path.splitext(name) for name in os.listdir(folder))
        found |= {stem for stem, suffix in names if suffix in (".dist-info", ".egg-info")}
    return [f"{sys.version} on {platform.machine()}", *sorted(found)]


def imported(sources):
    """Return the modules that source texts import, sorted, with the packages that have them."""
    modules = {module for source in sources for module in _IMPORT.findall(source)}
    return {module: sorted(set(distributions().get(module, ()))) for module in sorted(modules)}


def versions(sources):
    """Return the releases of the installed packages that source texts import, by name.

    Without the local part, which names a build of the same release.
    """
    names = {name for found in imported(sources).values() for name in found}
    return {name: metadata.version(name).partition("+")[0] for name in sorted(names)}


@functools.cache
def distributions():
    """Return the packages that have a module, by the module's name."""
    return metadata.packages_distributions()


if __name__ == "__main__":
    print(json.dumps(installed()))
