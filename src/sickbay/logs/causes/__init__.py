"""Where in the log a person would point at."""

from sickbay.logs.causes.anchors import ANCHORS
from sickbay.logs.causes.rank import causes

__all__ = ["ANCHORS", "causes"]
