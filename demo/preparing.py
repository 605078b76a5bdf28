"""Database and static files: made when missing, left alone when they are up to date."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command

from demo import story, translations
from demo.machine import Places

ROOT = Path(__file__).resolve().parent.parent


def database() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def static_files(data: Path) -> None:
    stamp = data / "static" / ".collected"
    files = [path for path in (ROOT / "mensetsu" / "static").rglob("*") if path.is_file()]
    files.append(ROOT / "requirements" / "run.txt")  # libraries bring static files too
    if any(translations.is_newer(path, stamp) for path in files):
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.touch()


def is_empty() -> bool:
    return not apps.get_model("accounts", "Organization").objects.exists()


def company() -> Any:
    """The company of the story, also when it was given another name since: it was founded first."""
    companies = apps.get_model("accounts", "Organization").objects
    return companies.filter(name=story.COMPANY).first() or companies.earliest("id")


def welcome(places: Places) -> str:
    logins = "\n".join(f"    {email:<32} {who}" for email, who in story.LOGINS)
    return (
        f"  Mensetsu        {places.web_url}/\n"
        f"  Mailbox         {places.mailbox_url}/\n"
        f"  Zoom simulator  {places.zoom_url}/sim\n\n"
        f"  Log in with one of these, password: {story.PASSWORD}\n{logins}\n\n"
        "  Ctrl-C ends everything; bin/demo --reset starts the story anew."
    )
