"""Buildkite: what failed in a build, of which cause, and whose it is."""
