"""Toolsets: one folder each, nothing shared but the floors below."""
