"""Prepare templates: add, change, bring back what they said before, retire. The views admit administrators only."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from mensetsu.accounts import models as accounts
from mensetsu.history import recording
from mensetsu.mail import samples
from mensetsu.mail.models import Template, TemplateVersion


class ChangedMeanwhile(Exception):
    """Somebody else saved this template after the form was opened."""

    def __init__(self, by: accounts.User | None, at: datetime) -> None:
        super().__init__(by, at)
        self.by = by
        self.at = at


class NoSample(Exception):
    """The template did not begin as a shipped text."""


class NameTaken(Exception):
    """Another template of the same purpose, receiver, language and way has this name."""


@transaction.atomic
def add_template(
    *,
    organization: accounts.Organization,
    purpose: str,
    receiver: str,
    language: str,
    way: str,
    name: str,
    subject: str,
    body: str,
    by: accounts.User,
    now: datetime,
) -> Template:
    """A new text of the company. Refuses NameTaken."""
    template = Template(
        organization=organization, purpose=purpose, receiver=receiver, language=language, way=way,
        name=name, subject=subject, body=body, updated_at=now, updated_by=by,
    )  # fmt: skip
    _refuse_taken_name(template)
    template.save()
    _record("template.added", template, by, now)
    return template


@transaction.atomic
def change_template(
    template: Template,
    *,
    name: str,
    subject: str,
    body: str,
    seen_at: datetime,
    by: accounts.User,
    now: datetime,
) -> None:
    """Replace the text and keep the old one as a version. Refuses ChangedMeanwhile (`seen_at` is the `updated_at` the
    form was opened with) and NameTaken."""
    template.name = name
    _refuse_taken_name(template)
    _replace(template, subject=subject, body=body, seen_at=seen_at, by=by, now=now)
    Template.objects.filter(pk=template.pk).update(name=name)
    _record("template.changed", template, by, now)


@transaction.atomic
def restore_version(version: TemplateVersion, *, by: accounts.User, now: datetime) -> None:
    """The text of that version again; what stood there becomes a version itself."""
    template = version.template
    _replace(
        template, subject=version.subject, body=version.body, seen_at=template.updated_at, by=by, now=now
    )
    _record("template.restored", template, by, now, saved_at=version.saved_at)


@transaction.atomic
def restore_sample(template: Template, *, by: accounts.User, now: datetime) -> None:
    """「初期の文面に戻す」: the shipped text again; what stood there stays as a version. Refuses NoSample."""
    sample = samples.sample_of(template)
    if sample is None:
        raise NoSample
    subject, body = samples.text_for(sample, template.organization)
    _replace(template, subject=subject, body=body, seen_at=template.updated_at, by=by, now=now)
    _record("template.restored_sample", template, by, now)


@transaction.atomic
def retire_template(template: Template, *, by: accounts.User, now: datetime) -> None:
    """Take it out of every choice; letters written with it keep their text. Retiring twice changes nothing."""
    if Template.objects.filter(pk=template.pk, retired_at=None).update(retired_at=now, updated_by=by):
        _record("template.retired", template, by, now)


def _refuse_taken_name(template: Template) -> None:
    others = Template.objects.filter(
        organization=template.organization, purpose=template.purpose, receiver=template.receiver,
        language=template.language, way=template.way, name=template.name, retired_at=None,
    )  # fmt: skip
    if others.exclude(pk=template.pk).exists():
        raise NameTaken


def _replace(
    template: Template, *, subject: str, body: str, seen_at: datetime, by: accounts.User, now: datetime
) -> None:
    # The version is a copy of the row itself, so that it holds what really stood there.
    before = Template.objects.filter(pk=template.pk, updated_at=seen_at, retired_at=None).annotate(
        author=F("updated_by_id")
    )
    old = before.values("subject", "body", "updated_at", "author").first()
    changed = before.update(subject=subject, body=body, updated_at=now, updated_by=by)
    if old is None or not changed:
        current = Template.objects.select_related("updated_by").get(pk=template.pk)
        raise ChangedMeanwhile(current.updated_by, current.updated_at)
    TemplateVersion.objects.create(
        template=template, subject=old["subject"], body=old["body"], saved_at=old["updated_at"],
        saved_by_id=old["author"],
    )  # fmt: skip
    template.subject, template.body, template.updated_at, template.updated_by = subject, body, now, by


def _record(action: str, template: Template, by: accounts.User, now: datetime, **facts: object) -> None:
    recording.record(
        action, subject=template, organization_id=template.organization_id, by=by, at=now,
        name=template.name, **facts,
    )  # fmt: skip
