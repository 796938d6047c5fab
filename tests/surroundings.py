"""Finds what the tests can use on this machine, and says where they had to do without it."""

import os
from collections.abc import Generator

import psycopg
import pytest

LOCAL_SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"

if "TREBBO_TEST_POSTGRES_URL" not in os.environ:
    try:
        psycopg.connect(LOCAL_SERVER, connect_timeout=2).close()
        os.environ["TREBBO_TEST_POSTGRES_URL"] = LOCAL_SERVER
    except psycopg.OperationalError:
        pass  # the tests that need a server say so themselves


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares something slow to make runs on one worker, together, before all other tests."""
    items.sort(key=_group, reverse=True)


def _group(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `TREBBO_TESTS_NO_SKIP` is set, a test that was skipped has failed."""
    report = yield
    # Nobody ships the official open-data files: where they are absent such a test says so.
    without_data = "TREBBO_OPEN_DATA" in str(report.longrepr)
    skipped = report.skipped and not hasattr(report, "wasxfail") and not without_data
    if skipped and os.environ.get("TREBBO_TESTS_NO_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed here: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that left itself out."""
    report = yield
    if report.skipped and os.environ.get("TREBBO_TESTS_NO_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed here: {report.longrepr}"
    return report
