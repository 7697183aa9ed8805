"""Reading the files of a history with DuckDB."""
