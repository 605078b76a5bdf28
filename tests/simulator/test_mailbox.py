"""The mailbox takes real SMTP, shows what came, and fails in the ways that real servers do."""

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from types import SimpleNamespace

import pytest

from demo.ports import reserve_port
from simulator.mailbox.letters import Letters
from simulator.mailbox.pages import create_app
from simulator.mailbox.smtp import Rules, listen


@pytest.fixture
def box(tmp_path) -> Iterator[SimpleNamespace]:
    letters, rules = Letters(str(tmp_path / "box.sqlite3")), Rules()
    controller = listen(letters, rules, port=reserve_port())
    yield SimpleNamespace(
        letters=letters, rules=rules, port=controller.port, browser=create_app(letters, rules).test_client()
    )
    controller.stop()
    letters.close()


def post(box: SimpleNamespace, to: str = "misaki@example.com") -> None:
    message = EmailMessage()
    message["Subject"] = "【株式会社サンプル】一次面接（WEB）日程確定のご案内（11/24(火) 14:00）"
    message["From"] = "saiyo@sample.example.jp"
    message["To"] = f"髙橋 﨑太郎 <{to}>"
    message.set_content("髙橋 﨑太郎 様\n\nhttp://127.0.0.1:8000/j/abc\n")
    message.add_attachment("BEGIN:VCALENDAR\n", subtype="calendar", filename="invite.ics")
    with smtplib.SMTP("127.0.0.1", box.port, timeout=10) as smtp:
        smtp.send_message(message)


def test_a_japanese_letter_is_shown_as_it_was_written(box) -> None:
    post(box)

    [letter] = box.browser.get("/api/letters?to=misaki").json
    assert letter["subject"] == "【株式会社サンプル】一次面接（WEB）日程確定のご案内（11/24(火) 14:00）"
    assert letter["to"] == "髙橋 﨑太郎 <misaki@example.com>"
    assert letter["attachments"][0]["name"] == "invite.ics"
    page = box.browser.get(f"/letters/{letter['id']}").text
    assert '<a href="http://127.0.0.1:8000/j/abc">' in page


def test_a_page_escapes_what_a_letter_says(box) -> None:
    box.letters.add(["a@example.com"], b"Subject: <script>alert(1)</script>\n\n<script>alert(2)</script>")

    assert "<script>" not in box.browser.get("/").text + box.browser.get("/letters/1").text


def test_a_refused_recipient_gets_550_and_the_letter_is_not_kept(box) -> None:
    box.rules.refuse = {"nobody@"}

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        post(box, "nobody@example.com")

    assert refusal.value.recipients["nobody@example.com"][0] == 550
    assert box.letters.find() == []


def test_a_connection_dropped_after_data_leaves_the_sender_in_doubt(box) -> None:
    box.rules.drop_after_data = 1

    with pytest.raises(smtplib.SMTPServerDisconnected):
        post(box)

    assert len(box.letters.find()) == 1


def test_rules_of_the_page_are_applied(box) -> None:
    box.browser.post("/rules", data={"refuse": "A@x.jp, b@x.jp", "down": "on"})

    assert box.rules.refuse == {"a@x.jp", "b@x.jp"}
    assert box.rules.down
