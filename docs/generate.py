"""Generate docs/reference from the code, and every screen shown in the docs.

A screen is a fenced ``console`` block: its ``$`` lines are run in docs/examples and
what they print is put below them. ``--check`` writes nothing and fails on any drift.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import hud

import server
from sickbay import api
from sickbay.cli import app
from sickbay.cli.main import OURS, parser
from sickbay.core import errors
from sickbay.logs import report
from sickbay.logs.frameworks import readers
from sickbay.logs.rules.builtin import builtin_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import ModuleType

    from cyclopts import App
    from cyclopts.argument import Argument

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
EXAMPLES = ROOT / "docs" / "examples"
SCREEN = re.compile(r"(?ms)^```console\n(.*?)^```$")
NOTE = "<!-- Made from the code by `make docs`: change the code, not this page. -->"


def main() -> int:
    """Write what is generated, or with ``--check`` say which of it is out of date."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="only look for drift")
    check = arguments.parse_args().check
    stale = [(path, text) for path, text in generated() if _read(path) != text]
    for path, text in stale:
        sys.stdout.write(f"{'out of date' if check else 'wrote'}: {path.name}\n")
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        sys.stdout.write("run `make docs` and commit what it wrote\n")
    return int(check and bool(stale))


def generated() -> Iterator[tuple[Path, str]]:
    """Every file that is generated, wholly or in part, with what it should say."""
    for name, page in PAGES.items():
        yield REFERENCE / f"{name}.md", "\n".join((NOTE, "", *page(), ""))
    for path in hand_written():
        yield path, SCREEN.sub(_screen, _read(path))


def hand_written() -> Sequence[Path]:
    """The pages that people write, of which only the screens are generated."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return [ROOT / "README.md", *(p for p in pages if REFERENCE not in p.parents)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _screen(block: re.Match[str]) -> str:
    rows = block[1].splitlines()
    commands = [row.removeprefix("$ ") for row in rows if row.startswith("$ ")]
    shown = [
        f"$ {command}\n{output}"
        for command, output in zip(commands, _printed(commands), strict=True)
    ]
    return f"```console\n{''.join(shown)}```"


def _printed(commands: Sequence[str]) -> list[str]:
    """What each command prints, all in one shell, so that ``$?`` is the one before."""
    then = "status=$?; printf '\\0'; (exit $status)"
    environment = {
        **os.environ,
        "COLUMNS": "88",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    shell = subprocess.run(  # noqa: S603 - the commands are those of our own pages
        ["sh", "-c", "exec 2>&1\n" + "\n".join(f"{c}\n{then}" for c in commands)],  # noqa: S607 - the docs say sh
        cwd=EXAMPLES,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    return shell.stdout.decode().split("\0")[: len(commands)]


def _command_line() -> Iterator[str]:
    yield "# The command line"
    yield ""
    yield "Exit status: 0 done, 1 a failure was found and `--check` was given, 2 bad"
    yield "usage or unreadable input (one line on stderr says what and where)."
    top = parser()
    options = (" ".join(a.option_strings) for a in _actions(top) if a.option_strings)
    yield from ("", f"Without a command: {', '.join(f'`{o}`' for o in options)}.")
    commands = app.app()
    told: dict[int, str] = {}
    for name, command in _commands(top).items():
        if name not in OURS:
            yield from _around_the_server(f"sickbay {name}", commands[name], told)
            continue
        yield from ("", f"## `sickbay {name}`", "", str(command.description), "")
        actions = [action for action in _actions(command) if action.dest != "help"]
        if actions:
            yield from _table(("argument", "meaning"), map(_argument, actions))
        else:
            yield "No arguments."


def _around_the_server(usage: str, command: App, told: dict[int, str]) -> Iterator[str]:
    what = inspect.cleandoc(command.help).partition("\nArgs:")[0].strip()
    before = told.setdefault(id(command), usage)
    if before != usage:
        what = f"The same as `{before}`."
    yield from ("", f"## `{usage}`", "", what, "")
    if before != usage:
        return
    nested = [name for name in command if not name.startswith("-")]
    if not nested:
        arguments = command.assemble_argument_collection(parse_docstring=True)
        shown = [one for one in arguments if one.parse and "*" not in one.names]
        yield from _table(("argument", "meaning"), map(_option, shown))
    for name in nested:
        yield from _around_the_server(f"{usage} {name}", command[name], told)


def _option(argument: Argument) -> tuple[str, str]:
    values = "|".join(argument.get_choices() or ())
    names = ", ".join(argument.names)
    usage = f"{names} {values}" if values else names
    return f"`{usage}`", str(argument.parameter.help)


def _commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in _actions(top):
        if isinstance(action.choices, dict):
            return action.choices
    return {}


def _actions(command: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    return command._actions  # noqa: SLF001 - argparse has no other list of them


def _argument(action: argparse.Action) -> tuple[str, str]:
    names = ", ".join(action.option_strings) or action.dest.upper()
    values = "|".join(map(str, action.choices or ())) or (action.metavar or "")
    default = f" (default: {action.default})" if action.choices else ""
    usage = f"{names} {values}" if action.option_strings and values else names
    return f"`{usage}`", f"{action.help or 'how to print it'}{default}"


def _json_report() -> Iterator[str]:
    yield "# The report"
    yield ""
    yield "What `sickbay explain --format json` prints and `sickbay.api.explain` gives."
    yield "A folder gives `{schema, reports, clusters, coverage}`."
    for kind in reversed(_classes(report)):
        if not is_dataclass(kind):
            continue
        yield from ("", f"## {kind.__name__}", "", inspect.getdoc(kind) or "", "")
        rows = ((f"`{f.name}`", f"`{f.type}`") for f in fields(kind))
        yield from _table(("field", "type"), rows)


def _python() -> Iterator[str]:
    yield "# Python"
    yield ""
    yield "`from sickbay import api`. What goes wrong is one of the errors below."
    for name in api.__all__:
        thing = getattr(api, name)
        signature = str(inspect.signature(thing)).replace("'", "")
        heading = name if inspect.isclass(thing) else f"{name}{signature}"
        yield from ("", f"## `{heading}`", "")
        yield from ("```text", inspect.getdoc(thing) or "", "```")
        if inspect.isclass(thing) and not issubclass(thing, Exception):
            yield from ("", "Methods:", "")
            yield from map(_method, _methods(thing))
    yield from ("", "## Errors", "")
    kinds = [kind for kind in _classes(errors) if issubclass(kind, errors.SickbayError)]
    rows = [
        (f"`{k.__name__}`", k.kind, "yes" if k.retryable else "no", _first_line(k))
        for k in kinds
    ]
    yield from _table(("class", "kind", "worth a retry", "meaning"), rows)


def _methods(kind: type) -> Iterator[tuple[str, Callable[..., object]]]:
    """Public methods, with what they do."""
    for name, method in inspect.getmembers(kind, callable):
        if not name.startswith("_") and inspect.getdoc(method):
            yield name, method


def _method(named: tuple[str, Callable[..., object]]) -> str:
    return f"- `{named[0]}`: {_first_line(named[1])}"


def _classes(module: ModuleType) -> list[type]:
    """The classes that a module defines, in its order."""
    classes = (value for value in vars(module).values() if inspect.isclass(value))
    return [kind for kind in classes if kind.__module__ == module.__name__]


def _what_is_read() -> Iterator[str]:
    yield "# What is read"
    yield from ("", "## CI systems", "")
    yield ", ".join(f"`{name}`" for name in get_args(report.Ci))
    yield from ("", "## Test frameworks", "")
    rows = ((f"`{f.NAME}`", _first_line(f)) for f in readers())
    yield from _table(("framework", "reader"), rows)


def _rules() -> Iterator[str]:
    yield "# Built-in rules"
    yield ""
    yield "In the order of their priority. The weight says how likely a line that"
    yield "matches is what a person would point at."
    for pack, rules in groupby(builtin_rules(), key=lambda rule: rule.pack):
        yield from ("", f"## {pack}", "")
        rows = ((r.name, r.fault, f"{r.weight:g}") for r in rules)
        yield from _table(("rule", "category", "weight"), rows)


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


PAGES = {
    "settings": server.settings,
    "tools": server.tools,
    "command-line": _command_line,
    "report": _json_report,
    "python": _python,
    "what-is-read": _what_is_read,
    "rules": _rules,
    "hud-data": hud.data,
    "hud-queries": hud.named_queries,
}

if __name__ == "__main__":
    sys.exit(main())
