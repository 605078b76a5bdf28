"""The operator's first step: a company and the link with which its first administrator sets a password."""

import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from mensetsu.accounts import inviting, names, organizing
from mensetsu.accounts.models import Language


class Command(BaseCommand):
    help = "Create a company with its first administrator, and print the link to set the password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="Name of the company, as applicants know it")
        parser.add_argument(
            "--admin-email", required=True, help="Mail address and login of the administrator"
        )
        parser.add_argument("--family-name", default="", help="Default: the part of the address before @")
        parser.add_argument("--given-name", default="")
        parser.add_argument("--language", default=Language.JA, choices=Language.values)
        parser.add_argument("--time-zone", default="Asia/Tokyo", help="Example: Asia/Tokyo")

    def handle(self, *args: Any, **options: Any) -> None:
        email = names.login(options["admin_email"])
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"This is not a mail address: {email}") from None
        if options["time_zone"] not in zoneinfo.available_timezones():
            raise CommandError(f"This is not a time zone: {options['time_zone']}. Example: Asia/Tokyo")
        company = names.spaced(options["name"])
        if not company:
            raise CommandError("The company needs a name.")
        try:
            admin = organizing.found(
                name=company,
                admin_email=email,
                family_name=options["family_name"] or email.partition("@")[0],
                given_name=options["given_name"],
                language=options["language"],
                time_zone=options["time_zone"],
                now=timezone.now(),
            )
        except inviting.AddressTaken:
            raise CommandError(
                f"{email} is the login of somebody else already. Use another address; nothing was created."
            ) from None
        self.stdout.write(f"Created {company}. {email} sets a password here, once, within seven days:")
        self.stdout.write(inviting.address(admin))
