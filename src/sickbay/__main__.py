"""Runs the command line: ``python -m sickbay``."""

from __future__ import annotations

import sys

from sickbay.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
