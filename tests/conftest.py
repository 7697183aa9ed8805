"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# Machines are noisy, and the first example pays for compiling the rules.
settings.register_profile("sickbay", deadline=None)
settings.load_profile("sickbay")
