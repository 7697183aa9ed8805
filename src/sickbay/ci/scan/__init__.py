"""The scan of a build: what failed of which cause, and of what kind that cause is."""
