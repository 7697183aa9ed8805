"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no failure: pytest's time-out guards against what really hangs.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
