"""Examines an installation: what is well, what is not, and what to do about it."""

import argparse
import importlib.util
import os
import platform
import secrets
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from importlib.metadata import version
from pathlib import Path

SCARCE_BYTES = 1_000_000_000
TOO_LITTLE_BYTES = 100_000_000
SHORTEST_KEY = 32
PATIENCE_SECONDS = 5
LATE = timedelta(minutes=10)
SILENT = timedelta(minutes=5)


class Level(Enum):
    """How a finding stands; only a problem makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, in plain words, with what to do unless it is well."""

    subject: str
    level: Level
    words: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.level.value:8} {self.subject:13} {self.words}"
        return f"{line}\n{'':22} → {self.remedy}" if self.remedy else line


def ok(subject: str, words: str) -> Finding:
    """A finding that all is well."""
    return Finding(subject, Level.OK, words)


def warning(subject: str, words: str, remedy: str) -> Finding:
    """A finding that somebody should look at."""
    return Finding(subject, Level.WARNING, words, remedy)


def problem(subject: str, words: str, remedy: str) -> Finding:
    """A finding that keeps the installation from working or from being safe."""
    return Finding(subject, Level.PROBLEM, words, remedy)


def examine() -> Iterator[Finding]:
    """All findings but the secret key's; what needs the database only where that answers."""
    yield from version_findings()
    yield from settings_findings()
    yield from folder_findings()
    database = list(database_findings())
    yield from database
    if all(finding.level is not Level.PROBLEM for finding in database):
        yield from search_findings()
        yield from matching_findings()
        yield from job_findings()
        yield from message_findings()
        yield from import_findings()
        yield from relay_findings()
    yield from warehouse_findings()
    yield from static_findings()
    yield from translation_findings()
    yield from mail_findings()


def version_findings() -> Iterator[Finding]:
    """Which versions run here."""
    yield ok(
        "versions",
        f"Trebbo {version('trebbo')}, Django {version('django')}, "
        f"Python {platform.python_version()}, {platform.system()}",
    )


def secret_key_findings() -> Iterator[Finding]:
    """Whether the key that signs sessions and links is there, and long enough not to be guessed."""
    from trebbo.config import settings

    remedy = "put 50 random characters in TREBBO_SECRET_KEY or in the file TREBBO_SECRET_KEY_FILE"
    if not settings.SECRET_KEY:
        yield problem("secret key", "none is set: the product does not start", remedy)
    elif settings.SECRET_KEY == settings.DEMONSTRATION_KEY:
        yield warning("secret key", "the one of the demonstration, known to everybody", remedy)
    elif len(settings.SECRET_KEY) < SHORTEST_KEY:
        yield warning("secret key", f"only {len(settings.SECRET_KEY)} characters long", remedy)
    else:
        yield ok("secret key", "set")


def settings_findings() -> Iterator[Finding]:
    """Whether the settings suit a place that people reach from outside."""
    from trebbo.config import settings

    if settings.DEMO:
        yield warning(
            "demonstration",
            "on: anybody can sign in as one of its persons",
            "unset TREBBO_DEMO where real people work",
        )
    if settings.DEBUG:
        yield warning(
            "debug", "on: errors show the inside of the program", "unset TREBBO_DEBUG in production"
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield problem(
            "hosts", "every host name is accepted", "name the real ones in TREBBO_ALLOWED_HOSTS"
        )
    elif not settings.DEMO and set(settings.ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"}:
        yield warning(
            "hosts",
            "only this machine can open the pages",
            "name the site's host in TREBBO_ALLOWED_HOSTS",
        )
    else:
        yield ok("hosts", ", ".join(settings.ALLOWED_HOSTS))
    if not settings.HTTPS and not settings.DEMO:
        yield warning(
            "https",
            "cookies may travel in the clear",
            "set TREBBO_HTTPS=1 once the site is behind HTTPS",
        )


def folder_findings() -> Iterator[Finding]:
    """Whether the data folder can be written to, and has room."""
    from trebbo.config import settings

    folder = settings.DATA
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if existing != folder:
        yield warning("data folder", f"{folder} is not there yet", "run `trebbo migrate`")
    if fault := _unwritable(existing):
        yield problem(
            "data folder",
            f"{existing} cannot be written to ({fault})",
            "give it to the user that runs Trebbo, or name another folder in TREBBO_DATA",
        )
        return
    free = shutil.disk_usage(existing).free
    words = f"{folder}, {free / 1e9:.1f} GB free"
    if free < TOO_LITTLE_BYTES:
        yield problem("disk", words, "make room: the database is about to stop")
    elif free < SCARCE_BYTES:
        yield warning("disk", words, "make room soon")
    else:
        yield ok("data folder", words)


def _unwritable(folder: Path) -> str:
    probe = folder / ".trebbo-doctor"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def database_findings() -> Iterator[Finding]:
    """Whether the database answers, and has every migration."""
    from django.db import Error, connection

    from trebbo.config.server import unapplied_migrations

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = unapplied_migrations()
    except Error as error:
        yield problem(
            "database",
            f"it does not answer: {str(error).strip()}",
            "check TREBBO_DATABASE_URL, and that the server runs and lets this user in",
        )
        return
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        words = f"SQLite {sqlite3.sqlite_version}, {name}"
    else:
        words = f"{connection.display_name}, {name}"
    if waiting:
        yield problem(
            "database",
            f"{words}: {len(waiting)} migrations are missing ({waiting[0]} …)",
            "run `trebbo migrate`",
        )
    else:
        yield ok("database", f"{words}, all migrations applied")


def search_findings() -> Iterator[Finding]:
    """Whether the search index can be read and holds what the database holds."""
    from trebbo.partnering.introductions import gateway

    remedy = "run `trebbo index`"
    status = gateway.status()
    expected = gateway.expected()
    if status.state != "ready":
        yield problem("search index", f"{status.state}: {status.message}", remedy)
    elif status.documents != expected:
        yield warning(
            "search index",
            f"{status.documents} profiles, the database has {expected}",
            f"see that a worker runs; if the difference stays, {remedy}",
        )
    else:
        yield ok("search index", f"{status.documents} profiles, as in the database")


def matching_findings() -> Iterator[Finding]:
    """Whether asks have works to be compared with, and whether a trained ranking fits."""
    from trebbo.partnering.introductions import gateway

    state, works = gateway.matching_status()
    if state == "ready":
        yield ok("matching", f"{works} works in the table")
    else:
        yield problem("matching", f"the table of works is {state}", "run `trebbo index`")
    chosen = gateway.current_ranking()
    if chosen.problem:
        yield warning("ranking", chosen.problem, "run `trebbo matching train`")
    else:
        yield ok("ranking", chosen.ranking.label)
    try:
        gateway.sentence_model()
    except gateway.SentenceModelUnusable as error:
        yield problem("sentence model", error.message, "mend TREBBO_SENTENCE_MODEL or unset it")


def job_findings() -> Iterator[Finding]:
    """Whether somebody carries out the jobs, and whether some failed."""
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    now = timezone.now()
    failed = DBTaskResult.objects.failed().filter(finished_at__gte=now - timedelta(days=1)).count()
    ready = DBTaskResult.objects.ready().filter(enqueued_at__lt=now - LATE)
    late = ready.exclude(run_after__gt=now - LATE).count()
    if late:
        yield warning(
            "jobs", f"{late} have waited for more than ten minutes", "start `trebbo worker`"
        )
    if failed:
        yield warning("jobs", f"{failed} failed in the last day", "the worker's log tells why")
    if not late and not failed:
        yield ok("jobs", "none late, none failed in the last day")


def message_findings() -> Iterator[Finding]:
    """Whether messages to people go out, and whether some wait for a decision."""
    from django.utils import timezone

    from trebbo.outlets.notifications.choices import STUCK, MailState
    from trebbo.outlets.notifications.models import OutgoingMail

    due_since = timezone.now() - LATE
    late = OutgoingMail.objects.filter(state=MailState.WAITING, next_try_at__lt=due_since).count()
    stuck = OutgoingMail.objects.filter(state__in=STUCK).count()
    if late:
        remedy = "see that a worker runs (`trebbo worker`) and that the mail server answers"
        yield warning("messages", f"{late} should have gone out ten minutes ago", remedy)
    if stuck:
        remedy = "the agency decides about them on the page “Mail”"
        yield warning("messages", f"{stuck} were refused, came back or are uncertain", remedy)
    if not late and not stuck:
        yield ok("messages", "none late, none waits for a decision")


def import_findings() -> Iterator[Finding]:
    """Whether an import of open data stands still, its process gone."""
    from django.utils import timezone

    from trebbo.ecosystem.evidence.choices import ImportState
    from trebbo.ecosystem.evidence.models import Import

    silent = Import.objects.filter(
        state=ImportState.RUNNING, seen_at__lt=timezone.now() - SILENT
    ).order_by("pk")
    for imported in silent:
        yield warning(
            "imports",
            f"{imported.file_name} gives no sign of life",
            f"if no worker is at it, run `trebbo evidence resume {imported.pk}`",
        )
    if not silent:
        yield ok("imports", "none stands still")


def warehouse_findings() -> Iterator[Finding]:
    """Whether the warehouse can be written to, and Spark can work where it is set."""
    from trebbo.config import settings

    folder = settings.WAREHOUSE_FOLDER
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if fault := _unwritable(existing):
        yield problem(
            "warehouse",
            f"{existing} cannot be written to ({fault})",
            "give it to the user that runs Trebbo",
        )
        return
    if settings.WAREHOUSE == "duckdb":
        yield ok("warehouse", f"DuckDB in {folder}")
        return
    missing = [
        what
        for what, there in (
            ("PySpark", importlib.util.find_spec("pyspark") is not None),
            ("Java", bool(shutil.which("java") or os.environ.get("JAVA_HOME"))),
        )
        if not there
    ]
    if missing:
        yield problem(
            "warehouse",
            f"Spark at {settings.WAREHOUSE}, but there is no {' and no '.join(missing)}",
            "install Trebbo with its part “spark”, and Java 17; or unset TREBBO_WAREHOUSE",
        )
    elif fault := _unreachable(settings.WAREHOUSE):
        yield problem(
            "warehouse",
            f"Spark at {settings.WAREHOUSE} does not answer: {fault}",
            "see that its master runs, or unset TREBBO_WAREHOUSE",
        )
    else:
        yield ok("warehouse", f"Spark at {settings.WAREHOUSE}, tables in {folder}")


def _unreachable(master: str) -> str:
    """Why the first master of a stand-alone cluster cannot be spoken to; blank for other kinds."""
    if not master.startswith("spark://"):
        return ""
    host, _colon, port = master.removeprefix("spark://").partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), PATIENCE_SECONDS).close()
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def static_findings() -> Iterator[Finding]:
    """Whether the static files that the server sends are those of this version."""
    from trebbo.config import settings, static_files

    if settings.DEBUG or static_files.up_to_date():
        yield ok("static files", "up to date")
    else:
        yield warning(
            "static files", "missing or older than the program", "`trebbo serve` gathers them"
        )


def translation_findings() -> Iterator[Finding]:
    """Whether every Italian catalogue is compiled."""
    from trebbo.config import messages

    stale = [area.name for area in messages.areas() if messages.stale(area)]
    if stale:
        yield warning(
            "translations", f"not compiled: {', '.join(stale)}", "run `trebbo messages compile`"
        )
    else:
        yield ok("translations", "compiled")


def mail_findings() -> Iterator[Finding]:
    """Whether mail leaves the house: the server is greeted, nothing is sent."""
    from django.core.mail import get_connection

    from trebbo.config import settings

    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        kind = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
        if settings.DEMO:
            yield ok("mail", f"kept by the “{kind}” backend, as a demonstration should")
            return
        yield warning(
            "mail",
            f"does not leave this machine (the “{kind}” backend keeps it)",
            "set TREBBO_EMAIL_BACKEND to django.core.mail.backends.smtp.EmailBackend and name the "
            "server in TREBBO_EMAIL_HOST",
        )
        return
    if "//localhost" in settings.SITE_ADDRESS and not settings.DEMO:
        yield warning(
            "links",
            f"those in messages lead to {settings.SITE_ADDRESS}, where only this machine is",
            "set TREBBO_SITE_ADDRESS to the address under which people open the pages",
        )
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection(timeout=PATIENCE_SECONDS):
            yield ok("mail", f"{where} answers")
    except OSError as error:
        yield problem("mail", f"{where} does not answer: {error}", "check TREBBO_EMAIL_*")


def relay_findings() -> Iterator[Finding]:
    """Whether answers to the messages of introductions can be passed on."""
    from trebbo.config import settings
    from trebbo.outlets.notifications.actions.relay import reply_address
    from trebbo.partnering.introductions.choices import Side

    if not settings.RELAY_ADDRESS:
        yield ok("answers", "not passed on: TREBBO_RELAY_ADDRESS is not set")
    elif not reply_address(10**9, Side.ASKER):
        yield problem(
            "answers",
            f"no addresses can be made of “{settings.RELAY_ADDRESS}”",
            "give TREBBO_RELAY_ADDRESS a plain address with at most 30 letters before its @",
        )
    else:
        yield ok("answers", f"passed on from {settings.RELAY_ADDRESS}")


def main(arguments: list[str]) -> int:
    """Run `trebbo doctor`: print every finding; 1 if one of them is a problem."""
    argparse.ArgumentParser(
        prog="trebbo doctor", description="Check the installation and say what to do."
    ).parse_args(arguments)

    import django

    from trebbo.config import settings

    findings = list(secret_key_findings())
    if not settings.SECRET_KEY:
        # Django refuses to work without a key; one for this process lets the rest be seen.
        settings.SECRET_KEY = secrets.token_urlsafe(SHORTEST_KEY)
    django.setup()
    findings += examine()
    for finding in findings:
        print(finding)
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    print(f"\n{problems} problems, {warnings} warnings")
    return 1 if problems else 0
