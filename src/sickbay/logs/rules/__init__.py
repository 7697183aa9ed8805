"""Rules: read from TOML, found in blocks, confirmed on lines."""
