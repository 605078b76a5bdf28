"""Subscribed calendars: whose interviews, for whom, until when – and nothing that should not travel."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mensetsu.accounts.models import Role, User
from mensetsu.attending import feeds
from mensetsu.availability import feeding
from mensetsu.availability.models import Feed, FeedKind
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview
from tests import story
from tests.ical import readers
from tests.interviews import desk, holding


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    world = desk.furnish(people)
    world.sato.phone = "090-1234-5678"
    world.sato.save()
    return world


def fetch(feed: Feed, **headers: str) -> Any:
    return Client().get(reverse("interviews:feed", args=[feeding.token(feed)]), headers=headers)


def read(feed: Feed) -> dict[str, Any]:
    answer = fetch(feed)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return readers.understood(answer.content.decode())


def opened(user: User, kind: str = FeedKind.OWN) -> Feed:
    return feeding.open_feed(user, kind=kind, now=timezone.now())


def test_an_interviewer_sees_their_own_interviews_only(world) -> None:
    mine = desk.schedule(world, interviewers=[world.doi, world.endo])
    desk.schedule(world, candidate=world.ito, starts_at=story.tomorrow_at(16), interviewers=[world.endo])

    found = read(opened(world.doi))

    assert found["name"] == "土井 大さんの面接"
    assert [event["summary"] for event in found["events"]] == ["面接：佐藤 美咲 様・一次面接（WEB）"]
    assert found["events"][0]["location"] == f"http://testserver/interviews/{mine.pk}/"
    assert found["zones"] == ["Asia/Tokyo"]
    assert found["method"] is None


def test_a_recruiter_sees_the_companys_with_the_interviewers_names(world) -> None:
    desk.schedule(world, interviewers=[world.doi, world.endo])

    event = read(opened(world.baba, FeedKind.COMPANY))["events"][0]

    assert event["description"].splitlines()[0] == "面接官：土井 大、遠藤 恵"


def test_no_address_no_telephone_no_room(world) -> None:
    interview = desk.schedule(world)
    desk.issued(interview)

    for feed in (opened(world.doi), opened(world.baba, FeedKind.COMPANY)):
        text = feeds.text(feed, now=timezone.now()).replace("\r\n ", "")
        for secret in ("misaki@example.com", "090-1234-5678", "zoom.example", "88412345678", "/j/"):
            assert secret not in text


def test_the_feed_follows_changes_and_forgets_what_is_canceled(world) -> None:
    interview = desk.schedule(world)
    feed = opened(world.doi)
    before = read(feed)["events"][0]

    scheduling.reschedule(
        interview, starts_at=story.tomorrow_at(16), minutes=30, by=world.baba, now=timezone.now()
    )
    after = read(feed)["events"][0]
    scheduling.cancel(interview, by=world.baba, now=timezone.now())

    assert after["uid"] == before["uid"]
    assert after["starts_at"] == readers.moment(story.tomorrow_at(16))
    assert read(feed)["events"] == []


def test_an_empty_feed_is_still_a_calendar_that_both_readers_accept(world) -> None:
    assert read(opened(world.doi)) == {
        "method": None, "name": "土井 大さんの面接", "zones": ["Asia/Tokyo"], "events": [],
    }  # fmt: skip


@pytest.mark.parametrize(("days", "shown"), [(-31, 0), (-29, 1), (364, 1), (366, 0)])
def test_a_month_back_and_a_year_ahead(world, days: int, shown: int) -> None:
    interview = desk.schedule(world)
    interview.starts_at = timezone.now() + timedelta(days=days)
    interview.save()

    assert len(read(opened(world.doi))["events"]) == shown


def test_nothing_new_is_answered_by_304(world) -> None:
    desk.schedule(world)
    feed = opened(world.doi)
    first = fetch(feed)
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]

    assert [
        fetch(feed, if_none_match=tag).status_code,
        fetch(feed, if_modified_since=modified).status_code,
        fetch(feed, if_none_match='"other"').status_code,
    ] == [304, 304, 200]
    assert fetch(feed, if_none_match=tag).content == b""

    scheduling.cancel(Interview.objects.get(), by=world.baba, now=timezone.now())
    changed = fetch(feed, if_none_match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_moment_of_the_last_change_is_kept_although_the_changed_interview_is_gone(world) -> None:
    """A program that only knows dates must hear of a removal too."""
    interview = desk.schedule(world)
    feed = opened(world.doi)
    fetch(feed)
    Feed.objects.update(content_changed_at=timezone.now() - timedelta(days=2))
    modified = fetch(feed).headers["Last-Modified"]
    scheduling.change_interviewers(interview, [world.endo], by=world.baba, now=timezone.now())

    assert fetch(feed, if_modified_since=modified).status_code == 200


def test_a_head_request_carries_no_body(world) -> None:
    address = reverse("interviews:feed", args=[feeding.token(opened(world.doi))])
    answer = Client().head(address)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["ETag"]
    assert Client().post(address).status_code == 405


def test_the_answer_is_private(world) -> None:
    headers = fetch(opened(world.doi)).headers

    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in headers


def test_a_revoked_a_renewed_and_a_forged_address_open_nothing(world) -> None:
    old = opened(world.doi)
    new = feeding.renew(world.doi, kind=FeedKind.OWN, now=timezone.now())
    other = opened(world.endo)
    forged = old.nonce + feeding.token(other)[16:]

    assert fetch(old).status_code == 404
    assert fetch(new).status_code == 200
    for token in (forged, new.nonce, feeding.token(new)[:-1], "x" * 42):
        assert Client().get(reverse("interviews:feed", args=[token])).status_code == 404

    feeding.revoke(world.doi, kind=FeedKind.OWN, now=timezone.now())
    assert fetch(new).status_code == 404


def test_the_address_survives_a_change_of_the_secret_while_it_is_a_fallback(world, settings) -> None:
    feed = opened(world.doi)
    address = reverse("interviews:feed", args=[feeding.token(feed)])
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10

    assert Client().get(address).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert Client().get(address).status_code == 404


def test_the_feed_ends_with_its_person_and_with_the_role(world) -> None:
    own, company = opened(world.baba), opened(world.baba, FeedKind.COMPANY)
    User.objects.filter(pk=world.baba.pk).update(role=Role.INTERVIEWER)
    assert [fetch(own).status_code, fetch(company).status_code] == [200, 404]

    User.objects.filter(pk=world.baba.pk).update(deactivated_at=timezone.now())
    assert fetch(own).status_code == 404


def test_another_companys_recruiter_sees_none_of_ours(world) -> None:
    desk.schedule(world)

    assert read(opened(world.chiba, FeedKind.COMPANY))["events"] == []


def test_an_english_reader_has_an_english_calendar(world) -> None:
    User.objects.filter(pk=world.doi.pk).update(language="en", romaji="Dai Doi")
    desk.schedule(world)
    feed = opened(User.objects.get(pk=world.doi.pk))

    found = read(feed)

    assert found["name"] == "Interviews of Dai Doi"
    assert found["events"][0]["summary"].startswith("Interview: ")


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_interviews(
    world, count, django_assert_num_queries
) -> None:
    for number in range(count):
        candidate = story.candidate(world.company, "応募", str(number), job=world.job)
        desk.schedule(world, candidate=candidate, starts_at=story.tomorrow_at(9 + 2 * number),
                      interviewers=[world.doi, world.endo])  # fmt: skip
    feed = feeding.find(feeding.token(opened(world.baba, FeedKind.COMPANY)))

    with django_assert_num_queries(3):
        feeds.text(feed, now=timezone.now())


def test_floods_are_slowed_down(world, monkeypatch) -> None:
    holding.set_clock(monkeypatch, timezone.now())  # counted by the minute
    address = reverse("interviews:feed", args=["x" * 42])

    answers = [Client().get(address).status_code for _number in range(62)]

    assert 429 in answers
    assert set(answers) == {404, 429}


def test_making_renewing_and_revoking_on_the_page(world, client_of) -> None:
    client = client_of(world.baba)

    def address_on_page() -> list[str]:
        text = client.get("/profile/calendar/").content.decode()
        return [piece.partition('"')[0] for piece in text.split('value="http://testserver/calendar/')[1:]]

    assert address_on_page() == []
    client.post("/profile/calendar/opening/", {"kind": "company"})
    first = address_on_page()
    client.post("/profile/calendar/opening/", {"kind": "company"})
    assert address_on_page() == first
    client.post("/profile/calendar/renewal/", {"kind": "company"})
    second = address_on_page()
    assert len(second) == 1
    assert second != first
    client.post("/profile/calendar/revocation/", {"kind": "company"})
    assert address_on_page() == []


def test_an_interviewer_cannot_make_the_companys_feed(world, client_of) -> None:
    client = client_of(world.doi)

    assert client.post("/profile/calendar/opening/", {"kind": "company"}).status_code == 404
    assert client.post("/profile/calendar/opening/", {"kind": "nonsense"}).status_code == 404
    with pytest.raises(feeding.NotForThisRole):
        opened(world.doi, FeedKind.COMPANY)
    assert "会社全体の面接" not in client.get("/profile/calendar/").content.decode()
    assert not Feed.objects.exists()
