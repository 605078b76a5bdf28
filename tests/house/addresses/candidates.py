"""The addresses of applicants, agencies, jobs and steps."""

from collections.abc import Callable
from typing import Any

from mensetsu.candidates import importing, models
from tests import story

ADDRESSES: dict[str, Callable[[Any], Any] | None] = {
    "candidates:list": None,
    "candidates:export": None,
    "candidates:change_many": None,
    "candidates:undo": None,
    "candidates:view_create": None,
    "candidates:view_overwrite": lambda world: (world.saved_view.pk,),
    "candidates:view_share": lambda world: (world.saved_view.pk,),
    "candidates:view_delete": lambda world: (world.saved_view.pk,),
    "candidates:create": None,
    "candidates:detail": lambda world: (world.candidate.pk,),
    "candidates:edit": lambda world: (world.candidate.pk,),
    "candidates:add_note": lambda world: (world.candidate.pk,),
    "candidates:withdraw": lambda world: (world.candidate.pk,),
    "candidates:reinstate": lambda world: (world.candidate.pk,),
    "candidates:import_upload": None,
    "candidates:import_sample": None,
    "candidates:import": lambda world: (world.file.pk,),
    "candidates:import_arrange": lambda world: (world.file.pk,),
    "candidates:import_take": lambda world: (world.file.pk,),
    "candidates:agencies": None,
    "candidates:agency_create": None,
    "candidates:agency": lambda world: (world.contact.agency_id,),
    "candidates:agency_edit": lambda world: (world.contact.agency_id,),
    "candidates:agency_close": lambda world: (world.contact.agency_id,),
    "candidates:contact_create": lambda world: (world.contact.agency_id,),
    "candidates:contact_edit": lambda world: (world.contact.pk,),
    "candidates:contact_left": lambda world: (world.contact.pk,),
    "candidates:jobs": None,
    "candidates:job_add": None,
    "candidates:job": lambda world: (world.job.pk,),
    "candidates:job_close": lambda world: (world.job.pk,),
    "candidates:job_move": lambda world: (world.job.pk,),
    "candidates:stage_add": lambda world: (world.job.pk,),
    "candidates:stage_edit": lambda world: (world.job.stages.first().pk,),
    "candidates:stage_move": lambda world: (world.job.stages.first().pk,),
    "candidates:stage_remove": lambda world: (world.job.stages.first().pk,),
}
ROLES = {
    "candidates:view_share": "admin",
    "candidates:jobs": "admin",
    "candidates:job_add": "admin",
    "candidates:job": "admin",
    "candidates:job_close": "admin",
    "candidates:job_move": "admin",
    "candidates:stage_add": "admin",
    "candidates:stage_edit": "admin",
    "candidates:stage_move": "admin",
    "candidates:stage_remove": "admin",
}


def furnish(world: Any) -> None:
    people = world.people
    world.saved_view = models.SavedView.objects.create(
        organization=people.company, owner=people.baba, name="株式会社サンプルの人", query="q=hitoku%40example.com",
        shared_at=story.tomorrow_at(9, days=-1),
    )  # fmt: skip
    world.file = importing.upload(
        data="氏名,メールアドレス\n秘匿 花子,hitoku@example.com\n".encode(),
        file_name="秘匿.csv",
        by=people.baba,
        now=story.tomorrow_at(9, days=-1),
    )
