"""How the history of people's time reads."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from mensetsu.history import wording


class AvailabilityConfig(AppConfig):
    name = "mensetsu.availability"

    def ready(self) -> None:
        kinds = {"own": _("My interviews"), "company": _("All interviews of the company")}
        wording.register(
            {
                "availability.week_said": _("Set the weekly hours of %(name)s"),
                "availability.week_forgotten": _("Set the weekly hours of %(name)s back to the usual ones"),
                "availability.off": _("Added days off of %(name)s: %(first_on)s to %(last_on)s"),
                "availability.back": _("Removed days off of %(name)s: %(first_on)s to %(last_on)s"),
                "availability.blocked": _("Added a busy time of %(name)s: %(starts_at)s"),
                "availability.unblocked": _("Removed a busy time of %(name)s: %(starts_at)s"),
            }
        )
        wording.register(
            {
                "feed.opened": _("Made an address for calendar programs: %(kind)s"),
                "feed.revoked": _("Revoked an address for calendar programs: %(kind)s"),
            },
            words={"kind": kinds},
        )
