"""The command line: ``sickbay explain``, ``diff``, ``cluster``, ``demo`` and the rest.

``explain`` has to answer within a blink, so this module and all it needs stay with the
standard library and the log engine; ``app`` has the commands that need the server.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING

from sickbay import __version__
from sickbay.cli import terminal
from sickbay.core.errors import SickbayError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FOUND, BAD = 0, 1, 2

OURS = ("explain", "diff", "cluster", "demo")
"""Commands that start within a blink."""

AROUND_THE_SERVER = {
    "serve": "serve assistants over stdin and stdout, or over HTTP",
    "tools": "what tools there are, what they cost, what is unavailable and why",
    "call": "call any tool, and print its result as JSON",
    "doctor": "what is configured, what works, and what to do about the rest",
    "init": "write a commented sickbay.toml to begin with",
    "install": "connect an assistant to this server",
    "ingest": "builds of a CI, JUnit files and logs into the history",
    "simulate": "a double of an outside system, to try things on",
}
"""Commands of ``app``, which is imported only for them."""


def run() -> int:
    """Run one command in a process of its own.

    The garbage collector would look through all modules while they are loaded, and
    once more at the end: a tenth of the time that a small log takes.
    """
    gc.set_threshold(50_000, 20, 20)
    try:
        return main()
    finally:
        if "duckdb" not in sys.modules:  # it complains of all that is never collected
            gc.freeze()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 a failure was found and ``--check`` was given, 2 bad usage or
        unreadable input.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        status = _run(argv)
        sys.stdout.flush()
    except SickbayError as exc:
        sys.stderr.write(f"sickbay: {exc}\n")
        return BAD
    except BrokenPipeError:  # the reader has seen enough: that is success
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130
    return status


def _run(argv: Sequence[str]) -> int:
    command = argv[0] if argv else ""
    ours = command in OURS
    if not ours and (command in AROUND_THE_SERVER or command in toolsets()):
        from sickbay.cli import app  # noqa: PLC0415 - explain does without

        return app.run(argv)
    arguments = parser(whole=not ours).parse_args(argv)
    status: int = arguments.run(arguments)
    return status


def toolsets() -> list[str]:
    """The toolsets with commands of their own; none of them is imported for that."""
    from pathlib import Path  # noqa: PLC0415 - not for explain

    from sickbay import toolsets as package  # noqa: PLC0415 - not for explain

    found = (cli for path in package.__path__ for cli in Path(path).glob("*/cli*"))
    return sorted(cli.parent.name for cli in found if cli.stem == "cli")


def parser(*, whole: bool = True) -> argparse.ArgumentParser:
    """The command line's grammar, which the reference documentation is made from.

    Args:
        whole: With every command, as it is for help.
    """
    top = argparse.ArgumentParser(
        prog="sickbay",
        description="Finds out what ails machine-learning infrastructure.",
    )
    top.add_argument("--version", action="version", version=f"sickbay {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _explain(commands)
    _diff(commands)
    _cluster(commands)
    _demo(commands)
    for name, summary in AROUND_THE_SERVER.items():
        commands.add_parser(name, help=summary, add_help=False)
    for name in toolsets() if whole else ():
        manifest = importlib.import_module(f"sickbay.toolsets.{name}.manifest")
        summary = manifest.TOOLSET.summary
        commands.add_parser(name, help=summary, add_help=False)
    return top


def _explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "explain",
        help="what failed in a log, where, why, and whose fault it looks like",
        description="Explain a CI log, or every log of a folder.",
    )
    command.add_argument(
        "log",
        help="a log, a JUnit XML file or a folder of them; - is stdin, "
        "log:... a log in the cache, hud:<job id> or a URL one to be fetched",
    )
    _common(command)
    command.add_argument(
        "--check", action="store_true", help="exit 1 when a failure was found"
    )
    command.set_defaults(run=run_explain)


def _diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "diff",
        help="what only the failing log says",
        description="Compare the log of a run that passed with one that failed.",
    )
    command.add_argument("passed", help="log of a run that passed")
    command.add_argument("failed", help="log of a run that failed")
    _common(command)
    command.set_defaults(run=run_diff)


def _cluster(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "cluster",
        help="many logs grouped by cause",
        description="Group the failures of many logs by their cause.",
    )
    command.add_argument("logs", nargs="+", help="logs, or folders of them")
    _common(command)
    command.set_defaults(run=run_cluster)


def _demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "demo",
        help="run a failing test suite on the spot and explain its log",
        description="Run a real failing test suite as a CI would, and explain its log.",
    )
    command.set_defaults(run=run_demo)


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=("text", "json", "markdown"), default="text"
    )
    command.add_argument(
        "--rules", metavar="RULES.toml", help="a rule file to match before the built-in"
    )


def run_explain(arguments: argparse.Namespace) -> int:
    """Explain a log, or a folder of them with the clusters."""
    from pathlib import Path  # noqa: PLC0415 - not for --help

    from sickbay import api  # noqa: PLC0415 - not for --help

    if arguments.log != "-" and Path(arguments.log).is_dir():
        return _many(arguments, [arguments.log])
    rules = api.wanted(arguments.rules, preparing=_preparing)
    report = api.explain(arguments.log, looking_for=rules)
    if arguments.format == "json":
        _json(report.to_dict())
    else:
        from sickbay.toolsets.logs import render  # noqa: PLC0415 - not for JSON

        if arguments.format == "markdown":
            _write(render.markdown(report))
        else:
            _write(
                render.text(report, colour=terminal.colour(), width=terminal.width())
            )
    return FOUND if arguments.check and report.found_failure else DONE


def run_cluster(arguments: argparse.Namespace) -> int:
    """Group many logs by cause."""
    return _many(arguments, arguments.logs)


def _many(arguments: argparse.Namespace, logs: Sequence[str]) -> int:
    from dataclasses import asdict  # noqa: PLC0415 - not for --help

    from sickbay import api  # noqa: PLC0415 - not for --help

    rules = api.wanted(arguments.rules, preparing=_preparing)
    reports, coverage = api.explain_many(logs, looking_for=rules)
    clusters = api.cluster(reports)
    if arguments.format == "json":
        document = {
            "schema": 1,
            "reports": [report.to_dict() for report in reports],
            "clusters": [cluster.to_dict() for cluster in clusters],
            "coverage": asdict(coverage),
        }
        _json(document)
    else:
        from sickbay.toolsets.logs import render  # noqa: PLC0415 - not for JSON

        if arguments.format == "markdown":
            _write(render.clusters_markdown(clusters, coverage))
        else:
            page = render.clusters_text
            _write(
                page(
                    clusters, coverage, colour=terminal.colour(), width=terminal.width()
                )
            )
    failed = any(report.found_failure for report in reports)
    return FOUND if getattr(arguments, "check", False) and failed else DONE


def run_diff(arguments: argparse.Namespace) -> int:
    """Show what only the failing log says."""
    from sickbay import api  # noqa: PLC0415 - not for --help

    rules = api.wanted(arguments.rules, preparing=_preparing)
    found = api.diff(arguments.passed, arguments.failed, looking_for=rules)
    if arguments.format == "json":
        _json(found.to_dict())
        return DONE
    from sickbay.toolsets.logs import render  # noqa: PLC0415 - not for JSON

    if arguments.format == "markdown":
        _write(render.diff_markdown(found))
    else:
        _write(
            render.diff_text(found, colour=terminal.colour(), width=terminal.width())
        )
    return DONE


def run_demo(_arguments: argparse.Namespace) -> int:
    """Run the demo."""
    from sickbay.cli import demo  # noqa: PLC0415 - only for the demo

    return demo.run()


def _preparing() -> None:
    """Tell a person at a terminal why the first run takes longer."""
    if sys.stderr.isatty():
        sys.stderr.write("sickbay: preparing the rules, once per version of them\n")


def _json(document: object) -> None:
    import json  # noqa: PLC0415 - only for JSON

    _write(json.dumps(document, ensure_ascii=False, indent=2))


def _write(text: str) -> None:
    sys.stdout.write(text.rstrip("\n") + "\n")
