"""ClickHouse: values of its types, and a database of the user's own, read only."""

from sickbay.clients.clickhouse.client import ClickHouse, Table

__all__ = ["ClickHouse", "Table"]
