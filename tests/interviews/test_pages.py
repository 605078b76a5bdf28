"""The pages after the form: completion, one interview, cancelling it, who must be told, the applicant's panel."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django_tasks_db.models import DBTaskResult

from mensetsu.history.models import Entry
from mensetsu.interviews import scheduling
from mensetsu.interviews.models import CandidateRequest, Interview
from mensetsu.mail import delivery
from mensetsu.web import dates
from mensetsu.zoom import models as zoom
from mensetsu.zoom.models import Difference, Meeting
from tests import story
from tests.interviews import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    return desk.furnish(people)


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Callable[[Any], Client]) -> Client:
    return client_of(world.baba)


def page(client: Client, path: str) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return BeautifulSoup(answer.content, "html.parser")


def words(node: Any) -> str:
    return " ".join(node.get_text().split())


def test_the_completion_page_says_what_is_done_and_what_is_not(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world, interviewers=[world.doi, world.endo])
    desk.issued(interview)

    done = page(baba, f"/interviews/{interview.pk}/saved/")

    text = words(done.main)
    assert "面接を登録しました" in words(done.h1)
    assert "Zoomのミーティングを作成しました（主催者：採用チーム用Zoom）" in text
    assert "面接官（土井 大、遠藤 恵）に通知しました" in text
    assert "応募者への日程確定メールは、まだ送っていません" in text
    primary = done.find(class_="btn", attrs={"data-v": "primary"})
    assert (words(primary), primary["href"]) == (
        "メールを作成",
        f"/interviews/{interview.pk}/mails/new/?purpose=confirmation",
    )
    assert [words(button) for button in done.main.find_all("button")] == ["あとで送る"]


def test_later_is_remembered(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)

    answer = baba.post(f"/interviews/{interview.pk}/confirmation/later/")
    baba.post(f"/interviews/{interview.pk}/confirmation/later/")

    assert answer.headers["Location"] == f"/candidates/{world.sato.pk}/"
    assert Interview.objects.get().confirmation_postponed_at is not None


def test_while_the_link_is_issued_the_page_asks_every_two_seconds_for_half_a_minute(
    world: SimpleNamespace, baba: Client
) -> None:
    interview = desk.schedule(world)

    first = page(baba, f"/interviews/{interview.pk}/saved/").find(id="url-state")
    next_one = page(baba, first["hx-get"])
    last = page(baba, f"/interviews/{interview.pk}/url/?n=15").find(id="url-state")

    assert (words(first), first["hx-trigger"]) == ("参加URLを発行しています…", "load delay:2s")
    assert next_one.find(id="url-state")["hx-get"].endswith("?n=2")
    assert not last.has_attr("hx-get")
    assert words(last) == "発行に時間がかかっています。この画面を離れても処理は続きます。"


@pytest.mark.parametrize("number", ["-1", "x", "99999999999999999999", "１"])
def test_a_strange_count_of_polls_harms_nothing(world: SimpleNamespace, baba: Client, number: str) -> None:
    interview = desk.schedule(world)

    answer = baba.get(f"/interviews/{interview.pk}/url/", {"n": number})

    assert answer.status_code == 200


def test_a_failed_link_offers_three_ways_on(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    Meeting.objects.update(failed_at=world.now, problem="connection_ended")

    state = page(baba, f"/interviews/{interview.pk}/saved/").find(id="url-state")

    assert "面接は登録しましたが、Zoomのミーティングを作成できませんでした" in words(state)
    assert str(zoom.Problem.CONNECTION_ENDED.label) in words(state)
    offers = [words(one) for one in state.find_all(class_="btn")]
    assert offers == ["もう一度発行", "主催者を変更", "あとで対応する"]
    assert not state.has_attr("hx-get")


def test_issue_again_makes_it_pending(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    Meeting.objects.update(failed_at=world.now, problem="refused")

    answer = baba.post(f"/interviews/{interview.pk}/url/retry/")

    assert answer.status_code == 303
    assert Interview.objects.with_facts().get(pk=interview.pk).url_state == "pending"


def test_issue_again_for_a_host_that_ended_says_what_to_do(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    Meeting.objects.update(failed_at=world.now, problem="connection_ended")
    world.company.zoom_connections.filter(pk=world.team.pk).update(ended_at=world.now, end_reason="revoked")

    answer = baba.post(f"/interviews/{interview.pk}/url/retry/", follow=True)

    assert "Zoom主催者の連携がなくなりました。主催者を変更してください。" in answer.content.decode()


def test_another_time_at_zoom_is_shown_and_ours_can_be_put_back(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    meeting = desk.issued(interview)
    theirs = story.tomorrow_at(17)
    Meeting.objects.update(synced_starts_at=theirs, drifted_at=world.now)
    found = Difference.objects.create(
        organization=world.company, meeting=meeting, kind="time", found_at=world.now,
        ours=meeting.starts_at.isoformat(), theirs=theirs.isoformat(),
    )  # fmt: skip

    shown = page(baba, f"/interviews/{interview.pk}/")
    card = shown.find(id="differences")
    baba.post(f"/interviews/differences/{found.pk}/", {"act": "restore", "back": "interview"})

    assert "Zoomと1件の違いがあります。" in words(shown.find(id="url-state"))
    assert "14:00" in words(card)
    assert "17:00" in words(card)
    assert [words(one) for one in card.find_all(class_="btn")] == ["反映する", "Zoomを元に戻す", "無視"]
    waiting = DBTaskResult.objects.filter(task_path__endswith="restore_meeting", status="READY")
    assert waiting.count() == 1


def test_one_interview_shows_facts_link_letters_and_story(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world, memo="<script>alert(1)</script>")
    desk.issued(interview)
    desk.tell(world, interview)

    shown = page(baba, f"/interviews/{interview.pk}/")

    text = words(shown.main)
    assert "発行済み" in words(shown.find(id="link"))
    assert "884 1234 5678" in words(shown.find(id="link"))
    assert "送信済み" in words(shown.find(id="mails"))
    assert "面接を設定しました：" in words(shown.find(id="history"))
    assert "<script>alert(1)</script>" in text
    assert shown.main.find("script") is None


def test_an_open_request_stands_above_everything(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    CandidateRequest.objects.create(
        interview=interview,
        kind="change",
        receiver="candidate",
        text="火曜は授業があります",
        made_at=world.now,
    )

    shown = page(baba, f"/interviews/{interview.pk}/")

    banner = shown.main.find(class_="banner", attrs={"data-t": "warning"})
    assert "火曜は授業があります" in words(banner)


def test_an_interviewer_is_led_to_their_own_page(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    interview = desk.schedule(world)

    own = client_of(world.doi).get(f"/interviews/{interview.pk}/")
    other = client_of(world.endo).get(f"/interviews/{interview.pk}/")

    assert (own.status_code, own.headers["Location"]) == (303, "/interviews/")
    assert other.status_code == 404


def test_cancelling_shows_who_was_told_and_leads_to_the_mail(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    desk.tell(world, interview)

    shown = page(baba, f"/interviews/{interview.pk}/cancellation/")
    answer = baba.post(
        f"/interviews/{interview.pk}/cancellation/", {"reason": "採用枠の変更", "version": "1"}
    )
    told = page(baba, answer.headers["Location"])

    assert "佐藤 美咲" in words(shown.find("ul", class_="list--plain"))
    danger = shown.find(class_="btn", attrs={"data-v": "danger"})
    assert words(danger) == "面接を中止"
    assert answer.headers["Location"] == f"/interviews/{interview.pk}/told/"
    assert "次の相手は、面接の中止をまだ知りません。" in words(told.main)
    assert told.find(class_="btn", attrs={"data-v": "primary"})["href"].endswith("?purpose=cancellation")
    assert Interview.objects.get().cancel_reason == "採用枠の変更"


def test_cancelling_what_somebody_changed_meanwhile_is_refused(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    scheduling.reschedule(interview, starts_at=story.tomorrow_at(9), minutes=30, by=world.aoki, now=world.now)

    answer = baba.post(f"/interviews/{interview.pk}/cancellation/", {"version": "1"})

    assert answer.status_code == 422
    assert "他の人（青木 葵さん" in answer.content.decode()
    assert Interview.objects.get().canceled_at is None


def test_cancelling_twice_says_so(world: SimpleNamespace, baba: Client) -> None:
    interview = desk.schedule(world)
    path = f"/interviews/{interview.pk}/cancellation/"
    baba.post(path, {"version": "1"})

    answer = baba.post(path, {"version": "1"}, follow=True)

    assert "この面接は、すでに中止されています。" in answer.content.decode()


def test_the_applicants_page_shows_time_link_and_mail_side_by_side(
    world: SimpleNamespace, baba: Client
) -> None:
    interview = desk.schedule(world)
    desk.issued(interview)

    panel = page(baba, f"/candidates/{world.sato.pk}/").find(id="interviews")

    text = words(panel)
    assert "14:00〜15:00" in text
    assert "URL 発行済み" in text
    assert "メール 未送信" in text


@pytest.mark.parametrize(
    "path",
    ["/", "/candidates/{c}/interviews/new/", "/interviews/{i}/", "/interviews/{i}/change/", "/interviews/{i}/saved/",
     "/interviews/{i}/cancellation/", "/interviews/{i}/told/", "/interviews/hosts/{h}/", "/interviews/leavers/{u}/"],
)  # fmt: skip
def test_every_page_speaks_english_too(
    world: SimpleNamespace, client_of: Callable[[Any], Client], path: str
) -> None:
    world.sato.romaji, world.baba.language = "Misaki Sato", "en"
    world.sato.save()
    world.baba.save()
    interview = desk.schedule(world)
    address = path.format(c=world.sato.pk, i=interview.pk, h=world.team.pk, u=world.doi.pk)

    shown = page(client_of(world.baba), address)

    assert shown.html["lang"] == "en"
    # Names, labels and stages are the company's own words; everything else is ours.
    ours = words(shown.main)
    for own in (
        "土井 大",
        "遠藤 恵",
        "青木 葵",
        "馬場 文",
        "採用チーム用Zoom",
        "採用サブ",
        "一次面接",
        "最終面接",
        "営業",
        "佐藤 美咲",
        "株式会社サンプル",
        dates.holiday_name(story.tomorrow_at(14).date()) or "祝日",
    ):
        ours = ours.replace(own, "")
    assert [sign for sign in ours if "\u3040" <= sign <= "\u9fff"] == []


def test_the_history_tells_the_year_of_another_fiscal_year(
    world: SimpleNamespace, client_of: Callable[[Any], Client]
) -> None:
    interview = desk.schedule(world)
    Entry.objects.filter(action="interview.scheduled").update(
        facts={"starts_at": "2019-05-07T14:00:00+09:00", "minutes": 60}
    )

    page = client_of(world.baba).get(f"/interviews/{interview.pk}/").content.decode()

    assert "2019/5/7(火) 14:00" in page


def test_staff_pages_name_people_in_the_readers_language_not_in_the_letters(
    world: SimpleNamespace, client_of: Callable[[Any], Client], run_jobs: Callable[..., int]
) -> None:
    type(world.sato).objects.filter(pk=world.sato.pk).update(romaji="Misaki Sato")
    type(world.doi).objects.filter(pk=world.doi.pk).update(romaji="Hiroshi Doi")
    type(world.baba).objects.filter(pk=world.baba.pk).update(language="en")
    interview = desk.schedule(world)
    letter = desk.tell(world, interview)
    theirs = desk.tell(world, interview, receiver="interviewer")
    theirs.interviewer, theirs.to_name = world.doi, "土井 大"
    theirs.save()
    for one in (letter, theirs):
        delivery._record("mail.sent", one, by=None, at=world.now)
    baba = client_of(world.baba)

    for path in (
        f"/interviews/{interview.pk}/",
        f"/interviews/{interview.pk}/saved/",
        f"/interviews/{interview.pk}/mails/sent/?mails={letter.pk}",
        f"/interviews/mails/{letter.pk}/",
    ):
        shown = words(page(baba, path).main)
        assert "Misaki Sato" in shown, path
        assert "佐藤 美咲" not in shown, path
        assert "土井 大" not in shown, path
    assert "Email sent to Misaki Sato" in words(page(baba, f"/candidates/{world.sato.pk}/").main)
    composer = page(baba, f"/interviews/{interview.pk}/mails/new/?purpose=confirmation&to=candidate-ja")
    assert "Misaki Sato misaki@example.com" in words(composer.find(id="letter-form"))
