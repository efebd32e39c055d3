"""Tell what an interpreter has installed. Other interpreters run it as a script."""

import json
import platform
import sys
from importlib import metadata


def installed():
    """Return the version and machine of this interpreter, then its packages with versions."""
    packages = {f"{d.metadata['Name']}=={d.version}" for d in metadata.distributions()}
    return [f"{sys.version} on {platform.machine()}", *sorted(packages)]


if __name__ == "__main__":
    print(json.dumps(installed()))
