"""The commits of the simulated project's main branch."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Mapping

REPO = "pytorch/pytorch"
FIRST_PR = 168_000
GAP_MIN = (4.0, 62.0)
FORCED_SHARE, FORCED_FAILED_SHARE = 0.08, 0.5
IMPORTED_SHARE, STACKED_SHARE = 0.1, 0.3

AUTHORS = (
    "ada-lin", "bmorris", "c-okafor", "dpetrov", "elenavz", "fkim", "grace-h",
    "hsato", "ivan-k", "jmendes", "kofi-a", "lwang", "mnovak", "ngarcia",
)  # fmt: skip
SUBJECTS = (
    "[inductor] Fuse pointwise epilogues into the {thing}",
    "[dynamo] Guard {thing} on its source",
    "Fix strides of {thing} for channels last",
    "[MPS] Add {thing}",
    "[ROCm] Enable {thing} on gfx942",
    "[c10d] Retry {thing} when the store is slow",
    "Remove unused {thing}",
    "[export] Serialize {thing}",
    "[CI] Shard {thing} by its times",
    "Document {thing}",
    "Use std::string_view in {thing}",
    "[DTensor] Support {thing} with uneven shards",
)
THINGS = (
    "grid_sample", "scaled_dot_product_attention", "the graph partitioner",
    "index_put_", "TensorIterator", "the allocator", "foreach kernels", "logsumexp",
    "AOTAutograd caching", "nested tensors", "the profiler", "as_strided",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """One commit of the branch.

    Attributes:
        order: From 0, the oldest.
        time: Seconds since the epoch.
    """

    order: int
    sha: str
    time: float
    title: str
    message: str
    author: str
    pr: int | None
    diff: str | None
    forced: bool = False
    forced_with_failures: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a story wants of a commit."""

    title: str
    reverts: int | None = None
    by_bot: bool = False


def sha_of(seed: int, *place: object) -> str:
    """The name of a commit."""
    text = f"{seed}/{'/'.join(map(str, place))}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def history(
    seed: int, count: int, now: datetime, drafts: Mapping[int, Draft]
) -> tuple[Landed, ...]:
    """The branch, the oldest commit first.

    Args:
        seed: Of all that happens by chance.
        count: How many.
        now: When the newest is some minutes old.
        drafts: By order: commits that a story needs as they are.
    """
    gaps = chance(seed, "gaps")
    times = [float(int(now.timestamp() - 60 * gaps.uniform(1, 10)))]
    while len(times) < count:
        times.append(float(int(times[-1] - 60 * gaps.uniform(*GAP_MIN))))
    landed: list[Landed] = []
    for order, time in enumerate(reversed(times)):
        draft = drafts.get(order)
        if draft is not None and draft.reverts is not None:
            landed.append(_revert(seed, order, time, landed[draft.reverts], draft))
        else:
            landed.append(_change(seed, order, time, draft))
    return tuple(landed)


def _change(seed: int, order: int, time: float, draft: Draft | None) -> Landed:
    draw = chance(seed, "commit", order)
    number = FIRST_PR + 7 * order + draw.randrange(5)
    subject = draw.choice(SUBJECTS).format(thing=draw.choice(THINGS))
    title = f"{draft.title if draft else subject} (#{number})"
    author, reviewer = draw.sample(AUTHORS, 2)
    forced = draft is None and draw.random() < FORCED_SHARE
    imported = draw.random() < IMPORTED_SHARE
    diff = f"D{84_000_000 + 977 * order}" if imported else None
    return Landed(
        order=order,
        sha=sha_of(seed, order),
        time=time,
        title=title,
        message=_message(
            title, number, reviewer, diff, stacked=draw.random() < STACKED_SHARE
        ),
        author="facebook-github-bot" if imported else author,
        pr=number,
        diff=diff,
        forced=forced,
        forced_with_failures=forced and draw.random() < FORCED_FAILED_SHARE,
    )


def _message(
    title: str, number: int, reviewer: str, diff: str | None, *, stacked: bool
) -> str:
    paragraphs = [title, "See the description of the pull request."]
    if stacked:
        paragraphs.append(f"ghstack-source-id: {sha_of(number, 'stack')}")
    if diff:
        paragraphs.append(
            f"Differential Revision: [{diff}](https://example.org/{diff})"
        )
    pull = f"https://github.com/{REPO}/pull/{number}"
    approved = f"Approved by: https://github.com/{reviewer}"
    return "\n\n".join([*paragraphs, f"Pull Request resolved: {pull}\n{approved}"])


def _revert(seed: int, order: int, time: float, of: Landed, draft: Draft) -> Landed:
    title = f'Revert "{of.title}"'
    who = "pytorch-auto-revert" if draft.by_bot else "kofi-a"
    why = "Reverted automatically" if draft.by_bot else "Breaks trunk"
    comment = f"https://github.com/{REPO}/pull/{of.pr}#issuecomment-{3_500_000 + order}"
    message = (
        f"{title}\n\nThis reverts commit {of.sha}.\n\n"
        f"Reverted https://github.com/{REPO}/pull/{of.pr} on behalf of "
        f"https://github.com/{who} due to {why} ([comment]({comment}))"
    )
    return Landed(
        order=order,
        sha=sha_of(seed, order),
        time=time,
        title=title,
        message=message,
        author="pytorchmergebot",
        pr=of.pr,
        diff=None,
    )


def iso(time: float, *, millis: bool = False) -> str:
    """The time as HUD writes it."""
    when = datetime.fromtimestamp(time, UTC)
    text = when.isoformat(timespec="milliseconds" if millis else "seconds")
    return text.replace("+00:00", "Z")


def seconds(text: str) -> float:
    """The time that HUD or its caller wrote, in seconds; UTC where it has no zone."""
    when = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
