"""Tell which modules a kernel has imported."""

import json
import sys


def imported():
    """Return as JSON the names of all top-level modules that are not Python's own."""
    found = {name.partition(".")[0] for name in list(sys.modules)}
    return json.dumps(sorted(found - sys.stdlib_module_names - {"__main__", "_bookproof"}))
