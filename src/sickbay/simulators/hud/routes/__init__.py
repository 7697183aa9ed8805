"""HUD's endpoints, a module for each kind of thing they tell of."""
