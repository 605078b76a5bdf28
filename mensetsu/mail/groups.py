"""What a template group says: which text a mail takes that the product sends by itself. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.mail.models import GroupItem, GroupUse, Purpose, Receiver, Template, TemplateGroup
from mensetsu.statements import compiled

# Cases that cannot come up: nobody asks an interviewer to choose a date, interviewers hear of every cancellation in the
# same words, and what is neither confirmed nor changed nor canceled is written by hand, except to an interviewer who is
# released.
NOT_NEEDED = frozenset(
    {
        (Purpose.INVITATION, Receiver.INTERVIEWER),
        (Purpose.DEADLINE, Receiver.INTERVIEWER),
        (Purpose.RECEIPT, Receiver.INTERVIEWER),
        (Purpose.OTHER, Receiver.CANDIDATE),
        (Purpose.OTHER, Receiver.AGENCY),
    }
)
# The release of an interviewer is the only mail without a purpose of its own.
RELEASE = Purpose.OTHER
# What tells one case from another.
_CASE = ("purpose", "receiver", "language", "way")
# `source` of a choice.
OWN, DEFAULT, NOBODY = "own", "default", "nobody"


# Asked whenever an applicant chooses a date, by whoever holds the rows that others wait for.
_ITEMS = compiled.Read(
    # A text that was taken out of use leaves a gap, as if nobody had chosen it.
    lambda groups: (
        GroupItem.objects.filter(group__in=groups)
        .exclude(template__retired_at__isnull=False)
        .values_list("group_id", *_CASE, "template_id")
    ),
    groups=compiled.NUMBERS,
)
_TEXT = compiled.Read(lambda template: Template.objects.filter(pk=template), template=compiled.NUMBER)
_DEFAULT = compiled.Read(
    lambda company: TemplateGroup.objects.filter(organization=company, is_default=True)[:1],
    company=compiled.NUMBER,
)
_USES = compiled.Read(
    lambda company: GroupUse.objects.filter(organization=company, group__retired_at=None).select_related(
        "group"
    ),
    company=compiled.NUMBER,
)


@dataclass(frozen=True)
class Choice:
    """The answer for one case. `template` None with source OWN or DEFAULT: no mail, on purpose; with NOBODY: a gap."""

    template: Template | None
    source: str

    @property
    def is_gap(self) -> bool:
        return self.source == NOBODY

    @property
    def is_no_mail(self) -> bool:
        return self.template is None and not self.is_gap


class Texts:
    """The items of one group over those of the default group, read once; `whole`: with every text, for pages that show
    them all. A letter needs one."""

    def __init__(self, group: TemplateGroup, *, whole: bool = False) -> None:
        default = group if group.is_default else default_of(group.organization_id)
        rows = _ITEMS.rows(groups=[one.pk for one in (group, default) if one is not None])
        self.group = group
        self._items: dict[tuple, int | None] = {tuple(case): template for *case, template in rows}
        chosen = {pk for pk in self._items.values() if pk is not None} if whole else set()
        self._texts = Template.objects.in_bulk(chosen)
        self._layers = [(group.pk, OWN if default != group else DEFAULT)]
        if default is not None and default != group:
            self._layers.append((default.pk, DEFAULT))

    def own(self, purpose: str, receiver: str, language: str, way: str) -> Choice | None:
        """What this group itself says for exactly this case."""
        case = (self.group.pk, purpose, receiver, language, way)
        return Choice(self._text(self._items[case]), OWN) if case in self._items else None

    def choose(self, *, purpose: str, receiver: str, language: str, way: str) -> Choice:
        """The group's text for the very way, then for any way; then the default group's in the same order.

        Never a text in another language: what is missing is a gap."""
        for group_id, source in self._layers:
            for one in (way, ""):
                case = (group_id, purpose, receiver, language, one)
                if case in self._items:
                    return Choice(self._text(self._items[case]), source)
        return Choice(None, NOBODY)

    def _text(self, pk: int | None) -> Template | None:
        if pk is not None and pk not in self._texts:
            [self._texts[pk]] = _TEXT.objects(template=pk)
        return self._texts[pk] if pk is not None else None

    def ways(self, purpose: str, receiver: str, language: str) -> list[str]:
        """The ways for which the group or the default group says something of its own, "" (any way) first."""
        found = {key[4] for key in self._items if key[1:4] == (purpose, receiver, language)}
        return sorted(found)


def default_of(organization_id: int) -> TemplateGroup | None:
    """The company's default group: what other groups leave open, it answers."""
    return next(iter(_DEFAULT.objects(company=organization_id)), None)


def chosen_for(
    organization: accounts.Organization, *, job: candidates.Job | None, stage: candidates.Stage | None
) -> TemplateGroup | None:
    """The group that applies there without anybody choosing it: the stage's, else the job's, else the company's.

    None where an administrator has chosen none: recruiters then write by hand."""
    return chosen_where(organization, job=job, stage=stage)[0]


def chosen_where(
    organization: accounts.Organization, *, job: candidates.Job | None, stage: candidates.Stage | None
) -> tuple[TemplateGroup | None, str]:
    """The same, and whose group it is: "stage", "job" or "company"; "" when there is none."""
    uses = _USES.objects(company=organization.pk)
    by_place = {(use.job_id, use.stage_id): use.group for use in uses}
    places = [
        ("stage", (None, stage.pk) if stage else None),
        ("job", (job.pk, None) if job else None),
        ("company", (None, None)),
    ]
    return next(((by_place[place], name) for name, place in places if place in by_place), (None, ""))


def in_use(organization_id: int) -> Iterable[TemplateGroup]:
    """The groups that can be chosen, the default one first."""
    return TemplateGroup.objects.in_use().filter(organization_id=organization_id)


def using(template: Template) -> list[TemplateGroup]:
    """The groups that send this text by themselves."""
    return list(TemplateGroup.objects.in_use().filter(items__template=template).distinct())
