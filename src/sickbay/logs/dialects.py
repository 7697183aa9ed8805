r"""Which CI wrote a log, from the first of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.stamps import form_of

if TYPE_CHECKING:
    from sickbay.logs.report import Ci
    from sickbay.logs.stamps import Form

HEAD_BYTES = 1 << 18
"""Bytes of a log that the decision is made on."""

_AZURE = (b"##[section]Starting: ", b"##[section]Finishing: ", b"##vso[")
_MARKERS: tuple[tuple[Ci, tuple[bytes, ...]], ...] = (
    ("gitlab", (b"Running with gitlab-runner", b"section_start:1", b"section_end:1")),
    ("travis", (b"travis_fold:start:", b"travis_fold:end:", b"travis_time:")),
    ("azure", _AZURE),
    (
        "github-actions",
        (
            b"##[group]",
            b"##[endgroup]",
            b"##[error]",
            b"##[command]",
            b"Current runner version: '",
        ),
    ),
    (
        "jenkins",
        (
            b"[Pipeline] ",
            b"Running in Durability level: ",
            b"Building in workspace /",
            b"Building remotely on ",
            b"\nFinished: FAILURE",
        ),
    ),
    (
        "buildkite",
        (
            b"~~~ Running global environment hook",
            b"~~~ Preparing working directory",
            b"~~~ Preparing plugins",
            b"~~~ Running commands",
            b"\n^^^ +++",
            b"Error: The command exited with status ",
        ),
    ),
    (
        "travis",
        (
            b"Using worker: worker-",
            b"Using worker: travis-",
            b"Build system information\n",
            b"Build system information\r\n",
            b"Done. Your build exited with ",
        ),
    ),
)

MOST_BEGINNINGS = 5
"""Beginnings of text between CRs up to which they may be a progress bar's."""

FEWEST_RETURNS = 20
"""CRs from which they may be line ends."""


def detect(head: bytes) -> Ci:
    """Name the CI that wrote a log.

    What stands before every line decides first: logs quote the vocabulary of other CIs.
    """
    head = head[:HEAD_BYTES]
    return named(head, form_of(head))


def named(head: bytes, form: Form | None) -> Ci:
    """Name the CI of a log whose form of stamp is known already."""
    if b"\x1b_bk;t=" in head:
        return "buildkite"
    if form and form.ci == "github-actions":
        return "azure" if _any(_AZURE, head) else "github-actions"
    for ci, markers in _MARKERS:
        if _any(markers, head):
            return ci
    return form.ci if form else "plain"


def _any(markers: tuple[bytes, ...], head: bytes) -> bool:
    return any(marker in head for marker in markers)


def ends_lines_with_returns(head: bytes) -> bool:
    """Whether a log's lines end with a bare CR, as some programs save them.

    A progress bar is also full of CRs, but says the same few things over and over.
    """
    parts = head.split(b"\r")
    if len(parts) < FEWEST_RETURNS or head.count(b"\n") * 50 > len(parts):
        return False
    beginnings = {
        part.translate(None, b"0123456789 .,:%[]#=>|/-")[:12] for part in parts
    }
    return len(beginnings) > MOST_BEGINNINGS
