"""Another host for many interviews at once, and other people for a leaver's."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db.models import F
from django.test import Client
from django.utils import timezone

from mensetsu.interviews import rehosting, scheduling
from mensetsu.interviews.models import Interview, Rehosting
from mensetsu.zoom import connecting
from mensetsu.zoom.models import Connection, Meeting
from tests import story, zoom_world
from tests.interviews import desk
from tests.racing import meanwhile

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


def three(world: SimpleNamespace) -> list[Interview]:
    """Three on the team's account; at the time of the last the other account is taken."""
    made = [
        desk.schedule(world, starts_at=story.tomorrow_at(hour), interviewers=[world.doi])
        for hour in (9, 11, 15)
    ]
    desk.schedule(
        world, candidate=world.ito, starts_at=story.tomorrow_at(15), host=world.sub, interviewers=[]
    )
    return made


def outcomes(asked: Rehosting) -> list[str]:
    return list(asked.items.values_list("outcome", flat=True))


def test_what_fits_is_moved_and_what_does_not_stops_nothing(
    world: SimpleNamespace, run_jobs: Callable[..., int]
) -> None:
    made = three(world)

    asked = rehosting.ask(world.team, interviews=made, to_host=world.sub, by=world.baba, now=world.now)
    rehosting.rehost.call(rehosting_id=asked.pk)

    assert outcomes(asked) == ["moved", "moved", "busy"]
    hosts = [Interview.objects.with_facts().get(pk=one.pk).meeting.connection for one in made]
    assert hosts == [world.sub, world.sub, world.team]
    asked.refresh_from_db()
    assert asked.finished_at is not None


def test_any_free_host_is_never_the_one_being_left(world: SimpleNamespace) -> None:
    made = three(world)

    asked = rehosting.ask(world.team, interviews=made, to_host=None, by=world.baba, now=world.now)
    rehosting.rehost.call(rehosting_id=asked.pk)

    assert outcomes(asked) == ["moved", "moved", "no_free_host"]


def test_killed_in_the_middle_it_goes_on_where_it_stopped(world: SimpleNamespace) -> None:
    made = three(world)
    asked = rehosting.ask(world.team, interviews=made, to_host=world.sub, by=world.baba, now=world.now)
    asked.items.filter(interview=made[0]).update(outcome="moved")

    rehosting.rehost.call(rehosting_id=asked.pk)

    hosts = [Interview.objects.with_facts().get(pk=one.pk).meeting.connection for one in made]
    assert hosts == [world.team, world.sub, world.team]


def test_what_changed_since_it_was_asked_is_left_alone(world: SimpleNamespace) -> None:
    made = three(world)
    asked = rehosting.ask(world.team, interviews=made, to_host=world.sub, by=world.baba, now=world.now)
    scheduling.cancel(made[0], by=world.aoki, now=world.now)

    rehosting.rehost.call(rehosting_id=asked.pk)

    assert outcomes(asked) == ["not_needed", "moved", "busy"]


def test_what_was_noted_as_held_before_its_end_is_not_moved(world: SimpleNamespace) -> None:
    made = desk.schedule(world)
    asked = rehosting.ask(world.team, interviews=[made], to_host=world.sub, by=world.baba, now=world.now)
    Interview.objects.filter(pk=made.pk).update(outcome="done", outcome_at=world.now)

    rehosting.rehost.call(rehosting_id=asked.pk)

    assert outcomes(asked) == ["not_needed"]


def test_nothing_hosted_by_that_account_is_nothing_to_move(world: SimpleNamespace) -> None:
    interview = desk.schedule(world, host=world.sub)

    with pytest.raises(rehosting.NothingToMove):
        rehosting.ask(world.team, interviews=[interview], to_host=world.sub, by=world.baba, now=world.now)

    assert not Rehosting.objects.exists()


def test_what_happened_in_between_stands_on_each(world: SimpleNamespace) -> None:
    running, changed, ended = three(world)
    asked = rehosting.ask(
        world.team, interviews=[running, changed, ended], to_host=world.sub, by=world.baba, now=world.now
    )
    desk.issued(running)  # people sit in it
    began = world.now - timedelta(minutes=10)
    Interview.objects.filter(pk=running.pk).update(starts_at=began, ends_at=began + timedelta(hours=1))
    first, second, third = asked.items.order_by("pk")

    rehosting._move(asked, first, now=world.now)
    with meanwhile(
        'UPDATE "interviews_interview" SET', lambda: Interview.objects.update(version=F("version") + 1)
    ):
        rehosting._move(asked, second, now=world.now)
    Connection.objects.filter(pk=world.sub.pk).update(ended_at=world.now, end_reason="revoked")
    rehosting._move(asked, third, now=world.now)

    # Running is not "canceled, over or has another host already": the page names when it can be changed.
    assert outcomes(asked) == ["running", "changed", "host_ended"]


def test_an_interview_in_progress_is_listed_but_cannot_be_chosen(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    running, ahead = desk.schedule(world), desk.schedule(world, candidate=world.ito, host=world.team,
        starts_at=story.tomorrow_at(9), interviewers=[])  # fmt: skip
    desk.issued(running)  # people sit in it
    began = world.now - timedelta(minutes=10)
    Interview.objects.filter(pk=running.pk).update(starts_at=began, ends_at=began + timedelta(hours=1))
    Meeting.objects.filter(pk=running.meeting_id).update(starts_at=began, ends_at=began + timedelta(hours=1))
    baba = client_of(world.baba)

    page = BeautifulSoup(baba.get(f"/interviews/hosts/{world.team.pk}/").content, "html.parser")
    only_running = {"host": "auto", "interview": [str(running.pk)]}
    refusal = baba.post(f"/interviews/hosts/{world.team.pk}/", only_running)
    remaining = BeautifulSoup(
        client_of(world.aoki).get(f"/settings/zoom/connections/{world.team.pk}/end/").content, "html.parser"
    )

    for box in (page.find(id=f"i{running.pk}"), remaining.find(id=f"m{running.meeting_id}")):
        assert (box.has_attr("disabled"), box.has_attr("checked")) == (True, False)
        assert (
            "進行中のため、終了後に変更できます" in box.find_parent(class_=["row", "check"]).parent.get_text()
        )
    for box in (page.find(id=f"i{ahead.pk}"), remaining.find(id=f"m{ahead.meeting_id}")):
        assert (box.has_attr("disabled"), box.has_attr("checked")) == (False, True)
    assert refusal.status_code == 422
    assert "（1件とも空き）" in remaining.find(id="id_host").get_text()


def test_the_result_of_one_in_progress_says_when_it_can_be_changed(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    asked = rehosting.ask(
        world.team, interviews=[desk.schedule(world)], to_host=None, by=world.baba, now=world.now
    )
    asked.items.update(outcome="running", done_at=world.now)

    page = client_of(world.baba).get(f"/interviews/hosts/results/{asked.pk}/").content.decode()

    assert "進行中です。終了後に変更できます。" in page
    assert "終了後に変更する" in page


def test_an_account_of_the_free_plan_is_marked_where_it_would_cut_off(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    desk.host(world.company, world.aoki, "無料", plan_type=1)
    interview = desk.schedule(world)
    baba, aoki = client_of(world.baba), client_of(world.aoki)

    def marked(minutes: int) -> list[bool]:
        Interview.objects.update(minutes=minutes)
        Meeting.objects.update(minutes=minutes)
        pages = (
            baba.get(f"/interviews/hosts/{world.team.pk}/"),
            aoki.get(f"/settings/zoom/connections/{world.team.pk}/end/"),
        )
        return ["無料プランは40分で終了" in page.content.decode() for page in pages]

    assert interview.minutes == 60
    assert marked(60) == [True, True]
    assert marked(40) == [False, False]


def test_the_page_of_the_interview_warns_of_a_free_plan_that_cuts_it_off(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    interview = desk.schedule(world)
    warning = "面接は40分で終了します"
    baba = client_of(world.baba)
    licensed = baba.get(f"/interviews/{interview.pk}/").content.decode()
    Connection.objects.filter(pk=world.team.pk).update(plan_type=1)
    basic = baba.get(f"/interviews/{interview.pk}/").content.decode()

    assert warning not in licensed
    assert warning in basic


def test_the_page_tells_the_result_and_the_remedy(
    world: SimpleNamespace, client_of: Callable[[Any], Client], run_jobs: Callable[..., int]
) -> None:
    made = three(world)
    baba = client_of(world.baba)
    wanted = {"host": str(world.sub.pk), "meeting": [str(one.meeting_id) for one in made]}

    answer = baba.post(f"/interviews/hosts/{world.team.pk}/", wanted)
    asked = Rehosting.objects.get()
    rehosting.rehost.call(rehosting_id=asked.pk)
    page = BeautifulSoup(baba.get(answer.headers["Location"]).content, "html.parser")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/interviews/hosts/results/{asked.pk}/")
    assert (
        page.find(class_="big").get_text() == "2件の主催者を変更しました。1件は重複のため変更していません。"
    )
    remedies = [a["href"] for a in page.find_all("a") if a.get_text() == "個別に変更"]
    assert remedies == [f"/interviews/{made[2].pk}/change/"]


@pytest.mark.parametrize("values", [{"host": "auto"}, {"host": "99999", "interview": ["1"]}])
def test_nothing_chosen_is_refused(
    world: SimpleNamespace, client_of: Callable[[Any], Client], values: dict[str, Any]
) -> None:
    three(world)

    answer = client_of(world.baba).post(f"/interviews/hosts/{world.team.pk}/", values)

    assert answer.status_code == 422
    assert Rehosting.objects.count() == 0


def test_another_companys_account_is_no_choice(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    made = three(world)
    theirs = desk.host(world.other, world.chiba)

    answer = client_of(world.baba).post(
        f"/interviews/hosts/{world.team.pk}/", {"host": str(theirs.pk), "interview": [str(made[0].pk)]}
    )

    assert answer.status_code == 422
    assert Rehosting.objects.count() == 0


def test_after_the_hosts_were_changed_the_account_can_be_unlinked(
    people: SimpleNamespace, zoom: zoom_world.ZoomWorld, run_jobs: Callable[..., int]
) -> None:
    world = desk.furnish(people)
    Connection.objects.all().delete()
    world.team = zoom.connect(world.aoki, zoom_world.RECRUIT, is_shared=True)
    world.sub = zoom.connect(world.aoki, zoom_world.RECRUIT2, is_shared=True)
    made = [desk.schedule(world, starts_at=story.tomorrow_at(hour)) for hour in (9, 11)]
    run_jobs()
    with pytest.raises(connecting.UpcomingMeetingsRemain):
        connecting.disconnect(world.team, by=world.aoki, now=timezone.now())

    rehosting.ask(world.team, interviews=made, to_host=world.sub, by=world.aoki, now=timezone.now())
    run_jobs()
    connecting.disconnect(world.team, by=world.aoki, now=timezone.now())

    world.team.refresh_from_db()
    assert world.team.ended_at is not None
    assert len(zoom.meetings()) == 2
    states = {Interview.objects.with_facts().get(pk=one.pk).url_state for one in made}
    assert states == {"issued"}


def test_a_substitute_takes_the_leavers_place_and_nothing_else_changes(world: SimpleNamespace) -> None:
    interview = desk.schedule(world, interviewers=[world.aoki, world.doi])
    alone = desk.schedule(world, starts_at=story.tomorrow_at(9), interviewers=[world.doi, world.endo])

    count = rehosting.replace_interviewer(
        world.doi, world.endo, interviews=[interview, alone], by=world.baba, now=world.now
    )

    assert count == 2
    panels = [[row.user for row in one.interviewers.all()] for one in (interview, alone)]
    assert panels == [[world.aoki, world.endo], [world.endo]]
    assert interview.meeting.canceled_at is None


def test_nobody_is_their_own_substitute_and_strangers_to_an_interview_change_nothing(
    world: SimpleNamespace,
) -> None:
    interview = desk.schedule(world, interviewers=[world.doi])
    facts = {"interviews": [interview], "by": world.baba, "now": world.now}

    with pytest.raises(rehosting.SamePerson):
        rehosting.replace_interviewer(world.doi, world.doi, **facts)
    assert rehosting.replace_interviewer(world.endo, world.aoki, **facts) == 0

    assert [row.user for row in interview.interviewers.all()] == [world.doi]


def test_a_leavers_page_hands_over_the_ticked_ones(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    first = desk.schedule(world, interviewers=[world.doi])
    second = desk.schedule(world, starts_at=story.tomorrow_at(9), interviewers=[world.doi])
    baba = client_of(world.baba)

    page = baba.get(f"/interviews/leavers/{world.doi.pk}/")
    answer = baba.post(
        f"/interviews/leavers/{world.doi.pk}/",
        {"substitute": str(world.endo.pk), "interview": [str(first.pk)]},
    )

    assert "土井 大さんの面接の引き継ぎ" in page.content.decode()
    assert answer.status_code == 303
    assert [row.user for row in first.interviewers.all()] == [world.endo]
    assert [row.user for row in second.interviewers.all()] == [world.doi]


def test_on_the_page_that_deactivates_the_list_is_a_part_and_hands_over_at_its_own_address(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    """A whole site stood in the card, and its form, without an address, would have deactivated the colleague."""
    desk.schedule(world, interviewers=[world.doi])
    path, aoki = f"/interviews/leavers/{world.doi.pk}/", client_of(world.aoki)

    full = BeautifulSoup(aoki.get(path).content, "html.parser")
    part = BeautifulSoup(aoki.get(path, headers={"HX-Request": "true"}).content, "html.parser")

    for page in (full, part):
        token = page.select_one("#leaver input[name=csrfmiddlewaretoken]")
        token["value"] = ""
    assert part.select("html, header, h1, main") == []
    assert str(part).strip() == str(full.select_one("#leaver"))
    assert part.form["action"] == path


def test_a_refused_hand_over_keeps_ticks_and_choice(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    first = desk.schedule(world, interviewers=[world.doi])
    desk.schedule(world, starts_at=story.tomorrow_at(9), interviewers=[world.doi])
    path, baba = f"/interviews/leavers/{world.doi.pk}/", client_of(world.baba)

    nobody = baba.post(path, {"interview": [str(first.pk)]})
    nothing = baba.post(path, {"substitute": str(world.endo.pk)})

    assert (nobody.status_code, nothing.status_code) == (422, 422)
    boxes = BeautifulSoup(nobody.content, "html.parser").select("#assigned input[checked]")
    assert [box["value"] for box in boxes] == [str(first.pk)]
    chosen = BeautifulSoup(nothing.content, "html.parser").select("#id_substitute option[selected]")
    assert [option["value"] for option in chosen] == [str(world.endo.pk)]


def test_a_reader_of_english_is_told_names_in_latin_letters_and_who_has_not_joined(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    world.baba.language = "en"
    world.baba.save()
    person = {"romaji": "Nozomi Nitta", "invited_at": timezone.now(), "joined_at": None}
    invited = story.user(world.company, "new@sample.example.jp", "新田", "望", **person)
    interview = desk.schedule(world, interviewers=[world.doi])
    path, baba = f"/interviews/leavers/{world.doi.pk}/", client_of(world.baba)

    offered = BeautifulSoup(baba.get(path).content, "html.parser").find("option", value=str(invited.pk))
    told = baba.post(path, {"substitute": str(invited.pk), "interview": [str(interview.pk)]}, follow=True)

    assert offered.get_text() == "Nozomi Nitta (invited)"
    assert "Nozomi Nitta takes over 1 interview." in told.content.decode()
