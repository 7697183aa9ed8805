"""The Python face: what the command line calls, for scripts and notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sickbay.clients.files import chunks, logs_in
from sickbay.clients.store import FileCache
from sickbay.core.errors import BadRequest, SickbayError
from sickbay.core.results import Coverage, Skipped
from sickbay.logs.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sickbay.clients.hud import AsyncHudClient, HudClient, HudError
    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.cluster import Cluster
    from sickbay.logs.diff import Diff
    from sickbay.logs.report import Report
    from sickbay.server.inventory import ToolEntry

__all__ = [
    "AsyncHudClient",
    "HudClient",
    "HudError",
    "call",
    "cluster",
    "diff",
    "explain",
    "explain_many",
    "tools",
    "wanted",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a client when it is first used: most do without."""
    if name not in __all__:
        raise AttributeError(f"module 'sickbay.api' has no attribute {name!r}")
    from sickbay.clients import hud  # noqa: PLC0415 - this is the point

    return getattr(hud, name)


def wanted(
    rules: str | Path | None = None, *, preparing: Callable[[], None] | None = None
) -> Catalogue:
    """What to look for in logs: the built-in rules, behind the caller's own if given.

    Args:
        rules: A TOML rule file; it alone decides a report's ``rule_match`` then.
        preparing: Called when the rules have to be compiled, which takes seconds,
            once for every version of them.

    Raises:
        BadRequest: The rule file is wrong; names the file, the rule and the place.
        NotFound: There is no such file.
    """
    if rules is None:
        return catalogue(cache=FileCache(missed=preparing))
    from sickbay.logs.rules.load import parse_rules  # noqa: PLC0415 - only when given

    raw = b"".join(bytes(chunk) for chunk in chunks(rules))
    try:
        text = raw.decode()
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        raise BadRequest(f"{rules}: line {line} is not UTF-8") from exc
    return catalogue(parse_rules(text, file=str(rules)), FileCache(missed=preparing))


def explain(log: str | Path, *, looking_for: Catalogue | None = None) -> Report:
    """Explain one log: what failed, where, why, and whose fault it looks like.

    Args:
        log: Path of a log or a JUnit XML file, packed or not; ``-`` is stdin,
            ``log:...`` a log in the cache, and ``hud:...`` or a URL one to be fetched.
        looking_for: See ``wanted``.

    Raises:
        SickbayError: The log cannot be read.
    """
    from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - see main

    return explain_parts(_parts(log), looking_for or wanted(), source=str(log))


def explain_many(
    logs: Iterable[str | Path], *, looking_for: Catalogue | None = None
) -> tuple[list[Report], Coverage]:
    """Explain many logs; one that cannot be read is named in the coverage, not fatal.

    Args:
        logs: Files or folders.
        looking_for: See ``wanted``.

    Raises:
        SickbayError: None of them can be read.
    """
    looking_for = looking_for or wanted()
    paths = _files(logs)
    reports: list[Report] = []
    skipped: list[Skipped] = []
    for path in paths:
        try:
            reports.append(explain(path, looking_for=looking_for))
        except SickbayError as exc:
            skipped.append(Skipped(str(path), str(exc)))
    if not reports:
        why = skipped[0].why if skipped else "none was named"
        raise BadRequest(f"no log could be read: {why}")
    return reports, Coverage(len(reports), len(paths), tuple(skipped))


def cluster(reports: Sequence[Report]) -> tuple[Cluster, ...]:
    """Group the failures of many reports by their cause, largest group first."""
    from sickbay.logs.cluster import cluster as clustered  # noqa: PLC0415 - see main

    return clustered(reports)


def diff(
    passed: str | Path, failed: str | Path, *, looking_for: Catalogue | None = None
) -> Diff:
    """Show what only the failing log says, once what always varies is masked.

    Args:
        passed: Log of a run that passed; one of the two may be ``-``, stdin.
        failed: Log of a run that failed.
        looking_for: See ``wanted``.

    Raises:
        SickbayError: One of the logs cannot be read.
    """
    from sickbay.logs.parts import diff_parts  # noqa: PLC0415 - see main

    names = str(passed), str(failed)
    if names == ("-", "-"):
        raise BadRequest("stdin can be one of the two logs only")
    looking_for = looking_for or wanted()
    return diff_parts(_parts(passed), _parts(failed), looking_for, names=names)


def call(tool: str, /, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Call any tool of the server, from a script or a notebook.

    The first call starts a server in this process, with the settings in force; it is
    used again, and ends with the process.

    Args:
        tool: Its name, as ``tools`` gives it, or an old name of it.
        arguments: What it takes.

    Returns:
        The structured result. A list longer than a page has a ``next_cursor``, to be
        given as ``cursor``.

    Raises:
        SickbayError: The result is an error; the class says of which kind.
    """
    from sickbay.server.session import session  # noqa: PLC0415 - explain does without

    return session().call(tool, arguments)


def tools() -> list[ToolEntry]:
    """The tools that can be called: name, description, and what each one takes.

    Raises:
        SickbayError: A setting is wrong, or a folder cannot be used.
    """
    from sickbay.server.inventory import inventory  # noqa: PLC0415 - see call
    from sickbay.server.session import session  # noqa: PLC0415 - see call

    return [tool for entry in inventory(session().server) for tool in entry.tools]


def _parts(log: str | Path) -> Iterator[bytes | memoryview]:
    """The bytes of a log, which may be one of the cache, or one to be fetched."""
    scheme, colon, _ = str(log).partition(":")
    if not (colon and scheme.isalpha()) or Path(log).exists():
        return chunks(log)
    if scheme != "log":
        log = call("logs_download", log=str(log))["handle"]
    from sickbay.clients.logcache import LogCache  # noqa: PLC0415 - only for handles
    from sickbay.server.discovery import discovered  # noqa: PLC0415 - see above
    from sickbay.server.settings import settings_of  # noqa: PLC0415 - see above

    cache = LogCache(settings_of(discovered(), {}).cache / "logs")
    return chunks(cache.get(str(log)).path)


def _files(logs: Iterable[str | Path]) -> list[str | Path]:
    files: list[str | Path] = []
    for log in logs:
        folder = str(log) != "-" and Path(log).is_dir()
        files.extend(logs_in(Path(log)) if folder else [log])
    return list(dict.fromkeys(files))
