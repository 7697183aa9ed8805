"""A history in ClickHouse: for a team, or a cluster."""
