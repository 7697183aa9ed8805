"""The ground that everything stands on."""
