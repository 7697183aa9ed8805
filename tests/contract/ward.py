"""The cases of the fixture toolset, which has every kind of tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.cases import Case, Contract
from tests.server import ward

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PIN = "canary-2b77e0-pin"


def prepare(_folder: Path) -> Mapping[str, Any]:
    """A ward where nothing was done yet."""
    ward.fresh()
    return {}


CONTRACT = Contract(
    prepare=prepare,
    state=ward.state,
    canaries=(ward.CANARY, PIN),
    cases=(
        Case(tool="ward_look", arguments={"bed_id": "3", "pin": PIN}),
        Case(tool="ward_look", arguments={"bed_id": 4, "picture": True}),
        Case(tool="ward_look", arguments={"bed_id": "5", "mode": "long"}),
        Case(tool="ward_look", arguments={"bed_id": "none"}, outcome="error"),
        Case(
            tool="ward_look",
            arguments={"bed_id": 1, "pin": {"is": PIN}},
            outcome="error",
        ),
        Case(tool="ward_look", arguments={"bed_id": 1, "pn": PIN}, outcome="error"),
        Case(
            tool="ward_look",
            arguments={"bed_id": "x" * 190 + ward.CANARY},
            outcome="error",
        ),
        Case(
            tool="ward_beds",
            arguments={"prefix": "x" * 190 + ward.CANARY},
            outcome="empty",
        ),
        Case(
            tool="ward_look", arguments={"bed_id": 1, "mode": "shrt"}, outcome="error"
        ),
        Case(
            tool="ward_look",
            arguments={"bed_id": 1, "bad": 1, "pin": PIN},
            outcome="error",
        ),
        Case(tool="ward_beds"),
        Case(tool="ward_beds", arguments={"prefix": "1"}, outcome="partial"),
        Case(tool="ward_beds", arguments={"limit": "5"}),
        Case(tool="ward_beds", arguments={"prefix": "x"}, outcome="empty"),
        Case(tool="ward_beds", arguments={"limit": 0}, outcome="error"),
        Case(tool="ward_beds", arguments={"cursor": "x"}, outcome="error"),
        Case(tool="ward_snore", arguments={"minutes": 60}, outcome="error"),
        Case(tool="ward_snore", arguments={"minutes": 0}),
        Case(tool="ward_wait", outcome="cancelled"),
        Case(tool="ward_fall", arguments={"how": "outage"}, outcome="error"),
        Case(tool="ward_fall", arguments={"how": "secret"}, outcome="error"),
        Case(tool="ward_fall", arguments={"how": "softly"}),
        Case(
            tool="ward_discharge",
            arguments={"bed_id": 7, "reason": "well"},
            outcome="confirmation_required",
        ),
        Case(tool="ward_discharge", arguments={"bed_id": 8}, outcome="needs_input"),
        Case(
            tool="ward_discharge", arguments={"bed_id": "none"}, outcome="already_done"
        ),
        Case(tool="ward_discharge", outcome="error"),
        Case(
            tool="ward_move",
            arguments={"bed_id": 9, "to": "garden", "pin": PIN},
            outcome="confirmation_required",
        ),
        Case(tool="ward_move", arguments={"bed_id": "none"}, outcome="error"),
        Case(tool="ward_scrub", outcome="confirmation_required"),
        Case(tool="ward_scrub", arguments={"note": {}}, outcome="error"),
    ),
)
