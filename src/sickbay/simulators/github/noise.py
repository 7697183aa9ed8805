"""Issues and pull requests that have nothing to do with failures of the trunk."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sickbay.simulators.chance import chance
from sickbay.simulators.github.facts import Issue

if TYPE_CHECKING:
    from datetime import datetime

COUNT = 150
NEWEST = 9_900
DAYS = 200
MODELS = ("Qwen3-8B", "gpt-oss-20b", "Llama-3.1-8B", "DeepSeek-V3.1", "gemma-3-27b")
ASKED = (
    ("[Bug]: CUDA out of memory when {model} is loaded on two GPUs", "bug"),
    ("[Bug]: {model} says connection refused after an hour", "bug"),
    ("[Usage]: how to serve {model} with a longer timeout?", "usage"),
    ("[Feature]: support {model} in the chat room example", "feature request"),
    ("[Installation]: {model} does not start on WSL", "installation"),
    ("[Performance]: {model} is slower since the last release", "performance"),
    ("[Doc]: the page about {model} has a broken link", "documentation"),
)
OFFERED = (
    "[Bugfix] Fix the tokenizer of {model}",
    "[CI/Build] Skip the flaky test of {model}",
    "[Kernel] Tune the block sizes for {model}",
)
PEOPLE = ("avery-k", "bao-n", "carmen-x", "dmitri-o", "esi-w", "farid-z")


@lru_cache(maxsize=8)
def noise(now: datetime) -> tuple[Issue, ...]:
    """Some of each kind, the newest first."""
    return tuple(_issue(place, now) for place in range(COUNT))


def _issue(place: int, now: datetime) -> Issue:
    draw = chance("noise", place)
    pull = place % 4 == 0
    text, label = (draw.choice(OFFERED), "ready") if pull else draw.choice(ASKED)
    age = timedelta(days=1 + DAYS * place / COUNT, hours=draw.randrange(24))
    created = (now - age).astimezone(UTC).replace(microsecond=0)
    closed = created + age / 2 if draw.random() < 1 / 2 else None
    return Issue(
        number=NEWEST - place * 13,
        title=text.format(model=draw.choice(MODELS)),
        body="See the title; the details are in the discussion.",
        author=draw.choice(PEOPLE),
        created_at=created,
        updated_at=closed or created,
        closed_at=closed,
        labels=(label,),
        pull=pull,
    )
