"""WEB面接開始 against the simulated Zoom: who gets which link, what is kept of it (nothing), and what goes wrong."""

import logging
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.serializers import serialize
from django.urls import reverse
from django.utils import timezone

from mensetsu.history.models import Entry
from mensetsu.interviews.models import Interview, Interviewer, Service, Way
from mensetsu.zoom.models import Connection, EndReason
from tests import story, zoom_world
from tests.interviews import holding

START_LINK = "/s/"  # Zoom's start links are …zoom.us/s/<id>?zak=…


def soon() -> datetime:
    return (timezone.now() + timedelta(minutes=10)).replace(second=0, microsecond=0)


def on_zoom(people: SimpleNamespace, host: Connection, *interviewers: Any) -> Interview:
    """An interview in ten minutes with a meeting really made at (the simulated) Zoom."""
    meeting = zoom_world.issued(people.company, host, soon())
    made = holding.interview(
        people.company, interviewers=interviewers or (people.doi,), starts_at=meeting.starts_at
    )
    Interview.objects.filter(pk=made.pk).update(way=Way.WEB, service=Service.ZOOM, meeting=meeting)
    made.refresh_from_db()
    return made


def press(client_of: Any, user: Any, interview: Interview, **data: str) -> Any:
    return client_of(user).post(reverse("interviews:start", args=[interview.pk]), data)


def text_of(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").main.get_text(" ").split())


@pytest.fixture
def shared(zoom: Any, people: SimpleNamespace) -> Connection:
    return zoom.connect(people.aoki, zoom_world.RECRUIT, is_shared=True)


def test_an_assigned_interviewer_opens_the_shared_account_as_host(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    interview = on_zoom(people, shared)

    response = press(client_of, people.doi, interview)

    interview.refresh_from_db()
    assert response.status_code == 303
    assert f"/s/{interview.meeting.zoom_id}?zak=" in response.headers["Location"]
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.content == b""
    assert interview.started_by == people.doi
    assert [(e.action, e.actor) for e in Entry.objects.filter(action="interview.started")] == [
        ("interview.started", people.doi)
    ]


def test_a_recruiter_opens_it_as_host_without_being_assigned(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    assert START_LINK in press(client_of, people.baba, on_zoom(people, shared)).headers["Location"]


def test_each_press_asks_zoom_anew_and_the_first_one_counts(
    people: SimpleNamespace, shared: Connection, client_of: Any, zoom: Any
) -> None:
    interview = on_zoom(people, shared)
    press(client_of, people.doi, interview)
    first = Interview.objects.get(pk=interview.pk).started_at
    path = f"/v2/meetings/{interview.meeting.zoom_id}"
    asked = len(zoom.requests("GET", path))

    press(client_of, people.doi, interview)

    assert Interview.objects.get(pk=interview.pk).started_at == first
    assert len(zoom.requests("GET", path)) == asked + 1


def test_a_personal_account_is_opened_by_its_owner_only(
    people: SimpleNamespace, zoom: Any, client_of: Any
) -> None:
    own = zoom.connect(people.endo, zoom_world.HANAKO)
    interview = on_zoom(people, own)

    as_participant = press(client_of, people.doi, interview)
    recruiter = press(client_of, people.baba, interview)
    by_force = press(client_of, people.doi, interview, **{"as": "host"})
    interview.refresh_from_db()
    unstarted = interview.started_at
    as_host = press(client_of, people.endo, interview)

    for response in (as_participant, recruiter, by_force):
        assert response.headers["Location"] == interview.meeting.join_url
    assert unstarted is None
    assert START_LINK in as_host.headers["Location"]


def test_the_second_person_joins_and_may_take_over(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    interview = on_zoom(people, shared, people.doi, people.endo)
    press(client_of, people.doi, interview)

    second = press(client_of, people.endo, interview)
    takeover = press(client_of, people.endo, interview, **{"as": "host"})

    interview.refresh_from_db()
    assert second.headers["Location"] == interview.meeting.join_url
    assert START_LINK in takeover.headers["Location"]
    assert interview.started_by == people.doi
    assert Entry.objects.filter(action="interview.host_taken_over", actor=people.endo).count() == 1


def test_a_host_may_also_enter_as_participant(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    interview = on_zoom(people, shared)

    response = press(client_of, people.doi, interview, **{"as": "participant"})

    assert response.headers["Location"] == interview.meeting.join_url
    assert Interview.objects.get(pk=interview.pk).started_at is None


def test_opening_by_get_starts_nothing(people: SimpleNamespace, shared: Connection, client_of: Any) -> None:
    interview = on_zoom(people, shared)

    assert client_of(people.doi).get(reverse("interviews:start", args=[interview.pk])).status_code == 405
    assert Interview.objects.get(pk=interview.pk).started_at is None


def test_strangers_get_nothing(
    people: SimpleNamespace, shared: Connection, client_of: Any, client: Any
) -> None:
    interview = on_zoom(people, shared)

    for stranger in (people.endo, people.chiba):
        assert press(client_of, stranger, interview).status_code == 404
    assert client.post(reverse("interviews:start", args=[interview.pk])).status_code == 302


def test_the_start_link_is_never_kept_logged_or_shown(
    people: SimpleNamespace, shared: Connection, client_of: Any, caplog: Any
) -> None:
    """Not in the database, not in a log line at any level, not in any page of ours afterwards."""
    caplog.set_level(logging.DEBUG)
    interview = on_zoom(people, shared, people.doi, people.endo)

    link = press(client_of, people.doi, interview).headers["Location"]
    key = link.split("zak=")[1]

    # What must not leak exists.
    assert len(key) > 20
    tables = (model for model in apps.get_models() if model._meta.managed)
    assert [m._meta.label for m in tables if key in serialize("json", m.objects.all())] == []
    assert key not in caplog.text
    assert key not in "".join(str(record.__dict__) for record in caplog.records)
    for user in (people.doi, people.endo, people.baba):
        browser = client_of(user)
        for path in ("/interviews/", reverse("interviews:detail", args=[interview.pk])):
            assert "zak=" not in browser.get(path, follow=True).content.decode()


# What goes wrong


def test_zoom_away_says_so_and_offers_the_join_link(
    people: SimpleNamespace, shared: Connection, client_of: Any, zoom: Any
) -> None:
    interview = on_zoom(people, shared)
    zoom.fault("server_error", match={"method": "GET"}, times=9)

    response = press(client_of, people.doi, interview)
    text = text_of(response)
    soup = BeautifulSoup(response.content, "html.parser")

    assert response.status_code == 503
    for words in (
        "Zoomを開始できませんでした",
        "Zoomに接続できませんでした。",
        "もう一度",
        "参加URLで入る（主催者として開始はできません）",
        interview.meeting.display_id,
        interview.meeting.passcode,
        "03-1234-5678",
    ):
        assert words in text
    assert (
        soup.find("a", string="参加URLで入る（主催者として開始はできません）")["href"]
        == interview.meeting.join_url
    )
    assert Interview.objects.get(pk=interview.pk).started_at is None


def test_a_meeting_deleted_at_zoom_is_marked_and_recruiters_may_issue_anew(
    people: SimpleNamespace, shared: Connection, client_of: Any, zoom: Any
) -> None:
    interview = on_zoom(people, shared)
    zoom.delete(interview.meeting)

    interviewer = press(client_of, people.doi, interview)
    recruiter = press(client_of, people.baba, interview)

    interview.refresh_from_db()
    assert (interviewer.status_code, interview.url_state) == (409, "lost")
    assert "Zoom側でミーティングが削除されています。" in text_of(interviewer)
    assert "採用担当が対応できます。" in text_of(interviewer)
    assert "再発行" not in [
        b.get_text() for b in BeautifulSoup(interviewer.content, "html.parser").find_all("button")
    ]
    form = BeautifulSoup(recruiter.content, "html.parser").find("button", string="再発行").find_parent("form")
    assert form["action"] == reverse("interviews:retry", args=[interview.pk])


def test_a_revoked_link_names_the_cause(
    people: SimpleNamespace, shared: Connection, client_of: Any, zoom: Any
) -> None:
    interview = on_zoom(people, shared)
    zoom.uninstall(zoom_world.RECRUIT)

    response = press(client_of, people.doi, interview)

    shared.refresh_from_db()
    assert shared.end_reason in (EndReason.REVOKED, EndReason.DEAUTHORIZED)
    assert response.status_code == 409
    assert "主催するZoomアカウントの連携が切れています。" in text_of(response)


def test_a_running_meeting_on_the_same_account_is_told_first(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    holding.meeting(shared, soon() - timedelta(hours=2), started_at=timezone.now() - timedelta(hours=1))
    interview = on_zoom(people, shared)

    refused = press(client_of, people.doi, interview)
    anyway = press(client_of, people.doi, interview, anyway="1")

    assert refused.status_code == 409
    assert "を終了していません。先に終了してください。" in text_of(refused)
    assert "それでも開始する" in text_of(refused)
    assert START_LINK in anyway.headers["Location"]


def test_while_the_link_is_pending_the_page_says_so(people: SimpleNamespace, client_of: Any) -> None:
    interview = holding.facts(people, meeting_values={"issued_at": None, "zoom_id": "", "join_url": ""})
    response = press(client_of, people.doi, interview)

    assert response.status_code == 409
    assert "参加URLは発行待ちです。" in text_of(response)
    assert "参加URLで入る（" not in text_of(response)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"way": Way.IN_PERSON}, "この面接はWEB面接ではないため、開くものがありません。"),
        ({"way": Way.PHONE}, "この面接はWEB面接ではないため、開くものがありません。"),
        ({"canceled_at": holding.at(9)}, "この面接は中止になりました。"),
    ],
)
def test_without_a_room_there_is_nothing_to_open(
    people: SimpleNamespace, client_of: Any, values: dict[str, Any], words: str
) -> None:
    interview = holding.interview(people.company, interviewers=(people.doi,), starts_at=soon(), **values)
    response = press(client_of, people.doi, interview)

    assert response.status_code == 409
    assert "面接を開けませんでした" in text_of(response)
    assert words in text_of(response)


def test_another_url_is_simply_opened(people: SimpleNamespace, client_of: Any) -> None:
    interview = holding.interview(
        people.company,
        interviewers=(people.doi,),
        starts_at=soon(),
        way=Way.WEB,
        service=Service.URL,
        custom_url="https://meet.example.com/abc-defg",
    )
    response = press(client_of, people.doi, interview)

    assert (response.status_code, response.headers["Location"]) == (303, "https://meet.example.com/abc-defg")
    assert Interview.objects.get(pk=interview.pk).started_by == people.doi


def test_a_removed_interviewer_can_no_longer_start(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    interview = on_zoom(people, shared)
    Interviewer.objects.filter(interview=interview).delete()
    Interviewer.objects.create(interview=interview, user=people.endo)

    assert press(client_of, people.doi, interview).status_code == 404
    assert press(client_of, people.endo, interview).status_code == 303


def test_a_press_of_yesterday_is_replaced_by_the_real_one(
    people: SimpleNamespace, shared: Connection, client_of: Any
) -> None:
    interview = on_zoom(people, shared, people.doi, people.endo)
    yesterday = timezone.now() - timedelta(days=1)
    Interview.objects.filter(pk=interview.pk).update(started_at=yesterday, started_by=people.endo)

    response = press(client_of, people.doi, interview)

    interview.refresh_from_db()
    assert START_LINK in response.headers["Location"]
    assert interview.started_by == people.doi
    assert interview.started_at > yesterday


def test_names_of_the_hard_kind_do_not_break_the_page(people: SimpleNamespace, client_of: Any) -> None:
    candidate = story.candidate(people.company, "<b>髙橋</b>", "﨑太郎")
    holding.facts(people, candidate=candidate, starts_at=soon())
    html = client_of(people.doi).get("/interviews/").content.decode()

    assert "&lt;b&gt;髙橋&lt;/b&gt; 﨑太郎" in html
    assert "<b>髙橋" not in html
