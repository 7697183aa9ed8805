"""Runs the command line: ``python -m sickbay``."""

from __future__ import annotations

import sys

from sickbay.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
