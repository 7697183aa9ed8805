"""Every way out of the process."""
