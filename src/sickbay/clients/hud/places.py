"""Where everything of PyTorch HUD is: one function per URL, every part encoded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from sickbay.core.errors import BadRequest
from sickbay.core.timerange import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

HUD = "https://hud.pytorch.org"
LOGS = "https://ossci-raw-job-status.s3.amazonaws.com"
TEMP_LOGS = "https://gha-artifacts.s3.us-east-1.amazonaws.com"
STATS = "https://raw.githubusercontent.com/pytorch/test-infra/generated-stats"
KNOWN = frozenset({HUD, LOGS, TEMP_LOGS, STATS})
REPO = "pytorch/pytorch"

Value = str | int | float | bool | datetime | list[Any] | dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The addresses of HUD and of what belongs to it.

    Attributes:
        hud: With or without the ``/api`` that it all is under.
        logs: Holds ``/log/...``.
        temp_logs: Holds ``/temp_logs/...``: the logs of running jobs.
        stats: Holds ``/stats/....json``.
    """

    hud: str = HUD
    logs: str = LOGS
    temp_logs: str = TEMP_LOGS
    stats: str = STATS

    def api(self, *parts: str | int, **query: Value) -> str:
        """An endpoint: parts of its path, and what is behind the question mark.

        None is left out; a list or an object goes as JSON.
        """
        root = self.hud.rstrip("/").removesuffix("/api")
        asked = {
            name: _text(value) for name, value in query.items() if value is not None
        }
        found = _joined(root, "api", *parts)
        return f"{found}?{urlencode(asked, errors='replace')}" if asked else found

    def query(self, name: str, parameters: Mapping[str, Any]) -> str:
        """A named query; HUD wants its parameters, even where there are none."""
        return self.api("clickhouse", name, parameters=dict(parameters))

    def log(self, job_id: int | str, *, repo: str) -> str:
        """The log of a job that has ended."""
        of_repo = () if repo == REPO else owner_and_name(repo)
        return _joined(self.logs.rstrip("/"), "log", *of_repo, job_id)

    def temp_log(self, job_id: int | str) -> str:
        """The log of a job that still runs, as far as it has come."""
        return _joined(self.temp_logs.rstrip("/"), "temp_logs", job_id)

    def stat(self, name: str) -> str:
        """A file of statistics that is made anew every few minutes."""
        return _joined(self.stats.rstrip("/"), "stats", f"{name}.json")


def owner_and_name(repo: str) -> tuple[str, str]:
    """The two parts of a repository's name.

    Raises:
        BadRequest: It has not two.
    """
    owner, _, name = repo.partition("/")
    if not owner or not name or "/" in name:
        raise BadRequest(f"{repo[:80]!r} is no repository", hint="write owner/name")
    return owner, name


def as_json(value: object) -> str:
    """JSON that is the same for the same value; a moment is as ClickHouse reads it."""
    return json.dumps(value, default=_plain, separators=(",", ":"), sort_keys=True)


def _joined(root: str, *parts: str | int) -> str:
    for part in parts:
        if str(part).strip() in {"", ".", ".."}:
            raise BadRequest(f"{str(part)!r} cannot be part of a HUD address")
    encoded = (quote(str(part), safe="", errors="replace") for part in parts)
    return "/".join((root, *encoded))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    return as_json(value) if isinstance(value, (list, dict)) else str(value)


def _plain(value: object) -> str:
    """What JSON has no form for."""
    return stamp(value) if isinstance(value, datetime) else str(value)
