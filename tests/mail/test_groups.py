"""Template groups: which text a case takes, and the pages on which administrators choose."""

from datetime import time
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from mensetsu.mail import grouping, groups, preparing, samples, standard_group
from mensetsu.mail.models import GroupItem, ReminderRule, Template
from tests import story
from tests.interviews import automatic
from tests.interviews.automatic import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def standard(people: Any) -> Any:
    return automatic.group(people)


@pytest.fixture
def admin(people: Any, client_of: Any) -> Any:
    return client_of(people.aoki)


def text(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True).split())


def sample(people: Any, key: str) -> Template:
    return Template.objects.get(organization=people.company, sample=key)


def choose(
    group: Any, purpose: str, receiver: str = "candidate", language: str = "ja", way: str = "web"
) -> Any:
    return groups.Texts(group).choose(purpose=purpose, receiver=receiver, language=language, way=way)


# Which text


def test_the_standard_group_takes_the_text_of_the_very_way_before_that_of_any_way(people, standard) -> None:
    assert choose(standard, "reminder", way="web").template.sample == "ja/reminder.candidate.web"
    assert choose(standard, "reminder", way="phone").template.sample == "ja/reminder.candidate"


def test_of_two_shipped_texts_for_a_case_the_one_that_asks_is_not_sent_by_itself(people, standard) -> None:
    assert choose(standard, "change").template.sample == "ja/change.candidate"


def test_a_missing_language_is_a_gap_and_not_another_language(people, standard) -> None:
    GroupItem.objects.filter(group=standard, language="en").delete()

    assert choose(standard, "reminder", language="en").is_gap


def test_a_group_answers_first_and_the_standard_group_what_it_leaves_open(people, standard) -> None:
    second = automatic.second_group(people)
    automatic.no_mail(second, "reminder", "candidate")

    assert choose(second, "reminder").is_no_mail
    assert choose(second, "reminder").source == groups.OWN
    assert choose(second, "change").source == groups.DEFAULT
    assert not choose(standard, "reminder").is_no_mail


def test_a_text_taken_out_of_use_leaves_a_gap(people, standard) -> None:
    template = sample(people, "ja/change.candidate")
    preparing.retire_template(template, by=people.aoki, now=NOW)

    assert choose(standard, "change").is_gap


def test_samples_of_an_upgrade_join_the_standard_group_and_leave_choices_alone(people, standard) -> None:
    automatic.no_mail(standard, "change", "candidate")
    Template.objects.filter(organization=people.company, sample="ja/deadline.candidate").delete()
    Template.objects.filter(organization=people.company, sample="ja/change.candidate").delete()

    samples.install_samples(people.company, NOW)

    assert choose(standard, "deadline").template.sample == "ja/deadline.candidate"
    assert choose(standard, "change").is_no_mail


def test_there_is_one_standard_group_however_often_it_is_asked_for(people, standard) -> None:
    assert standard_group.ensure(people.company, NOW) == standard
    assert people.company.template_groups.count() == 1


# Where


def test_a_stage_comes_before_its_job_and_a_job_before_the_company(people, standard) -> None:
    job = story.job(people.company)
    first, last = job.stages.all()
    for_all, for_job, for_stage = (automatic.second_group(people, name) for name in "ABC")
    for group, where in (
        (for_all, (True, [], [])),
        (for_job, (False, [job], [])),
        (for_stage, (False, [], [last])),
    ):
        everywhere, jobs, stages = where
        grouping.use_for(group, is_everywhere=everywhere, jobs=jobs, stages=stages, by=people.aoki, now=NOW)

    def found(**where: Any) -> Any:
        return groups.chosen_for(people.company, **where)

    assert found(job=job, stage=last) == for_stage
    assert found(job=job, stage=first) == for_job
    assert found(job=None, stage=None) == for_all


def test_a_place_has_one_group(people, standard) -> None:
    one, two = automatic.second_group(people, "A"), automatic.second_group(people, "B")
    for group in (one, two):
        grouping.use_for(group, is_everywhere=True, jobs=[], stages=[], by=people.aoki, now=NOW)

    assert groups.chosen_for(people.company, job=None, stage=None) == two
    assert one.uses.count() == 0


def test_nobody_chose_a_group_anywhere_at_the_beginning(people, standard) -> None:
    assert groups.chosen_for(people.company, job=None, stage=None) is None


# Verbs


def test_the_standard_group_cannot_be_removed(people, standard) -> None:
    with pytest.raises(grouping.IsDefault):
        grouping.retire_group(standard, by=people.aoki, now=NOW)


def test_another_standard_answers_what_groups_leave_open(people, standard) -> None:
    second, third = automatic.second_group(people, "A"), automatic.second_group(people, "B")
    automatic.no_mail(second, "change", "candidate")

    grouping.make_default(second, by=people.aoki, now=NOW)

    assert choose(third, "change").is_no_mail
    grouping.retire_group(standard, by=people.aoki, now=NOW)


def test_a_text_of_another_case_or_company_is_refused(people, standard) -> None:
    samples.install_samples(people.other, NOW)
    foreign = Template.objects.get(organization=people.other, sample="ja/change.candidate")

    for template in (sample(people, "ja/reminder.candidate"), sample(people, "en/change.candidate"), foreign):
        with pytest.raises(grouping.WrongCase):
            grouping.choose_texts(
                standard, purpose="change", receiver="candidate", choices={("ja", ""): template},
                by=people.aoki, now=NOW,
            )  # fmt: skip


def test_a_new_group_begins_with_the_standard_reminders(people, standard) -> None:
    second = automatic.second_group(people)

    def times(group: Any) -> list[tuple]:
        return list(group.reminder_rules.values_list("receiver", "kind", "minutes", "at", "off_at"))

    assert times(second) == times(standard)
    assert (ReminderRule.Kind.PREVIOUS_DAY, time(17)) in [
        (kind, at) for _r, kind, _m, at, _o in times(second)
    ]


# Pages


def test_the_table_shows_texts_gaps_and_no_mail_in_words(people, standard, admin) -> None:
    second = automatic.second_group(people)
    automatic.no_mail(second, "cancellation", "candidate")
    automatic.leave_open(standard, "url_change", "interviewer")

    page = text(admin.get(reverse("mail:group", args=[second.pk])))

    assert "標準の文面を使用" in page
    assert "メールなし" in page
    assert "未設定" in page


def test_an_administrator_chooses_the_texts_of_a_case(people, standard, admin) -> None:
    second = automatic.second_group(people)
    url = reverse("mail:group_texts", args=[second.pk, "confirmation", "candidate"])
    own = sample(people, "ja/confirmation.candidate.web")

    form = BeautifulSoup(admin.get(url).content, "html.parser").find("select", attrs={"name": "ja-web"})
    assert [option.text for option in form.find_all("option")][:2] == [
        "「すべての面接方法」と同じ",
        "メールなし",
    ]
    names = [
        f"{language}-{way}"
        for language in ("ja", "en")
        for way in ("any", "web", "url", "in_person", "phone")
    ]
    data = dict.fromkeys(names, "inherit") | {"ja-web": str(own.pk), "ja-phone": "none"}
    answer = admin.post(url, data)

    assert answer.status_code == 303
    assert choose(second, "confirmation", way="web").template == own
    assert choose(second, "confirmation", way="phone").is_no_mail
    assert choose(second, "confirmation", way="in_person").source == groups.DEFAULT


def test_a_reminder_needs_its_time(people, standard, admin) -> None:
    url = reverse("mail:group_rule_add", args=[standard.pk])
    before = standard.reminder_rules.count()

    refused = admin.post(url, {"receiver": "candidate", "kind": "minutes_before", "at": "17:00"})
    assert (refused.status_code, standard.reminder_rules.count()) == (422, before)
    assert "開始の何分前に送るかを入力してください。" in text(refused)

    admin.post(url, {"receiver": "candidate", "kind": "minutes_before", "minutes": "30"})
    assert standard.reminder_rules.filter(minutes=30, at=None).count() == 1


def test_recruiters_read_and_do_not_change(people, standard, client_of) -> None:
    baba = client_of(people.baba)

    assert baba.get(reverse("mail:group", args=[standard.pk])).status_code == 200
    assert baba.post(reverse("mail:group_rename", args=[standard.pk]), {"name": "X"}).status_code == 403
    assert baba.get(reverse("mail:group_texts", args=[standard.pk, "change", "candidate"])).status_code == 403


def test_a_letter_reads_the_choices_and_one_text(standard, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        texts = groups.Texts(standard)
        case = {"purpose": "confirmation", "receiver": "candidate", "language": "ja", "way": "web"}
        assert texts.choose(**case).template is not None
        assert texts.choose(**case).template is not None
