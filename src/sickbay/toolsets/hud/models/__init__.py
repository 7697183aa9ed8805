"""What the tools of ``hud`` answer with."""
