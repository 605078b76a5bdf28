"""Every setting of the product, each from the environment.

`X_FILE` may be given instead of `X` for any value (secrets mounted as files). A value that is missing or
of the wrong type stops the start with its name. Defaults are right for one small server and for `bin/demo`.
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environ import FileAwareEnv

BASE_DIR = Path(__file__).resolve().parent.parent
env = FileAwareEnv()
# What the environment says wins over the file. An empty MENSETSU_ENV_FILE means: no file (tests, demo).
if env_file := env.str("MENSETSU_ENV_FILE", default=str(BASE_DIR / ".env")):
    env.read_env(env_file)

DEBUG = env.bool("MENSETSU_DEBUG", default=False)
SECRET_KEY = env.str("MENSETSU_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("MENSETSU_SECRET_KEY_FALLBACKS", default=[])
# Fernet keys, newest first: Zoom tokens are written with the first and read with any (docs/operations.md).
TOKEN_KEYS = env.list("MENSETSU_TOKEN_KEYS")
# The address under which browsers reach the product; mails and the Zoom redirect address are built from it.
BASE_URL = env.str("MENSETSU_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("MENSETSU_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
DATA_DIR = Path(env.str("MENSETSU_DATA", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "mensetsu.web",
    "mensetsu.jobs",
    "mensetsu.history",
    "mensetsu.notices",
    "mensetsu.accounts",
    "mensetsu.candidates",
    "mensetsu.zoom",
    "mensetsu.availability",
    "mensetsu.mail",
    "mensetsu.interviews",
    "mensetsu.attending",
    "mensetsu.booking",
]

MIDDLEWARE = [
    "mensetsu.web.watching.watch",
    "mensetsu.web.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mensetsu.web.middleware.body_limit",
    "mensetsu.web.middleware.machines",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "mensetsu.accounts.middleware.reader",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mensetsu.web.middleware.session_ended",
    "mensetsu.web.middleware.not_allowed",
    "mensetsu.web.middleware.impossible_values",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "mensetsu" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "mensetsu.web.pages.environment",
            "context_processors": ["mensetsu.web.csrf.context"],
        },
    },
    {
        # Only for the form widgets and mails of libraries; our own pages are all Jinja2.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

# Fields are drawn by Jinja2 like the pages around them: Django's own templates took a third of a form's time.
FORM_RENDERER = "django.forms.renderers.Jinja2"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'mensetsu.sqlite3'}")}
# Each thread keeps its connection for a while. A new one costs more than most pages: SQLite reads its tables anew,
# and whoever closes the last one empties the write-ahead log.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("MENSETSU_DB_CONN_MAX_AGE", default=60)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # FULL: what is confirmed to a person is on the disk, for a power failure too. NORMAL loses the newest commits then.
    durability = env.str("MENSETSU_SQLITE_SYNCHRONOUS", default="FULL")
    if durability not in ("FULL", "NORMAL"):
        raise ImproperlyConfigured(
            f"MENSETSU_SQLITE_SYNCHRONOUS is {durability!r}; it may be FULL or NORMAL."
        )
    # Django's own, with a line in front of the writers.
    DATABASES["default"]["ENGINE"] = "config.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE: a writer waits for its turn at BEGIN instead of failing at its first write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={durability};",
    }
    # Tests race with threads and processes on the same database: it must be a file.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    # Django's own, whose prepared statements outlive a refusal.
    DATABASES["default"]["ENGINE"] = "config.postgresql"
    # Statements that come again are planned once a connection: planning our joins costs more than running them. A
    # pooler that gives each transaction another connection must know prepared statements, or this is switched off.
    DATABASES["default"]["OPTIONS"] = {
        "server_side_binding": True,
        "prepare_threshold": 3 if env.bool("MENSETSU_DB_PREPARE", default=True) else None,
    }
    # After a restart of the database each kept connection would fail one request that had nothing to do with it.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "mensetsu_cache"},
    # Of one process: what may be forgotten, and must not cost a write a page (web.tokened).
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

# embedded: a table of ours and our own worker, right for one server. distributed: Procrastinate, for several nodes.
JOBS = env.str("MENSETSU_JOBS", default="embedded")
if JOBS not in ("embedded", "distributed"):
    raise ImproperlyConfigured(f"MENSETSU_JOBS is {JOBS!r}; it may be embedded or distributed.")
JOBS_ENGINE = f"mensetsu.jobs.{JOBS}"
TASKS = {"default": {"BACKEND": "mensetsu.jobs.embedded.TableBackend", "QUEUES": []}}
if JOBS == "distributed":
    if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
        raise ImproperlyConfigured(
            "MENSETSU_JOBS=distributed needs PostgreSQL: set DATABASE_URL=postgres://…, or leave MENSETSU_JOBS out."
        )
    TASKS["default"]["BACKEND"] = "mensetsu.jobs.distributed.ProcrastinateBackend"
    INSTALLED_APPS.append("procrastinate.contrib.django")  # its tables; small servers do without them
    PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
# While this file is in the data directory, /readyz sends the balancer away; a starting web process removes it.
DRAINING = "draining"
# How long a stopping worker waits for the jobs under way (seconds); below the 30 after which others take them over.
STOP_PATIENCE = env.int("MENSETSU_STOP_PATIENCE", default=20)
if not 0 <= STOP_PATIENCE <= 25:
    raise ImproperlyConfigured("MENSETSU_STOP_PATIENCE is in seconds, from 0 to 25.")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "mensetsu.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a reset for an address that nobody has sends nothing
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/10m/key",
    "reset_password": "20/m/ip,5/m/key",
}
ACCOUNT_SESSION_REMEMBER = True
SESSION_ENGINE = "mensetsu.web.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mensetsu.web.problems.form_expired"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
# Named here although Django would find them: only so do our words come before those of Django and of the login library.
LOCALE_PATHS = sorted((BASE_DIR / "mensetsu").glob("*/locale"))
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "mensetsu" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

EMAIL_BACKEND = env.str("MENSETSU_EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.str("MENSETSU_SMTP_HOST", default="127.0.0.1")
EMAIL_PORT = env.int("MENSETSU_SMTP_PORT", default=8025)
EMAIL_HOST_USER = env.str("MENSETSU_SMTP_USER", default="")
EMAIL_HOST_PASSWORD = env.str("MENSETSU_SMTP_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("MENSETSU_SMTP_STARTTLS", default=False)
EMAIL_USE_SSL = env.bool("MENSETSU_SMTP_TLS", default=False)
EMAIL_TIMEOUT = env.int("MENSETSU_SMTP_TIMEOUT", default=20)
DEFAULT_FROM_EMAIL = env.str("MENSETSU_MAIL_FROM", default="Mensetsu <mensetsu@localhost>")

# An organization's own Zoom app is set on its page; these are the values for all that have not set one.
ZOOM_CLIENT_ID = env.str("ZOOM_CLIENT_ID", default="")
ZOOM_CLIENT_SECRET = env.str("ZOOM_CLIENT_SECRET", default="")
ZOOM_SECRET_TOKEN = env.str("ZOOM_SECRET_TOKEN", default="")
ZOOM_OAUTH_BASE = env.str("ZOOM_OAUTH_BASE", default="https://zoom.us").rstrip("/")
ZOOM_API_BASE = env.str("ZOOM_API_BASE", default="https://api.zoom.us/v2").rstrip("/")
# Creates and updates of meetings that Zoom lets one user have on one day of UTC. Lower it where other programs make
# meetings for the same users.
ZOOM_WRITES_PER_DAY = env.int("MENSETSU_ZOOM_WRITES_PER_DAY", default=100)
if ZOOM_WRITES_PER_DAY < 1:
    raise ImproperlyConfigured("MENSETSU_ZOOM_WRITES_PER_DAY is a number of requests from 1 upwards.")

_https = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = env.int("MENSETSU_HSTS_SECONDS", default=0)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("MENSETSU_BEHIND_PROXY", default=False) else None
)
# Limits on wrong passwords count per client, and behind a proxy the client is the last address it added.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE_PROXY_SSL_HEADER else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# With the worker thread inside the web process (the default) the operator starts one command.
WORKER_IN_WEB = env.bool("MENSETSU_WORKER_IN_WEB", default=True)
CLOCK = "config.clock.RHYTHMS"
METRICS = "config.metrics.GAUGES"
# Who may read /metrics from elsewhere shows this token; without one only this host itself may.
METRICS_TOKEN = env.str("MENSETSU_METRICS_TOKEN", default="")

# line: for people. json: for machines, one line more for each request.
LOG = env.str("MENSETSU_LOG", default="line")
if LOG not in ("line", "json"):
    raise ImproperlyConfigured(f"MENSETSU_LOG is {LOG!r}; it may be line or json.")
LOG_REQUESTS = LOG == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "mensetsu.web.log_lines.Lines",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "mensetsu.web.log_lines.JsonLines"},
    },
    "filters": {"without_paths": {"()": "mensetsu.web.log_lines.WithoutPaths"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG, "filters": ["without_paths"]}
    },
    # Django's own handlers for development would write the paths after all.
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
    "root": {"handlers": ["console"], "level": env.str("MENSETSU_LOG_LEVEL", default="INFO")},
}
