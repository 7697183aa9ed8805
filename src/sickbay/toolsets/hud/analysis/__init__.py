"""What follows from what the HUD says: pure, without waiting on anything."""
