"""Settings of the tests: the demonstration's, with everything at once and nothing left behind."""

import os
import tempfile

os.environ.setdefault("TREBBO_DEMO", "1")
os.environ.setdefault("TREBBO_SECRET_KEY", "for-tests-only")
# A folder for each process of the suite: the warehouse lets in only one at a time.
if "PYTEST_XDIST_WORKER" in os.environ or "TREBBO_DATA" not in os.environ:
    os.environ["TREBBO_DATA"] = tempfile.mkdtemp(prefix="trebbo-tests-")
if "TREBBO_TEST_DATABASE_URL" in os.environ:
    os.environ["TREBBO_DATABASE_URL"] = os.environ["TREBBO_TEST_DATABASE_URL"]

from trebbo.config.settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# WhiteNoise warns, and warnings are errors, when there is no folder to serve.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405

# A file, not memory: threads with connections of their own then wait for each other as in life.
# It is thrown away, so nothing waits for the disk.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "tests.sqlite3")}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # noqa: F405
