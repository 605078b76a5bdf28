"""What the tests of imports share: a file taken in, people registered, and what a trial said."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from mensetsu.candidates import importing, labels, registering
from mensetsu.candidates.models import Candidate, Import
from tests import story

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=story.JAPAN)
HEAD = "応募者番号,氏名,メールアドレス,電話番号\n"


def upload(people: SimpleNamespace, text: str, head: str = HEAD) -> Import:
    return importing.upload(data=(head + text).encode(), file_name="応募者.csv", by=people.baba, now=NOW)


def register(people: SimpleNamespace, **values: Any) -> Candidate:
    values = {"family_name": "佐藤", "given_name": "美咲", "email": "misaki@example.com"} | values
    return registering.register(organization=people.company, values=values, by=people.baba, now=NOW)


def outcomes(file: Import) -> list[tuple[str, list[str]]]:
    return [
        (line["outcome"], [labels.sentence(told) for told in line["problems"]])
        for line in file.trial["lines"]
    ]


def stored() -> list[tuple[str, str, str]]:
    return list(Candidate.objects.order_by("id").values_list("external_id", "family_name", "email"))
