"""Template groups: the list, one group as a table with its gaps, the texts of one case, reminders, where it applies.

Recruiters read; administrators change."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.models import Language
from mensetsu.accounts.permissions import admin_required, recruiter_required
from mensetsu.mail import followers, group_forms, grouping, groups, samples
from mensetsu.mail.models import GroupUse, Purpose, Receiver, ReminderRule, TemplateGroup
from mensetsu.web.answers import SeeOther, refused


@recruiter_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Every group in use, where it applies, and a form for another one."""
    samples.ensure_samples(request.user.organization, timezone.now())
    return render(request, "mail/groups.html", _list(request, group_forms.GroupForm()))


def _list(request: HttpRequest, form: group_forms.GroupForm) -> dict[str, Any]:
    found = TemplateGroup.objects.visible_to(request.user).in_use()
    found = found.prefetch_related("uses__job", "uses__stage__job")
    return {"groups": found, "form": form}


@admin_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = group_forms.GroupForm(request.POST)
    if form.is_valid():
        try:
            group = grouping.add_group(
                organization=request.user.organization, name=form.cleaned_data["name"], by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except grouping.GroupNameTaken:
            form.add_error("name", _name_taken())
        else:
            messages.success(request, _("The group was added. It begins with the standard texts."))
            return SeeOther(request, "mail:group", group.pk)
    return refused(request, "mail/groups.html", _list(request, form))


@recruiter_required
@require_GET
def show(request: HttpRequest, group_id: int) -> HttpResponse:
    """One group: the table of texts, the reminders, where it applies."""
    return render(request, "mail/group.html", _page(request, _group(request, group_id)))


def _page(request: HttpRequest, group: TemplateGroup, **forms: Any) -> dict[str, Any]:
    uses = list(group.uses.all())
    initial = {
        "everywhere": any(use.job_id is None and use.stage_id is None for use in uses),
        "jobs": [use.job_id for use in uses if use.job_id],
        "stages": [use.stage_id for use in uses if use.stage_id],
    }
    context = {
        "group": group,
        "rows": _table(group),
        "receivers": Receiver.choices,
        "rules": list(group.reminder_rules.all()),
        "others": _others(group),
        "coming": followers.count(group, now=timezone.now()),
        "name_form": group_forms.GroupForm(initial={"name": group.name}),
        "rule_form": group_forms.RuleForm(),
        "uses_form": group_forms.UsesForm(initial=initial, organization=group.organization),
    }
    return {**context, **forms}


def _others(group: TemplateGroup) -> list[GroupUse]:
    """Places that other groups have: choosing them here takes them away there."""
    found = GroupUse.objects.filter(organization=group.organization, group__retired_at=None)
    return list(found.exclude(group=group).select_related("group", "job", "stage__job"))


def _table(group: TemplateGroup) -> list[dict[str, Any]]:
    texts = groups.Texts(group, whole=True)
    return [
        {
            "purpose": purpose,
            "label": release_word() if purpose == groups.RELEASE else word,
            "cells": [_cell(texts, purpose, receiver, label) for receiver, label in Receiver.choices],
        }
        for purpose, word in Purpose.choices
    ]


def release_word() -> str:
    """The only mail without a purpose of its own that leaves by itself."""
    return _("Release of an interviewer")


def _cell(texts: groups.Texts, purpose: str, receiver: str, label: Any) -> dict[str, Any]:
    lines = []
    for language in Language.values:
        ways = texts.ways(purpose, receiver, language) or [""]
        for way in ways:
            choice = texts.choose(purpose=purpose, receiver=receiver, language=language, way=way)
            lines.append(
                {"language": language, "way": group_forms.way_word(way) if way else "", "choice": choice}
            )
    is_needed = (purpose, receiver) not in groups.NOT_NEEDED
    return {"receiver": receiver, "label": label, "lines": lines, "is_needed": is_needed}


@admin_required
@require_http_methods(["GET", "POST"])
def texts(request: HttpRequest, group_id: int, purpose: str, receiver: str) -> HttpResponse:
    """The texts of one purpose and receiver."""
    group = _group(request, group_id)
    if purpose not in Purpose.values or receiver not in Receiver.values:
        raise Http404
    if (purpose, receiver) in groups.NOT_NEEDED:
        raise Http404
    form = group_forms.TextsForm(
        request.POST or None,
        group=group,
        texts=groups.Texts(group, whole=True),
        purpose=purpose,
        receiver=receiver,
    )
    context = {
        "group": group,
        "form": form,
        "purpose": purpose,
        "purpose_word": release_word() if purpose == groups.RELEASE else Purpose(purpose).label,
        "receiver": receiver,
        "receiver_word": Receiver(receiver).label,
        "languages": Language.choices,
    }
    if request.method == "GET":
        return render(request, "mail/group_texts.html", context)
    if not form.is_valid():
        return refused(request, "mail/group_texts.html", context)
    grouping.choose_texts(
        group, purpose=purpose, receiver=receiver, choices=form.choices(), by=request.user, now=timezone.now()
    )
    messages.success(request, _("Saved."))
    return SeeOther(request, "mail:group", group.pk)


@admin_required
@require_POST
def rename(request: HttpRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    form = group_forms.GroupForm(request.POST)
    if form.is_valid():
        try:
            grouping.rename_group(group, name=form.cleaned_data["name"], by=request.user, now=timezone.now())
        except grouping.GroupNameTaken:
            form.add_error("name", _name_taken())
        else:
            messages.success(request, _("Saved."))
            return SeeOther(request, "mail:group", group.pk)
    return refused(request, "mail/group.html", _page(request, group, name_form=form))


@admin_required
@require_POST
def make_default(request: HttpRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    grouping.make_default(group, by=request.user, now=timezone.now())
    messages.success(
        request, _("%(name)s is the standard now.") % {"name": group.name_in(get_language() or "ja")}
    )
    return SeeOther(request, "mail:group", group.pk)


@admin_required
@require_POST
def retire(request: HttpRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    try:
        grouping.retire_group(group, by=request.user, now=timezone.now())
    except grouping.IsDefault:
        messages.error(request, _("Make another group the standard first."))
        return SeeOther(request, "mail:group", group.pk)
    messages.success(
        request, _("The group was removed. Interviews that use it go on with the standard texts.")
    )
    return SeeOther(request, "mail:groups")


@admin_required
@require_POST
def add_rule(request: HttpRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    form = group_forms.RuleForm(request.POST)
    if not form.is_valid():
        return refused(request, "mail/group.html", _page(request, group, rule_form=form))
    grouping.add_rule(group, **form.cleaned_data, by=request.user, now=timezone.now())
    messages.success(request, _saved_rules(group))
    return SeeOther(request, "mail:group", group.pk)


@admin_required
@require_POST
def change_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """On, off or away, as the button says."""
    visible = TemplateGroup.objects.visible_to(request.user).in_use()
    rule = get_object_or_404(ReminderRule.objects.select_related("group"), group__in=visible, pk=rule_id)
    act = request.POST.get("act")
    if act == "remove":
        grouping.remove_rule(rule, by=request.user, now=timezone.now())
    else:
        grouping.switch_rule(rule, is_on=act == "on", by=request.user, now=timezone.now())
    messages.success(request, _saved_rules(rule.group))
    return SeeOther(request, "mail:group", rule.group_id)


@admin_required
@require_POST
def use(request: HttpRequest, group_id: int) -> HttpResponse:
    group = _group(request, group_id)
    form = group_forms.UsesForm(request.POST, organization=group.organization)
    if not form.is_valid():
        return refused(request, "mail/group.html", _page(request, group, uses_form=form))
    data = form.cleaned_data
    grouping.use_for(
        group, is_everywhere=data["everywhere"], jobs=data["jobs"], stages=data["stages"], by=request.user,
        now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("Saved."))
    return SeeOther(request, "mail:group", group.pk)


def _saved_rules(group: TemplateGroup) -> str:
    count = followers.count(group, now=timezone.now())
    if not count:
        return _("Saved.")
    return ngettext(
        "Saved. The reminders of %(count)s coming interview are being planned anew.",
        "Saved. The reminders of %(count)s coming interviews are being planned anew.",
        count,
    ) % {"count": count}


def _group(request: HttpRequest, group_id: int) -> TemplateGroup:
    visible = TemplateGroup.objects.visible_to(request.user).in_use().select_related("organization")
    return get_object_or_404(visible, pk=group_id)


def _name_taken() -> str:
    return _("Another group has this name. Choose another one.")
