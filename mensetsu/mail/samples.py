"""The texts that ship with the product, and how a company gets them as its own templates.

A sample is a file `sample_texts/<language>/<purpose>.<receiver>[.<way>].txt`: two heading lines, an empty line, the
text. The fourth part `request` marks a second text for the same case."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.utils import timezone

from mensetsu.accounts import models as accounts
from mensetsu.jobs import port
from mensetsu.mail import groups, standard_group
from mensetsu.mail.models import Purpose, Template

FOLDER = Path(__file__).parent / "sample_texts"
WAYS = ("web", "url", "in_person", "phone")


@dataclass(frozen=True)
class Sample:
    key: str
    language: str
    purpose: str
    receiver: str
    way: str
    name: str
    subject: str
    body: str


@cache
def all_samples() -> tuple[Sample, ...]:
    """Every shipped text, in the order of purposes; the usual text of a case before its second one."""
    found = [_read(path) for path in FOLDER.glob("*/*.txt")]
    order = Purpose.values
    return tuple(sorted(found, key=lambda s: (s.language != "ja", order.index(s.purpose), s.receiver, s.key)))


def _read(path: Path) -> Sample:
    heading, body = path.read_text(encoding="utf-8").split("\n\n", 1)
    values = dict(line.split(": ", 1) for line in heading.splitlines())
    purpose, receiver, *rest = path.stem.split(".")
    return Sample(
        key=f"{path.parent.name}/{path.stem}",
        language=path.parent.name,
        purpose=purpose,
        receiver=receiver,
        way=rest[0] if rest and rest[0] in WAYS else "",
        name=values["Name"],
        subject=values["Subject"],
        body=body.rstrip("\n"),
    )


def text_for(sample: Sample, organization: accounts.Organization) -> tuple[str, str]:
    """Subject and body in the company's own voice: 当社 or 弊社, さん or 様, and no Japan time elsewhere."""
    subject, body = sample.subject, sample.body
    if sample.language == "ja":
        body = body.replace("当社", organization.self_reference)
        body = body.replace("{{面接官氏名}} さん", "{{面接官氏名}} " + organization.colleague_honorific)
    elif organization.time_zone != "Asia/Tokyo":
        body = body.replace("(Japan time, about", "(about")
    return subject, body


def install_samples(organization: accounts.Organization, now: datetime) -> int:
    """Give the company every shipped text it has not had yet, and a default group that uses them; texts it changed or
    retired stay so.

    Returns how many were added. Safe to call again after an upgrade."""
    had = set(
        Template.objects.filter(organization=organization).exclude(sample="").values_list("sample", flat=True)
    )
    new = []
    for sample in all_samples():
        if sample.key in had:
            continue
        subject, body = text_for(sample, organization)
        new.append(
            Template(
                organization=organization, purpose=sample.purpose, receiver=sample.receiver,
                language=sample.language, way=sample.way, name=sample.name, subject=subject, body=body,
                sample=sample.key, updated_at=now,
            )
        )  # fmt: skip
    # Two requests may begin at once; the second finds its names taken.
    Template.objects.bulk_create(new, ignore_conflicts=True)
    group = standard_group.ensure(organization, now)
    if new:
        added = Template.objects.in_use().filter(
            organization=organization, sample__in=[one.sample for one in new]
        )
        standard_group.include(group, added)
    return len(new)


def ensure_samples(organization: accounts.Organization, now: datetime) -> None:
    """A company that has no text at all gets the shipped ones: it was founded a moment ago. One that had its texts
    before there were groups gets the default group."""
    if not Template.objects.filter(organization=organization).exists():
        install_samples(organization, now)
    elif groups.default_of(organization.pk) is None:
        standard_group.ensure(organization, now)


@port.job(max_attempts=1)
def install_new_samples() -> None:
    """Every company gets the texts that came with an upgrade, or that it should have had from its beginning."""
    for organization in accounts.Organization.objects.all():
        install_samples(organization, timezone.now())


def sample_of(template: Template) -> Sample | None:
    """The shipped text this template began as."""
    return next((sample for sample in all_samples() if sample.key == template.sample), None)
