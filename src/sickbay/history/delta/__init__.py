"""The embedded store: Delta tables in a folder, shared by any number of processes."""
