"""The signature of webhooks against vectors that two independent programs agree on."""

from datetime import UTC, datetime, timedelta

import pytest

from mensetsu.zoom import signature

SECRET = "sim_secret_token_0001"
STAMP = "1796101120"
NOW = datetime.fromtimestamp(int(STAMP), tz=UTC)
BODY = (
    b'{"event":"meeting.started","event_ts":1796101120000,"payload":{"account_id":"aC9vLk31QyyM5sWd0ePxGg",'
    b'"object":{"id":"88412345678","uuid":"q1w2E3r4T5y6U7i8O9p0AA=="}}}'
)
SIGNED = "v0=795214a78700620a02f3223393c62ab65bedd00ec2c1c464f42bbdaf5b80013d"


def test_the_vector() -> None:
    assert len(BODY) == 166
    assert signature.sign(BODY, STAMP, SECRET) == SIGNED
    assert signature.verify(BODY, STAMP, SIGNED, SECRET, NOW)


def test_the_validation_vector() -> None:
    assert signature.validation_answer("qgg8vlvZRS6UYooatFL8Aw", SECRET) == {
        "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
        "encryptedToken": "1a33b5367382de4252c3986cada39217d4faf1ecf995ec8d514ea07591f42c4b",
    }


@pytest.mark.parametrize(
    ("body", "stamp", "signed", "secret", "late"),
    [
        (BODY + b" ", STAMP, SIGNED, SECRET, 0),
        (BODY, "1796101121", SIGNED, SECRET, 0),
        (BODY, STAMP, SIGNED[:-1] + "e", SECRET, 0),
        (BODY, STAMP, "", SECRET, 0),
        (BODY, STAMP, SIGNED, "another", 0),
        (BODY, STAMP, SIGNED, "", 0),
        (BODY, "", SIGNED, SECRET, 0),
        (BODY, "１７９６１０１１２０", SIGNED, SECRET, 0),
        (BODY, "9" * 400, SIGNED, SECRET, 0),
        (BODY, STAMP, "v0=漢字", SECRET, 0),
        (BODY, STAMP, SIGNED, SECRET, 301),
        (BODY, STAMP, SIGNED, SECRET, -301),
    ],
)
def test_anything_else_is_not_zoom(body: bytes, stamp: str, signed: str, secret: str, late: int) -> None:
    assert not signature.verify(body, stamp, signed, secret, NOW + timedelta(seconds=late))


def test_five_minutes_are_tolerated() -> None:
    assert signature.verify(BODY, STAMP, SIGNED, SECRET, NOW + timedelta(seconds=300))
