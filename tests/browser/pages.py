"""Every page a person can see: its name, its address in the furnished world, and who looks at it.

A new page is added here; the sweep then takes it through the gate in both languages."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.urls import reverse

World = SimpleNamespace


class Stop(NamedTuple):
    name: str
    # The person who looks, as an attribute of the world; None: nobody is logged in.
    who: str | None
    address: Callable[[World], str]
    status: int = 200


def _at(name: str, *attributes: str) -> Callable[[World], str]:
    def address(world: World) -> str:
        return reverse(name, args=[_value(world, path) for path in attributes])

    return address


def _value(world: World, path: str) -> Any:
    for part in path.split("."):
        world = getattr(world, part)
    return world


def _join(tail: str = "") -> Callable[[World], str]:
    return lambda world: urlsplit(world.page).path + tail


AREAS = {
    "beside the work": [
        Stop("login", None, _at("account_login")),
        Stop("forgotten password", None, _at("account_reset_password")),
        Stop("new password", "baba", _at("account_change_password")),
        Stop("profile", "doi", _at("accounts:profile")),
        Stop("settings", "aoki", _at("web:settings")),
        Stop("settings of a recruiter", "baba", _at("web:settings")),
        Stop("staff", "aoki", _at("accounts:staff")),
        Stop("invite", "aoki", _at("accounts:invite")),
        Stop("member", "aoki", _at("accounts:member", "doi.pk")),
        Stop("organization", "aoki", _at("accounts:organization")),
    ],
    "people's time": [
        Stop("availability", "doi", _at("availability:mine")),
        Stop("availability of a colleague", "baba", _at("availability:person", "doi.pk")),
        Stop("everybody's availability", "baba", _at("availability:people")),
        Stop("interviews that do not fit", "baba", _at("interviews:unfitting", "doi.pk")),
        Stop("calendar subscription", "baba", _at("availability:feeds")),
    ],
    "applicants": [
        Stop("applicants", "baba", _at("candidates:list")),
        Stop("applicant", "baba", _at("candidates:detail", "misaki.pk")),
        Stop(
            "applicant with a hard name",
            "baba",
            lambda world: reverse("candidates:detail", args=[world.hard[1].pk]),
        ),
        Stop("new applicant", "baba", _at("candidates:create")),
        Stop("change applicant", "baba", _at("candidates:edit", "misaki.pk")),
        Stop("import", "baba", _at("candidates:import_upload")),
        Stop("import tried out", "baba", _at("candidates:import", "file.pk")),
        Stop("agencies", "baba", _at("candidates:agencies")),
        Stop("agency", "baba", _at("candidates:agency", "agency.pk")),
        Stop("new agency", "baba", _at("candidates:agency_create")),
        Stop("new agency contact", "baba", _at("candidates:contact_create", "agency.pk")),
        Stop("jobs", "aoki", _at("candidates:jobs")),
        Stop("job", "aoki", _at("candidates:job", "job.pk")),
    ],
    "interviews": [
        Stop("home", "baba", _at("home")),
        Stop("new interview", "baba", _at("interviews:create", "misaki.pk")),
        Stop("interview", "baba", _at("interviews:detail", "interview.pk")),
        Stop("interview without a link", "baba", _at("interviews:detail", "issue.pk")),
        Stop("change interview", "baba", _at("interviews:edit", "interview.pk")),
        Stop("cancel interview", "baba", _at("interviews:cancel", "interview.pk")),
        Stop("interview saved", "baba", _at("interviews:saved", "interview.pk")),
        Stop("interview saved without a link", "baba", _at("interviews:saved", "issue.pk")),
        Stop("my page", "doi", _at("interviews:mine")),
        Stop("calendar of the month", "baba", _at("interviews:calendar_page")),
        Stop(
            "calendar of the week", "baba", lambda world: reverse("interviews:calendar_page") + "?view=week"
        ),
        Stop("calendar of the day", "baba", lambda world: reverse("interviews:calendar_page") + "?view=day"),
        Stop("take over a meeting at zoom", "baba", _at("interviews:adopt", "interview.pk")),
        Stop("differences from zoom", "baba", _at("interviews:differences")),
        Stop("another host for all", "aoki", _at("interviews:rehost", "host.pk")),
        Stop("interviews of a leaver", "aoki", _at("interviews:leaver", "doi.pk")),
    ],
    "choosing dates": [
        Stop("booking pages", "baba", _at("booking:pages")),
        Stop("booking page", "baba", _at("booking:page", "booking.pk")),
        Stop("booking page new", "baba", _at("booking:create")),
        Stop("booking page change", "baba", _at("booking:edit", "booking.pk")),
        Stop("booking slots", "baba", _at("booking:slots", "booking.pk")),
        Stop("booking series", "baba", _at("booking:series", "series.pk")),
        Stop("booking ask applicants", "baba", _at("booking:invite", "booking.pk")),
        Stop("booking ask an applicant", "baba", _at("booking:invite_candidate", "misaki.pk")),
        Stop("booking invitation", "baba", _at("booking:invitation", "invitation.pk")),
        Stop("booking choose a date", None, lambda world: world.choice),
        Stop("booking no date fits", None, lambda world: world.choice + "wishes/"),
        Stop("booking date chosen", None, lambda world: world.chosen),
        Stop("booking change the date", None, lambda world: world.chosen + "change/"),
        Stop("booking cancel the date", None, lambda world: world.chosen + "cancellation/"),
    ],
    "several dates and agencies": [
        Stop("offer dates", "baba", _at("booking:offer_create", "misaki.pk")),
        Stop("offered dates", "baba", _at("booking:offer", "offer.pk")),
        Stop("offer other dates", "baba", _at("booking:offer_dates", "offer.pk")),
        Stop("offer dates to move an interview", "baba", _at("booking:offer_move", "interview.pk")),
        Stop("proposals", "baba", _at("booking:proposals")),
        Stop("proposal", "baba", _at("booking:proposal", "proposal.pk")),
        Stop("address of an agency's page", "baba", _at("booking:agency_door", "contact.pk")),
        Stop("agency's page", None, lambda world: world.agency_page),
        Stop("agency proposes", None, lambda world: f"{world.agency_page}{world.theirs.pk}/dates/"),
    ],
    "mails and zoom": [
        Stop("write a mail", "baba", _at("interviews:compose", "interview.pk")),
        Stop("mail templates", "baba", _at("mail:templates")),
        Stop("mail template", "aoki", _at("interviews:template", "template.pk")),
        Stop("mail template read", "baba", _at("interviews:template", "template.pk")),
        Stop("new mail template", "aoki", _at("interviews:template_add")),
        Stop("template groups", "aoki", _at("mail:groups")),
        Stop("template group", "aoki", _at("mail:group", "group.pk")),
        Stop(
            "texts of a group",
            "aoki",
            lambda world: reverse("mail:group_texts", args=[world.group.pk, "confirmation", "candidate"]),
        ),
        Stop("tags", "baba", _at("interviews:tags")),
        Stop("zoom", "aoki", _at("zoom:settings")),
        Stop("zoom without a connection", "baba", _at("zoom:settings")),
        Stop("meetings of nobody at zoom", "baba", _at("zoom:orphans")),
        Stop("zoom app", "aoki", _at("zoom:app")),
    ],
    "without a login": [
        Stop("join page", None, _join()),
        Stop("ask for another time", None, _join("requests/change/")),
        Stop("ask for an accommodation", None, _join("requests/accommodation/")),
        Stop("withdraw", None, _join("requests/withdrawal/")),
    ],
    "trouble": [
        Stop("not found", "baba", lambda world: "/nothing-here/", 404),
        Stop("forbidden", "doi", _at("web:settings"), 403),
        Stop("broken link of an applicant", None, lambda world: "/j/broken/", 404),
    ],
}
PAGES = [stop for stops in AREAS.values() for stop in stops]
