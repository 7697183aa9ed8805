"""What the suites are, and in which ways they fail."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, get_args

from sickbay.simulators.buildkite.suites.marks import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal[
    "assert", "exception", "collection", "crash", "hang", "cascade", "several"
]
Truth = Literal["regression", "flaky", "known_issue"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NO_SUITE = ""
"""That of jobs which run no tests."""
FOLDER = resources.files(__package__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Tests that one command runs.

    Attributes:
        command: In the folder of the tests, unless it goes elsewhere itself.
        tests: All that run, by the ids that the log has.
        sources: Files of the repository that they are made of and that they test.
        owners: Of its tests, as CODEOWNERS has them.
        junit: Its jobs keep JUnit files.
    """

    key: str
    command: str
    tests: tuple[str, ...]
    sources: tuple[str, ...]
    owners: tuple[str, ...]
    junit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a suite fails; the same key in several suites is the same cause.

    Attributes:
        tests: Exactly those that fail, by the ids that the log has.
        message: First line of what the first of them says; numbers are marked.
        exit_status: Of the command.
        fits: What it may be in truth; nothing for what the machine does.
        file: That a commit changes to make it so.
    """

    key: str
    suite: str
    kind: Kind
    tests: tuple[str, ...]
    message: str
    exit_status: int
    fits: frozenset[Truth] = frozenset()
    file: str | None = None

    def said(self, seed: object) -> str:
        """The message as a log of that seed has it."""
        return filled(self.message, seed)


def plan(name: str) -> dict[str, Any]:
    """One of the files that say what is recorded: ``suites`` or ``ways``."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def _suites(index: Mapping[str, Any]) -> dict[str, Suite]:
    return {
        key: Suite(
            key=key,
            command=suite["command"],
            tests=tuple(index[key]["passed"]["ran"]),
            sources=(*suite["product"], *suite["tests"]),
            owners=tuple(suite["owners"]),
            junit=suite.get("junit", False),
        )
        for key, suite in plan("suites").items()
        if key in index
    }


def _ways(index: Mapping[str, Any]) -> dict[str, dict[str, Way]]:
    planned = plan("ways")
    plans = {way["key"]: way for way in planned["way"]}
    made = {
        suite: {key: _way(suite, plans[key], seen) for key, seen in ways.items()}
        | _setups(suite, planned["setup"])
        for suite, ways in index.items()
    }
    return made | {NO_SUITE: _chores(planned["setup"])}


def _setups(suite: str, planned: Iterable[Mapping[str, Any]]) -> dict[str, Way]:
    return {
        way["key"]: Way(suite=suite, kind="several", tests=(), **way) for way in planned
    }


def _chores(planned: Iterable[Mapping[str, Any]]) -> dict[str, Way]:
    ends = (
        {"key": "passed", "exit_status": 0},
        {"key": "oom_killed", "exit_status": 137},
    )
    return _setups(NO_SUITE, [*({"message": ""} | end for end in ends), *planned])


def _way(suite: str, planned: Mapping[str, Any], seen: Mapping[str, Any]) -> Way:
    return Way(
        key=planned["key"],
        suite=suite,
        kind=planned["kind"],
        tests=tuple(seen["failed"]),
        message=seen["message"],
        exit_status=seen["exit_status"],
        fits=frozenset(planned.get("fits", ())),
        file=planned.get("file"),
    )


_INDEX = json.loads((FOLDER / "recorded/index.json").read_text("utf-8"))
_BY_SUITE = _ways(_INDEX)
SUITES: Mapping[str, Suite] = _suites(_INDEX)
WAYS: tuple[Way, ...] = tuple(
    way for ways in _BY_SUITE.values() for way in ways.values() if way.fits
)


def ways_of(suite: str) -> Mapping[str, Way]:
    """All ways of a suite by their keys, those of the machine included.

    Jobs without tests have some, too: those of the suite ``""``.
    """
    return _BY_SUITE[suite]
