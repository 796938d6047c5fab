"""The two engines of the warehouse, behind one face."""

from trebbo.engine.warehouse.contracts import Settings, Warehouse
from trebbo.engine.warehouse.stores.duck import DuckWarehouse

__all__ = ["open_warehouse"]


def open_warehouse(settings: Settings) -> Warehouse:
    """DuckDB in a file, or Spark at the address that the settings give.

    Refuses a file that another process holds. Close it when the work is done.
    """
    if settings.engine == "duckdb":
        return DuckWarehouse(settings)
    # Spark is an extra: who does not set it need not install it.
    from trebbo.engine.warehouse.stores.spark import SparkWarehouse

    return SparkWarehouse(settings)
