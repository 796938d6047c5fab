"""Counts the mail that arrives although the sending process is killed, and how fast it goes.

    python -m benchmarks.introductions --mails 20000 --postgresql postgresql://user@host

A mail server in a process of its own takes everything and notes each Message-ID. The process that
sends is killed outright (kill -9) a third and two thirds of the way, and started again. Speed is
taken at the server, within each stint of the sender, so that starting a process does not count.
Beside it Django's `send_mail` once for each message, as a program would that keeps no account of
anything: with a connection for each, as is usual, and on one connection.

    python -m benchmarks.introductions --introductions 100000 --postgresql postgresql://user@host

With `--introductions` it measures introductions instead: the office's day and the hourly clock, at
1,000 and at as many as asked.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import introductions_at_scale
from benchmarks.processes import database_on, in_a_process, prepare

LEASE_SECONDS = 2
PLAIN = 500
"""Messages of the plain loops."""
DATABASE = "trebbo_bench_mails"
TABLE = {
    "sent": "arrived",
    "lost": "lost",
    "twice": "twice",
    "uncertain": "uncertain",
    "kills": "kills",
    "per_second": "a second",
    "plain_per_second": "send_mail a second",
    "ratio": "ratio",
    "plain_one_connection_per_second": "on one connection",
    "ratio_one_connection": "ratio",
}


def main() -> None:
    """Run each part that was asked for and print the tables, or JSON."""
    options = _options()
    if options.one:
        PROCESSES[options.one](options)
        return
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    if options.introductions:
        _at_scale(options, machine)
        return
    report = {
        "machine": machine,
        "mails": {name: _in_a_process(address, options) for name, address in _databases(options)},
    }
    print(json.dumps(report, indent=1) if options.json else _table(report, options.mails))


def _at_scale(options: argparse.Namespace, machine: str) -> None:
    figures = {
        name: introductions_at_scale.report(options.introductions, address)
        for name, address in _databases(options)
    }
    if options.json:
        print(json.dumps({"machine": machine, "introductions": figures}, indent=1))
        return
    print(machine)
    for name, one in figures.items():
        print(f"\n{name}\n\n{introductions_at_scale.table(one)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, default=20_000, help="how many messages are sent")
    parser.add_argument(
        "--introductions", type=int, default=0, help="measure so many introductions instead"
    )
    parser.add_argument(
        "--postgresql", default="", help="a server's address; without it only SQLite is measured"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", choices=PROCESSES, default="", help=argparse.SUPPRESS)
    parser.add_argument("--sink", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _databases(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    yield "SQLite", ""
    if options.postgresql:
        with database_on(options.postgresql.rstrip("/"), DATABASE) as address:
            yield "PostgreSQL", address


def _in_a_process(address: str, options: argparse.Namespace) -> Any:
    print(f"{options.mails:,} messages, {'PostgreSQL' if address else 'SQLite'}…", file=sys.stderr)
    command = ["-m", "benchmarks.introductions", "--one", "measure"]
    return in_a_process([*command, "--mails", str(options.mails)], database_url=address)


def _table(report: dict[str, Any], mails: int) -> str:
    lines = [f"{report['machine']}; {mails:,} messages", ""]
    lines += [f"| | {' | '.join(TABLE.values())} |", "|" + " --- |" + " ---: |" * len(TABLE)]
    for name, one in report["mails"].items():
        lines.append(f"| {name} | {' | '.join(f'{one[key]:,}' for key in TABLE)} |")
    return "\n".join(lines)


# --- The processes: one that measures, a mail server, a sender.


def _measure(options: argparse.Namespace) -> None:
    prepare()
    from django.conf import settings

    from trebbo.outlets.notifications.choices import MailState
    from trebbo.outlets.notifications.models import OutgoingMail

    sink = settings.DATA / "sink"
    with _running("sink", sink):
        _wait_until(lambda: bool(_port(sink)))
        settings.EMAIL_PORT = _port(sink)
        plain = {name: _plain(sink, one) for name, one in (("each", False), ("one", True))}
        sink.write_bytes(b"")
        _fill(options.mails)
        stints = _interrupted(sink, options.mails)
        taken = Counter(line.split()[1] for line in _lines(sink))
    uncertain = OutgoingMail.objects.filter(state=MailState.UNCERTAIN)
    doubted = set(uncertain.values_list("message_id", flat=True))
    everything = set(OutgoingMail.objects.values_list("message_id", flat=True))
    speed = sum(many for many, _ in stints) / sum(seconds for _, seconds in stints)
    print(
        json.dumps(
            {
                "sent": len(taken),
                "lost": len(everything - taken.keys() - doubted),
                "twice": sum(times > 1 for times in taken.values()),
                "uncertain": len(doubted),
                "kills": len(stints) - 1,
                "per_second": round(speed),
                "plain_per_second": round(plain["each"]),
                "plain_one_connection_per_second": round(plain["one"]),
                "ratio": round(speed / plain["each"], 2),
                "ratio_one_connection": round(speed / plain["one"], 2),
            }
        )
    )


def _fill(count: int) -> None:
    """As many mails as asked, with the words of a real letter."""
    from trebbo.outlets.notifications.models import Notice, OutgoingMail

    letter = _letter()
    Notice.objects.all().delete()
    OutgoingMail.objects.all().delete()
    facts = {
        field.attname: getattr(letter, field.attname)
        for field in OutgoingMail._meta.fields
        if field.attname not in {"id", "message_id", "to_email"}
    }
    rows = (
        OutgoingMail(message_id=f"<m{n}@example.org>", to_email=f"r{n}@example.org", **facts)
        for n in range(count)
    )
    OutgoingMail.objects.bulk_create(rows, batch_size=1_000)


def _letter() -> Any:
    from django.utils import timezone

    from trebbo.kernel.access import installation
    from trebbo.outlets.notifications.actions import Recipient, notify
    from trebbo.outlets.notifications.models import OutgoingMail

    text = "Una persona chiede di conoscervi e racconta perché.\n\n" * 10
    now = timezone.now()
    notify(
        actor=installation(now),
        to=Recipient("reader@example.org", "Ada Sintetica"),
        topic="introductions",
        fact="benchmark:1",
        subject="Una persona chiede di conoscervi",
        text=text,
        url="/it/account/",
        now=now,
    )
    return OutgoingMail.objects.latest("pk")


def _plain(sink: Path, on_one_connection: bool) -> float:  # noqa: FBT001
    """Messages a second of `send_mail` in a loop."""
    from django.core.mail import get_connection, send_mail

    letter = _letter()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    before = len(_lines(sink))
    with get_connection(backend) as shared:
        for number in range(PLAIN):
            connection = shared if on_one_connection else get_connection(backend)
            to = [f"p{number}@example.org"]
            body = (letter.subject, letter.text, None, to)
            send_mail(*body, html_message=letter.html, connection=connection)
    return _speed(_lines(sink)[before:])


def _interrupted(sink: Path, count: int) -> list[tuple[int, float]]:
    """Send all with two kills in between; messages and seconds of each stint, at the server."""
    from trebbo.outlets.notifications.models import OutgoingMail

    bounds = [0]
    for goal in (count // 3, 2 * count // 3):
        with _running("sender", sink):
            _wait_until(lambda goal=goal: sink.read_bytes().count(b"\n") >= goal)  # type: ignore[misc]
        bounds.append(len(_lines(sink)))
    with _running("sender", sink):
        unfinished = OutgoingMail.objects.filter(state__in=["waiting", "handing_over"])
        _wait_until(lambda: not unfinished.exists())
    lines = _lines(sink)
    stints = [lines[a:b] for a, b in zip(bounds, [*bounds[1:], len(lines)], strict=True)]
    return [(len(one) - 1, (len(one) - 1) / _speed(one)) for one in stints]


def _speed(lines: list[str]) -> float:
    first, last = float(lines[0].split()[0]), float(lines[-1].split()[0])
    return (len(lines) - 1) / (last - first)


@contextmanager
def _running(process: str, sink: Path) -> Iterator[None]:
    """A process of this benchmark, killed at the end without a chance to tidy up."""
    environment = {
        **os.environ,
        "TREBBO_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "TREBBO_EMAIL_HOST": "127.0.0.1",
        "TREBBO_EMAIL_PORT": str(_port(sink)),
        "TREBBO_EMAIL_TIMEOUT": "1",
    }
    command = [sys.executable, "-m", "benchmarks.introductions", "--one", process]
    running = subprocess.Popen([*command, "--sink", str(sink)], env=environment)
    try:
        yield
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()


def _wait_until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.2)


def _lines(sink: Path) -> list[str]:
    """Moment and Message-ID of each message that the server took; half a line is none."""
    return sink.read_text(encoding="ascii").rpartition("\n")[0].splitlines()


def _port(sink: Path) -> int:
    file = sink.with_suffix(".port")
    return int(file.read_text(encoding="ascii") or 0) if file.exists() else 0


def _sink(options: argparse.Namespace) -> None:
    import asyncio
    import email
    import logging
    import socket

    from aiosmtpd.smtp import SMTP, Envelope, Session

    logging.getLogger("mail.log").setLevel(logging.ERROR)

    class Taking:
        """Notes every message before it says that it has it."""

        async def handle_DATA(  # noqa: N802
            self, server: SMTP, session: Session, envelope: Envelope
        ) -> str:
            """Take it."""
            content = envelope.content
            message = email.message_from_bytes(content if isinstance(content, bytes) else b"")
            with options.sink.open("a", encoding="ascii") as file:
                file.write(f"{time.perf_counter()} {message['Message-ID']}\n")
            return "250 taken"

    async def listen() -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Taking()), sock=listening)
        options.sink.touch()
        port = str(listening.getsockname()[1])
        options.sink.with_suffix(".port").write_text(port, encoding="ascii")
        await server.serve_forever()

    asyncio.run(listen())


def _send(options: argparse.Namespace) -> None:
    from datetime import timedelta

    import django

    django.setup()
    from trebbo.kernel.access import installation
    from trebbo.outlets.notifications.actions import send_waiting

    lease = timedelta(seconds=LEASE_SECONDS)
    while True:
        if not send_waiting(actor=installation(), limit=500, lease=lease).sent:
            time.sleep(0.2)


def _scale(options: argparse.Namespace) -> None:
    introductions_at_scale.measure(options.introductions)


PROCESSES: dict[str, Callable[[argparse.Namespace], None]] = {
    "measure": _measure,
    "sink": _sink,
    "sender": _send,
    "scale": _scale,
}


if __name__ == "__main__":
    main()
