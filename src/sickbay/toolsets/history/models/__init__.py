"""What the tools of ``history`` answer with."""
