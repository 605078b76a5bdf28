"""The product's database and models under the barest Django: no middleware, no login, one template engine."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.limits.urls"
WSGI_APPLICATION = "benchmarks.limits.wsgi.application"
MIDDLEWARE: list[str] = []
INSTALLED_APPS = [
    "benchmarks.limits.apps.Accounts" if name == "allauth.account" else name
    for name in INSTALLED_APPS  # noqa: F405
]
WORKER_IN_WEB = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "benchmarks" / "limits" / "templates"],  # noqa: F405
        "APP_DIRS": False,
    }
]
