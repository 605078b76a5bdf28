"""What recruiters see of mails that leave by themselves: the form, the page after it, the interview, the home page."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from mensetsu.accounts.models import User
from mensetsu.interviews import automatic_page, dispatching, join_links
from mensetsu.interviews.models import Interview, JoinLink, Reminder, Withheld
from mensetsu.mail import grouping, groups, samples
from mensetsu.mail.models import Mail
from tests import story
from tests.interviews import automatic, desk
from tests.interviews.desk import path, soup, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: Any) -> Any:
    found = desk.furnish(people)
    samples.install_samples(found.company, timezone.now())
    found.group = groups.default_of(found.company.pk)
    return found


@pytest.fixture
def baba(world: Any, client_of: Any) -> Any:
    return client_of(world.baba)


def in_person(world: Any, **wished: str) -> dict[str, Any]:
    place = {"way": "in_person", "service": "", "host": "", "place": "本社"}
    return desk.form(world, story.tomorrow_at(14, days=9), **{**place, **wished})


def automatically(world: Any) -> dict[str, Any]:
    return in_person(world, tells="auto", group=str(world.group.pk))


def radio(page: Any) -> str:
    return page.find("input", attrs={"name": "tells", "checked": True})["value"]


# The form


def test_by_hand_is_ticked_until_an_administrator_has_chosen_a_group(world, baba) -> None:
    assert radio(soup(baba.get(path(world)))) == "self"

    grouping.use_for(
        world.group, is_everywhere=False, jobs=[], stages=[world.stage], by=world.aoki, now=timezone.now()
    )
    page = soup(baba.get(path(world)))

    assert radio(page) == "auto"
    assert page.find(id="id_group").find("option", selected=True).text == "標準"


def test_by_hand_nothing_leaves_and_the_mail_is_the_next_step(world, baba, run_jobs) -> None:
    answer = baba.post(path(world), in_person(world, tells="self", group=str(world.group.pk)))
    run_jobs()

    assert Interview.objects.get().template_group is None
    assert "メールを作成" in text(baba.get(answer["Location"]))
    assert Mail.objects.count() == 0


@pytest.mark.parametrize(("language", "name"), [("ja", "土井 大"), ("en", "Doi Dai")])
def test_reminders_name_interviewers_in_the_letters_of_whoever_reads_the_page(
    world, baba, language: str, name: str
) -> None:
    User.objects.filter(email__startswith="doi@").update(language="en", romaji="Doi Dai")
    baba.post(path(world), automatically(world))

    with translation.override(language):
        names = {
            one.name for one in automatic_page.planned(Interview.objects.get()) if one.reminder.interviewer_id
        }

    assert names == {name}


def test_by_itself_the_next_page_says_what_leaves_and_when(world, baba, run_jobs) -> None:
    answer = baba.post(path(world), automatically(world))

    made = Interview.objects.get()
    page = text(baba.get(answer["Location"]))
    assert made.template_group == world.group
    assert "メールは自動で送ります（グループ：標準）。" in page
    assert "まもなくメールを送信します" in page
    assert "日程確定・佐藤 美咲 様：まもなく送ります" in page
    assert "送信を取り消す" in page
    eve = timezone.localtime(Reminder.objects.get(receiver="candidate").due_at, story.JAPAN)
    assert f"リマインド・佐藤 美咲 様：{eve.month}/{eve.day}" in page
    assert "17:00" in page

    run_jobs()
    assert automatic.outside(made) == [("confirmation", "candidate")]


def test_another_companys_group_cannot_be_chosen(world, baba) -> None:
    samples.install_samples(world.other, timezone.now())
    foreign = groups.default_of(world.other.pk)

    answer = baba.post(path(world), in_person(world, tells="auto", group=str(foreign.pk)))

    assert answer.status_code == 422
    assert Interview.objects.count() == 0


def test_the_change_form_keeps_the_group_or_takes_it_away(world, baba, run_jobs) -> None:
    baba.post(path(world), automatically(world))
    made = Interview.objects.get()
    url = f"/interviews/{made.pk}/change/"
    assert radio(soup(baba.get(url))) == "auto"

    silent = in_person(world, version=str(made.version), memo="1")
    baba.post(url, silent)
    made.refresh_from_db()
    assert made.template_group == world.group

    baba.post(url, in_person(world, version=str(made.version), tells="self"))
    made.refresh_from_db()
    assert made.template_group is None
    assert Reminder.objects.waiting().count() == 0


# The interview


def test_each_planned_reminder_can_be_called_back_alone(world, baba) -> None:
    baba.post(path(world), automatically(world))
    made = Interview.objects.get()
    mine = Reminder.objects.get(receiver="candidate")
    address = f"/interviews/reminders/{mine.pk}/stop/"
    assert soup(baba.get(f"/interviews/{made.pk}/")).find("form", action=address) is not None

    baba.post(address)

    assert soup(baba.get(f"/interviews/{made.pk}/")).find("form", action=address) is None
    assert Reminder.objects.waiting().count() == Reminder.objects.exclude(pk=mine.pk).count() > 0


def test_the_ledger_tells_who_was_told_what_and_who_came_to_the_join_page(world, baba, run_jobs) -> None:
    baba.post(path(world), automatically(world))
    run_jobs(until=timezone.now() + 2 * dispatching.UNDO)
    made = Interview.objects.get()
    link = join_links.link_for(made, receiver="candidate", now=timezone.now())
    JoinLink.objects.filter(pk=link.pk).update(opened_at=timezone.now() + timedelta(minutes=1))

    table = soup(baba.get(f"/interviews/{made.pk}/")).find("table")
    rows = [" ".join(row.get_text(" ").split()) for row in table.tbody.find_all("tr")]

    (applicant,) = [row for row in rows if "佐藤 美咲 様" in row and "日程確定" in row and "応募者" in row]
    assert "送信済み" in applicant
    assert "自動" in applicant
    assert "表示 " in applicant


# The home page


def test_what_could_not_leave_is_on_the_home_page_until_it_is_dealt_with(world, baba, run_jobs) -> None:
    automatic.leave_open(world.group, "confirmation", "candidate")
    baba.post(path(world), automatically(world))
    run_jobs()

    page = baba.get("/")
    made = Interview.objects.get()
    assert text(page).count("メールを自動で送れませんでした。") == 1
    assert "日程確定メールが未送信" not in text(page)
    assert f"/interviews/{made.pk}/mails/new/?purpose=confirmation&to=candidate-ja" in {
        link["href"] for link in soup(page).find_all("a")
    }

    baba.post(f"/interviews/withheld/{Withheld.objects.get().pk}/settlement/")
    assert "メールを自動で送れませんでした。" not in text(baba.get("/"))


def test_what_is_about_to_leave_is_not_on_the_home_page(world, baba) -> None:
    baba.post(path(world), automatically(world))

    assert "要対応はありません。" in text(baba.get("/"))


def test_the_default_group_is_named_in_the_readers_language_until_somebody_renames_it(
    world, client_of
) -> None:
    grouping.use_for(
        world.group, is_everywhere=False, jobs=[], stages=[world.stage], by=world.aoki, now=timezone.now()
    )
    type(world.aoki).objects.filter(pk=world.aoki.pk).update(language="en")
    aoki = client_of(world.aoki)

    shipped = soup(aoki.get(path(world)))
    groups = aoki.get("/settings/mail/groups/")
    type(world.group).objects.filter(pk=world.group.pk).update(name="人事部の標準")
    renamed = soup(aoki.get(path(world)))

    assert shipped.find(id="id_group").find("option", selected=True).text == "Standard"
    assert "Standard is the group of the stage" in shipped.get_text()
    assert "標準" not in groups.content.decode()
    assert renamed.find(id="id_group").find("option", selected=True).text == "人事部の標準"
