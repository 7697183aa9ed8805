"""Where commands are run: folders of their own, the ward beside the toolsets."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from sickbay import toolsets
from sickbay.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from sickbay import toolsets
toolsets.__path__.append(sys.argv.pop(1))
from sickbay.cli.main import run
sys.exit(run())
"""


@dataclass
class Desk:
    """One machine, as far as a command can tell."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ward = self.folder / "sets" / "ward"
        ward.mkdir(parents=True)
        (ward / "__init__.py").touch()
        (ward / "manifest.py").write_text("from tests.server.ward import TOOLSET\n")
        (ward / "cli.py").write_text('"""Its commands are in tests.cli.rounds."""\n')
        self.work.mkdir()

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SICKBAY_", "FASTMCP_")) and name != "LOG_LEVEL"
        }
        home = {
            name: str(self.folder / name.lower())
            for name in ("HOME", "XDG_CONFIG_HOME", "SICKBAY_CACHE", "SICKBAY_STATE")
        }
        lines = {"NO_COLOR": "1", "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
        return {**kept, **home, **lines, **self.variables}

    def command(self, *arguments: object) -> list[str]:
        sets = str(self.folder / "sets")
        return [sys.executable, "-c", START, sets, *map(str, arguments)]

    def run(
        self, *arguments: object, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """The command as a user starts it."""
        return subprocess.run(
            self.command(*arguments),
            input=stdin,
            capture_output=True,
            check=False,
            text=True,
            cwd=self.work,
            env=self.environment,
            timeout=15,
        )

    def main(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """The same without a process of its own, for commands that leave no trace."""
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            mock.patch.dict(os.environ, self.environment, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            patch.chdir(self.work)
            path = [*toolsets.__path__, str(self.folder / "sets")]
            patch.setattr(toolsets, "__path__", path)
            given = [str(argument) for argument in arguments]
            status = main(given)
        return subprocess.CompletedProcess(
            given, status, out.getvalue(), err.getvalue()
        )
