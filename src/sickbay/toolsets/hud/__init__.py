"""PyTorch HUD: the trunk, its jobs, their logs and the numbers."""
