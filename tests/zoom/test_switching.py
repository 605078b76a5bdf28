"""別のZoomアカウントに変更: the new account first, then the interviews, the old account last."""

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from mensetsu.zoom import connecting, meetings, switching
from mensetsu.zoom.models import Connection, EndReason
from tests.zoom_world import HANAKO, LOOPBACK, RECRUIT, RECRUIT2, ZoomWorld, issued

pytestmark = pytest.mark.django_db

SETTINGS, RETURN = "/settings/zoom/", "/settings/zoom/authorization/return"


@pytest.fixture(autouse=True)
def _reachable(settings: Any) -> None:
    """Zoom returns to 127.0.0.1 or https only."""
    settings.BASE_URL = LOOPBACK


def page_of(link: Connection, **query: Any) -> str:
    address = reverse("zoom:switch", args=[link.pk])
    return address + "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else address


def words(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").main.get_text(" ").split())


def states(answer: Any) -> list[str]:
    page = BeautifulSoup(answer.content, "html.parser").main
    return [one.get_text() for one in page.select("section .chip")]


def away(browser: Any, link: Connection) -> str:
    """To Zoom by the button of the first step."""
    answer = browser.post(reverse("zoom:authorize"), {"use": "shared", "switching": str(link.pk)})
    return str(answer["Location"])


@pytest.mark.parametrize(
    ("language", "offer"),
    [("ja", "別のZoomアカウントに変更"), ("en", "Change to another Zoom account")],
)
def test_the_settings_offer_it_for_ones_own_and_for_shared_accounts(
    zoom: ZoomWorld, people, client_of, language: str, offer: str
) -> None:
    own, shared = zoom.connect(people.baba, RECRUIT), zoom.connect(people.baba, RECRUIT2, is_shared=True)
    people.baba.language = language
    people.baba.save()

    page = BeautifulSoup(client_of(people.baba).get(SETTINGS).content, "html.parser")

    assert [one["href"] for one in page.find_all("a", string=offer)] == [page_of(own), page_of(shared)]


def test_an_own_account_with_interviews_is_replaced_step_by_step(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, old)
    browser = client_of(people.baba)

    first = browser.get(page_of(old))
    assert states(first) == ["いまの手順", "前の手順のあと", "前の手順のあと"]
    back = browser.get(RETURN, zoom.consent(away(browser, old), RECRUIT2))
    new = Connection.objects.live().get(email=RECRUIT2)
    assert back["Location"] == page_of(old, to=new.pk)

    second = browser.get(back["Location"])
    assert states(second) == ["完了", "いまの手順", "前の手順のあと"]
    form = BeautifulSoup(second.content, "html.parser").select_one(f"form[action*='/hosts/{old.pk}/']")
    sent = [(one["name"], one.get("value")) for one in form.select("input[name=host], input[name=meeting]")]
    assert sent == [("host", str(new.pk)), ("meeting", str(meeting.pk))]
    meetings.cancel(meeting, now=timezone.now())

    third = browser.get(back["Location"])
    assert states(third) == ["完了", "完了", "いまの手順"]
    assert BeautifulSoup(third.content, "html.parser").select_one("#use_own").has_attr("checked")
    done = browser.post(reverse("zoom:switch_finish", args=[old.pk]), {"to": new.pk, "use": "own"})

    old.refresh_from_db()
    new.refresh_from_db()
    assert done["Location"] == SETTINGS
    assert (old.end_reason, new.is_live, new.is_shared) == (EndReason.DISCONNECTED, True, False)
    assert f"{RECRUIT}から{RECRUIT2}に変更しました。" in words(browser.get(SETTINGS))


def test_a_shared_account_of_long_standing_stays_shared_unless_somebody_says_otherwise(
    zoom: ZoomWorld, people, client_of
) -> None:
    old = zoom.connect(people.baba, RECRUIT)
    long_ago = timezone.now() - timedelta(days=30)
    new = zoom.connect(people.baba, RECRUIT2, is_shared=True, now=long_ago)

    page = BeautifulSoup(client_of(people.baba).get(page_of(old, to=new.pk)).content, "html.parser")

    assert [one["id"] for one in page.select("input[name=use][checked]")] == ["use_shared"]


def test_a_shared_account_hands_its_name_on_and_stays_shared(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.baba, RECRUIT, is_shared=True)
    connecting.set_shared(old, is_shared=True, label="採用チーム用", by=people.baba, now=timezone.now())
    new = zoom.connect(people.aoki, RECRUIT2, is_shared=True)

    page = client_of(people.baba).get(page_of(old, to=new.pk))
    assert "新しいアカウントの使い方" not in words(page)
    # What the page does not offer counts for nothing.
    client_of(people.baba).post(reverse("zoom:switch_finish", args=[old.pk]), {"to": new.pk, "use": "own"})

    new.refresh_from_db()
    assert (new.is_live, new.is_shared, new.label) == (True, True, "採用チーム用")


def test_the_present_account_by_mistake_changes_nothing(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.baba, RECRUIT)
    meeting = issued(people.company, old)
    browser = client_of(people.baba)

    answer = browser.get(RETURN, zoom.consent(away(browser, old), RECRUIT))

    assert answer["Location"] == page_of(old)
    assert f"現在と同じアカウント（{RECRUIT}）です。" in words(browser.get(page_of(old)))
    assert [(one.pk, one.is_shared) for one in Connection.objects.live()] == [(old.pk, False)]
    # The old tokens died with the second authorization; the link lives on the new ones.
    assert meetings.start_url(meeting, now=timezone.now())


def test_a_refusal_leads_back_to_the_steps(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.baba, RECRUIT)
    zoom.connect(people.doi, HANAKO)
    issued(people.company, old)
    browser = client_of(people.baba)

    answer = browser.get(RETURN, zoom.consent(away(browser, old), HANAKO))

    assert answer["Location"] == page_of(old)
    assert "土井 大" in words(browser.get(page_of(old)))


def test_a_no_at_zoom_leads_back_to_the_steps(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.baba, RECRUIT)
    issued(people.company, old)
    browser = client_of(people.baba)

    answer = browser.get(RETURN, zoom.consent(away(browser, old), RECRUIT2, decision="decline"))

    assert answer["Location"] == page_of(old)
    assert "連携をやめました。何も変更されていません。" in words(browser.get(page_of(old)))


@pytest.mark.parametrize("who", ["baba", "doi"])
def test_without_interviews_one_press_disconnects_and_leaves_for_zoom(
    zoom: ZoomWorld, people, client_of, who: str
) -> None:
    person = getattr(people, who)
    old = zoom.connect(person, RECRUIT)
    browser = client_of(person)
    assert "連携を解除して別のアカウントと連携" in words(browser.get(page_of(old)))

    left = browser.post(reverse("zoom:switch_leave", args=[old.pk]))
    back = browser.get(RETURN, zoom.consent(left["Location"], HANAKO))

    old.refresh_from_db()
    assert old.end_reason == EndReason.DISCONNECTED
    assert back["Location"] == SETTINGS
    new = Connection.objects.live().get()
    assert (new.email, new.owner, new.is_shared) == (HANAKO, person, False)


def test_who_then_says_no_at_zoom_is_told_how_things_stand(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.doi, RECRUIT)
    browser = client_of(people.doi)
    left = browser.post(reverse("zoom:switch_leave", args=[old.pk]))

    browser.get(RETURN, zoom.consent(left["Location"], HANAKO, decision="decline"))

    page = words(browser.get(SETTINGS))
    assert "別のアカウントとは連携していません。" in page
    assert "連携は解除済みです。" in page


def test_an_interviewer_with_interviews_asks_a_recruiter(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.doi, RECRUIT)
    issued(people.company, old)
    browser = client_of(people.doi)

    page = words(browser.get(page_of(old)))
    late = browser.post(reverse("zoom:switch_leave", args=[old.pk]))

    assert "これらの面接の主催者の変更を、採用担当に依頼してください。" in page
    assert late.status_code == 422
    old.refresh_from_db()
    assert old.is_live


def test_an_interview_set_meanwhile_keeps_the_old_account(zoom: ZoomWorld, people, client_of) -> None:
    old, new = zoom.connect(people.baba, RECRUIT), zoom.connect(people.baba, RECRUIT2, is_shared=True)
    issued(people.company, old)

    answer = client_of(people.baba).post(reverse("zoom:switch_finish", args=[old.pk]), {"to": new.pk})

    old.refresh_from_db()
    assert (answer.status_code, old.is_live) == (422, True)
    assert "このアカウントを主催者とする面接が設定されました。" in words(answer)
    assert states(answer) == ["完了", "いまの手順", "前の手順のあと"]


def test_what_is_no_account_of_the_reader_takes_nothing_over(zoom: ZoomWorld, people, client_of) -> None:
    old, others = zoom.connect(people.baba, RECRUIT), zoom.connect(people.doi, RECRUIT2)
    browser = client_of(people.baba)

    for key in (others.pk, old.pk, "x", ""):
        answer = browser.post(reverse("zoom:switch_finish", args=[old.pk]), {"to": key})
        assert answer["Location"] == page_of(old)

    assert "先に新しいアカウントを選択してください。" in words(browser.get(page_of(old)))
    assert client_of(people.endo).get(page_of(old)).status_code == 404
    shared = zoom.connect(people.aoki, HANAKO, is_shared=True)
    assert browser.post(reverse("zoom:switch_leave", args=[shared.pk])).status_code == 404
    assert Connection.objects.live().count() == 3


def test_without_a_zoom_app_nobody_is_disconnected(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.doi, RECRUIT)
    zoom.app(people.company).delete()

    answer = client_of(people.doi).post(reverse("zoom:switch_leave", args=[old.pk]))

    old.refresh_from_db()
    assert (answer["Location"], old.is_live) == (SETTINGS, True)


@pytest.mark.parametrize(
    ("was_shared", "new_shared", "is_own", "becomes_shared"),
    [(False, True, True, False), (False, True, False, True), (True, True, False, True)],
)
def test_the_new_account_is_used_as_wished(
    zoom: ZoomWorld, people, was_shared: bool, new_shared: bool, is_own: bool, becomes_shared: bool
) -> None:
    old = zoom.connect(people.baba, RECRUIT, is_shared=was_shared)
    new = zoom.connect(people.baba, RECRUIT2, is_shared=new_shared)

    switching.finish(old, to=new, is_own=is_own, by=people.baba, now=timezone.now())

    assert (old.is_live, new.is_shared) == (False, becomes_shared)
