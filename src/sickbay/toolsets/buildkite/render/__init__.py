"""The reports of ``buildkite``, as text."""
