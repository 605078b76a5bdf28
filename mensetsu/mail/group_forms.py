"""What is typed on the pages of template groups."""

from datetime import time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from mensetsu.accounts import models as accounts
from mensetsu.accounts.models import Language
from mensetsu.candidates import models as candidates
from mensetsu.mail import grouping, groups, samples
from mensetsu.mail.models import Receiver, ReminderRule, Template, TemplateGroup
from mensetsu.web import forms as speaking

WAYS = ("", *samples.WAYS)
LONGEST = 7 * 24 * 60


class GroupForm(speaking.Form):
    """A group has a name; all else is chosen on its page."""

    name = forms.CharField(label=gettext_lazy("Group name"), max_length=80)


class TextsForm(speaking.Form):
    """The texts of one purpose and receiver: for each language and way a template, no mail, or the default group's."""

    def __init__(
        self,
        *args: Any,
        group: TemplateGroup,
        texts: groups.Texts,
        purpose: str,
        receiver: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        found = Template.objects.for_letter(
            organization=group.organization, purpose=purpose, receiver=receiver
        )
        self.templates = {str(one.pk): one for one in found}
        for language in Language.values:
            for way in WAYS:
                self._add(group, texts.own(purpose, receiver, language, way), language, way)

    def _add(self, group: TemplateGroup, item: Any, language: str, way: str) -> None:
        inherit = _("As for any way") if way else _("Use the standard text")
        if group.is_default and not way:
            inherit = _("Not set")
        chosen = [
            (pk, one.name)
            for pk, one in self.templates.items()
            if one.language == language and one.way in ("", way)
        ]
        value = grouping.INHERIT
        if item is not None:
            value = str(item.template.pk) if item.template else grouping.NO_MAIL
        field = forms.ChoiceField(
            label=way_word(way),
            choices=[(grouping.INHERIT, inherit), (grouping.NO_MAIL, _("No email")), *chosen],
            initial=value,
        )
        self.fields[f"{language}-{way or 'any'}"] = field

    def of_language(self, language: str) -> list[Any]:
        """The bound fields of one language, any way first."""
        return [self[f"{language}-{way or 'any'}"] for way in WAYS]

    def choices(self) -> dict[tuple[str, str], Template | str]:
        """What was chosen, as grouping.choose_texts takes it."""
        found: dict[tuple[str, str], Template | str] = {}
        for name, value in self.cleaned_data.items():
            language, way = name.split("-", 1)
            found[language, "" if way == "any" else way] = self.templates.get(value, value)
        return found


class RuleForm(speaking.Form):
    """When a group reminds somebody."""

    receiver = forms.ChoiceField(
        label=pgettext_lazy("of an email", "To"),
        choices=Receiver.choices,
        error_messages={"required": gettext_lazy("Select who is reminded.")},
    )
    kind = forms.ChoiceField(label=pgettext_lazy("reminder", "When"), choices=ReminderRule.Kind.choices)
    at = speaking.TimeChoice(
        label=gettext_lazy("Time of day"), required=False, initial=time(17, 0), first=6, last=22, step=30
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes before the start"), required=False, min_value=1, max_value=LONGEST
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        is_relative = data.get("kind") == ReminderRule.Kind.MINUTES_BEFORE
        if is_relative and not data.get("minutes") and "minutes" not in self.errors:
            self.add_error("minutes", _("Enter how many minutes before the start."))
        if not is_relative and data.get("at") is None and "at" not in self.errors:
            self.add_error("at", _("Select the time of day."))
        return data


class UsesForm(speaking.Form):
    """Where a group applies without being chosen."""

    everywhere = forms.BooleanField(label=gettext_lazy("Every interview of the company"), required=False)
    jobs = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Jobs"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    stages = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Stages"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organization: accounts.Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        jobs: QuerySet = candidates.Job.objects.filter(organization=organization)
        self.fields["jobs"].queryset = jobs
        self.fields["jobs"].label_from_instance = lambda job: job.name_in(_reader())
        stages = candidates.Stage.objects.filter(job__in=jobs).select_related("job")
        self.fields["stages"].queryset = stages.order_by("job__position", "job_id", "position", "id")
        self.fields["stages"].label_from_instance = lambda stage: (
            _("%(job)s: %(stage)s")
            % {
                "job": stage.job.name_in(_reader()),
                "stage": stage.name_in(_reader()),
            }
        )


def way_word(way: str) -> str:
    """The way of interviewing in the present language."""
    return {
        "": _("Any way"),
        "web": _("Online interview (Zoom)"),
        "url": _("Online interview (another URL)"),
        "in_person": _("In person"),
        "phone": _("Phone"),
    }[way]


def _reader() -> str:
    return get_language() or "ja"
