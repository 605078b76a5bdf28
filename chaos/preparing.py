"""The world that every episode begins with, made once: a company, its people, applicants, linked Zoom accounts, a
booking page.

python -m chaos.preparing FOLDER [FOLDER OF THE POSTGRESQL SOCKET]"""

import json
import os
import runpy
import shutil
import signal
import sys
from datetime import time, timedelta
from pathlib import Path
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
APPLICANTS = 14
# Everything takes place on these days from the first one on, at these hours.
FIRST_DAY, DAYS, HOURS = 3, 4, range(10, 17)


def main() -> None:
    # A polite end unwinds like Ctrl-C, so that the simulated Zoom is ended too.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    folder, *rest = sys.argv[1:]
    world = World(Path(folder), *rest)
    shutil.rmtree(world.folder, ignore_errors=True)
    world.set_clock()
    world.choose_ports()
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
    company = story.found(story.COMPANY, now)
    staff = {name: hire(company, name, *rest, now=now) for name, *rest in STAFF}
    places: Any = SimpleNamespace(web=8000, zoom_url=world.url("zoom"))
    for who, zoom_user, label in LINKED:
        linking.link(staff[who], zoom_user, label, places)
    stage = story.open_job(company, 0, "営業", "Sales", [("一次面接", "First interview")]).stages.get()
    applicants = [enter(company, stage, staff["baba"], number, now) for number in range(APPLICANTS)]
    page = open_page(company, stage, staff, now)
    from mensetsu.zoom import setting_up  # noqa: PLC0415

    return {
        "organization": company.pk, "stage": stage.pk, "page": page.pk, "applicants": applicants,
        "interviewers": [staff[name].pk for name in ("doi", "endo", "osamu")],
        "webhook": f"/webhooks/zoom/{setting_up.app_of(company, now=now).key}/",
        "first_day": f"{timezone.localdate(now) + timedelta(days=FIRST_DAY):%Y-%m-%d}",
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


def enter(company: Any, stage: Any, owner: Any, number: int, now: Any) -> int:
    from mensetsu.candidates import registering  # noqa: PLC0415

    values = {
        "external_id": f"C-{number}", "family_name": "応募", "given_name": f"{number}番", "contact_route": "direct",
        "email": f"applicant{number}@example.com", "language": "en" if number % 3 == 0 else "ja",
        "job": stage.job, "stage": stage, "owner": owner,
    }  # fmt: skip
    return int(registering.register(organization=company, values=values, by=owner, now=now).pk)


def open_page(company: Any, stage: Any, staff: dict[str, Any], now: Any) -> Any:
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
        "weekdays": list(range(7)), "first_on": first, "last_on": first + timedelta(days=DAYS - 1),
        "begins": time(HOURS.start), "ends": time(HOURS.stop), "interval": 60, "capacity": 1,
    }  # fmt: skip
    opening.start_series(page, series, by=staff["baba"], now=now)
    return page


if __name__ == "__main__":
    main()
