"""Pages on which the company's texts are prepared. They live here and not in mail, because a text is shown with the
tags and the made-up values of an interview. Recruiters read, administrators change."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import admin_required, recruiter_required
from mensetsu.interviews import compose_page, letter_words, tags, worst_case
from mensetsu.interviews.letter_forms import NewTemplateForm, TemplateForm, way_word
from mensetsu.mail import checks, composing, groups, preparing, samples
from mensetsu.mail import tags as grammar
from mensetsu.mail.models import Mail, Template, TemplateVersion
from mensetsu.web import dates, numbers
from mensetsu.web.answers import SeeOther, refused


@dataclass(frozen=True)
class Case:
    """For which letter a text is."""

    purpose: str
    receiver: str
    language: str
    way: str = ""

    @property
    def names(self) -> grammar.Names:
        return tags.names_for(receiver=self.receiver, purpose=self.purpose, language=self.language)


@recruiter_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, template_id: int) -> HttpResponse:
    """One text: its editor for administrators, its preview for everybody."""
    template = _template(request, template_id)
    case = Case(template.purpose, template.receiver, template.language, template.way)
    if request.method == "GET" or not request.user.is_admin:
        form = TemplateForm(initial=_initial(template))
        return render(request, "interviews/template.html", _context(request, case, form, template))
    if (answer := _pressed(request, case, template)) is not None:
        return answer
    form = TemplateForm(request.POST)
    if not (form.is_valid() and _is_sound(form, case)):
        return refused(request, "interviews/template.html", _context(request, case, form, template))
    data = form.cleaned_data
    try:
        preparing.change_template(
            template, name=data["name"], subject=data["subject"], body=composing.plain(data["body"]),
            seen_at=data["seen_at"] or template.updated_at, by=request.user, now=timezone.now(),
        )  # fmt: skip
    except preparing.NameTaken:
        form.add_error("name", _("Another template of this kind has this name."))
    except preparing.ChangedMeanwhile as meanwhile:
        form.add_error(None, _changed_meanwhile(meanwhile))
    else:
        messages.success(request, _("Saved. The text before is kept as a version."))
        return SeeOther(request, "interviews:template", template.pk)
    return refused(request, "interviews/template.html", _context(request, case, form, template))


@admin_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new text for a case chosen here or in the table of templates."""
    asked = request.POST if request.method == "POST" else request.GET
    case = Case(
        asked.get("purpose") or "confirmation", asked.get("receiver") or "candidate",
        asked.get("language") or request.user.language, asked.get("way", ""),
    )  # fmt: skip
    if request.method == "GET":
        form = NewTemplateForm(initial=case.__dict__)
        return render(request, "interviews/template.html", _context(request, case, form, None))
    if (answer := _pressed(request, case, None)) is not None:
        return answer
    form = NewTemplateForm(request.POST)
    if not (form.is_valid() and _is_sound(form, case)):
        return refused(request, "interviews/template.html", _context(request, case, form, None))
    data = {**form.cleaned_data, "body": composing.plain(form.cleaned_data["body"])}
    data.pop("seen_at")
    try:
        template = preparing.add_template(
            organization=request.user.organization, by=request.user, now=timezone.now(), **data
        )
    except preparing.NameTaken:
        form.add_error("name", _("Another template of this kind has this name."))
        return refused(request, "interviews/template.html", _context(request, case, form, None))
    messages.success(request, _("The template was added."))
    return SeeOther(request, "interviews:template", template.pk)


def _pressed(request: HttpRequest, case: Case, template: Template | None) -> HttpResponse | None:
    """The helping buttons: update the preview, convert tags of another service, correct a tag."""
    data = request.POST
    if "fix" in data:
        data = compose_page.fixed(data)
    elif data.get("act") == "convert":
        data = _converted(data, case)
    elif data.get("act") != "preview":
        return None
    kind = TemplateForm if template else NewTemplateForm
    bound = kind(data)
    quiet = kind(initial={name: bound[name].value() for name in bound.fields})
    return render(request, "interviews/template.html", _context(request, case, quiet, template))


def _converted(data: QueryDict, case: Case) -> QueryDict:
    data = data.copy()
    for name in ("subject", "body"):
        data[name] = grammar.convert(data.get(name, ""), case.names).text
    return data


def _is_sound(form: TemplateForm, case: Case) -> bool:
    """A text that can never be sent is not kept: unknown tags and remains of tags are refused."""
    data = form.cleaned_data
    for finding in _findings(data["subject"], data["body"], case):
        if finding.level == checks.BLOCK:
            form.add_error(finding.place, letter_words.sentence(finding))
    return form.is_valid()


def _findings(subject: str, body: str, case: Case) -> list[checks.Finding]:
    everywhere = tags.NAMES if case.language == "ja" else tags.NAMES_EN
    return checks.of_source(subject=subject, body=body, names=case.names, everywhere=everywhere)


@recruiter_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The text as it stands in the editor, filled with made-up values."""
    case = Case(*(request.POST.get(name, "") for name in ("purpose", "receiver", "language", "way")))
    context = _preview(request.POST.get("subject", ""), request.POST.get("body", ""), case, request)
    return render(request, "interviews/_template_preview.html", context)


def _preview(subject: str, body: str, case: Case, request: HttpRequest) -> dict[str, Any]:
    asked = request.POST if request.method == "POST" else request.GET
    is_worst = asked.get("sample") == "worst"
    values: dict[str, str | None] = dict(tags.samples(receiver=case.receiver, language=case.language))
    if is_worst:
        values = worst_case.values(receiver=case.receiver, language=case.language)
    letter = composing.preview(subject=subject, body=body, values=values, names=case.names)
    return {
        "letter": letter,
        "text_language": case.language,
        "is_worst": is_worst,
        "tag_names": compose_page.tag_names(case.language),
        "notes": [letter_words.sentence(one) for one in _findings(subject, body, case)],
    }


def _context(
    request: HttpRequest, case: Case, form: TemplateForm, template: Template | None
) -> dict[str, Any]:
    subject, body = str(form["subject"].value() or ""), str(form["body"].value() or "")
    here = tags.existing(receiver=case.receiver, purpose=case.purpose)
    common = [tag for key in compose_page.COMMON for tag in here if tag.key == key]
    converted = grammar.convert(subject + "\n" + body, case.names)
    return {
        **_preview(subject, body, case, request),
        "form": form,
        "template": template,
        "case": case,
        "way": way_word(case.way) if case.way in ("", *samples.WAYS) else "",
        "common_tags": common,
        "other_tags": [tag for tag in here if tag not in common],
        "converted": converted,
        "versions": list(template.versions.select_related("saved_by")[:20]) if template else [],
        "has_sample": bool(template and samples.sample_of(template)),
    }


@admin_required
@require_POST
def restore(request: HttpRequest, template_id: int) -> HttpResponse:
    """Bring back the initial text (「初期の文面に戻す」) or a version; what stood there becomes a version."""
    template = _template(request, template_id)
    try:
        if number := request.POST.get("version"):
            versions = TemplateVersion.objects.filter(template=template)
            version = get_object_or_404(versions, pk=numbers.key(number))
            preparing.restore_version(version, by=request.user, now=timezone.now())
        else:
            preparing.restore_sample(template, by=request.user, now=timezone.now())
    except preparing.NoSample:
        messages.error(request, _("This template has no initial text."))
    except preparing.ChangedMeanwhile as meanwhile:
        messages.error(request, _changed_meanwhile(meanwhile))
    else:
        messages.success(request, _("Brought back. The text before is kept as a version."))
    return SeeOther(request, "interviews:template", template.pk)


@admin_required
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, template_id: int) -> HttpResponse:
    """Take a text out of use, after showing where it is used."""
    template = _template(request, template_id)
    if request.method == "POST":
        preparing.retire_template(template, by=request.user, now=timezone.now())
        messages.success(request, _("The template was removed. Emails written with it keep their text."))
        return SeeOther(request, "mail:templates")
    rest = Template.objects.for_letter(
        organization=request.user.organization, purpose=template.purpose, receiver=template.receiver
    )
    context = {
        "template": template,
        "groups": groups.using(template),
        "written": Mail.objects.filter(template=template).count(),
        "is_last": not rest.filter(language=template.language).exclude(pk=template.pk).exists(),
    }
    return render(request, "interviews/template_retire.html", context)


@recruiter_required
@require_GET
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """What a template said before."""
    visible = Template.objects.visible_to(request.user)
    found = get_object_or_404(
        TemplateVersion.objects.select_related("template", "saved_by"), template__in=visible, pk=version_id
    )
    return render(request, "interviews/template_version.html", {"version": found, "template": found.template})


def _template(request: HttpRequest, template_id: int) -> Template:
    found = Template.objects.visible_to(request.user).in_use().select_related("organization", "updated_by")
    return get_object_or_404(found, pk=template_id)


def _initial(template: Template) -> dict[str, Any]:
    return {
        "name": template.name, "subject": template.subject, "body": template.body,
        "seen_at": template.updated_at.isoformat(),
    }  # fmt: skip


def _changed_meanwhile(meanwhile: preparing.ChangedMeanwhile) -> str:
    return _("%(name)s changed this template at %(time)s. Review the text and save again.") % {
        "name": meanwhile.by or "Mensetsu",
        "time": dates.short(meanwhile.at),
    }
