"""The ``history`` toolset: what builds and tests did so far, and what that says."""
