"""The judgement over many builds: outcomes, change points, flakes, culprits. Pure."""
