"""What every CI has: commits, jobs, failures; and what follows from many of them."""
