"""A CSV file in four pages: choose it, check what it would do, see it happen, see what happened."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.candidates import columns, csv_files, forms, importing, labels, models, trial
from mensetsu.candidates.samples import SAMPLE
from mensetsu.web import answers

LINES_PER_PAGE = 100


@recruiter_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "candidates/import_upload.html", {"form": forms.UploadForm()})
    form = forms.UploadForm(request.POST, request.FILES)
    if form.is_valid():
        chosen = form.cleaned_data["file"]
        try:
            if chosen.size > csv_files.MAX_BYTES:
                raise csv_files.Unreadable("too_big")
            file = importing.upload(
                data=chosen.read(), file_name=chosen.name, by=request.user, now=timezone.now()
            )
        except csv_files.Unreadable as why:
            form.add_error("file", labels.sentence({"code": why.code, "line": why.line}))
        else:
            return answers.SeeOther(request, "candidates:import", file.pk)
    return answers.refused(request, "candidates/import_upload.html", {"form": form})


@recruiter_required
@require_GET
def show(request: HttpRequest, import_id: int) -> HttpResponse:
    """What the file would do, does, or did, depending on how far it is."""
    file = _file(request, import_id)
    is_page = not request.htmx
    if file.started_at is None and is_page:
        return render(request, "candidates/import_trial.html", _trial(request, file))
    progress = _progress(file)
    if not is_page and progress["is_running"]:
        return render(request, "candidates/_import_progress.html", progress)
    if not is_page:
        return answers.SeeOther(request, "candidates:import", file.pk)
    return render(request, "candidates/import_result.html", progress | _result(file))


@recruiter_required
@require_POST
def arrange(request: HttpRequest, import_id: int) -> HttpResponse:
    """The columns as the user corrected them: column_0=email, column_1=, …; each field once."""
    file = _file(request, import_id)
    chosen = {place: request.POST.get(f"column_{place}", "") for place in range(len(file.headings))}
    known = {place: name for place, name in chosen.items() if name in columns.COLUMNS}
    twice = sorted({name for name in known.values() if list(known.values()).count(name) > 1})
    if twice:
        names = pgettext("between names", ", ").join(columns.label(name) for name in twice)
        page = _trial(request, file) | {
            "column_problem": _("Two columns are %(names)s. Leave only one.") % {"names": names}
        }
        return answers.refused(request, "candidates/import_trial.html", page)
    try:
        importing.arrange(file, columns=known, adds_missing=bool(request.POST.get("adds_missing")))
    except importing.AlreadyTaken:
        _tell_begun(request, file)
    return answers.SeeOther(request, "candidates:import", file.pk)


@recruiter_required
@require_POST
def take(request: HttpRequest, import_id: int) -> HttpResponse:
    file = _file(request, import_id)
    try:
        importing.take(file, by=request.user, now=timezone.now())
    except importing.AlreadyTaken:
        _tell_begun(request, file)
    except importing.NothingToTake:
        messages.error(request, _("No row is new or changed. Nothing was imported."))
    return answers.SeeOther(request, "candidates:import", file.pk)


def _tell_begun(request: HttpRequest, file: models.Import) -> None:
    """Why the press did nothing. What failed says so on the page that comes."""
    file.refresh_from_db(fields=["finished_at", "failed_at"])
    if file.finished_at:
        messages.error(request, _("This file has already been imported."))
    elif not file.failed_at:
        messages.error(request, _("This file is being imported now. Wait until this page shows the result."))


@recruiter_required
@require_GET
def sample(request: HttpRequest) -> HttpResponse:
    """A file of 300 invented applicants to try the import with."""
    return FileResponse(SAMPLE.open("rb"), as_attachment=True, filename=SAMPLE.name, content_type="text/csv")


def _file(request: HttpRequest, import_id: int) -> models.Import:
    return get_object_or_404(models.Import.objects.visible_to(request.user), pk=import_id)


def _trial(request: HttpRequest, file: models.Import) -> dict[str, Any]:
    counts = file.trial["counts"]
    only = request.GET.get("only", "")
    only = only if only in trial.OUTCOMES else ""
    wanted = [line for line in file.trial["lines"] if not only or line["outcome"] == only]
    pages = Paginator(wanted, LINES_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    return {
        "file": file,
        "counts": counts,
        "only": only,
        "page": page,
        "lines": [_told(line) for line in page.object_list],
        "outcomes": _outcomes(),
        "column_rows": _column_rows(file),
        "column_choices": [(name, columns.label(name)) for name in columns.COLUMNS],
        "column_problem": "",
        "can_take": bool(counts[trial.NEW] + counts[trial.CHANGED]),
    }


def _outcomes() -> dict[str, str]:
    return {
        trial.NEW: _("New"), trial.CHANGED: _("Changed"), trial.SAME: _("Same as registered"),
        trial.REFUSED: _("Not imported"),
    }  # fmt: skip


def _told(line: dict[str, Any]) -> dict[str, Any]:
    return line | {
        "problems": [labels.sentence(told) for told in line["problems"]],
        "notes": [labels.sentence(told) for told in line["notes"]],
        "changes": [(labels.field_label(name), old, new) for name, old, new in line["changes"]],
    }


def _column_rows(file: models.Import) -> list[dict[str, Any]]:
    example = file.rows[0][1] if file.rows else []
    return [
        {
            "place": place,
            "heading": heading,
            "example": example[place] if place < len(example) else "",
            "name": file.columns.get(str(place), ""),
        }
        for place, heading in enumerate(file.headings)
    ]


def _progress(file: models.Import) -> dict[str, Any]:
    return {
        "file": file,
        "total": len(file.rows),
        "is_running": bool(file.started_at) and not (file.finished_at or file.failed_at),
        "is_job": len(file.rows) >= importing.MANY_ROWS,
    }


def _result(file: models.Import) -> dict[str, Any]:
    refused = [
        line | {"problems": [labels.sentence(told) for told in line["problems"]]}
        for line in file.result.get("refused", [])
    ]
    return {"counts": file.result.get("counts", {}), "refused": refused, "outcomes": _outcomes()}
