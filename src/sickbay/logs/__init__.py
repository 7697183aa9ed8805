"""Lines in, report out: the log engine, which does no I/O."""
