"""After a new key was put in front: write every stored secret with it, so that the old key can go."""

from django.core.management.base import BaseCommand, CommandError

from mensetsu.zoom import tokens


class Command(BaseCommand):
    help = "Encrypt all Zoom tokens and app secrets with the first of MENSETSU_TOKEN_KEYS."

    def handle(self, *args: object, **options: object) -> None:
        try:
            count = tokens.reseal_all()
        except tokens.WrongTokenKey as problem:
            raise CommandError(f"{problem}. Nothing after the first unreadable secret was changed.") from None
        self.stdout.write(f"{count} rows now use the newest key.")
