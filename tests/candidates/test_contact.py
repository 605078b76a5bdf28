"""Addresses and numbers as people type them."""

import pytest

from mensetsu.candidates import contact
from mensetsu.candidates.contact import Email


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", Email("Taro@example.com")),
        (" taro@EXAMPLE.jp ", Email("taro@example.jp")),
        ("taro.yamada+saiyo@example.co.jp", Email("taro.yamada+saiyo@example.co.jp")),
        ("abc..def@docomo.ne.jp", Email('"abc..def"@docomo.ne.jp', is_legacy=True)),
        ("abc.@docomo.ne.jp", Email('"abc."@docomo.ne.jp', is_legacy=True)),
        (".abc@ezweb.ne.jp", Email('".abc"@ezweb.ne.jp', is_legacy=True)),
        ('"abc..def"@docomo.ne.jp', Email('"abc..def"@docomo.ne.jp', is_legacy=True)),
        ("a@gmail.con", Email("a@gmail.con", suggestion="a@gmail.com")),
        ("a@gmai.com", Email("a@gmai.com", suggestion="a@gmail.com")),
        ("a@docomo.co.jp", Email("a@docomo.co.jp", suggestion="a@docomo.ne.jp")),
        ("a@ezweb.co.jp", Email("a@ezweb.co.jp", suggestion="a@ezweb.ne.jp")),
        ("a@yahoo.co.jo", Email("a@yahoo.co.jo", suggestion="a@yahoo.co.jp")),
        ("a@softbank.jp", Email("a@softbank.jp", suggestion="a@softbank.ne.jp")),
        ("a@gmail.com", Email("a@gmail.com")),
    ],
)
def test_an_address_is_read_generously(typed: str, stored: Email) -> None:
    assert contact.read_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "taro",
        "taro@",
        "@example.jp",
        "a..b@example.com",
        "a b@",
        "<script>@docomo.ne.jp",
        "a@b@c..jp",
        "x" * 250 + "@a.jp",
    ],
)
def test_what_cannot_be_written_to_is_refused(typed: str) -> None:
    with pytest.raises(contact.BadEmail):
        contact.read_email(typed)


def test_a_legacy_address_can_travel_in_a_mail() -> None:
    from django.core.mail import EmailMessage  # noqa: PLC0415 - only this test writes a mail

    message = EmailMessage("件名", "本文", to=[contact.read_email("abc..def@docomo.ne.jp").address]).message()

    assert message["To"] == '"abc..def"@docomo.ne.jp'


@pytest.mark.parametrize(
    ("typed", "text", "e164", "shown"),
    [
        ("090-1234-5678", "090-1234-5678", "+819012345678", "090-1234-5678"),
        ("０９０ー１２３４ー５６７８", "090-1234-5678", "+819012345678", "090-1234-5678"),
        ("03(1234)5678", "03(1234)5678", "+81312345678", "03-1234-5678"),
        ("+81 90 1234 5678", "+81 90 1234 5678", "+819012345678", "090-1234-5678"),
        ("+1 650-253-0000", "+1 650-253-0000", "+16502530000", "+1 650-253-0000"),
    ],
)
def test_a_phone_number_is_read_and_shown(typed: str, text: str, e164: str, shown: str) -> None:
    assert contact.read_phone(typed) == contact.Phone(text, e164)
    assert contact.show_phone(text, e164) == shown


@pytest.mark.parametrize("typed", ["123", "電話なし", "090-1234-5678-9999-0000"])
def test_what_cannot_be_called_is_refused(typed: str) -> None:
    with pytest.raises(contact.BadPhone):
        contact.read_phone(typed)


def test_a_number_that_was_never_understood_is_shown_as_it_is() -> None:
    assert contact.show_phone("内線 12", "") == "内線 12"
