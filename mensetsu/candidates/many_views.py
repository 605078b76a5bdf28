"""What is done to many applicants of the list at once: a new owner, another step, and both taken back."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from mensetsu.accounts import models as accounts
from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates import listing, models, registering
from mensetsu.web import answers, numbers

UNDO = "candidates_former"
KEPT = "candidates_kept"
# So many at once by hand; more is the work of a file.
MOST = 500


@recruiter_required
@require_POST
def change_many(request: HttpRequest) -> HttpResponse:
    """Owner or step of the ticked applicants; what it was is kept in the session for 「取り消す」."""
    ids = numbers.keys(request.POST.getlist("chosen"))[:MOST]
    chosen = list(models.Candidate.objects.visible_to(request.user).filter(pk__in=ids))
    if not chosen:
        _refuse(request, _("Select applicants first."))
    elif request.POST.get("what") == "owner":
        _hand_over(request, chosen)
    else:
        _move(request, chosen)
    return _back(request)


def _refuse(request: HttpRequest, sentence: str) -> None:
    """Say why, and keep ticks and choices for the list that is shown next."""
    messages.error(request, sentence)
    request.session[KEPT] = {
        "ticked": numbers.keys(request.POST.getlist("chosen"))[:MOST],
        "new_owner": request.POST.get("new_owner", ""),
        "new_stage": request.POST.get("new_stage", ""),
    }


def kept_once(request: HttpRequest) -> dict[str, Any]:
    """What was ticked and chosen when the change of many was refused; for the page right after it."""
    return request.session.pop(KEPT, {}) if KEPT in request.session else {}


def _hand_over(request: HttpRequest, chosen: list[models.Candidate]) -> None:
    owner = None
    if request.POST.get("new_owner") != listing.NOBODY:
        owner = _found(request, accounts.User.objects.visible_to(request.user).working(), "new_owner")
        if owner is None or not owner.is_recruiter:
            _refuse(request, _("Select the new owner."))
            return
    moved = registering.assign_owner(chosen, owner, by=request.user, now=timezone.now())
    sentence = ngettext(
        "Changed the owner of %(num)s applicant.", "Changed the owner of %(num)s applicants.", len(moved.was)
    )
    _remember(request, "owner", owner, moved, sentence % {"num": len(moved.was)})


def _move(request: HttpRequest, chosen: list[models.Candidate]) -> None:
    stage = _found(
        request, models.Stage.objects.filter(job__organization=request.user.organization_id), "new_stage"
    )
    if stage is None:
        _refuse(request, _("Select the new stage."))
        return
    moved = registering.move_to_stage(chosen, stage, by=request.user, now=timezone.now())
    sentence = ngettext(
        "Changed the stage of %(num)s applicant.", "Changed the stage of %(num)s applicants.", len(moved.was)
    )
    _remember(request, "stage", stage, moved, sentence % {"num": len(moved.was)})
    if moved.skipped:
        names = pgettext("between names", ", ").join(one.full_name for one in moved.skipped[:5])
        messages.warning(
            request, _("Not changed, because they applied for another job: %(names)s") % {"names": names}
        )


def _found(request: HttpRequest, offered: Any, name: str) -> Any:
    return offered.filter(pk=numbers.key(request.POST.get(name, ""))).first()


def _remember(request: HttpRequest, what: str, new: Any, moved: registering.Moved, sentence: str) -> None:
    request.session[UNDO] = {
        "what": what,
        "new": new.pk if new else None,
        "was": {str(pk): old for pk, old in moved.was.items()},
        "jobs": {str(pk): job for pk, job in moved.jobs.items()},
        "sentence": sentence,
        "is_shown": False,
    }


def undo_once(request: HttpRequest) -> dict[str, Any] | None:
    """The banner is for the page right after the change; the session forgets it with the next list."""
    undo = request.session.get(UNDO)
    if undo is None:
        return None
    if undo["is_shown"]:
        del request.session[UNDO]
        return None
    request.session[UNDO] = undo | {"is_shown": True}
    return undo


@recruiter_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Give every applicant of the last change of many their former owner or step back."""
    done = request.session.pop(UNDO, None)
    if done is None:
        messages.error(request, _("There is nothing left to undo."))
        return _back(request)
    count = sum(_put_back(request, done, former, ids) for former, ids in _formers(done).items())
    messages.success(
        request,
        ngettext("Put %(num)s applicant back.", "Put %(num)s applicants back.", count) % {"num": count},
    )
    return _back(request)


def _formers(done: dict[str, Any]) -> dict[tuple[int | None, int | None], list[int]]:
    """Who had the same: (owner or step, job) → the keys of the applicants."""
    same = defaultdict(list)
    for pk, old in done["was"].items():
        same[old, done["jobs"].get(pk)].append(int(pk))
    return same


def _put_back(
    request: HttpRequest, done: dict[str, Any], former: tuple[int | None, int | None], ids: list[int]
) -> int:
    """Only those who are still where the change put them: a colleague's later decision stands."""
    old, job = former
    chosen = models.Candidate.objects.visible_to(request.user).filter(pk__in=ids)
    chosen = chosen.filter(**{f"{done['what']}_id": done["new"]})
    now = timezone.now()
    if done["what"] == "owner":
        owner = accounts.User.objects.visible_to(request.user).filter(pk=old).first()
        return len(registering.assign_owner(chosen, owner, by=request.user, now=now).was)
    stage = models.Stage.objects.filter(pk=old, job__organization=request.user.organization_id).first()
    return registering.put_back(chosen, stage, job_id=job, by=request.user, now=now)


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was: the conditions travel in the form, read like those of an address."""
    conditions = listing.Conditions.read(request.POST)
    query = conditions.query(
        page=request.POST.get("page", "") if request.POST.get("page", "").isdigit() else ""
    )
    return answers.SeeOther(request, reverse("candidates:list") + (f"?{query}" if query else ""))
