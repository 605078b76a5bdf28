"""The addresses of letters and of the texts they are made from."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from mensetsu.interviews.models import Interview, Notice, Reminder, Way, Withheld
from mensetsu.mail import preparing, samples
from mensetsu.mail.models import Mail, Template, TemplateGroup
from mensetsu.notices.models import OutgoingNotice


def furnish(world: Any) -> None:
    """The shipped texts, one of them changed once; an interview in person with a failed letter about it."""
    now = timezone.now()
    company = world.people.company
    samples.install_samples(company, now)
    world.template = Template.objects.get(organization=company, sample="ja/confirmation.candidate.in_person")
    preparing.change_template(
        world.template, name=world.template.name, subject="秘匿の件名", body="秘匿の本文",
        seen_at=now, by=world.people.aoki, now=now,
    )  # fmt: skip
    world.version = world.template.versions.get()
    world.written_about = Interview.objects.create(
        organization=company, candidate=world.candidate, starts_at=now + timedelta(days=9), minutes=60,
        way=Way.IN_PERSON, place="本社", created_at=now, changed_at=now,
    )  # fmt: skip
    world.mail = Mail.objects.create(
        organization=company, candidate=world.candidate, purpose="confirmation", receiver="candidate",
        language="ja", to_name="秘匿 花子", to_email="hitoku@example.com", subject="秘匿の件名",
        body="秘匿 花子 様", message_id="<furnished@test>", created_at=now, queued_at=now, failed_at=now,
        problem="bad_recipient",
    )  # fmt: skip
    Notice.objects.create(
        interview=world.written_about, mail=world.mail, told_starts_at=world.written_about.starts_at,
        told_minutes=60,
    )  # fmt: skip
    Reminder.objects.create(
        interview=world.written_about, receiver="candidate", starts_at=world.written_about.starts_at,
        planned_at=now, due_at=now + timedelta(days=8),
    )  # fmt: skip
    Withheld.objects.create(
        interview=world.written_about, purpose="confirmation", receiver="candidate", recipient="candidate",
        name="秘匿 花子", language="ja", reason="gap", at=now,
    )  # fmt: skip
    world.notice = OutgoingNotice.objects.create(
        organization_id=company.pk, user_id=world.people.doi.pk, name="interview_assigned",
        about="interviews.interview", about_id=world.written_about.pk, email=world.people.doi.email,
        to_name="秘匿 花子", language="ja", time_zone="Asia/Tokyo", context={"candidate": "秘匿 花子"},
        created_at=now, due_at=now, failed_at=now, problem="bad_recipient",
    )  # fmt: skip


def _group(world: Any) -> tuple[int]:
    return (_found_group(world).pk,)


def _found_group(world: Any) -> TemplateGroup:
    return TemplateGroup.objects.get(organization=world.people.company, is_default=True)


def _rule(world: Any) -> tuple[int]:
    return (_found_group(world).reminder_rules.first().pk,)


def _reminder(world: Any) -> tuple[int]:
    return (Reminder.objects.get(interview=world.written_about).pk,)


def _withheld(world: Any) -> tuple[int]:
    return (Withheld.objects.get(interview=world.written_about).pk,)


def _interview(world: Any) -> tuple[int]:
    return (world.written_about.pk,)


def _mail(world: Any) -> tuple[int]:
    return (world.mail.pk,)


def _template(world: Any) -> tuple[int]:
    return (world.template.pk,)


ADDRESSES = {
    "interviews:compose": _interview,
    "interviews:letter": _interview,
    "interviews:draft": _interview,
    "interviews:mails_sent": _interview,
    "interviews:mails_undo": _interview,
    "interviews:mails_stop": _interview,
    "interviews:mail": _mail,
    "interviews:mail_resend": _mail,
    "interviews:mail_settle": _mail,
    "interviews:notice_resend": lambda world: (world.notice.pk,),
    "interviews:notice_settle": lambda world: (world.notice.pk,),
    "interviews:tags": None,
    "interviews:template_add": None,
    "interviews:template_preview": None,
    "interviews:template": _template,
    "interviews:template_restore": _template,
    "interviews:template_retire": _template,
    "interviews:template_version": lambda world: (world.version.pk,),
    "interviews:mail_stop": _mail,
    "interviews:reminder_stop": _reminder,
    "interviews:withheld_settle": _withheld,
    "mail:templates": None,
    "mail:groups": None,
    "mail:group_add": None,
    "mail:group": _group,
    "mail:group_rename": _group,
    "mail:group_default": _group,
    "mail:group_retire": _group,
    "mail:group_use": _group,
    "mail:group_rule_add": _group,
    "mail:group_rule": _rule,
    "mail:group_texts": lambda world: (*_group(world), "confirmation", "candidate"),
}

ROLES = {
    "interviews:template_add": "admin",
    "interviews:template_restore": "admin",
    "interviews:template_retire": "admin",
    "mail:group_add": "admin",
    "mail:group_rename": "admin",
    "mail:group_default": "admin",
    "mail:group_retire": "admin",
    "mail:group_use": "admin",
    "mail:group_rule_add": "admin",
    "mail:group_rule": "admin",
    "mail:group_texts": "admin",
}
