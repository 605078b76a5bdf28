"""Which text asks for a date and reminds of the deadline: what the template group says, by receiver and language."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mensetsu.booking import awaiting, choosing, inviting, settling
from mensetsu.booking.models import Invitation
from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews.models import Service
from mensetsu.mail import grouping, groups, samples
from mensetsu.mail.models import GroupItem, Mail, Purpose, Template, TemplateGroup
from tests import story
from tests.booking import offers, office
from tests.interviews import automatic


@pytest.fixture
def world(people: SimpleNamespace) -> SimpleNamespace:
    found = office.furnish(people)
    samples.install_samples(found.company, found.now)
    found.group = groups.default_of(found.company.pk)
    found.starts = offers.business_days(3)
    found.until = found.starts[0] - timedelta(days=2)
    return found


def own_text(
    world: SimpleNamespace, group: TemplateGroup, purpose: str = "invitation", **values: Any
) -> Template:
    """Another text for the case, chosen by the group."""
    case = {"purpose": purpose, "receiver": "candidate", "language": "ja", "way": "", **values}
    body = case.pop("body", "中途の方へ\n{{日程選択URL}}")
    made = Template.objects.create(
        organization=world.company, name="中途向け", subject="中途採用の日程", body=body, updated_at=world.now,
        **case,
    )  # fmt: skip
    GroupItem.objects.update_or_create(group=group, **case, defaults={"template": made})
    return made


def group_of_stage(world: SimpleNamespace) -> TemplateGroup:
    group = automatic.second_group(world)
    grouping.use_for(group, is_everywhere=False, jobs=[], stages=[world.stage], by=world.aoki, now=world.now)
    return group


def send(world: SimpleNamespace, invitation: Invitation | None = None, **how: Any) -> list[Mail]:
    return inviting.send(invitation or world.invitation, by=world.baba, now=world.now, **how)


def deadline_comes(world: SimpleNamespace) -> int:
    Invitation.objects.filter(pk=world.invitation.pk).update(
        answer_by=world.now + timedelta(hours=20), created_at=world.now - timedelta(days=3)
    )
    return settling.remind(world.now)


def todo(world: SimpleNamespace) -> list[str]:
    return [item.facts["text"] for item in awaiting.read(world.baba, now=world.now)]


def test_the_stages_group_chooses_the_text_of_the_request(world) -> None:
    own_text(world, group_of_stage(world))

    assert [letter.subject for letter in send(world)] == ["中途採用の日程"]


def test_the_stages_group_chooses_the_text_of_the_notice_before_the_deadline(world) -> None:
    own_text(world, group_of_stage(world), "deadline")

    assert deadline_comes(world) == 1
    assert Mail.objects.get().subject == "中途採用の日程"


def test_an_interview_that_is_to_be_moved_brings_its_own_group(world) -> None:
    second = automatic.second_group(world)
    own_text(world, second, body="候補 {{候補日時一覧}} {{日程選択URL}}")
    made = automatic.schedule(world, candidate=world.sato, template_group=second)
    invitation = offers.offer(world, interview=made, terms=offers.terms(world, host=None))

    assert [letter.subject for letter in send(world, invitation)] == ["中途採用の日程"]


def test_each_receiver_gets_what_the_group_says_for_them(world) -> None:
    world.sato.agency_contact = story.agency(world.company)
    world.sato.agency, world.sato.contact_route = world.sato.agency_contact.agency, ContactRoute.BOTH
    world.sato.save()
    automatic.no_mail(world.group, "invitation", "candidate")

    assert [letter.receiver for letter in send(world, Invitation.objects.with_facts().get())] == ["agency"]


def test_no_mail_in_one_language_is_no_word_about_the_other(world) -> None:
    automatic.no_mail(world.group, "invitation", "candidate", "en")
    assert len(send(world)) == 1

    world.sato.language = "en"
    world.sato.save()
    assert send(world, Invitation.objects.with_facts().get()) == []


def test_the_way_of_the_page_decides_between_texts(world) -> None:
    own_text(world, world.group, way="url")
    assert send(world)[0].subject != "中途採用の日程"

    world.page.service, world.page.custom_url = Service.URL, "https://meet.example.com/a"
    world.page.save()
    assert send(world, Invitation.objects.with_facts().get())[0].subject == "中途採用の日程"


def test_a_gap_is_refused_and_never_filled_with_another_language(world) -> None:
    automatic.leave_open(world.group, "invitation", "candidate")
    GroupItem.objects.create(
        group=world.group, purpose="invitation", receiver="candidate", language="en",
        template=Template.objects.get(organization=world.company, sample="en/invitation.candidate"),
    )  # fmt: skip

    with pytest.raises(inviting.NoTemplate) as refusal:
        send(world)

    assert (refusal.value.why, refusal.value.language) == (inviting.GAP, "ja")
    assert Mail.objects.count() == 0


def test_a_chosen_text_without_the_page_is_refused_and_not_replaced(world) -> None:
    own_text(world, world.group, body="ご都合はいかがでしょうか。")

    with pytest.raises(inviting.NoTemplate) as refusal:
        send(world)

    assert (refusal.value.why, refusal.value.name) == (inviting.NO_LINK, "中途向け")


def test_an_offer_takes_the_companys_text_that_lists_its_dates(world) -> None:
    invitation = offers.offer(world, candidate=world.ito)

    [letter] = send(world, invitation)

    assert letter.template.sample == "ja/invitation.candidate.offer"


def test_an_offer_without_such_a_text_is_refused(world) -> None:
    invitation = offers.offer(world, candidate=world.ito)
    Template.objects.filter(sample__endswith=".offer").update(retired_at=world.now)

    with pytest.raises(inviting.NoTemplate) as refusal:
        send(world, invitation)

    assert refusal.value.why == inviting.NO_DATES


def test_a_request_to_move_is_not_stopped_by_what_groups_say_of_changes(world) -> None:
    automatic.no_mail(world.group, "change", "candidate")
    made = automatic.schedule(world, candidate=world.ito)
    invitation = offers.offer(
        world, candidate=world.ito, interview=made, terms=offers.terms(world, host=None)
    )

    [letter] = send(world, invitation, purpose=Purpose.CHANGE)

    assert letter.template.sample == "ja/change.candidate.request"


# The notice before the deadline


def test_no_notice_before_the_deadline_is_nothing_to_be_done(world) -> None:
    automatic.no_mail(world.group, "deadline", "candidate")

    assert deadline_comes(world) == 0
    assert todo(world) == []


@pytest.mark.parametrize(
    ("arrange", "why"),
    [
        (lambda world: automatic.leave_open(world.group, "deadline", "candidate"),
         "文面が未設定です。"),
        (lambda world: own_text(world, world.group, "deadline", body="{{日程選択URL}} {{面接日時}}"),
         "値のないタグがあるなど、このままでは送れない文面です。"),
        (lambda world: own_text(world, world.group, "deadline", body="お忘れなく"),
         "値のないタグがあるなど、このままでは送れない文面です。"),
        (lambda world: type(world.sato).objects.filter(pk=world.sato.pk).update(email=""),
         "メールアドレスがありません。"),
    ],
)  # fmt: skip
def test_a_notice_that_cannot_be_sent_is_a_to_do_until_the_answer(world, arrange: Any, why: str) -> None:
    arrange(world)

    assert deadline_comes(world) == 0
    assert todo(world) == [f"期限前のお知らせを送れませんでした。{why}"]
    assert Mail.objects.count() == 0

    choosing.choose(invitation=world.invitation, slot=world.slots[0], now=world.now)
    assert todo(world) == []


def test_another_deadline_asks_the_group_again(world) -> None:
    automatic.leave_open(world.group, "deadline", "candidate")
    deadline_comes(world)

    inviting.move_deadline(world.invitation, world.now + timedelta(days=5), by=world.baba, now=world.now)

    assert todo(world) == []


# What recruiters read


@pytest.fixture
def baba(world: SimpleNamespace, client_of: Any) -> Client:
    return client_of(world.baba)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def resend(world: SimpleNamespace, baba: Client) -> str:
    return words(baba.post(reverse("booking:act", args=[world.invitation.pk, "letter"]), follow=True))


def test_the_page_of_the_request_says_which_text_is_missing(world, baba) -> None:
    automatic.leave_open(world.group, "invitation", "candidate")

    assert "グループ「標準」に文面が設定されていません（日程相談・応募者・日本語）。" in resend(world, baba)


def test_it_says_which_text_lacks_the_link(world, baba) -> None:
    own_text(world, world.group, body="ご都合はいかがでしょうか。")

    assert "文面「中途向け」に日程選択ページのURLがありません。{{日程選択URL}}を入れてください。" in resend(
        world, baba
    )


def test_it_says_that_by_choice_no_mail_leaves(world, baba) -> None:
    automatic.no_mail(world.group, "invitation", "candidate")

    page = resend(world, baba)

    assert "テンプレートグループの設定によりメールは送りません。" in page
    assert Mail.objects.count() == 0


def test_whoever_is_invited_without_a_mail_is_named(world, baba) -> None:
    automatic.no_mail(world.group, "invitation", "candidate")
    local = story.tomorrow_at(17, days=3)
    data = {"candidate": [str(world.ito.pk)], "date": f"{local:%Y-%m-%d}", "at": "17:00"}

    page = words(baba.post(reverse("booking:invite", args=[world.page.pk]), data, follow=True))

    assert Invitation.objects.filter(candidate=world.ito).count() == 1
    assert "伊藤 蓮: テンプレートグループの設定によりメールは送りません。" in page


@pytest.mark.parametrize(
    ("arrange", "why"),
    [
        (lambda world: automatic.no_mail(world.group, "invitation", "candidate"),
         "テンプレートグループの設定によりメールは送りません。"),
        (lambda world: Template.objects.filter(sample__endswith=".offer").update(retired_at=world.now),
         "候補日時の一覧と日程選択ページのURLがある文面がありません（日程相談・応募者・日本語）。"),
        (lambda world: type(world.ito).objects.filter(pk=world.ito.pk).update(email=""),
         "送信先のメールアドレスがありません。"),
    ],
)  # fmt: skip
def test_the_offers_page_says_why_there_is_no_letter(world, baba, arrange: Any, why: str) -> None:
    invitation = offers.offer(world, candidate=world.ito)
    arrange(world)

    page = words(baba.get(reverse("booking:offer", args=[invitation.pk])))

    assert why in page
    assert "メールを送信</button>" not in page


def test_pressed_all_the_same_no_mail_is_told_and_not_an_error(world, baba) -> None:
    invitation = offers.offer(world, candidate=world.ito)
    automatic.no_mail(world.group, "invitation", "candidate")

    page = words(baba.post(reverse("booking:offer_act", args=[invitation.pk, "letter"]), follow=True))

    assert "ページのURLを別の方法でお伝えください。" in page
    assert Mail.objects.count() == 0
