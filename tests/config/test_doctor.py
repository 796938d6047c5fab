"""What the doctor finds, examined one by one."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.factories.evidence import ImportFactory
from trebbo.config import doctor, settings
from trebbo.config.doctor import Level
from trebbo.ecosystem.evidence.choices import ImportState


def _levels(findings: object) -> dict[str, Level]:
    return {finding.subject: finding.level for finding in findings}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "level"),
    [
        ("", Level.PROBLEM),
        ("demonstration-only", Level.WARNING),
        ("short", Level.WARNING),
        ("k" * 50, Level.OK),
    ],
)
def test_secret_key(monkeypatch: pytest.MonkeyPatch, key: str, level: Level) -> None:
    """Missing, known to all, guessable, good."""
    monkeypatch.setattr(settings, "SECRET_KEY", key)
    assert _levels(doctor.secret_key_findings()) == {"secret key": level}


def test_a_site_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the demonstration, hosts and HTTPS matter."""
    monkeypatch.setattr(settings, "DEMO", False)
    monkeypatch.setattr(settings, "DEBUG", True)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
    found = _levels(doctor.settings_findings())
    assert found == {"debug": Level.WARNING, "hosts": Level.PROBLEM, "https": Level.WARNING}
    monkeypatch.setattr(settings, "DEBUG", False)
    monkeypatch.setattr(settings, "HTTPS", True)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["cluster.example.org"])
    assert _levels(doctor.settings_findings()) == {"hosts": Level.OK}


def test_a_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file where the folder should be: told as not writable, not as a crash."""
    file = tmp_path / "file"
    file.write_bytes(b"")
    monkeypatch.setattr(settings, "DATA", file)
    assert _levels(doctor.folder_findings())["data folder"] is Level.PROBLEM


def test_disk_space(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Little room is a warning, almost none a problem."""
    monkeypatch.setattr(settings, "DATA", tmp_path)
    for free, level in ((50_000_000, Level.PROBLEM), (500_000_000, Level.WARNING)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr("shutil.disk_usage", lambda _path, usage=usage: usage)
        assert _levels(doctor.folder_findings()) == {"disk": level}


@pytest.mark.django_db
def test_database() -> None:
    """The suite's own database answers and has every migration."""
    assert _levels(doctor.database_findings()) == {"database": Level.OK}


@pytest.mark.django_db
def test_jobs() -> None:
    """Nothing waits in a fresh database."""
    assert _levels(doctor.job_findings()) == {"jobs": Level.OK}


def test_mail_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed port is a problem; the console backend only a warning."""
    monkeypatch.setattr(settings, "DEMO", False)
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
    assert _levels(doctor.mail_findings()) == {"mail": Level.WARNING}


def test_every_finding_but_a_good_one_has_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault is never told without what to do."""
    monkeypatch.setattr(settings, "SECRET_KEY", "")
    findings = [*doctor.secret_key_findings(), *doctor.settings_findings()]
    assert all(bool(finding.remedy) is (finding.level is not Level.OK) for finding in findings)
    assert str(findings[0]).splitlines()[1].strip().startswith("→ put 50")


@pytest.mark.django_db
def test_an_import_that_stands_still() -> None:
    """One that has been silent for minutes is named, with what to do."""
    assert _levels(doctor.import_findings()) == {"imports": Level.OK}
    stuck = ImportFactory(
        state=ImportState.RUNNING, seen_at=timezone.now() - timedelta(minutes=6), is_present=False
    )
    [finding] = doctor.import_findings()
    assert finding.level is Level.WARNING
    assert f"`trebbo evidence resume {stuck.pk}`" in finding.remedy


def test_the_warehouse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DuckDB in a folder is well; a Spark that nobody answers for is a problem."""
    monkeypatch.setattr(settings, "WAREHOUSE_FOLDER", tmp_path / "warehouse")
    assert _levels(doctor.warehouse_findings()) == {"warehouse": Level.OK}
    monkeypatch.setattr(settings, "WAREHOUSE", "spark://127.0.0.1:1")
    assert _levels(doctor.warehouse_findings()) == {"warehouse": Level.PROBLEM}
    file = tmp_path / "file"
    file.write_bytes(b"")
    monkeypatch.setattr(settings, "WAREHOUSE_FOLDER", file)
    assert _levels(doctor.warehouse_findings()) == {"warehouse": Level.PROBLEM}
