"""The queues of the organization and the machines that serve them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Machines of one kind.

    Attributes:
        stem: What the names of its machines begin with.
        machines: How many there are.
        wait_s: How long a job waits for one, mostly.
    """

    name: str
    stem: str
    machines: int
    wait_s: float


QUEUES = {
    queue.name: queue
    for queue in (
        Queue(name="gpu_1_queue", stem="ip-10-0-3", machines=16, wait_s=240),
        Queue(name="gpu_4_queue", stem="ip-10-0-7", machines=8, wait_s=600),
        Queue(name="h100", stem="h100-rack4", machines=5, wait_s=900),
        Queue(name="a100", stem="a100-rack2", machines=4, wait_s=420),
        Queue(name="b200", stem="b200-rack1", machines=3, wait_s=1500),
        Queue(name="amd_mi300", stem="mi300-tw", machines=8, wait_s=1200),
        Queue(name="intel_gpu", stem="pvc-or", machines=3, wait_s=300),
        Queue(name="tpu_v6e", stem="tpu-v6e-us", machines=3, wait_s=500),
        Queue(name="cpu", stem="ip-10-0-1", machines=20, wait_s=30),
    )
}


@dataclass(frozen=True, slots=True)
class Host:
    """A machine, with one agent on it."""

    name: str
    queue: str

    @property
    def agent(self) -> str:
        """The name of its agent."""
        return f"{self.queue.replace('_', '-')}-{self.name.rpartition('-')[2]}-1"


def host(queue: str, number: int) -> Host:
    """A machine of the queue by its number."""
    kind = QUEUES[queue]
    return Host(f"{kind.stem}-{number % kind.machines + 11}", queue)


def any_host(queue: str, draw: Random, *, but: str | None = None) -> Host:
    """A machine of the queue, though not the one that is named."""
    number = draw.randrange(QUEUES[queue].machines)
    found = host(queue, number)
    return host(queue, number + 1) if found.name == but else found
