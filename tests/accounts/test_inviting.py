"""A colleague gets in by a link that works once, for seven days, in their language; only the newest one."""

import smtplib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from mensetsu.accounts import inviting
from mensetsu.accounts.models import Role, User
from mensetsu.history.models import Entry
from mensetsu.notices.models import OutgoingNotice
from tests.racing import together


class Refusing(BaseEmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages: list[Any]) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user")})


NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def invite(people: SimpleNamespace, email: str = "new@sample.example.jp", **changes: Any) -> User:
    values = {
        "organization": people.company,
        "email": email,
        "family_name": "新田",
        "given_name": "新",
        "role": Role.RECRUITER,
        "language": "ja",
        "by": people.aoki,
        "now": NOW,
    }
    return inviting.invite(**{**values, **changes})


def token(user: User) -> str:
    return inviting.address(user).rstrip("/").rpartition("/")[2]


def test_an_invited_person_cannot_log_in_yet(people: SimpleNamespace) -> None:
    user = invite(people)

    assert (user.is_invited, user.has_usable_password(), user.time_zone) == (True, False, "Asia/Tokyo")
    assert Entry.objects.get(action="staff.invited").facts == {"role": "recruiter", "name": "新田 新"}


def test_the_mail_brings_the_link_in_the_persons_language(
    people: SimpleNamespace, mailoutbox: list, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    japanese = invite(people)
    english = invite(people, "e@sample.example.jp", language="en")

    run_jobs()

    by_address = {mail.to[0].rpartition("<")[2].rstrip(">"): mail for mail in mailoutbox}
    first, second = by_address[japanese.email], by_address[english.email]
    assert first.subject == "【株式会社サンプル】Mensetsuへの招待"
    assert inviting.address(japanese) in first.body.splitlines()
    assert "このURLは2026年12月1日(火) 14:00まで、1回だけ使えます。" in first.body
    assert "青木 葵さんが" in first.body
    assert "The link works once, until Tue, Dec 1, 2026, 14:00 JST." in second.body


def test_an_invitation_has_one_link_whenever_it_is_written(
    people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = invite(people)
    first = inviting.address(user)
    monkeypatch.setattr("time.time", lambda: NOW.timestamp() + 86_400)

    assert inviting.address(user) == first


def test_the_link_stands_in_no_table(people: SimpleNamespace) -> None:
    user = invite(people)

    rows = [str(row.args_kwargs) for row in DBTaskResult.objects.all()]
    rows += [str(vars(row)) for row in OutgoingNotice.objects.all()]
    assert rows
    assert not [row for row in rows if token(user) in row or "http" in row]


@pytest.mark.parametrize(("days", "works"), [(0, True), (6.99, True), (7, False), (8, False)])
def test_it_works_for_seven_days(people: SimpleNamespace, days: float, works: bool) -> None:
    user = invite(people)
    later = NOW + timedelta(days=days)

    if works:
        assert inviting.find(token(user), now=later) == user
    else:
        with pytest.raises(inviting.InvitationExpired) as over:
            inviting.find(token(user), now=later)
        assert over.value.user == user


def test_it_works_once(people: SimpleNamespace) -> None:
    user = invite(people)
    link = token(user)

    inviting.join(user, password="a long enough one", now=NOW)

    assert user.check_password("a long enough one")
    assert user.joined_at == NOW
    with pytest.raises(inviting.InvitationUsed):
        inviting.find(link, now=NOW)
    with pytest.raises(inviting.InvitationUsed):
        inviting.join(user, password="another one", now=NOW)


def test_a_new_invitation_ends_the_one_before(people: SimpleNamespace) -> None:
    user = invite(people)
    old = token(user)

    inviting.invite_again(user, by=people.aoki, now=NOW + timedelta(days=8))

    with pytest.raises(inviting.InvitationReplaced):
        inviting.find(old, now=NOW + timedelta(days=8))
    assert inviting.find(token(user), now=NOW + timedelta(days=14)) == user


def test_a_deactivated_invitation_is_withdrawn(people: SimpleNamespace) -> None:
    user = invite(people)
    User.objects.filter(pk=user.pk).update(deactivated_at=NOW)

    with pytest.raises(inviting.InvitationWithdrawn):
        inviting.find(token(user), now=NOW)
    with pytest.raises(inviting.InvitationUsed):
        inviting.join(user, password="a long enough one", now=NOW)


@pytest.mark.parametrize("change", ["cut", "other", "nonsense", "foreign"])
def test_a_broken_or_forged_link_is_nobodys(people: SimpleNamespace, change: str) -> None:
    user = invite(people)
    good = token(user)
    forged = {
        "cut": good[:-3],
        "other": signing.Signer(salt="mensetsu.accounts.invitation").sign_object([999_999, NOW.timestamp()]),
        "nonsense": "x",
        # Signed by us, but for another purpose.
        "foreign": signing.Signer(salt="mensetsu.accounts.other").sign_object([user.pk, NOW.timestamp()]),
    }[change]

    with pytest.raises(inviting.LinkBroken):
        inviting.find(forged, now=NOW)


def test_whoever_joined_needs_no_invitation(people: SimpleNamespace) -> None:
    with pytest.raises(inviting.AlreadyJoined):
        inviting.invite_again(people.baba, by=people.aoki, now=NOW)
    assert not DBTaskResult.objects.exists()


@pytest.mark.parametrize(
    "typed", ["baba@sample.example.jp", "BABA@SAMPLE.example.jp", "ｂａｂａ@sample.example.jp "]
)
def test_an_address_is_invited_once_however_it_is_typed(people: SimpleNamespace, typed: str) -> None:
    with pytest.raises(inviting.AddressTaken) as taken:
        invite(people, typed)

    assert taken.value.user == people.baba
    assert not Entry.objects.exists()


def test_a_person_of_another_company_is_not_named(people: SimpleNamespace) -> None:
    with pytest.raises(inviting.AddressTaken) as taken:
        invite(people, people.chiba.email)

    assert taken.value.user is None


def test_whoever_was_never_invited_has_no_link(people: SimpleNamespace) -> None:
    with pytest.raises(inviting.AlreadyJoined):
        inviting.address(people.baba)


def test_a_mail_that_waited_too_long_is_not_sent(
    people: SimpleNamespace, mailoutbox: list, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined, expired = invite(people), invite(people, "late@sample.example.jp", now=NOW - timedelta(days=8))
    inviting.join(joined, password="a long enough one", now=NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)

    run_jobs()

    assert expired.is_invited
    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_of_two_presses_at_once_one_joins(people: SimpleNamespace) -> None:
    user = invite(people)
    mine = [User.objects.get(pk=user.pk) for _press in range(4)]

    results = together(
        4, *[lambda u=u: inviting.join(u, password="a long enough one", now=NOW) for u in mine]
    )

    assert sorted(type(result).__name__ for result in results) == ["InvitationUsed"] * 3 + ["NoneType"]
    assert Entry.objects.filter(action="staff.joined").count() == 1


def test_a_refused_invitation_stands_in_the_persons_story_and_is_not_sent_twice(
    people: SimpleNamespace, settings: Any, run_jobs: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    user = invite(people, now=timezone.now())

    run_jobs()
    run_jobs(until=timezone.now() + timedelta(days=2))

    assert Entry.objects.get(action="staff.invitation_failed").subject_id == user.pk
    assert inviting.undelivered([user, people.baba])[user.pk].problem == "bad_recipient"
    assert inviting.undelivered([people.baba]) == {}


def test_a_failure_that_nobody_is_there_for_any_more_is_only_noted(people: SimpleNamespace) -> None:
    inviting.note_undelivered(OutgoingNotice(user_id=0), NOW)

    assert not Entry.objects.filter(action="staff.invitation_failed").exists()


def test_an_invitation_that_was_replaced_does_not_leave_as_well(
    people: SimpleNamespace, mailoutbox: list, run_jobs: Any
) -> None:
    user = invite(people, now=timezone.now())
    inviting.invite_again(user, by=people.aoki, now=timezone.now())

    run_jobs()

    assert [one.to[0].rpartition("<")[2] for one in mailoutbox] == [f"{user.email}>"]
    assert [row.state for row in OutgoingNotice.objects.order_by("created_at")] == ["dropped", "sent"]
    assert inviting.undelivered([user]) == {}


def test_a_job_of_the_release_before_invites_too(
    people: SimpleNamespace, mailoutbox: list, run_jobs: Any
) -> None:
    user = invite(people, now=timezone.now())
    OutgoingNotice.objects.all().delete()

    inviting.send_invitation.call(user_id=user.pk, inviter="青木 葵")
    inviting.send_invitation.call(user_id=0, inviter="青木 葵")
    run_jobs()

    assert len(mailoutbox) == 1
