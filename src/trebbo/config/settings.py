"""The one settings file: embedded by default, every choice open to the environment."""

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from trebbo.config import environment

PACKAGE = Path(__file__).resolve().parent.parent
DATA = Path(environment.text("DATA", "var")).resolve()

DEMO = environment.flag("DEMO")
DEBUG = environment.flag("DEBUG")
DEMONSTRATION_KEY = "demonstration-only"
SECRET_KEY = environment.text("SECRET_KEY") or (DEMONSTRATION_KEY if DEMO or DEBUG else "")
ALLOWED_HOSTS = environment.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.listing("TRUSTED_ORIGINS")
HTTPS = environment.flag("HTTPS")

INSTALLED_APPS = [
    "trebbo.outlets.site",
    "trebbo.outlets.maps",
    "trebbo.outlets.oversight",
    "trebbo.outlets.notifications",
    "trebbo.partnering.introductions",
    "trebbo.sharing.resources",
    "trebbo.sharing.ideas",
    "trebbo.sharing.skills",
    "trebbo.ecosystem.evidence",
    "trebbo.ecosystem.clusters",
    "trebbo.ecosystem.organisations",
    "trebbo.ecosystem.vocabularies",
    "trebbo.ecosystem.accounts",
    "trebbo.kernel",
    "bootstrap_italia_template",
    "leaflet",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
if DEMO:
    INSTALLED_APPS.insert(0, "trebbo.demo")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "trebbo.kernel.pages.LimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "trebbo.ecosystem.accounts.middleware.ViewerMiddleware",
    "trebbo.kernel.pages.RefusalMiddleware",
]

ROOT_URLCONF = "trebbo.config.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "trebbo.kernel.pages.page_context",
                *(["trebbo.demo.personas.persona_context"] if DEMO else []),
            ],
        },
    }
]
FORM_RENDERER = "trebbo.kernel.pages.FormRenderer"

# --- Database: SQLite in a file until it is outgrown; PostgreSQL by its address.
DATABASE_URL = environment.text("DATABASE_URL", f"sqlite:///{DATA / 'trebbo.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Write-ahead logging lets readers work while one writes; a writer waits instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Words: Italian first, English complete.
LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
FORMAT_MODULE_PATH = ["trebbo.config.formats"]
USE_I18N = True
TIME_ZONE = "Europe/Rome"
USE_TZ = True

# --- Files.
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = False

# --- People and sign-in.
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "trebbo.ecosystem.accounts.adapter.InvitedAccounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "trebbo.ecosystem.accounts.forms.SignIn",
    "signup": "trebbo.ecosystem.accounts.forms.InvitedSignup",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_ADAPTER = "trebbo.ecosystem.accounts.adapter.InvitedSocialAccounts"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, object] = {}
OIDC_SERVER_URL = environment.text("OIDC_SERVER_URL")
OIDC_HOST = "/".join(OIDC_SERVER_URL.split("/")[:3])
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": environment.text("OIDC_ID", "oidc"),
                "name": environment.text("OIDC_NAME", "OpenID Connect"),
                "client_id": environment.text("OIDC_CLIENT_ID"),
                "secret": environment.text("OIDC_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
    }
INVITATION_DAYS = environment.number("INVITATION_DAYS", 14)

# --- Mail: printed on the console until a server is named.
EMAIL_BACKEND = environment.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = environment.text("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = environment.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_TLS")
EMAIL_TIMEOUT = environment.number("EMAIL_TIMEOUT", 30)
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "trebbo@localhost")
# Where people answer a message of an introduction, if their answers are passed on.
RELAY_ADDRESS = environment.text("RELAY_ADDRESS")
# How long the words of what was sent are kept, in days.
MAIL_KEEP_DAYS = environment.number("MAIL_KEEP_DAYS", 180)
# Where the links of a message lead: what writes it has no request to learn it from.
SITE_ADDRESS = environment.text(
    "SITE_ADDRESS", f"http://localhost:{os.environ.get('PORT') or 8000}"
).rstrip("/")

# --- Security: nothing inline, nothing from another host (map tiles only if a server is named).
TILES_URL = environment.text("TILES_URL")
TILES_CREDIT = environment.text("TILES_CREDIT")
TILES_HOST = "/".join(TILES_URL.split("/")[:3]) if TILES_URL else ""
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *([TILES_HOST] if TILES_HOST else [])],
        # The design system carries one icon font inside its style sheet.
        "font-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A browser also checks where a submitted form is led on to: the provider's sign-in.
        "form-action": [SELF, *([OIDC_HOST] if OIDC_HOST else [])],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

# --- Freshness of profiles, in days: how long a confirmation lasts, and how long after its
# due date a profile is merely due before it is stale.
CONFIRMATION_DAYS = environment.number("CONFIRMATION_DAYS", 365)
CONFIRMATION_GRACE_DAYS = environment.number("CONFIRMATION_GRACE_DAYS", 90)
# How long an ended introduction still knows who was asked.
CONTACT_KEEP_DAYS = environment.number("CONTACT_KEEP_DAYS", 365)
# After how many months without a word a member is on the office's board.
CONTACT_MONTHS = environment.number("CONTACT_MONTHS", 6)

# --- Search: the folder of the embedded index.
SEARCH_FOLDER = DATA / "search"

# --- Matching: a folder with a multilingual sentence model; nothing is ever fetched.
SENTENCE_MODEL = environment.text("SENTENCE_MODEL", "")

# --- Evidence: DuckDB in a file until it is outgrown; Spark by the address of its master.
WAREHOUSE = environment.text("WAREHOUSE", "duckdb")
WAREHOUSE_FOLDER = DATA / "warehouse"
IMPORTS_FOLDER = DATA / "imports"
WAREHOUSE_MEMORY_MB = environment.number("WAREHOUSE_MEMORY_MB", 512)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "INFO")},
}
