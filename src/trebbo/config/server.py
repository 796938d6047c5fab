"""Starts the production server, once the installation is fit for it."""

import argparse
import os
import sys


def port(default: int = 8000) -> int:
    """The port in `PORT`, or the default; stops with words if it is no port."""
    words = os.environ.get("PORT", "").strip()
    if not words:
        return default
    if not words.isascii() or not words.isdigit() or not 0 < int(words) < 65_536:
        sys.exit(f"PORT must be a number from 1 to 65535, not “{words}”.")
    return int(words)


def server_command(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line of the server for this Python."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads)),
        *("--log-level", "warning", "--respawn-failed-workers"),
        "trebbo.config.wsgi:application",
    ]


def unapplied_migrations() -> list[str]:
    """Names of the migrations that the database still lacks."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def main(arguments: list[str]) -> int:
    """Run `trebbo serve`: refuse where the database is behind, gather static files, start."""
    parser = argparse.ArgumentParser(prog="trebbo serve", description="Start the server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=port(), help="port (PORT, or 8000)")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--threads", type=int, default=4, help="requests at once in a process")
    options = parser.parse_args(arguments)

    import django
    from django.db import OperationalError, connections

    from trebbo.config import static_files

    django.setup()
    try:
        waiting = unapplied_migrations()
    except OperationalError as error:
        print(f"The database does not answer: {error}", file=sys.stderr)
        return 1
    if waiting:
        print(
            f"The database lacks {len(waiting)} migrations. Run `trebbo migrate`.", file=sys.stderr
        )
        return 1
    static_files.collect()
    connections.close_all()
    command = server_command(
        host=options.host, port=options.port, workers=options.workers, threads=options.threads
    )
    return os.execv(command[0], command)  # noqa: S606  the server takes the place of this process
