"""Letters about an interview: write, look, confirm, send, call back, send again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.interviews import addressing, announcing, compose_page, recalling, tags
from mensetsu.interviews.letter_forms import LetterForm, ResendForm
from mensetsu.interviews.models import Interview
from mensetsu.mail import checks, delivery, drafting
from mensetsu.mail.models import Mail, Problem, Purpose, Receiver
from mensetsu.web import numbers
from mensetsu.web.answers import SeeOther, refused

UNDO = timedelta(seconds=delivery.UNDO_SECONDS)


@recruiter_required
@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest, interview_id: int) -> HttpResponse:
    """The letter to one audience. Its buttons: send, save as draft, update the preview, correct a tag."""
    desk = _desk(request, interview_id)
    if request.method == "GET":
        form, draft = compose_page.opening_form(desk, request)
        return render(request, "interviews/compose.html", compose_page.context(desk, form, draft=draft))
    data = compose_page.fixed(request.POST) if "fix" in request.POST else request.POST
    form = desk.form(data)
    if request.POST.get("act") == "draft":
        _keep(desk, form)
        messages.success(request, _("Draft saved."))
        return SeeOther(request, _address(desk))
    if request.POST.get("act") in ("preview", "edit") or "fix" in request.POST:
        quiet = desk.form(initial=_values(form))
        return render(request, "interviews/compose.html", compose_page.context(desk, quiet))
    return _send(request, desk, form)


def _send(request: HttpRequest, desk: compose_page.Desk, form: LetterForm) -> HttpResponse:
    """One press when there is nothing to look at and one recipient; else the final texts are confirmed first."""
    if not form.is_valid():
        return refused(request, "interviews/compose.html", compose_page.context(desk, form))
    people, text = form.cleaned_data["people"], compose_page.text_of(desk, form)
    due_at, form_key = form.cleaned_data["due_at"], form.cleaned_data["form_key"]
    if announcing.was_sent(desk.interview, people, form_key):
        return _sent_before(request, desk)
    # Worded for the moment at which it leaves: 「明日」 is another day by then.
    desk_then = replace(desk, now=due_at) if due_at else desk
    written = [desk_then.write(one, text) for one in people]
    findings = [finding for one in written for finding in one.findings]
    if checks.has_blocks(findings):
        return _blocked(request, desk, form, written)
    seen = request.POST.get("confirmed") == compose_page.fingerprint(written)
    if not seen and (checks.has_warnings(findings) or len(people) > 1):
        return render(request, "interviews/compose_confirm.html", _to_confirm(desk, form, written))
    try:
        sent = announcing.send(
            desk.interview, purpose=desk.purpose, people=people, text=text,
            form_key=form_key, by=request.user, now=desk.now, due_at=due_at or desk.now + UNDO,
            told=compose_page.told(written),
        )  # fmt: skip
    except announcing.ToldMeanwhile:
        desk_then = replace(desk_then, interview=_interview(request, desk.interview.pk))
        written = [desk_then.write(one, text) for one in people]
        return render(request, "interviews/compose_confirm.html", _to_confirm(desk, form, written))
    except announcing.NotSendable:
        return _blocked(request, desk, form, [desk_then.write(one, text) for one in people])
    except announcing.AlreadySent:
        return _sent_before(request, desk)
    _keep(desk, form, is_used=True)
    keys = ",".join(str(mail.pk) for mail in sent)
    return SeeOther(request, f"{reverse('interviews:mails_sent', args=[desk.interview.pk])}?mails={keys}")


def _sent_before(request: HttpRequest, desk: compose_page.Desk) -> HttpResponse:
    messages.info(request, _("This email has already been sent. It was not sent twice."))
    return SeeOther(request, "interviews:detail", desk.interview.pk)


def _blocked(
    request: HttpRequest, desk: compose_page.Desk, form: LetterForm, written: list[announcing.Written]
) -> HttpResponse:
    for line in compose_page.findings_in_words(written):
        if line["finding"].level == checks.BLOCK:
            form.add_error(line["finding"].place, line["sentence"])
    return refused(request, "interviews/compose.html", compose_page.context(desk, form))


def _to_confirm(
    desk: compose_page.Desk, form: LetterForm, written: list[announcing.Written]
) -> dict[str, Any]:
    return {
        "desk": desk,
        "interview": desk.interview,
        "candidate": desk.interview.candidate,
        "written": written,
        "findings": compose_page.findings_in_words(written),
        "tag_names": compose_page.tag_names(desk.language),
        "oob": False,
        "fingerprint": compose_page.fingerprint(written),
        "values": _values(form),
        "due_at": form.cleaned_data["due_at"],
        "query": f"?purpose={desk.purpose}&to={desk.audience.key}",
    }


@recruiter_required
@require_POST
def preview(request: HttpRequest, interview_id: int) -> HttpResponse:
    """The letter as the text in the form would make it, and what is to be looked at."""
    desk = _desk(request, interview_id)
    form = desk.form(request.POST)
    context = {**compose_page.preview_context(desk, form), "oob": True}
    return render(request, "interviews/_letter_news.html", context)


@recruiter_required
@require_POST
def keep_draft(request: HttpRequest, interview_id: int) -> HttpResponse:
    """The text as it is typed, saved by itself."""
    desk = _desk(request, interview_id)
    draft = _keep(desk, desk.form(request.POST), is_typed=True)
    return render(request, "interviews/_draft_saved.html", {"draft": draft})


def _keep(desk: compose_page.Desk, form: LetterForm, *, is_used: bool = False, is_typed: bool = False) -> Any:
    values = _values(form)
    return drafting.keep(
        author=desk.author, about=desk.about, template=compose_page.template_of(desk, values["template"]),
        subject=str(values["subject"] or ""), body=str(values["body"] or "").replace("\r\n", "\n"),
        recipients=list(values["people"] or []), is_used=is_used, is_typed=is_typed,
        now=desk.now,
    )  # fmt: skip


def _values(form: LetterForm) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields}


@recruiter_required
@require_GET
def sent(request: HttpRequest, interview_id: int) -> HttpResponse:
    """What has just been sent, with twenty seconds to call it back, and who is still to be told."""
    interview = _interview(request, interview_id)
    mails = _mails(request, interview, request.GET.get("mails", ""))
    told = {mail.receiver for mail in mails}
    purpose = mails[0].purpose if mails else Purpose.CONFIRMATION
    left = [
        audience
        for audience in announcing.audiences(interview, purpose=purpose)
        if audience.proposed and audience.receiver not in told
    ]
    soon = timezone.now() + UNDO
    context = {
        "interview": interview,
        "candidate": interview.candidate,
        "mails": mails,
        "purpose": purpose,
        "left": left if mails else [],
        "waits_until": max(
            (mail.due_at for mail in mails if mail.due_at and mail.due_at > soon), default=None
        ),
        "can_undo": any(mail.state == "queued" and mail.sending_at is None for mail in mails),
    }
    return render(request, "interviews/mails_sent.html", context)


@recruiter_required
@require_POST
def undo(request: HttpRequest, interview_id: int) -> HttpResponse:
    """「送信を取り消す」: what has not left stays here, and the text is a draft again."""
    interview = _interview(request, interview_id)
    mails = _mails(request, interview, request.POST.get("mails", ""))
    kept, gone = [], []
    for mail in mails:
        try:
            recalling.call_back(mail, by=request.user, now=timezone.now())
            kept.append(mail)
        except delivery.AlreadyLeft:
            gone.append(mail)
    for mail in gone:
        messages.error(
            request, _("The email to %(name)s has already left and cannot be called back.") % _who(mail)
        )
    if not kept:
        return SeeOther(request, "interviews:detail", interview.pk)
    messages.success(request, _("Not sent. The text is kept as a draft."))
    drafting.reopen(
        author=request.user, about=f"interview:{interview.pk}:{kept[0].purpose}:{_audience(kept[0])}"
    )
    compose_at = reverse("interviews:compose", args=[interview.pk])
    return SeeOther(request, f"{compose_at}?purpose={kept[0].purpose}&to={_audience(kept[0])}")


def _audience(mail: Mail) -> str:
    return f"{mail.receiver}-{mail.language}"


def _who(mail: Mail) -> dict[str, str]:
    name = mail.to_name_in(get_language() or "ja")
    if mail.receiver == Receiver.INTERVIEWER or not mail.to_name:
        return {"name": name}
    return {"name": pgettext("person outside", "%(name)s") % {"name": name}}


@recruiter_required
@require_GET
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """One letter: the exact text, how it went, and what can be done."""
    letter = _letter(request, mail_id)
    form = ResendForm(initial={"to_email": letter.to_email})
    return render(request, "interviews/mail.html", _mail_context(letter, form))


def _mail_context(letter: Mail, form: ResendForm) -> dict[str, Any]:
    return {
        "mail": letter,
        "interview": letter.notice.interview,
        "candidate": letter.candidate,
        "form": form,
        "can_resend": letter.state in ("failed", "canceled")
        and letter.resent_as_id is None
        and letter.problem not in (Problem.OVERDUE, Problem.LATE_WORDS),
        "audience": _audience(letter),
        "before": Mail.objects.filter(resent_as=letter).first(),
    }


@recruiter_required
@require_POST
def resend(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The same text once more, to a corrected address if one was typed."""
    letter = _letter(request, mail_id)
    form = ResendForm(request.POST)
    if not form.is_valid():
        return refused(request, "interviews/mail.html", _mail_context(letter, form))
    try:
        copy = announcing.resend(
            letter, by=request.user, now=timezone.now(), to_email=form.cleaned_data["to_email"]
        )
    except delivery.NotFailed:
        form.add_error(None, _("This email has already been sent again, or may still arrive."))
    except announcing.OutOfDate:
        form.add_error(None, _("The interview has changed since this email was written. Write a new one."))
    else:
        messages.success(request, _("The email was sent again to %(name)s.") % _who(copy))
        return SeeOther(request, "interviews:mail", copy.pk)
    return refused(request, "interviews/mail.html", _mail_context(letter, form))


@recruiter_required
@require_POST
def settle(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The failure has been dealt with in another way."""
    letter = _letter(request, mail_id)
    delivery.settle(letter, by=request.user, now=timezone.now())
    messages.success(request, _("Marked as dealt with."))
    return SeeOther(request, "interviews:mail", letter.pk)


@recruiter_required
@require_GET
def tag_list(request: HttpRequest) -> HttpResponse:
    """Every tag with its names, what it means and what it looks like."""
    return render(request, "interviews/tags.html", {"catalogue": tags.CATALOGUE})


def _desk(request: HttpRequest, interview_id: int) -> compose_page.Desk:
    return compose_page.desk(request, _interview(request, interview_id), now=timezone.now())


def _address(desk: compose_page.Desk) -> str:
    address = reverse("interviews:compose", args=[desk.interview.pk])
    return f"{address}?purpose={desk.purpose}&to={desk.audience.key}"


def _interview(request: HttpRequest, interview_id: int) -> Interview:
    found = Interview.objects.visible_to(request.user).with_facts()
    found = found.select_related(
        "organization", "created_by", "candidate__organization", "candidate__agency_contact__agency"
    )
    return get_object_or_404(found, pk=interview_id)


def _mails(request: HttpRequest, interview: Interview, wanted: str) -> list[Mail]:
    keys = numbers.keys(wanted.split(","))[:50]
    own = Mail.objects.visible_to(request.user).filter(notice__interview=interview, pk__in=keys)
    found = list(own.order_by("id"))
    addressing.acquaint(found, interview)
    return found


def _letter(request: HttpRequest, mail_id: int) -> Mail:
    letters = Mail.objects.visible_to(request.user).filter(notice__isnull=False)
    letters = letters.select_related(
        "notice__interview", "candidate", "interviewer", "author", "contact", "resent_as"
    )
    return get_object_or_404(letters, pk=mail_id)
