"""職種・選考ステップ: what people apply for and the steps to it, for administrators."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import admin_required
from mensetsu.candidates import arranging, forms, models
from mensetsu.web import answers


@admin_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "candidates/jobs.html", _page(request, forms.TitleForm()))


def _page(request: HttpRequest, form: forms.TitleForm) -> dict[str, Any]:
    jobs = models.Job.objects.visible_to(request.user).prefetch_related("stages")
    return {"jobs": jobs, "form": form}


@admin_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = forms.TitleForm(request.POST)
    if form.is_valid() and _named(form, lambda titles: arranging.add_job(
        organization=request.user.organization, **titles, by=request.user, now=timezone.now()
    )):  # fmt: skip
        messages.success(request, _("Added the job."))
        return answers.SeeOther(request, "candidates:jobs")
    return answers.refused(request, "candidates/jobs.html", _page(request, form))


@admin_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: its names, and a form for the next step."""
    job = _job(request, job_id)
    form = forms.TitleForm(forms.sent(request), initial={"name": job.name, "name_en": job.name_en})
    if request.method == "GET":
        return render(request, "candidates/job.html", _job_page(job, form=form))
    if form.is_valid() and _named(form, lambda titles: arranging.rename_job(
        job, **titles, by=request.user, now=timezone.now()
    )):  # fmt: skip
        messages.success(request, _("Saved the changes."))
        return answers.SeeOther(request, "candidates:job", job.pk)
    return answers.refused(request, "candidates/job.html", _job_page(_job(request, job_id), form=form))


def _job(request: HttpRequest, job_id: int) -> models.Job:
    return get_object_or_404(models.Job.objects.visible_to(request.user), pk=job_id)


def _job_page(
    job: models.Job, *, form: forms.TitleForm, stage_form: forms.TitleForm | None = None
) -> dict[str, Any]:
    return {
        "job": job,
        "form": form,
        "stages": job.stages.order_by("position", "id"),
        "stage_form": stage_form or forms.TitleForm(prefix="stage"),
    }


@admin_required
@require_POST
def add_stage(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    form = forms.TitleForm(request.POST, prefix="stage")
    if form.is_valid() and _named(form, lambda titles: arranging.add_stage(
        job, **titles, by=request.user, now=timezone.now()
    )):  # fmt: skip
        messages.success(request, _("Added the stage."))
        return answers.SeeOther(request, "candidates:job", job.pk)
    shown = forms.TitleForm(initial={"name": job.name, "name_en": job.name_en})
    return answers.refused(request, "candidates/job.html", _job_page(job, form=shown, stage_form=form))


@admin_required
@require_http_methods(["GET", "POST"])
def edit_stage(request: HttpRequest, stage_id: int) -> HttpResponse:
    stage = _stage(request, stage_id)
    form = forms.TitleForm(forms.sent(request), initial={"name": stage.name, "name_en": stage.name_en})
    page = {"form": form, "stage": stage, "job": stage.job}
    if request.method == "GET":
        return render(request, "candidates/stage.html", page)
    if form.is_valid() and _named(form, lambda titles: arranging.rename_stage(
        stage, **titles, by=request.user, now=timezone.now()
    )):  # fmt: skip
        messages.success(request, _("Saved the changes."))
        return answers.SeeOther(request, "candidates:job", stage.job_id)
    return answers.refused(request, "candidates/stage.html", page)


def _stage(request: HttpRequest, stage_id: int) -> models.Stage:
    ours = models.Stage.objects.filter(job__in=models.Job.objects.visible_to(request.user))
    return get_object_or_404(ours.select_related("job"), pk=stage_id)


def _named(form: forms.TitleForm, verb: Callable[[dict[str, str]], Any]) -> bool:
    """Whether the verb took the names; a name in use becomes the form's problem."""
    try:
        verb({"name": form.cleaned_data["name"], "name_en": form.cleaned_data["name_en"]})
    except arranging.NameTaken:
        form.add_error("name", _("This name is already in use. Choose another name."))
        return False
    return True


@admin_required
@require_POST
def close(request: HttpRequest, job_id: int) -> HttpResponse:
    """Closed, or open again (`reopen`)."""
    job = _job(request, job_id)
    verb = arranging.reopen_job if request.POST.get("reopen") else arranging.close_job
    verb(job, by=request.user, now=timezone.now())
    return answers.SeeOther(request, "candidates:jobs")


@admin_required
@require_POST
def move(request: HttpRequest, job_id: int) -> HttpResponse:
    arranging.move(_job(request, job_id), up=request.POST.get("to") == "up")
    return answers.SeeOther(request, "candidates:jobs")


@admin_required
@require_POST
def move_stage(request: HttpRequest, stage_id: int) -> HttpResponse:
    stage = _stage(request, stage_id)
    arranging.move(stage, up=request.POST.get("to") == "up")
    return answers.SeeOther(request, "candidates:job", stage.job_id)


@admin_required
@require_POST
def remove_stage(request: HttpRequest, stage_id: int) -> HttpResponse:
    stage = _stage(request, stage_id)
    try:
        arranging.remove_stage(stage, by=request.user, now=timezone.now())
    except arranging.StageInUse as use:
        sentence = ngettext(
            "%(num)s applicant stands at this stage. Move them first.",
            "%(num)s applicants stand at this stage. Move them first.",
            use.count,
        )
        messages.error(request, sentence % {"num": use.count})
    else:
        messages.success(request, _("Removed the stage."))
    return answers.SeeOther(request, "candidates:job", stage.job_id)
