"""``sickbay doctor``: what is configured, what works, what to do about the rest."""

from __future__ import annotations

import asyncio
import json
import platform
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from sickbay import __version__
from sickbay.cli.serve import start_journal
from sickbay.core.errors import SickbayError
from sickbay.server.build import build_server
from sickbay.server.checkup import Check, examined
from sickbay.server.provenance import DEFAULT, origins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.core.redact import Redactor
    from sickbay.server.build import Server
    from sickbay.server.provenance import Origin

DONE, AILING = 0, 1


def doctor(
    *,
    format: Literal["text", "json"] = "text",  # noqa: A002 - the option's name
    toolsets: str | None = None,
    write: bool | None = None,
) -> int:
    """Show the settings in force and where they come from, and try what is configured.

    The exit status is 1 when something that is configured does not work.

    Args:
        format: How to print.
        toolsets: Names with commas, or all; by default those that are configured.
        write: As for serve.
    """
    given = {"toolsets": toolsets, "write": write}
    try:
        server = build_server(given)
        start_journal(server)
        known = _known(server, given)
    except SickbayError as exc:
        report = _report(
            (), (), (Check("settings", ok=False, detail=exc.message, hint=exc.hint),)
        )
    else:
        checks = asyncio.run(examined(server, known))
        report = _report(known, _standings(server), checks)
    if format == "json":
        sys.stdout.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _page(report))
    return DONE if report["well"] else AILING


def _known(server: Server, given: Mapping[str, Any]) -> tuple[Origin, ...]:
    redactor: Redactor = server.house.finish.redactor
    return origins(server.settings, redactor, given)


def _standings(server: Server) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "toolset": item.toolset.name,
            "enabled": item.enabled,
            "why_not": None if item.enabled else item.why,
        }
        for item in server.standings
    )


def _report(
    known: Sequence[Origin],
    standings: Sequence[dict[str, Any]],
    checks: Sequence[Check],
) -> dict[str, Any]:
    return {
        "schema": 1,
        "version": __version__,
        "python": platform.python_version(),
        "well": all(check.ok for check in checks),
        "settings": [asdict(item) for item in known],
        "toolsets": list(standings),
        "checks": [asdict(check) for check in checks],
    }


def _page(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"sickbay {report['version']}, Python {report['python']}"
    if report["settings"]:
        yield from ("", "Settings (others are at their default):")
        chosen = [item for item in report["settings"] if item["origin"] != DEFAULT]
        yield from _rows([(i["setting"], i["value"], i["origin"]) for i in chosen])
    if report["toolsets"]:
        yield from ("", "Toolsets:")
        yield from _rows(
            [
                (i["toolset"], "on" if i["enabled"] else f"off: {i['why_not']}")
                for i in report["toolsets"]
            ]
        )
    yield from ("", "Checks:")
    yield from _rows(
        [
            ("ok" if i["ok"] else "FAILS", i["check"], i["detail"])
            for i in report["checks"]
        ]
    )
    todo = [check for check in report["checks"] if not check["ok"]]
    if todo:
        yield from ("", "What to do:")
        yield from (
            f"  {check['check']}: {check['hint'] or check['detail']}" for check in todo
        )


def _rows(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        yield "  none"
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
