"""W14, W15: 解除 is refused while future meetings remain, and goes through after their hosts changed in one step."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Service, Way
from mensetsu.zoom.models import EndReason
from tests import story
from tests.zoom_world import RECRUIT, RECRUIT2, ZoomWorld

pytestmark = pytest.mark.django_db


def words(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def fields_of(form) -> dict[str, list[str]]:
    """What a browser would send when the form is sent as it stands."""
    sent: dict[str, list[str]] = {}
    for box in form.select("input[name]"):
        if box.get("type") != "checkbox" or box.has_attr("checked"):
            sent.setdefault(box["name"], []).append(box.get("value", ""))
    for select in form.select("select[name]"):
        chosen = select.find("option", selected=True) or select.find("option")
        sent[select["name"]] = [chosen["value"]]
    return sent


def test_unlinking_after_the_hosts_were_changed_in_one_step(
    zoom: ZoomWorld, people, client_of, run_jobs
) -> None:
    old = zoom.connect(people.aoki, RECRUIT, is_shared=True)
    new = zoom.connect(people.aoki, RECRUIT2, is_shared=True)
    job = story.job(people.company)
    stage = job.stages.get(name="一次面接")
    interviews = [
        scheduling.schedule(
            candidate=story.candidate(people.company, "応募", str(number), job=job, stage=stage, owner=people.baba),
            stage=stage, starts_at=story.tomorrow_at(10 + 2 * number), minutes=60, interviewers=[people.doi],
            way=Way.WEB, service=Service.ZOOM, host=old, by=people.baba, now=timezone.now(),
        )
        for number in range(3)
    ]  # fmt: skip
    run_jobs()
    before = {str(m["id"]) for m in zoom.meetings()}
    browser = client_of(people.baba)
    address = reverse("zoom:disconnect", args=[old.pk])

    refusal = browser.post(address)
    assert refusal.status_code == 422
    assert f"このZoomアカウント（{RECRUIT}）を主催者とする、これからの面接が3件あります。" in words(refusal)
    form = BeautifulSoup(refusal.content, "html.parser").find(
        "form", action=reverse("interviews:rehost", args=[old.pk])
    )
    answer = browser.post(form["action"], fields_of(form))
    run_jobs()

    assert "3件の主催者を変更しました。" in words(browser.get(answer["Location"]))
    for interview in interviews:
        interview.refresh_from_db()
        assert (interview.meeting.connection, interview.meeting.is_issued) == (new, True)
    there = zoom.meetings()
    assert {m["host_id"] for m in there} == {new.zoom_user_id}
    assert before.isdisjoint(str(m["id"]) for m in there)

    assert browser.post(address).status_code == 303
    old.refresh_from_db()
    assert old.end_reason == EndReason.DISCONNECTED
    assert [a["user_id"] for a in zoom.state()["authorizations"] if not a["ended_at"]] == [new.zoom_user_id]


def test_after_unlinking_another_account_can_be_linked(zoom: ZoomWorld, people, client_of) -> None:
    old = zoom.connect(people.baba, RECRUIT)

    client_of(people.baba).post(reverse("zoom:disconnect", args=[old.pk]))
    new = zoom.connect(people.baba, RECRUIT, is_shared=True)

    assert new.is_live
    assert new.pk != old.pk
