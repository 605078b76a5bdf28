"""What is wrong with Zoom, in words: each company's app, and each linked account."""

from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from mensetsu.accounts.models import Organization
from mensetsu.zoom import diagnosing, setting_up


class Command(BaseCommand):
    help = "Ask Zoom about every company's app and say in words what is missing or wrong."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--language", default="en", choices=["en", "ja"])

    def handle(self, *args: object, **options: object) -> None:
        now = timezone.now()
        with translation.override(str(options["language"])):
            for organization in Organization.objects.order_by("pk"):
                app = setting_up.app_of(organization, now=now)
                setting_up.try_out(app, now=now)
                app.refresh_from_db()
                findings = [*diagnosing.of_app(app), *diagnosing.of_links(organization)]
                self.stdout.write(f"{organization}: {'OK' if not findings else ''}")
                for tone, sentence in findings:
                    self.stdout.write(f"  {tone}: {sentence}")
