"""The doctor about linked Zoom accounts: each is asked, and each that ended under somebody's interviews is named."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from mensetsu.operating import checks_zoom
from mensetsu.zoom import ending
from mensetsu.zoom.models import Connection, EndReason
from tests.zoom_world import RECRUIT, RECRUIT2, ZoomWorld, issued

pytestmark = pytest.mark.django_db


def of(people: SimpleNamespace) -> dict[str, list[str]]:
    """What is said of the company, by how bad it is."""
    found = checks_zoom.of(people.company, timezone.now())
    return {state: [f.sentence for f in found if f.state == state] for state in ("warning", "error")}


def test_an_account_that_ended_under_coming_meetings_is_an_error(zoom: ZoomWorld, desk: Any) -> None:
    link = zoom.connect(desk.baba, RECRUIT, is_shared=True)
    issued(desk.company, link)
    ending.end(link, reason=EndReason.REVOKED, now=timezone.now())

    [finding] = [f for f in checks_zoom.of(desk.company, timezone.now()) if f.state == "error"]

    assert str(link) in finding.sentence
    assert desk.baba.name_in("en") in finding.sentence
    assert "1 coming meeting " in finding.sentence
    assert "Zoom連携設定" in finding.next


@pytest.mark.parametrize("reason", [EndReason.DISCONNECTED, EndReason.REPLACED])
def test_an_account_that_somebody_here_ended_is_nobodys_trouble(
    zoom: ZoomWorld, desk: Any, reason: EndReason
) -> None:
    link = zoom.connect(desk.baba, RECRUIT)
    issued(desk.company, link)
    ending.end(link, reason=reason, now=timezone.now())

    assert (of(desk)["error"], of(desk)["warning"]) == ([], [])


def test_without_meetings_the_end_is_told_while_it_is_news_and_nobody_has_linked_anew(
    zoom: ZoomWorld, desk: Any
) -> None:
    link = zoom.connect(desk.baba, RECRUIT)
    ending.end(link, reason=EndReason.REVOKED, now=timezone.now() - timedelta(days=6))
    assert "connected no more" in of(desk)["warning"][0]

    Connection.objects.update(ended_at=timezone.now() - timedelta(days=8))
    assert of(desk)["warning"] == []

    Connection.objects.update(ended_at=timezone.now() - timedelta(days=1))
    zoom.connect(desk.baba, RECRUIT)
    assert of(desk)["warning"] == []


def test_links_whose_tokens_are_dead_are_found_by_asking(zoom: ZoomWorld, desk: Any) -> None:
    """As after restoring a backup: our rows say live, and Zoom knows nothing of them."""
    link = zoom.connect(desk.baba, RECRUIT)
    other = zoom.connect(desk.aoki, RECRUIT2)
    issued(desk.company, link)
    zoom.uninstall(RECRUIT)

    found = of(desk)

    assert str(link) in found["error"][0]
    link.refresh_from_db()
    other.refresh_from_db()
    assert (link.is_live, other.is_live) == (False, True)
    assert other.checked_at > timezone.now() - timedelta(minutes=1)


def test_where_zoom_does_not_answer_no_link_is_asked(zoom: ZoomWorld, desk: Any) -> None:
    link = zoom.connect(desk.baba, RECRUIT)
    zoom.uninstall(RECRUIT)
    zoom.fault("down")

    of(desk)

    link.refresh_from_db()
    assert link.is_live
    assert zoom.requests("GET", "/v2/users/me")[1:] == []


def test_a_token_is_renewed_once_however_often_the_doctor_comes(zoom: ZoomWorld, desk: Any) -> None:
    zoom.connect(desk.baba, RECRUIT)
    Connection.objects.update(access_expires_at=timezone.now(), refreshed_at=None)
    renewals = set()

    for _visit in range(3):
        assert of(desk)["error"] == []
        renewals.add(Connection.objects.live().get().refreshed_at)

    assert len(renewals) == 1
    assert None not in renewals
