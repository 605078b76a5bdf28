"""担当者: who works here, for administrators."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mensetsu.accounts import deactivating, forms, inviting, names
from mensetsu.accounts.models import User
from mensetsu.accounts.permissions import admin_required
from mensetsu.history import timeline
from mensetsu.history.models import Entry
from mensetsu.web import dates
from mensetsu.web.answers import SeeOther, refused

PAGE = 50


@admin_required
def staff(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    people = _found(User.objects.visible_to(request.user), words)
    pages = Paginator(people.order_by("deactivated_at", "family_kana", "family_name", "id"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {"page": page, "words": words, "undelivered": inviting.undelivered(page.object_list)}
    return render(request, "accounts/staff.html", context)


@admin_required
def invite(request: HttpRequest) -> HttpResponse:
    start = {"language": request.user.organization.language}
    form = forms.InvitationForm(_typed(request), initial=start)
    if request.method != "POST":
        return render(request, "accounts/invite.html", {"form": form})
    if form.is_valid():
        try:
            user = inviting.invite(
                organization=request.user.organization,
                by=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except inviting.AddressTaken as taken:
            form.add_error("email", _taken(taken))
        else:
            messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": user.email})
            return SeeOther(request, "accounts:staff")
    return refused(request, "accounts/invite.html", {"form": form})


@admin_required
def member(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person(request, user_id)
    return render(request, "accounts/member.html", _member_context(request, person))


@admin_required
@require_POST
def change_role(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person(request, user_id)
    form = forms.RoleForm(request.POST)
    if form.is_valid():
        try:
            deactivating.change_role(
                person, role=form.cleaned_data["role"], by=request.user, now=timezone.now()
            )
        except deactivating.LastAdministrator:
            form.add_error("role", _last_administrator())
        else:
            messages.success(request, _("The role is changed."))
            return SeeOther(request, "accounts:member", person.pk)
    return refused(request, "accounts/member.html", _member_context(request, person, form))


@admin_required
@require_POST
def invite_again(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person(request, user_id)
    try:
        inviting.invite_again(person, by=request.user, now=timezone.now())
    except inviting.AlreadyJoined:
        messages.info(
            request, _("%(name)s has joined already. No invitation is needed.") % {"name": _name(person)}
        )
    else:
        sentence = _("A new invitation is on its way to %(email)s. The earlier link does not work any more.")
        messages.success(request, sentence % {"email": person.email})
    return SeeOther(request, "accounts:member", person.pk)


@admin_required
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person(request, user_id)
    problem = ""
    if request.method == "POST":
        try:
            deactivating.deactivate(person, by=request.user, now=timezone.now())
        except deactivating.Oneself:
            problem = _("You cannot deactivate your own account. Ask another administrator.")
        except deactivating.LastAdministrator:
            problem = _last_administrator()
        else:
            messages.success(request, _("%(name)s is deactivated.") % {"name": _name(person)})
            return SeeOther(request, "accounts:member", person.pk)
    context = {
        "person": person,
        "problem": problem,
        "has_errors": bool(problem),
        "is_oneself": person.pk == request.user.pk,
    }
    if problem:
        return refused(request, "accounts/deactivate.html", context)
    return render(request, "accounts/deactivate.html", context)


@admin_required
@require_POST
def reactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    person = _person(request, user_id)
    deactivating.reactivate(person, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s can log in again.") % {"name": _name(person)})
    return SeeOther(request, "accounts:member", person.pk)


def _person(request: HttpRequest, user_id: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user), pk=user_id)


def _name(person: User) -> str:
    return person.name_in(get_language() or "ja")


def _found(people: QuerySet[User], words: str) -> QuerySet[User]:
    for word in words.split():
        reading = names.kana(word) or word
        people = people.filter(
            Q(family_name__icontains=word)
            | Q(given_name__icontains=word)
            | Q(family_kana__icontains=reading)
            | Q(given_kana__icontains=reading)
            | Q(romaji__icontains=word)
            | Q(email__icontains=names.login(word))
        )
    return people


def _member_context(request: HttpRequest, person: User, form: forms.RoleForm | None = None) -> dict:
    entries = Entry.objects.visible_to(request.user).of_thread("accounts.user", person.pk)
    lines = request.GET.get("lines", timeline.LINES)
    return {
        "person": person,
        "undelivered": inviting.undelivered([person]).get(person.pk),
        "form": form or forms.RoleForm(initial={"role": person.role}),
        "timeline": timeline.read(entries, when=dates.full, day=dates.day, lines=lines),
    }


def _taken(taken: inviting.AddressTaken) -> str:
    if taken.user is None:
        return _("This email address cannot be used. Enter another address.")
    if not taken.user.is_active:
        sentence = _("%(name)s has this email address and is deactivated. Reactivate the account instead.")
    else:
        sentence = _("%(name)s has this email address already.")
    return sentence % {"name": _name(taken.user)}


def _last_administrator() -> str:
    return _("This is the only administrator. Make somebody else administrator first.")


def _typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
