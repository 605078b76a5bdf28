"""The shipped texts."""

from datetime import datetime, timedelta

import pytest

from mensetsu.accounts.models import Organization
from mensetsu.mail import preparing, samples
from mensetsu.mail.models import Purpose, Template
from tests import story

NOW = datetime(2026, 11, 1, 9, 0, tzinfo=story.JAPAN)


@pytest.fixture
def company(db: None) -> Organization:
    return story.organization()


def test_every_purpose_has_a_text_in_both_languages_for_the_same_receivers() -> None:
    cases = {
        language: {(s.purpose, s.receiver) for s in samples.all_samples() if s.language == language}
        for language in ("ja", "en")
    }

    assert cases["ja"] == cases["en"]
    people = {"candidate", "agency", "interviewer"}
    announced = {"confirmation", "reminder", "change", "way_change", "url_change", "cancellation"}
    assert {(p, r) for p in announced for r in people} <= cases["ja"]
    assert {("invitation", "candidate"), ("invitation", "agency")} <= cases["ja"]
    assert {("receipt", "candidate"), ("receipt", "agency")} <= cases["ja"]
    assert {purpose for purpose, _receiver in cases["ja"]} == set(Purpose.values)


def test_installing_twice_adds_nothing(company: Organization) -> None:
    first = samples.install_samples(company, NOW)
    second = samples.install_samples(company, NOW)

    assert (first, second) == (len(samples.all_samples()), 0)


def test_a_changed_or_retired_text_is_left_alone_by_an_upgrade(company: Organization, people) -> None:
    samples.install_samples(company, NOW)
    changed = Template.objects.get(organization=company, sample="ja/confirmation.candidate.web")
    retired = Template.objects.get(organization=company, sample="ja/reminder.agency")
    preparing.change_template(
        changed, name="自社用", subject="件名", body="本文", seen_at=NOW, by=people.aoki, now=NOW
    )
    preparing.retire_template(retired, by=people.aoki, now=NOW)

    added = samples.install_samples(company, NOW + timedelta(days=1))

    assert added == 0
    assert Template.objects.get(pk=changed.pk).body == "本文"


def test_the_texts_speak_in_the_company_voice(company: Organization) -> None:
    company.self_reference = Organization.SelfReference.HEISHA
    company.colleague_honorific = Organization.ColleagueHonorific.SAMA
    company.save()

    samples.install_samples(company, NOW)

    request = Template.objects.get(organization=company, sample="ja/change.candidate.request")
    asked = Template.objects.get(organization=company, sample="ja/confirmation.interviewer")
    assert "弊社の都合により" in request.body
    assert "当社" not in request.body
    assert asked.body.startswith("{{面接官氏名}} 様\n")


def test_a_company_elsewhere_does_not_write_japan_time(company: Organization) -> None:
    company.time_zone = "Europe/Berlin"
    company.save()

    samples.install_samples(company, NOW)

    body = Template.objects.get(organization=company, sample="en/confirmation.candidate.web").body
    assert "When: {{when_full}} (about {{duration}})" in body


def test_the_initial_text_comes_back_and_what_stood_there_stays_a_version(
    company: Organization, people
) -> None:
    samples.install_samples(company, NOW)
    template = Template.objects.get(organization=company, sample="ja/confirmation.candidate.web")
    original = template.body
    preparing.change_template(
        template, name=template.name, subject="a", body="b", seen_at=NOW, by=people.aoki, now=NOW
    )

    preparing.restore_sample(template, by=people.aoki, now=NOW + timedelta(minutes=1))

    template.refresh_from_db()
    assert template.body == original
    assert list(template.versions.values_list("body", flat=True)) == ["b", original]


def test_a_version_comes_back(company: Organization, people) -> None:
    samples.install_samples(company, NOW)
    template = Template.objects.get(organization=company, sample="ja/confirmation.candidate.web")
    original = template.subject
    preparing.change_template(
        template, name=template.name, subject="a", body="b", seen_at=NOW, by=people.aoki, now=NOW
    )

    preparing.restore_version(template.versions.get(), by=people.aoki, now=NOW + timedelta(minutes=1))

    template.refresh_from_db()
    assert template.subject == original


def test_saving_over_somebody_elses_change_is_refused_by_name(company: Organization, people) -> None:
    samples.install_samples(company, NOW)
    template = Template.objects.get(organization=company, sample="ja/confirmation.candidate.web")
    later = NOW + timedelta(minutes=5)
    preparing.change_template(
        template, name=template.name, subject="a", body="b", seen_at=NOW, by=people.baba, now=later
    )

    with pytest.raises(preparing.ChangedMeanwhile) as refusal:
        preparing.change_template(
            template, name=template.name, subject="c", body="d", seen_at=NOW, by=people.aoki, now=later
        )

    assert (refusal.value.by, refusal.value.at) == (people.baba, later)
    assert Template.objects.get(pk=template.pk).subject == "a"


def test_two_templates_of_one_case_cannot_have_the_same_name(company: Organization, people) -> None:
    samples.install_samples(company, NOW)
    taken = Template.objects.get(organization=company, sample="ja/reminder.agency")

    with pytest.raises(preparing.NameTaken):
        preparing.add_template(
            organization=company, purpose="reminder", receiver="agency", language="ja", way="",
            name=taken.name, subject="a", body="b", by=people.aoki, now=NOW,
        )  # fmt: skip


def test_a_text_of_our_own_has_no_initial_text(company: Organization, people) -> None:
    own = preparing.add_template(
        organization=company, purpose="other", receiver="candidate", language="ja", way="", name="お礼",
        subject="a", body="b", by=people.aoki, now=NOW,
    )  # fmt: skip

    with pytest.raises(preparing.NoSample):
        preparing.restore_sample(own, by=people.aoki, now=NOW)
