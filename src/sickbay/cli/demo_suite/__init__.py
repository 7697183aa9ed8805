"""The small test suite that the demo runs, as text so that nothing else collects it."""
