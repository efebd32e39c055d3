"""Run the command line as `python -m bookproof`."""

import sys

from bookproof.cli import main

sys.exit(main())
