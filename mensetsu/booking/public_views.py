"""The page on which an applicant (or the agency for them) chooses a date: behind its token, without a login
(web.tokened)."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mensetsu.booking import answer_rows, choosing, links, public_forms, public_page, public_words, refusals
from mensetsu.booking.models import BookingLink, Slot
from mensetsu.mail.models import Receiver
from mensetsu.web import answers, language, tokened

NONE_FITS = "none"


def _language(request: HttpRequest, default: str) -> str:
    """The switch of these pages is a button of their form, so that what was typed comes along."""
    wish = request.POST.get("switch", "")
    return wish if wish in dict(settings.LANGUAGES) else language.chosen(request, default)


behind_token = tokened.Door(
    "booking",
    find=links.find,
    reader=lambda link: link.contact or link.invitation.candidate,
    too_many="booking/limited.html",
    words=_language,
)


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, link: BookingLink, now: datetime) -> HttpResponse:
    """Choose → check → done, on one address; what was chosen before is shown as it stands today."""
    page = _first_look(link, now)
    if request.method != "POST" or not page.may_choose:
        return _show(request, page)
    return _choice(request, page, _do_choose)


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, link: BookingLink, now: datetime) -> HttpResponse:
    """The same for another date: the old one stands on top, struck through."""
    page = _first_look(link, now)
    if not page.may_change:
        return _show(request, page)
    if request.method != "POST":
        return _list(request, page)
    return _choice(request, page, _do_change)


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, link: BookingLink, now: datetime) -> HttpResponse:
    page = _first_look(link, now)
    if not page.may_cancel:
        return _show(request, page)
    form = public_forms.CancelForm(request.POST if request.method == "POST" else None)
    context = _context(request, page) | {"form": form}
    if request.method != "POST" or "switch" in request.POST:
        return render(request, "booking/cancel.html", context)
    if not form.is_valid():
        return answers.refused(request, "booking/cancel.html", context)
    try:
        choosing.cancel(invitation=page.invitation, reason=form.cleaned_data["reason"], link=link, now=now)
    except refusals.Refusal:
        return _show(request, _look(link, now), status=409)
    return _moved_on(request, page)


@behind_token
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest, link: BookingLink, now: datetime) -> HttpResponse:
    """「合う日程がない」"""
    page = _first_look(link, now)
    if not page.may_choose:
        return _show(request, page)
    data = request.POST if request.method == "POST" else None
    form = public_forms.WishesForm(data, invitation=page.invitation, now=now)
    context = _context(request, page) | {"form": form}
    if request.method != "POST" or "switch" in request.POST:
        return render(request, "booking/wishes.html", context)
    if not form.is_valid():
        return answers.refused(request, "booking/wishes.html", context)
    try:
        choosing.give_up(
            invitation=page.invitation, wishes=form.wishes(), message=form.cleaned_data["message"], link=link,
            now=now,
        )  # fmt: skip
    except refusals.Refusal:
        return _show(request, _look(link, now), status=409)
    return _moved_on(request, page)


# The steps


def _choice(
    request: HttpRequest,
    page: public_page.ChoicePage,
    do: Callable[[public_page.ChoicePage, Slot, dict], None],
) -> HttpResponse:
    """From the list to the check page, and from there to the fact."""
    form = public_forms.AnswersForm(request.POST)
    chosen = request.POST.get("slot", "")
    slot = _slot(page, chosen)
    if "switch" in request.POST and request.POST.get("step") == "check" and slot is not None:
        return _check(request, page, slot, form)
    if "back" in request.POST or "switch" in request.POST:
        return _list(request, page, chosen=chosen)
    if chosen == NONE_FITS and page.may_choose:
        response = HttpResponse(status=303)
        response.headers["Location"] = _addresses(request, page.link)["wishes"]
        return response
    if slot is None:
        problem = _("Choose a date and time.") if not chosen else public_words.GONE
        return _list(request, page, chosen=chosen, problem=str(problem))
    if "confirm" not in request.POST or not form.is_valid():
        return _check(request, page, slot, form, is_refused="confirm" in request.POST)
    try:
        do(page, slot, form.cleaned_data)
    except refusals.OfSlot as refusal:
        # The verb has read the invitation anew; an interview that it tried to move is not as it stands.
        is_crowded = isinstance(refusal, refusals.SlotTaken)
        found = _look(page.link, page.now) if page.interview else _first_look(page.link, page.now, is_crowded)
        return _list(request, found, problem=public_words.of_slot(refusal))
    except refusals.Refusal:
        # The deadline passed, the page was closed, somebody chose already: the page says how things stand.
        return _show(request, _look(page.link, page.now), status=409)
    return _moved_on(request, page)


def _do_choose(page: public_page.ChoicePage, slot: Slot, typed: dict) -> None:
    choosing.choose(
        invitation=page.invitation, slot=slot, answers=choosing.Answers(**typed), link=page.link, now=page.now
    )


def _do_change(page: public_page.ChoicePage, slot: Slot, _typed: dict) -> None:
    choosing.change(invitation=page.invitation, slot=slot, link=page.link, now=page.now)


def _slot(page: public_page.ChoicePage, chosen: str) -> Slot | None:
    """Any slot of this page, also one that is gone: the verb says why it cannot be had."""
    if not chosen.isdecimal() or len(chosen) > 18:
        return None
    return next(iter(answer_rows.SLOT.objects(slot=int(chosen), page=page.invitation.page_id)), None)


def _check(
    request: HttpRequest,
    page: public_page.ChoicePage,
    slot: Slot,
    form: public_forms.AnswersForm,
    *,
    is_refused: bool = False,
) -> HttpResponse:
    if not is_refused and "confirm" not in request.POST:
        # What was typed before stays, without complaints: nobody has asked to confirm.
        form = public_forms.AnswersForm(initial={name: request.POST.get(name, "") for name in form.fields})
    context = _context(request, page) | {"slot": slot, "form": form}
    return render(request, "booking/check.html", context, status=422 if is_refused else 200)


def _list(
    request: HttpRequest, page: public_page.ChoicePage, *, chosen: str = "", problem: str = ""
) -> HttpResponse:
    kept = {name: request.POST.get(name, "") for name in ("phone", "accommodation")}
    context = _context(request, page) | {
        "chosen": chosen,
        "problem": problem,
        "has_errors": bool(problem),
        "kept": kept,
        "is_change": page.state == "chosen",
    }
    if not page.slots and page.may_choose:
        form = public_forms.WishesForm(None, invitation=page.invitation, now=page.now)
        context |= {"form": form, "nothing_left": True}
        return render(request, "booking/wishes.html", context, status=422 if problem else 200)
    return render(request, "booking/choose.html", context, status=422 if problem else 200)


def _first_look(link: BookingLink, now: datetime, is_crowded: bool = False) -> public_page.ChoicePage:
    """As it was read a moment ago for this request."""
    return public_page.look(link, language=translation.get_language(), now=now, is_crowded=is_crowded)


def _look(link: BookingLink, now: datetime) -> public_page.ChoicePage:
    """As it is after a refusal."""
    return _first_look(links.find(links.token(link)) or link, now)


def _show(request: HttpRequest, page: public_page.ChoicePage, *, status: int = 200) -> HttpResponse:
    if page.may_choose:
        return _list(request, page)
    interview = page.interview
    if interview is not None and interview.ends_at + public_page.OPEN_AFTER_END <= page.now:
        return render(request, "booking/over.html", _context(request, page), status=410)
    return render(request, "booking/state.html", _context(request, page), status=status)


def _moved_on(request: HttpRequest, page: public_page.ChoicePage) -> HttpResponse:
    """303 to the page itself, which says what has been done and can be opened again any time."""
    response = HttpResponse(status=303)
    response.headers["Location"] = _addresses(request, page.link)["choose"]
    return response


def _context(request: HttpRequest, page: public_page.ChoicePage) -> dict:
    receiver = Receiver.AGENCY if page.is_agency else Receiver.CANDIDATE
    return {
        "page": page,
        "invitation": page.invitation,
        "interview": page.interview,
        "booking": page.invitation.page,
        "organization": page.invitation.organization,
        "receiver": receiver,
        "stage": public_words.stage(page.invitation, page.language),
        "to": _addresses(request, page.link),
    }


def _addresses(request: HttpRequest, link: BookingLink) -> dict[str, str]:
    """The pages under the same token, in the language that the reader has switched to."""
    token, chosen = links.token(link), request.POST.get("switch", "") or request.GET.get("lang", "")
    question = f"?lang={chosen}" if chosen in dict(settings.LANGUAGES) else ""
    return {name: before + token + after + question for name, (before, after) in _ways().items()}


@cache
def _ways() -> dict[str, tuple[str, str]]:
    """What stands in each of their addresses before and after the token."""
    return {
        name: tuple(reverse(f"booking:{name}", args=["token"]).rsplit("token", 1))
        for name in ("choose", "change", "cancel", "wishes")
    }
