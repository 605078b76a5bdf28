"""Who hears of a check that failed, and that one may look once more at once."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils import timezone

from mensetsu.interviews import preflighting
from mensetsu.interviews.models import Preflight
from mensetsu.zoom.models import Connection
from tests.interviews.nearing import AT, asked, found
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db


def test_an_hour_before_the_recruiter_hears_by_mail_once(
    office: SimpleNamespace, coming: Any, look: Any
) -> None:
    interview = coming(AT["hour"], is_told=False)

    look()
    Preflight.objects.update(due_at=timezone.now())
    look()

    [letter] = outbox.outbox
    assert "baba@sample.example.jp" in letter.to[0]
    assert letter.subject.startswith("【要対応】")
    assert "応募者に案内していません。" in letter.body
    assert f"/interviews/{interview.pk}/" in letter.body
    # Something else that fails is told again.
    Connection.objects.update(plan_type=1)
    Preflight.objects.update(due_at=timezone.now())
    look()
    assert len(outbox.outbox) == 2


def test_a_day_before_the_home_page_is_enough(coming: Any, look: Any) -> None:
    coming(is_told=False)

    assert look().state == "failed"
    assert outbox.outbox == []


def test_pressing_again_looks_at_once(zoom: ZoomWorld, coming: Any, look: Any, run_jobs: Any) -> None:
    interview = coming()
    assert not preflighting.again(interview, now=timezone.now())
    look()
    before = len(asked(zoom))

    assert preflighting.again(interview, now=timezone.now())
    run_jobs()

    assert len(asked(zoom)) == before + 1


def test_a_host_that_is_gone_is_not_asked_for(
    zoom: ZoomWorld, office: SimpleNamespace, coming: Any, look: Any
) -> None:
    coming()
    zoom.uninstall(RECRUIT)

    assert found(look())["host"] == "host_ended"
