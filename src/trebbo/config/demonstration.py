"""The demonstration in one command: data folder, database, facts, index, asks, server, worker."""

import argparse
import contextlib
import ctypes
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from trebbo.config import environment
from trebbo.config.server import port, server_command

FAREWELL_SECONDS = 10
PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def main(arguments: list[str]) -> int:
    """Run `trebbo demo` until it is interrupted; 0 then, 1 if it could not start or broke."""
    parser = argparse.ArgumentParser(
        prog="trebbo demo", description="Fill and start the demonstration."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=port(), help="port (PORT, or 8000)")
    parser.add_argument("--prepare", action="store_true", help="prepare everything, start nothing")
    options = parser.parse_args(arguments)
    os.environ["TREBBO_DEMO"] = "1"
    os.environ.setdefault("TREBBO_LOG_LEVEL", "WARNING")
    if not options.prepare and taken(options.host, options.port):
        print(
            f"Port {options.port} is in use. Stop the other program or choose another port, "
            f"for example: PORT={options.port + 1} make demo",
            file=sys.stderr,
        )
        return 1
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _leave)
    try:
        _give_secret_key(Path(environment.text("DATA", "var")))
        prepare()
        return 0 if options.prepare else _run(options.host, options.port)
    except KeyboardInterrupt:
        return 0


def taken(host: str, number: int) -> bool:
    """Whether another program listens on the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError:
            return True
    return False


def prepare() -> None:
    """Bring database, facts, search index, asks and static files to where the code is.

    Everything is done only where it is missing, so that a second start takes seconds. The facts go
    in by one transaction: an interrupted filling leaves nothing behind.
    """
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from trebbo.config import messages, static_files
    from trebbo.config.server import unapplied_migrations
    from trebbo.demo import asks, builder, ideas, resources, skills
    from trebbo.kernel.access import installation
    from trebbo.partnering.introductions import actions as introductions

    settings.DATA.mkdir(parents=True, exist_ok=True)
    messages.compile_catalogues(messages.areas())
    if unapplied_migrations():
        _say("Preparing the database …")
        call_command("migrate", interactive=False, verbosity=0)
    fresh = not builder.is_built()
    if fresh:
        _say("Filling the demonstration …")
        builder.build()
    if unskilled := not skills.are_there():
        _say("Reading skills from facts and projects …")
        skills.bring_in()
    if unfurnished := not resources.are_there():
        _say("Describing what laboratories have, and who booked it …")
        resources.bring_in()
    if fresh or unskilled or unfurnished or not index_is_whole():
        _say("Building the search index …")
        introductions.rebuild_index(actor=installation())
    if not asks.are_there():
        _say("Keeping the first asks …")
        asks.bring_in()
    if not ideas.are_there():
        _say("Writing the first ideas …")
        ideas.bring_in()
    if not static_files.up_to_date():
        _say("Gathering the static files …")
        static_files.collect()
    connections.close_all()


def index_is_whole() -> bool:
    """Whether the search index answers and holds as many profiles as the database."""
    from trebbo.config.doctor import Level, search_findings

    return all(finding.level is Level.OK for finding in search_findings())


def _give_secret_key(data: Path) -> None:
    """Keep a random key of its own in the data folder, so that no two demonstrations share one."""
    if environment.text("SECRET_KEY"):
        return
    file = data / "secret_key"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(50), encoding="ascii")
    os.environ["TREBBO_SECRET_KEY_FILE"] = str(file)


def _run(host: str, number: int) -> int:
    # From here on a signal only asks: one that broke into the start of a child would orphan it.
    asked = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _number, _frame: asked.set())
    server = server_command(host=host, port=number, workers=1, threads=4)
    worker = [sys.executable, "-m", "trebbo.config.command", "worker"]
    children = [_start(command) for command in (server, worker)]
    try:
        while not _well(host, number):
            if asked.wait(0.2):
                return 0
            if any(child.poll() is not None for child in children):
                print("The demonstration did not start; the reason is above.", file=sys.stderr)
                return 1
        _announce(host, number)
        while not asked.wait(0.5):
            if any(child.poll() is not None for child in children):
                print("A part of the demonstration stopped; so does the rest.", file=sys.stderr)
                return 1
        return 0
    finally:
        _stop(children)


def _well(host: str, number: int) -> bool:
    """Whether the server answers that it is well."""
    connection = http.client.HTTPConnection(_reachable(host), number, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{number}"})
        answer = connection.getresponse()
        return answer.status == http.client.OK and json.load(answer)["status"] == "ok"
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _announce(host: str, number: int) -> None:
    address = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::'} else host}:{number}"  # noqa: S104
    _say(f"\n  Trebbo è pronto:  {address}/it/")
    _say(f"  Trebbo is ready:  {address}/en/")
    _say("\n  Ctrl-C per fermare / to stop\n")


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    """A child that leads a group of its own, so that it can be stopped with all it has started."""
    return subprocess.Popen(command, process_group=0, preexec_fn=_end_with_parent)  # noqa: PLW1509, S603


def _end_with_parent() -> None:
    """Ask Linux to end this process should its parent be killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    end = time.monotonic() + FAREWELL_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=max(0.1, end - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(words: str) -> None:
    print(words, flush=True)
