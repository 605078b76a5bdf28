"""The page on which an interview is set or changed: what was pressed, and all that is shown beside the fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from mensetsu.candidates import models as candidates
from mensetsu.interviews import (
    availability,
    company_clock,
    forms,
    group_choice,
    overlapping,
    planned_letter,
    scheduling,
    tags,
    warning_words,
    warnings,
)
from mensetsu.interviews.models import Interview, Service, Way
from mensetsu.interviews.planning import Plan
from mensetsu.web import dates
from mensetsu.web import forms as speaking
from mensetsu.zoom import eligibility, limit_words, meetings
from mensetsu.zoom import models as zoom

# Submit buttons that change the form instead of sending it; all work without JavaScript.
HELPERS = ("act", "slot", "pick_host", "drop", "use_url")
LISTED_PEOPLE = 30


@dataclass(frozen=True)
class HostOption:
    value: str
    text: str
    is_chosen: bool = False
    is_disabled: bool = False


@dataclass(frozen=True)
class Person:
    user: Any
    is_chosen: bool
    # The planned time is taken by another interview.
    is_busy: bool


def is_final(data: QueryDict) -> bool:
    """The form was sent to be saved, not by one of its helping buttons."""
    return not any(name in data for name in HELPERS)


def with_helper(data: QueryDict) -> QueryDict:
    """What was typed plus what the pressed button does: fill in a time, pick a host, drop a person."""
    if is_final(data):
        return data
    data = data.copy()
    if slot := _moment(data.get("slot", "")):
        local = dates.here(slot)
        data["date"], data["start"] = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    if "pick_host" in data:
        data["host"] = data["pick_host"]
    if "use_url" in data:
        data["way"], data["service"] = Way.WEB, Service.URL
    if "drop" in data:
        data.setlist("interviewers", [pk for pk in data.getlist("interviewers") if pk != data["drop"]])
    return data


def quiet(form: forms.InterviewForm) -> forms.InterviewForm:
    """The same values in a form that does not complain yet: nobody has asked to save."""
    values = {name: form[name].value() for name in form.fields}
    return forms.InterviewForm(initial=values, candidate=form.candidate, interview=form.interview)


def as_if_sent(form: forms.InterviewForm) -> forms.InterviewForm:
    """The initial values taken as sent, so that a page opened for the first time is checked like any other."""
    data = QueryDict(mutable=True)
    for name in form.fields.keys() - {"usual"}:  # what is preselected follows the stage already
        value = form[name].value()
        if isinstance(value, list | tuple):
            data.setlist(name, [str(one) for one in value])
        elif value not in (None, ""):
            data[name] = str(value)
    return forms.InterviewForm(data, candidate=form.candidate, interview=form.interview)


def context(
    request: HttpRequest, form: forms.InterviewForm, plan: Plan, *, now: datetime, oob: bool = False
) -> dict[str, Any]:
    """Everything the page and its fragments show. `oob`: the fragments travel alone, to be put in their places."""
    zone = timezone.get_current_timezone()
    choices = plan.host_choices(now) if plan.uses_zoom else []
    first = availability.first_shown(plan, zone, now=now)
    calendar = availability.read(plan, *availability.horizon(plan, first, zone), now=now)
    found = warnings.check(plan, choices, now=now, reasons=calendar.reasons)
    return {
        "form": form,
        "plan": plan,
        "candidate": form.candidate,
        "interview": form.interview,
        "oob": oob,
        "notes": {part: _notes(found, part) for part in ("when", "people", "host")},
        "free_hosts": _free_hosts(found),
        "overlaps": _overlaps(found),
        "has_no_host": any(one.code == "no_host" for one in found),
        "zone_name": dates.zone_name(plan.starts_at or now, zone, _language()),
        "company_clock": company_clock.words(plan, first),
        "day": first,
        "rows": availability.rows(plan, calendar, first, zone),
        "slots": availability.free_times(plan, calendar, first, zone, now=now),
        "people": _people(request, form, plan),
        "hosts": host_options(plan, choices),
        "query": request.POST.get("q", ""),
        "group_why": _group_why(form, plan) if form.fields["group"].queryset.exists() else "",
        "written": _letter(request, plan, now),
        "tag_names": {tag.key: tag.name_in(_language()) for tag in tags.CATALOGUE},
        "values": {name: form[name].value() for name in form.fields},
    }


def blocking(plan: Plan, *, now: datetime) -> list[warnings.Warning]:
    """What forbids saving."""
    choices = plan.host_choices(now) if plan.uses_zoom else []
    return warnings.blocks(warnings.check(plan, choices, now=now))


FIELD_OF_PART = {"when": "date", "people": "interviewers", "host": "host"}


def refuse(form: forms.InterviewForm, found: list[warnings.Warning]) -> None:
    """Blocking warnings become errors at their fields."""
    for one in found:
        form.add_error(FIELD_OF_PART[one.part], warning_words.sentence(one))


def explain(form: forms.InterviewForm, problem: Exception, plan: Plan, *, now: datetime) -> None:
    """A refusal of the verb, as errors at their fields: with everything else that blocks, so that nobody has to press
    once per problem. What was free when the page was shown may be taken now."""
    found = blocking(plan, now=now)
    if found and not isinstance(problem, scheduling.ChangedMeanwhile | scheduling.NotChangeable):
        refuse(form, found)
    elif isinstance(problem, meetings.HostBusy) and plan.host is not None:
        free = [choice for choice in plan.host_choices(now) if choice.is_pickable]
        facts = {"host": plan.host, "busy": problem.meetings, "free": free}
        refuse(form, [warnings.Warning("host_busy", warnings.BLOCK, "host", facts)])
    elif isinstance(problem, meetings.HostBusy | meetings.NoFreeHost):
        refuse(form, [warnings.Warning("no_free_host", warnings.BLOCK, "host")])
    elif isinstance(problem, meetings.HostEnded | meetings.NotMovable):
        refuse(form, [warnings.Warning("host_ended", warnings.BLOCK, "host")])
    elif isinstance(problem, scheduling.PeopleBusy):
        _tell_overlaps(form, problem)
    elif isinstance(problem, scheduling.StartsInPast) and _is_time_kept(plan):
        form.add_error("host", _in_progress())
    elif isinstance(problem, scheduling.StartsInPast):
        refuse(form, [warnings.Warning("past", warnings.BLOCK, "when")])
    elif isinstance(problem, scheduling.OutOfReach):
        form.add_error("date", speaking.out_of_reach(problem))
    elif isinstance(problem, scheduling.ApplicantBusy):
        facts = {"candidate": form.candidate, "interview": problem.interview}
        refuse(form, [warnings.Warning("applicant_busy", warnings.BLOCK, "when", facts)])
    else:
        if isinstance(problem, scheduling.ChangedMeanwhile):
            _show_present_version(form)
        form.add_error(None, refusal(problem))


def _is_time_kept(plan: Plan) -> bool:
    return plan.interview is not None and plan.interview.starts_at == plan.starts_at


def _in_progress() -> str:
    return _(
        "The interview is in progress and its join link works, so its host stays the same. If people cannot "
        "enter, press “Start the online interview”: if the meeting is gone at Zoom, a new one is offered there."
    )


def _tell_overlaps(form: forms.InterviewForm, problem: scheduling.PeopleBusy) -> None:
    """The page that is shown now tells the overlap, so that the next press means it."""
    for user, interview in problem.clashes:
        busy = warnings.Warning(
            "interviewer_busy", warnings.WARN, "people", {"user": user, "interview": interview}
        )
        form.add_error("interviewers", warning_words.sentence(busy))
    form.add_error("interviewers", _("If the interviews may overlap, save again."))


def _show_present_version(form: forms.InterviewForm) -> None:
    """After reading who changed what, the next press counts: it was made knowingly."""
    form.interview.refresh_from_db(fields=["version"])
    form.data = form.data.copy()
    form.data["version"] = str(form.interview.version)


# Everything a verb of scheduling may refuse.
REFUSALS = (
    meetings.HostBusy, meetings.NoFreeHost, meetings.HostEnded, meetings.NotMovable, scheduling.StartsInPast,
    scheduling.OutOfReach, scheduling.ApplicantBusy, scheduling.ApplicantLeft, scheduling.PeopleBusy,
    scheduling.ChangedMeanwhile, scheduling.NotChangeable,
)  # fmt: skip


def refusal(problem: Exception) -> str:
    """A refusal in one sentence, for pages without fields."""
    if isinstance(problem, scheduling.ChangedMeanwhile):
        return changed_meanwhile(problem)
    if isinstance(problem, scheduling.NotChangeable):
        return not_changeable(problem.interview)
    if isinstance(problem, scheduling.ApplicantLeft):
        return _("The applicant has left the selection, so no interview can be set.")
    if isinstance(problem, meetings.HostBusy):
        return _("The Zoom host is busy with another interview at that time. Change the host.")
    if isinstance(problem, meetings.NoFreeHost):
        return warning_words.sentence(warnings.Warning("no_free_host", warnings.BLOCK, "host"))
    if isinstance(problem, scheduling.StartsInPast):
        return _(
            "The interview should have begun already. If it takes place later, change its date and time."
        )
    if isinstance(problem, scheduling.OutOfReach):
        return speaking.out_of_reach(problem)
    return _("The Zoom host is no longer connected. Change the host.")


def changed_meanwhile(problem: scheduling.ChangedMeanwhile) -> str:
    """Who was faster, and when."""
    who = problem.by.name_in(_language()) if problem.by else _("somebody")
    at = timezone.localtime(problem.at)
    return _("%(name)s changed this interview at %(time)s. Review and save again.") % {
        "name": who,
        "time": f"{at.hour}:{at.minute:02d}",
    }


def not_changeable(interview: Interview) -> str:
    if interview.canceled_at:
        return _("This interview is already cancelled.")
    if interview.withdrawn_at:
        return _("The applicant has withdrawn from this interview.")
    return _("A finished interview cannot be changed.")


def host_options(plan: Plan, choices: list[meetings.HostChoice]) -> list[HostOption]:
    """Zoom主催者: 「自動で選ぶ」 first, then every account with its state at that time, then the unusable ones."""
    chosen = plan.host.pk if plan.host else None
    options = [HostOption(forms.AUTO, _("Choose automatically"), chosen is None)]
    for choice in choices:
        pk = choice.connection.pk
        text = _state(plan, choice)
        for limit in (limit_words.of_budget(choice.budget), limit_words.of_hold(choice.held_until)):
            text = _("%(host)s – %(limit)s") % {"host": text, "limit": limit} if limit else text
        options.append(HostOption(str(pk), text, pk == chosen))
    for host in _lost_hosts(plan.candidate):
        text = _("%(host)s (needs reconnecting)") % {"host": host.name_in(_language())}
        options.append(HostOption("", text, is_disabled=True))
    return options


def _state(plan: Plan, choice: meetings.HostChoice) -> str:
    host = eligibility.named(choice.connection, _language())
    # An account at which nothing goes on now is not called free, though its time is.
    is_waiting = choice.held_until is not None or limit_words.is_spent(choice.budget) or choice.unfit
    if plan.starts_at is None or (choice.is_free and is_waiting):
        return host
    if choice.is_free:
        return _("%(host)s (free)") % {"host": host}
    first = dates.here(choice.busy[0].starts_at)
    if choice.busy[0].is_hold:
        return _("%(host)s (held from %(time)s)") % {"host": host, "time": f"{first:%H:%M}"}
    return _("%(host)s (another interview from %(time)s)") % {
        "host": host,
        "time": f"{first:%H:%M}",
    }


def _lost_hosts(candidate: candidates.Candidate) -> list[zoom.Connection]:
    """Accounts that ended by themselves and were not linked again: not choosable, and no surprise where they are. Those
    that ended so long ago that we have forgotten whose they were (zoom.ending) surprise nobody."""
    ended = (zoom.EndReason.REVOKED, zoom.EndReason.REFRESH_LOST)
    mine = zoom.Connection.objects.filter(organization=candidate.organization)
    back = mine.live().values_list("zoom_user_id", flat=True)
    lost = mine.filter(end_reason__in=ended).exclude(zoom_user_id__in=back).select_related("owner")
    lost = lost.exclude(zoom_user_id="").order_by("-ended_at")
    return [host for host in {host.zoom_user_id: host for host in lost[:20]}.values() if str(host)]


def _letter(request: HttpRequest, plan: Plan, now: datetime) -> Any:
    """A change has its own letter, made on the page after this one."""
    return None if plan.interview else planned_letter.preview(plan, sender=request.user, now=now)


def _group_why(form: forms.InterviewForm, plan: Plan) -> str:
    """Which group is chosen, and by whom: by the stage's, job's or company's setting, or by hand."""
    usual = group_choice.usual(plan.candidate, plan.stage)
    if form["usual"].value() != usual.said:
        return _("Chosen by hand. It stays when the stage changes.")
    if usual.group is None:
        return _(
            "No group is set for this stage: you write the emails yourself. Choosing another stage uses its group."
        )
    facts = {"name": usual.group.name_in(_language())}
    if usual.place == "stage":
        facts["stage"] = plan.stage.name_in(_language())
        return (
            _("%(name)s is the group of the stage %(stage)s. It follows the stage until you choose.") % facts
        )
    if usual.place == "job":
        facts["job"] = plan.candidate.job.name_in(_language())
        return _("%(name)s is the group of the job %(job)s. It follows the stage until you choose.") % facts
    return _("%(name)s is the group of the company. It follows the stage until you choose.") % facts


def _notes(found: list[warnings.Warning], part: str) -> list[dict[str, str]]:
    return [{"level": one.level, "text": warning_words.sentence(one)} for one in found if one.part == part]


def _overlaps(found: list[warnings.Warning]) -> str:
    """Which overlaps of interviewers this page tells: pressed after reading it, they are meant."""
    told = [one.facts for one in found if one.code == "interviewer_busy"]
    return overlapping.written({(facts["user"].pk, facts["interview"].pk) for facts in told})


def _free_hosts(found: list[warnings.Warning]) -> list[zoom.Connection]:
    return [choice.connection for one in found if one.code == "host_busy" for choice in one.facts["free"]]


def _people(request: HttpRequest, form: forms.InterviewForm, plan: Plan) -> list[Person]:
    """The chosen first, then whoever is found; who is busy at the planned time is told before the choice."""
    everybody = list(form.fields["interviewers"].queryset)
    chosen = {user.pk for user in plan.interviewers}
    hits = [user for user in forms.found(everybody, request.POST.get("q", "")) if user.pk not in chosen]
    shown = [*plan.interviewers, *hits[:LISTED_PEOPLE]]
    busy = {user.pk for user, _interview in warnings.clashes(plan, shown)} if plan.starts_at else set()
    return [Person(user, user.pk in chosen, user.pk in busy) for user in shown]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _language() -> str:
    return translation.get_language() or "ja"
