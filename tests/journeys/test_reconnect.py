"""An account whose link ended is linked again: everything that waited for it goes on by itself."""

import pytest
from django.utils import timezone

from mensetsu.interviews import scheduling
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.zoom import checking
from tests import story
from tests.zoom_world import RECRUIT, ZoomWorld

pytestmark = pytest.mark.django_db


def test_interviews_without_a_link_get_theirs_after_reconnecting(zoom: ZoomWorld, people, run_jobs) -> None:
    host = zoom.connect(people.aoki, RECRUIT, is_shared=True)
    job = story.job(people.company)
    wished = {
        "stage": job.stages.first(), "minutes": 60, "interviewers": [people.doi], "way": Way.WEB,
        "service": Service.ZOOM, "host": host, "by": people.baba, "now": timezone.now(),
    }  # fmt: skip
    first = scheduling.schedule(
        candidate=story.candidate(people.company, job=job), starts_at=story.tomorrow_at(10), **wished
    )
    run_jobs()
    second = scheduling.schedule(
        candidate=story.candidate(people.company, "伊藤", "蓮", job=job),
        starts_at=story.tomorrow_at(14),
        **wished,
    )
    zoom.uninstall(RECRUIT)
    run_jobs()
    old_url = Interview.objects.get(pk=first.pk).join_url
    failed = Interview.objects.get(pk=second.pk)
    assert (failed.needs_host, failed.join_url) == (True, "")
    checking.check_connections.call()
    run_jobs()

    zoom.connect(people.aoki, RECRUIT, is_shared=True)
    run_jobs()

    healed = [Interview.objects.get(pk=one.pk) for one in (first, second)]
    assert [(one.needs_host, one.url_state) for one in healed] == [(False, "issued"), (False, "issued")]
    assert healed[0].join_url == old_url
    assert len(zoom.meetings()) == 2
