"""Kept queries answer what Django's own answer, again and again, each time with other values."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import QuerySet
from django.db.models.signals import post_init

from mensetsu.accounts.models import User
from mensetsu.candidates.models import Candidate
from mensetsu.interviews.models import Interview
from mensetsu.statements import kept
from mensetsu.zoom import models as zoom
from tests import story

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=story.JAPAN)


def test_values_are_put_in_at_each_call(people: SimpleNamespace, django_assert_num_queries: Any) -> None:
    query = kept.Query(
        lambda: User.objects.visible_to(kept.READER).order_by("id").values_list("id", "created_at")
    )
    colleagues = list(User.objects.visible_to(people.baba).order_by("id").values_list("id", "created_at"))

    with django_assert_num_queries(3):
        assert [tuple(row) for row in query.rows(**kept.of(people.baba))] == colleagues
        assert [tuple(row) for row in query.rows((1, 3), **kept.of(people.baba))] == colleagues[1:3]
        assert query.rows(organization=0) == []


def test_rows_that_need_no_conversion_come_as_they_are(people: SimpleNamespace) -> None:
    query = kept.Query(lambda: User.objects.filter(pk=kept.number("pk")).values_list("pk", "email"))

    assert [tuple(row) for row in query.rows(pk=people.baba.pk)] == [(people.baba.pk, people.baba.email)]


def test_several_are_counted_at_once_and_not_further_than_asked(
    people: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    mine = kept.Query(lambda: User.objects.visible_to(kept.READER).values_list("pk"))
    me = kept.Query(lambda: User.objects.filter(pk=kept.READER.pk).values_list("pk"))
    many = User.objects.visible_to(people.baba).count()
    assert many > 2

    with django_assert_num_queries(1):
        assert kept.counts([(mine, 100), (mine, 2), (me, 5)], **kept.of(people.baba)) == [many, 2, 1]


def test_moments_are_compared_as_moments(people: SimpleNamespace) -> None:
    early = kept.Query(lambda: User.objects.filter(created_at__lt=kept.moment("before")))
    User.objects.update(created_at=NOW)

    assert early.instances(before=NOW) == []
    assert len(early.instances(before=NOW.replace(hour=13))) == User.objects.count()


@pytest.fixture
def interview(people: SimpleNamespace) -> Interview:
    candidate = Candidate.objects.create(
        organization=people.company, family_name="佐藤", created_at=NOW, updated_at=NOW, owner=people.baba
    )
    host = zoom.Connection.objects.create(
        organization=people.company, owner=people.aoki, zoom_user_id="z", connected_at=NOW, is_shared=True
    )
    meeting = zoom.Meeting.objects.create(
        organization=people.company,
        connection=host,
        starts_at=NOW,
        minutes=60,
        topic="面接",
        requested_at=NOW,
    )
    return Interview.objects.create(
        organization=people.company, candidate=candidate, starts_at=NOW, minutes=60, way="web", service="zoom",
        created_at=NOW, changed_at=NOW, meeting=meeting,
    )  # fmt: skip


def wide() -> QuerySet[Interview]:
    return Interview.objects.select_related(
        "candidate__owner", "candidate__job", "meeting__connection", "next_meeting__connection"
    )


def test_instances_are_those_that_django_makes(interview: Interview, django_assert_num_queries: Any) -> None:
    query = kept.Query(lambda: wide().filter(organization_id=kept.number("organization")))

    with django_assert_num_queries(1):
        (made,) = query.instances(organization=interview.organization_id)
        told = [made.candidate.owner.email, made.candidate.job, made.meeting.connection.zoom_user_id,
                made.next_meeting, made.url_state, made.meeting.interview.pk]  # fmt: skip
    (django,) = wide()
    for one, other in ((made, django), (made.candidate, django.candidate), (made.meeting, django.meeting)):
        assert {**vars(one), "_state": 0} == {**vars(other), "_state": 0}
        assert (one._state.db, one._state.adding) == (other._state.db, other._state.adding)
        assert one._state.fields_cache.keys() == other._state.fields_cache.keys()
    assert told == [django.candidate.owner.email, None, "z", None, "pending", interview.pk]


def test_what_was_left_out_is_read_when_it_is_asked_for(
    people: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    query = kept.Query(lambda: User.objects.filter(pk=kept.number("pk")).only("email"))
    (made,) = query.instances(pk=people.baba.pk)

    with django_assert_num_queries(1):
        assert made.family_name == people.baba.family_name
    made.family_name = "佐藤"
    made.save()
    assert User.objects.get(pk=people.baba.pk).family_name == "佐藤"


def test_a_number_that_no_column_can_hold_is_in_no_row(people: SimpleNamespace) -> None:
    query = kept.Query(lambda: User.objects.filter(pk=kept.number("pk")))
    names = kept.Query(lambda: User.objects.filter(pk=kept.number("pk")).values_list("email"))

    assert query.instances(pk=10**30) == names.rows(pk=10**30) == []
    assert kept.counts([(names, 5), (names, 5)], pk=10**30) == [0, 0]


def test_whoever_listens_to_new_instances_hears_of_them(people: SimpleNamespace) -> None:
    heard = []
    listen = lambda **signal: heard.append(signal["instance"])  # noqa: E731
    post_init.connect(listen, sender=User)
    try:
        query = kept.Query(lambda: User.objects.filter(pk=kept.number("pk")))
        (made,) = query.instances(pk=people.baba.pk)
    finally:
        post_init.disconnect(listen, sender=User)

    assert heard == [made]
    assert made.email == people.baba.email


def test_the_login_finds_people_by_their_number(
    people: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = User.objects.get(pk=people.baba.pk)
    assert (found, found.full_name) == (people.baba, people.baba.full_name)
    assert User.objects.get(pk=str(people.baba.pk)) == User.objects.get(email=people.baba.email) == found
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=0)
