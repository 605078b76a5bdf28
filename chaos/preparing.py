"""The world that every episode begins with, made once: a company, its people, applicants, linked Zoom accounts, a
booking page.

python -m chaos.preparing '{"folder": …, …}' [FILE]: as World.told tells it; the file is an SQLite database that is
migrated and empty, where one is at hand"""

import json
import os
import runpy
import shutil
import signal
import sys
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import django

from chaos.world import ROOT, World

PASSWORD = "mensetsu-chaos"
STAFF = [
    ("aoki", "青木", "葵", "admin", "ja"), ("baba", "馬場", "文", "recruiter", "ja"),
    ("hanako", "山田", "花子", "recruiter", "en"), ("doi", "土井", "大", "interviewer", "ja"),
    ("endo", "遠藤", "恵", "interviewer", "ja"), ("osamu", "田中", "修", "interviewer", "en"),
]  # fmt: skip
# (who links it, which Zoom user, the name under which the team shares it)
LINKED = [
    ("aoki", "recruit@sample.example.jp", "採用チーム用Zoom"),
    ("baba", "recruit2@sample.example.jp", "採用サブ用Zoom"),
    ("hanako", "hanako@sample.example.jp", ""),
]
LONG_PASSCODES = {
    "schedule_meeting": {"meeting_password_requirement": {
        "length": 10, "consecutive_characters_length": 0, "have_letter": True, "have_number": True,
        "have_special_character": False, "have_upper_and_lower_characters": True, "only_allow_numeric": False,
        "weak_enhance_detection": False,
    }},
}  # fmt: skip
# Everything takes place on so many days from the first one on, at these hours: few enough that people meet.
FIRST_DAY, HOURS = 3, range(10, 17)
DAYS, APPLICANTS = 4, 14
DAYS_UNDER_LOAD, APPLICANTS_UNDER_LOAD = 25, 80


def main() -> None:
    # A polite end unwinds like Ctrl-C, so that the simulated Zoom is ended too.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    world = World(**json.loads(sys.argv[1]))
    migrated = sys.argv[2] if len(sys.argv) > 2 else ""
    shutil.rmtree(world.folder, ignore_errors=True)
    world.set_clock()
    world.choose_ports()
    if migrated and not world.postgresql:
        shutil.copy(migrated, world.folder / "mensetsu.sqlite3")
    world.launch("zoom")
    try:
        world.await_answer("zoom")
        if world.postgresql:
            world.create_database()
        os.environ.update(world.environment())
        runpy.run_path(str(ROOT / "bin" / "messages.py"))["compile_all"]()
        django.setup()
        (world.folder / "facts.json").write_text(json.dumps(furnish(world)))
    finally:
        world.stop()


def furnish(world: World) -> dict[str, Any]:
    # They need the settings, which need the environment.
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from demo import linking, story  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    now = timezone.now()
    days, people = (DAYS_UNDER_LOAD, APPLICANTS_UNDER_LOAD) if world.crew > 2 else (DAYS, APPLICANTS)
    company = story.found(story.COMPANY, now)
    staff = {name: hire(company, name, *rest, now=now) for name, *rest in STAFF}
    places: Any = SimpleNamespace(web=8000, zoom_url=world.url("zoom"))
    for who, zoom_user, label in LINKED:
        linking.link(staff[who], zoom_user, label, places)
    for _who, zoom_user, _label in LINKED:
        # Long enough to be looked for in logs.
        world.zoom(f"users/{zoom_user}", {"settings": LONG_PASSCODES})
    stages = [("一次面接", "First interview"), ("二次面接", "Second interview")]
    stage = story.open_job(company, 0, "営業", "Sales", stages).stages.get(position=0)
    agencies = [meet_agency(company, number, staff["aoki"], now) for number in range(2)]
    applicants = [enter(company, stage, staff["baba"], agencies, number, now) for number in range(people)]
    page = open_page(company, stage, staff, days, now)
    from mensetsu.zoom import setting_up  # noqa: PLC0415

    return {
        "organization": company.pk, "stage": stage.pk, "page": page.pk, "applicants": applicants,
        "interviewers": [staff[name].pk for name in ("doi", "endo", "osamu")],
        "webhook": f"/webhooks/zoom/{setting_up.app_of(company, now=now).key}/",
        "days": days, "first_day": f"{timezone.localdate(now) + timedelta(days=FIRST_DAY):%Y-%m-%d}",
    }  # fmt: skip


def hire(company: Any, name: str, family: str, given: str, role: str, language: str, *, now: Any) -> Any:
    from demo import story  # noqa: PLC0415
    from mensetsu.availability.models import WorkingHours  # noqa: PLC0415

    user = story.hire(
        company, "sample.example.jp", name, family, given, "", "", name, role, language, now=now
    )
    user.set_password(PASSWORD)
    user.save()
    # Nobody has a weekend: an episode begins on any day.
    WorkingHours.objects.bulk_create(
        WorkingHours(user=user, weekday=day, begins="00:00", ends="23:59") for day in range(7)
    )
    return user


def meet_agency(company: Any, number: int, by: Any, now: Any) -> Any:
    """Somebody at an agency, with a page of their own."""
    from demo import story  # noqa: PLC0415
    from mensetsu.booking import agency_links  # noqa: PLC0415

    address = f"agency{number}@agency.example.com"
    contact = story.meet_agency(
        company, f"紹介{number}社", "営業部", "紹介", f"{number}番", address, ("ja", "en")[number]
    )
    agency_links.renew(contact, by=by, now=now)
    return contact


def enter(company: Any, stage: Any, owner: Any, agencies: list[Any], number: int, now: Any) -> int:
    from mensetsu.candidates import registering  # noqa: PLC0415

    contact = agencies[number % len(agencies)] if number % 4 == 1 else None
    values = {
        "external_id": f"C-{number}", "family_name": "応募", "given_name": f"{number}番",
        "contact_route": ("agency", "both")[number % 8 == 1] if contact else "direct",
        "agency": contact.agency if contact else None, "agency_contact": contact,
        "email": f"applicant{number}@example.com", "language": "en" if number % 3 == 0 else "ja",
        "job": stage.job, "stage": stage, "owner": owner,
    }  # fmt: skip
    return int(registering.register(organization=company, values=values, by=owner, now=now).pk)


def open_page(company: Any, stage: Any, staff: dict[str, Any], days: int, now: Any) -> Any:
    from django.utils import timezone  # noqa: PLC0415

    from mensetsu.booking import opening  # noqa: PLC0415

    page = opening.open_page(
        organization=company,
        values={"name": "一次面接", "stage": stage, "minutes": 60, "way": "web", "service": "zoom", "host_mode": "pool",
                "pick": 1, "notice_hours": 1, "change_hours": 1, "max_changes": 9},
        pool=[staff[name] for name in ("doi", "endo", "osamu")], by=staff["baba"], now=now,
    )  # fmt: skip
    first = timezone.localdate(now) + timedelta(days=FIRST_DAY)
    series = {
        "weekdays": list(range(7)), "first_on": first, "last_on": first + timedelta(days=days - 1),
        "begins": time(HOURS.start), "ends": time(HOURS.stop), "interval": 60, "capacity": 1,
    }  # fmt: skip
    opening.start_series(page, series, by=staff["baba"], now=now)
    return page


if __name__ == "__main__":
    main()
