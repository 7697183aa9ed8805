"""The suites of the simulated project, the ways in which they fail, and what they say.

Each was really run by ``sickbay.simulators.buildkite.suites.record``, which wrote down
the output and which tests failed; here that is read, so pytest is not needed.
"""

from sickbay.simulators.buildkite.suites.catalogue import (
    SUITES,
    WAYS,
    Kind,
    Suite,
    Truth,
    Way,
    ways_of,
)
from sickbay.simulators.buildkite.suites.records import junit, lines

__all__ = [
    "SUITES",
    "WAYS",
    "Kind",
    "Suite",
    "Truth",
    "Way",
    "junit",
    "lines",
    "ways_of",
]
