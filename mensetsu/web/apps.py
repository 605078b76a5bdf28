"""Tells the counters where they may write."""

from django.apps import AppConfig
from django.conf import settings

from mensetsu.web import tally


class WebConfig(AppConfig):
    name = "mensetsu.web"

    def ready(self) -> None:
        tally.directory = settings.DATA_DIR / "metrics"
