"""Preparing templates: what was taken out of use is out of every choice, once."""

from types import SimpleNamespace

import pytest

from mensetsu.history.models import Entry
from mensetsu.mail import preparing
from mensetsu.mail.models import Template
from tests.interviews.writing import NOW

pytestmark = pytest.mark.django_db


def test_a_text_taken_out_of_use_twice_is_told_once_and_gives_its_name_free(people: SimpleNamespace) -> None:
    def add() -> Template:
        return preparing.add_template(
            organization=people.company, purpose="change", receiver="candidate", language="ja", way="",
            name="丁寧", subject="件名", body="本文", by=people.aoki, now=NOW,
        )  # fmt: skip

    template = add()
    with pytest.raises(preparing.NameTaken):
        add()

    for _press in range(2):
        preparing.retire_template(template, by=people.aoki, now=NOW)

    assert add().pk != template.pk
    assert Entry.objects.filter(action="template.retired").count() == 1
    with pytest.raises(preparing.ChangedMeanwhile):
        preparing.change_template(
            template, name="丁寧2", subject="x", body="y", seen_at=NOW, by=people.aoki, now=NOW
        )
