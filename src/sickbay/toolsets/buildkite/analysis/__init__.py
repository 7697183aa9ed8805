"""What ``buildkite`` makes of what it was told; pure."""
