"""What the tools of ``buildkite`` answer with."""
