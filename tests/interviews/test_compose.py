"""The pages on which letters are written, walked through like a recruiter does, without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews.models import Interview
from mensetsu.mail import delivery
from mensetsu.mail.models import Mail, Template
from mensetsu.zoom.models import Meeting
from tests import story
from tests.interviews import holding, writing
from tests.interviews.writing import compose_url, fields

pytestmark = pytest.mark.django_db

IN_A_MINUTE = timedelta(minutes=1)


def text(answer: Any) -> str:
    return BeautifulSoup(answer.content, "html.parser").get_text(" ", strip=True)


def test_one_press_sends_a_letter_without_warnings_and_leaves_twenty_seconds(
    made, recruiter, run_jobs, mailoutbox
) -> None:
    page = recruiter.get(compose_url(made))
    answer = recruiter.post(compose_url(made), fields(page))

    assert answer.status_code == 303
    mail = Mail.objects.get()
    assert mail.due_at == writing.NOW + timedelta(seconds=20)
    done = recruiter.get(answer.headers["Location"])
    assert "佐藤 美咲 様にメールを送信しました。" in text(done)
    assert "送信を取り消す" in text(done)
    run_jobs(until=writing.NOW + IN_A_MINUTE)
    assert [letter.body for letter in mailoutbox] == [mail.body + "\n"]


def test_calling_back_within_twenty_seconds_brings_the_text_back(
    made, recruiter, run_jobs, mailoutbox
) -> None:
    page = recruiter.get(compose_url(made))
    data = {**fields(page), "subject": "自分の件名"}
    recruiter.post(compose_url(made), data)
    mail = Mail.objects.get()

    answer = recruiter.post(reverse("interviews:mails_undo", args=[made.pk]), {"mails": str(mail.pk)})

    run_jobs(until=writing.NOW + IN_A_MINUTE)
    assert mailoutbox == []
    back = recruiter.get(answer.headers["Location"])
    assert fields(back)["subject"] == "自分の件名"


def test_what_has_left_cannot_be_called_back(made, recruiter, run_jobs) -> None:
    recruiter.post(compose_url(made), fields(recruiter.get(compose_url(made))))
    run_jobs(until=writing.NOW + IN_A_MINUTE)

    answer = recruiter.post(
        reverse("interviews:mails_undo", args=[made.pk]), {"mails": str(Mail.objects.get().pk)}, follow=True
    )

    assert "佐藤 美咲 様へのメールはすでに送信されたため、取り消せません。" in text(answer)
    assert Mail.objects.get().state == "sent"


def test_several_recipients_are_shown_their_final_texts_first(made, recruiter) -> None:
    address = compose_url(made, to="interviewer-ja")
    data = fields(recruiter.get(address))
    data["people"] = [f"interviewer-{user.pk}" for user in (row.user for row in made.interviewers.all())]

    confirm = recruiter.post(address, data)

    assert confirm.status_code == 200
    assert Mail.objects.count() == 0
    assert "土井 大 さん" in text(confirm)
    assert "遠藤 恵 さん" in text(confirm)
    assert "この内容で送信" in text(confirm)
    answer = recruiter.post(address, fields(confirm))
    assert answer.status_code == 303
    assert sorted(Mail.objects.values_list("to_name", flat=True)) == ["土井 大", "遠藤 恵"]


def test_a_warning_asks_for_a_second_look(made, recruiter) -> None:
    data = fields(recruiter.get(compose_url(made)))
    data["body"] += "\r\n面接は11月25日です。"

    confirm = recruiter.post(compose_url(made), data)

    assert "本文の「11月25日」は、面接日時（11月24日(火)）と異なります。" in text(confirm)
    assert Mail.objects.count() == 0
    recruiter.post(compose_url(made), fields(confirm))
    assert Mail.objects.count() == 1


def test_what_was_confirmed_is_what_is_sent(made, recruiter) -> None:
    data = fields(recruiter.get(compose_url(made)))
    data["body"] += "\r\n面接は11月25日です。"
    confirm = fields(recruiter.post(compose_url(made), data))
    Meeting.objects.filter(pk=made.meeting_id).update(join_url="https://us06web.zoom.us/j/555?pwd=new")

    again = recruiter.post(compose_url(made), confirm)

    assert again.status_code == 200
    assert Mail.objects.count() == 0
    assert "https://us06web.zoom.us/j/555?pwd=new" in text(again)


def test_editing_can_go_on_from_the_confirm_page(made, recruiter) -> None:
    data = {**fields(recruiter.get(compose_url(made))), "body": "11月25日\r\n{{応募者ページURL}}"}
    confirm = fields(recruiter.post(compose_url(made), data))

    editor = recruiter.post(compose_url(made), {**confirm, "act": "edit"})

    assert fields(editor)["body"] == "11月25日\r\n{{応募者ページURL}}"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"body": "{{面接日字}}"},
            "「{{面接日字}}」というタグはありません。「{{面接日時}}」ではありませんか。",
        ),
        ({"subject": ""}, "件名を入力してください。"),
        ({"people": []}, "宛先を選択してください。"),
        (
            {"body": "https://us06web.zoom.us/s/88412345678"},
            "主催者用のURLが含まれています。応募者には参加用ページを案内してください。",
        ),
    ],
)
def test_a_refused_letter_says_what_to_do_and_keeps_the_text(made, recruiter, change, sentence: str) -> None:
    data = {**fields(recruiter.get(compose_url(made))), **change}

    answer = recruiter.post(compose_url(made), data)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert fields(answer)["body"] == data["body"]
    assert Mail.objects.count() == 0


def test_a_missing_value_is_named_in_preview_and_refusal(made, recruiter, people) -> None:
    people.company.contact_phone = ""
    people.company.save()

    page = recruiter.get(compose_url(made))
    answer = recruiter.post(compose_url(made), fields(page))

    assert "値がありません：当日連絡先電話番号" in text(page)
    wanted = "「当日連絡先電話番号」の値がありません。会社情報で登録するか、本文から外してください。"
    assert wanted in text(answer)
    assert answer.status_code == 422


def test_a_letter_that_needs_the_url_offers_to_issue_it_again(made, recruiter) -> None:
    Meeting.objects.filter(pk=made.meeting_id).update(issued_at=None, failed_at=holding.BEFORE)

    page = recruiter.get(compose_url(made))

    soup = BeautifulSoup(page.content, "html.parser")
    assert "参加URLが発行されていません。" in text(page)
    assert soup.find("form", action=reverse("interviews:retry", args=[made.pk])) is not None


def test_a_misspelled_tag_is_corrected_by_a_button(made, recruiter) -> None:
    data = {**fields(recruiter.get(compose_url(made))), "body": "{{面接日字}} と {{面接日字}}"}
    page = BeautifulSoup(recruiter.post(compose_url(made), data).content, "html.parser")
    button = page.find("button", attrs={"name": "fix"})

    answer = recruiter.post(compose_url(made), {**data, "fix": button["value"]})

    assert fields(answer)["body"] == "{{面接日時}} と {{面接日時}}"


def test_the_preview_fragment_is_what_the_page_shows(made, recruiter) -> None:
    data = {
        **fields(recruiter.get(compose_url(made))),
        "body": "{{応募者氏名}} 様\r\n<script>alert(1)</script>",
    }
    address = reverse("interviews:letter", args=[made.pk]) + "?purpose=confirmation&to=candidate-ja"

    fragment = BeautifulSoup(recruiter.post(address, data).content, "html.parser")
    page = BeautifulSoup(recruiter.post(compose_url(made), {**data, "act": "preview"}).content, "html.parser")

    for part in ("letter", "findings"):
        there = fragment.find(id=part)
        del there["hx-swap-oob"]
        assert str(there) == str(page.find(id=part))
    assert fragment.select_one(".preview mark").text == "佐藤 美咲"
    assert fragment.find("script") is None


def test_another_template_can_be_chosen(made, recruiter) -> None:
    other = Template.objects.get(sample="ja/confirmation.candidate.phone")

    page = recruiter.get(compose_url(made, to="candidate-ja", template=str(other.pk)))

    assert fields(page)["subject"] == other.subject


def test_the_template_of_another_purpose_is_not_taken_along(made, recruiter) -> None:
    confirmation = Template.objects.get(sample="ja/confirmation.candidate.web")

    page = recruiter.get(
        compose_url(made, purpose="reminder", to="candidate-ja", template=str(confirmation.pk))
    )

    assert fields(page)["subject"] == Template.objects.get(sample="ja/reminder.candidate.web").subject


def test_enter_in_the_subject_does_not_send(made, recruiter) -> None:
    form = BeautifulSoup(recruiter.get(compose_url(made)).content, "html.parser").find(
        "form", id="letter-form"
    )

    first = form.find("button", type="submit")

    assert (first["name"], first["value"]) == ("act", "preview")


def test_pressing_twice_sends_once(made, recruiter) -> None:
    data = fields(recruiter.get(compose_url(made)))
    recruiter.post(compose_url(made), data)

    answer = recruiter.post(compose_url(made), data, follow=True)

    assert Mail.objects.count() == 1
    assert "このメールは、すでに送信しています。二重には送信していません。" in text(answer)


def test_both_are_offered_one_after_the_other(made, recruiter) -> None:
    writing.with_agency(made, ContactRoute.BOTH)

    answer = recruiter.post(compose_url(made), fields(recruiter.get(compose_url(made))))

    done = recruiter.get(answer.headers["Location"])
    assert "まだ連絡していない宛先" in text(done)
    link = BeautifulSoup(done.content, "html.parser").find("a", string=re.compile("紹介会社"))
    assert "to=agency-ja" in link["href"]


def failed_mail(made: Interview, recruiter: Any) -> Mail:
    recruiter.post(compose_url(made), fields(recruiter.get(compose_url(made))))
    Mail.objects.update(
        failed_at=timezone.now(), problem="bad_recipient", problem_detail="550 5.1.1 No such user"
    )
    return Mail.objects.get()


def test_a_failed_letter_says_why_and_is_sent_again_to_a_corrected_address(
    made, recruiter, run_jobs, mailoutbox
) -> None:
    mail = failed_mail(made, recruiter)
    page = recruiter.get(reverse("interviews:mail", args=[mail.pk]))
    assert "宛先のメールサーバーが、このアドレスを受け付けませんでした。" in text(page)
    assert "550 5.1.1 No such user" in text(page)

    answer = recruiter.post(
        reverse("interviews:mail_resend", args=[mail.pk]), {"to_email": "ｍｉｓａｋｉ＠example.org"}
    )

    assert answer.status_code == 303
    run_jobs(until=writing.NOW + IN_A_MINUTE)
    assert [holding.receivers([letter]) for letter in mailoutbox] == [["misaki@example.org"]]


def test_a_failed_letter_about_another_time_is_not_sent_again(made, recruiter) -> None:
    mail = failed_mail(made, recruiter)
    writing.moved(made)

    answer = recruiter.post(
        reverse("interviews:mail_resend", args=[mail.pk]), {"to_email": "misaki@example.com"}
    )

    assert answer.status_code == 422
    assert "面接の内容が、このメールを書いたあとに変わっています。新しいメールを作成してください。" in text(
        answer
    )


def test_a_failure_can_be_settled_by_a_person(made, recruiter) -> None:
    mail = failed_mail(made, recruiter)

    recruiter.post(reverse("interviews:mail_settle", args=[mail.pk]))

    assert list(Mail.objects.troubled()) == []


def test_the_interviews_page_lists_its_letters(made, recruiter) -> None:
    mail = failed_mail(made, recruiter)

    page = BeautifulSoup(recruiter.get(reverse("interviews:detail", args=[made.pk])).content, "html.parser")

    assert page.find("a", href=reverse("interviews:mail", args=[mail.pk])).text == mail.subject


def test_strangers_and_interviewers_do_not_write(made, people, client_of) -> None:
    assert client_of(people.chiba).get(compose_url(made)).status_code == 404
    assert client_of(people.doi).get(compose_url(made)).status_code == 403


def test_an_unknown_purpose_or_audience_is_not_found(made, recruiter) -> None:
    assert recruiter.get(compose_url(made, purpose="nonsense")).status_code == 404
    assert recruiter.get(compose_url(made, to="candidate-xx")).status_code == 404


def test_mails_of_another_interview_are_not_called_back_from_here(made, recruiter, people) -> None:
    recruiter.post(compose_url(made), fields(recruiter.get(compose_url(made))))
    other = holding.interview(people.company, candidate=story.candidate(people.company, "別", "人"))

    recruiter.post(reverse("interviews:mails_undo", args=[other.pk]), {"mails": str(Mail.objects.get().pk)})

    assert Mail.objects.get().state == "queued"


def test_the_reader_may_be_english(made, people, client_of) -> None:
    people.baba.language = "en"
    people.baba.save()

    page = text(client_of(people.baba).get(compose_url(made)))

    assert "Write an email" in page
    assert "佐藤 美咲 様" in page  # the letter stays in the applicant's language


def test_undo_is_as_long_as_the_product_says() -> None:
    assert delivery.UNDO_SECONDS == 20
