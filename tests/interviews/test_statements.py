"""What it costs to set an interview: how many statements, whoever asks; and that they find what querysets find."""

import uuid
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from mensetsu.interviews import beside, form_choices, issuing
from mensetsu.interviews.models import Interview
from mensetsu.zoom import taken
from mensetsu.zoom.models import Connection, HostHold, Meeting
from tests import story
from tests.interviews import desk
from tests.interviews.desk import schedule

pytestmark = pytest.mark.django_db


def test_an_interview_is_set_with_so_many_statements(
    office: SimpleNamespace, django_assert_max_num_queries
) -> None:
    schedule(office)
    later = story.tomorrow_at(16)
    # Two of them a savepoint's beginning and end. Where several write at a time, another savepoint and a look for a
    # host that nobody else is taking come in addition.
    with django_assert_max_num_queries(19 if connection.vendor == "postgresql" else 17):
        schedule(office, candidate=office.ito, starts_at=later, host=None, form_key=uuid.uuid4(), seen=())


def test_another_form_key_of_another_applicant_is_no_key(office: SimpleNamespace) -> None:
    key = uuid.uuid4()
    first = schedule(office, form_key=key)

    second = schedule(office, candidate=office.ito, host=office.sub, form_key=key)

    assert (second.form_key, first.pk == second.pk) == (None, False)
    assert schedule(office, form_key=key) == first
    assert beside.of(office.ito.pk, None).made() is None
    assert not beside.of(office.ito.pk, None).is_key_used


def test_what_is_taken_of_a_host_is_what_querysets_find(office: SimpleNamespace) -> None:
    meeting = schedule(office).meeting
    span = meeting.starts_at, meeting.ends_at
    HostHold.objects.create(
        connection=office.sub, key="offer:1", starts_at=span[0], ends_at=span[1],
        held_until=office.now + timedelta(days=1),
    )  # fmt: skip
    both = [meeting.connection_id, office.sub.pk]

    assert sorted(taken.spans(both, *span, now=office.now)) == sorted((pk, taken.Span(*span)) for pk in both)
    assert taken.spans(both, *span, now=office.now, besides_meeting=meeting.pk, besides_hold="offer:1") == []
    assert taken.spans(both, *span, now=office.now + timedelta(days=2), besides_meeting=meeting.pk) == []


def test_accounts_are_seen_with_their_load_and_as_they_are(office: SimpleNamespace) -> None:
    host = schedule(office).meeting.connection
    Connection.objects.filter(pk=host.pk).update(
        email="recruit@sample.example.jp",
        display_name="採用 太郎",
        zoom_account_id="account",
        scopes="meeting:write",
    )

    seen = {one.pk: one for one in taken.accounts(office.company.pk, now=office.now)}

    live = Connection.objects.live().filter(organization=office.company)
    assert set(seen) == set(live.values_list("pk", flat=True))
    assert [one.load for one in seen.values()].count(1) == Meeting.objects.count() == 1
    assert (seen[host.pk].connection(), str(seen[host.pk].connection())) == (host, str(host))
    assert seen[host.pk].connection().is_live
    as_read = {name: value for name, value in vars(seen[host.pk].connection()).items() if name != "_state"}
    assert as_read.items() <= vars(Connection.objects.get(pk=host.pk)).items()
    assert (
        seen[host.pk].connection().refresh_token_sealed == host.refresh_token_sealed
    )  # read when it is asked for


@pytest.mark.parametrize("typed", ["", "x", "0", "９", "1" * 30])
def test_a_stage_or_person_that_is_none_is_refused(office: SimpleNamespace, typed: str) -> None:
    field = form_choices.ManyField(queryset=None)
    field.offer(Interview.objects.none, form_choices.people_of(office.company.pk))
    with pytest.raises(form_choices.ValidationError):
        field.clean([typed])
    one = form_choices.OneField(queryset=None)
    one.offer(Interview.objects.none, form_choices.stage_of(office.sato.job_id))
    with pytest.raises(form_choices.ValidationError):
        one.clean(typed)
    one.offer(Interview.objects.none, form_choices.stage_of(None))
    with pytest.raises(form_choices.ValidationError):
        one.clean(typed)


def test_nothing_follows_from_the_address_of_an_interview_that_nobody_was_told_of(
    office: SimpleNamespace, django_assert_max_num_queries
) -> None:
    interview = desk.schedule(office, host=office.recruit)

    with django_assert_max_num_queries(24):  # two of them a savepoint's beginning and end
        issuing.issue_meeting.call(interview_id=interview.pk)

    assert Interview.objects.get(pk=interview.pk).meeting.is_issued
