from django.test import override_settings

from mensetsu.web.secret_addresses import SecretAddresses, new_nonce

JOIN = SecretAddresses("tests.join")
FEED = SecretAddresses("tests.feed")


def test_an_address_leads_back_to_its_nonce_however_a_person_typed_it() -> None:
    nonce = new_nonce()

    assert JOIN.nonce(JOIN.token(nonce)) == nonce
    assert JOIN.nonce(f"  {JOIN.token(nonce).upper()}\n") == nonce


def test_nothing_else_opens_anything() -> None:
    nonce = new_nonce()
    token = JOIN.token(nonce)
    last = "b" if token[-1] == "a" else "a"

    for other in (
        "",
        nonce,
        token[:-1],
        token[:-1] + last,
        token + "a",
        FEED.token(nonce),
        "é" * 42,
        "\0" * 42,
    ):
        assert JOIN.nonce(other) is None, other


def test_addresses_outlive_a_change_of_the_secret_while_the_old_one_is_a_fallback() -> None:
    nonce = new_nonce()
    with override_settings(SECRET_KEY="before"):
        token = JOIN.token(nonce)

    with override_settings(SECRET_KEY="after", SECRET_KEY_FALLBACKS=["before"]):
        assert JOIN.nonce(token) == nonce
        assert JOIN.token(nonce) != token
    with override_settings(SECRET_KEY="after", SECRET_KEY_FALLBACKS=[]):
        assert JOIN.nonce(token) is None


def test_an_address_holds_only_letters_and_digits() -> None:
    token = JOIN.token(new_nonce())

    assert token.isalnum()
    assert token == token.lower()
    assert len(token) == 16 + 26
