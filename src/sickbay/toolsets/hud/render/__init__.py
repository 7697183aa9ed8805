"""What the HUD says made readable: pages and grids for a terminal, and pictures."""
