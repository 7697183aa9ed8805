"""Many clients for a long time: nothing may grow, and nothing be lost."""
