"""Database, translations and static files: made when missing, left alone when they are up to date."""

import runpy
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command

from demo.machine import Places

ROOT = Path(__file__).resolve().parent.parent


def database() -> None:
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def translations() -> None:
    catalogs = ROOT.glob("mensetsu/*/locale/*/LC_MESSAGES/django.po")
    if any(_is_newer(catalog, catalog.with_suffix(".mo")) for catalog in catalogs):
        runpy.run_path(str(ROOT / "bin" / "messages.py"))["compile_all"]()


def static_files(data: Path) -> None:
    stamp = data / "static" / ".collected"
    files = [path for path in (ROOT / "mensetsu" / "static").rglob("*") if path.is_file()]
    files.append(ROOT / "requirements" / "run.txt")  # libraries bring static files too
    if any(_is_newer(path, stamp) for path in files):
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.touch()


def _is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or source.stat().st_mtime > made.stat().st_mtime


def is_empty() -> bool:
    return not apps.get_model("accounts", "Organization").objects.exists()


def welcome(places: Places) -> str:
    from demo import story  # noqa: PLC0415 - models exist only after setup

    logins = "\n".join(f"    {email:<32} {who}" for email, who in story.LOGINS)
    return (
        f"  Mensetsu        {places.web_url}/\n"
        f"  Mailbox         {places.mailbox_url}/\n"
        f"  Zoom simulator  {places.zoom_url}/sim\n\n"
        f"  Log in with one of these, password: {story.PASSWORD}\n{logins}\n\n"
        "  Ctrl-C ends everything; bin/demo --reset starts the story anew."
    )
