"""Fields of the interview form whose choices are rows: listed when a page shows them, which a press that saves never
does; what was sent is looked up by its keys alone."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import ModelChoiceIterator

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.statements import compiled
from mensetsu.web import numbers

Find = Callable[[Sequence[int]], Sequence[Any]]


class _Iterator(ModelChoiceIterator):
    """Django's asks for the rows' query as soon as it is made."""

    def __init__(self, field: Any) -> None:
        self.field = field

    @property
    def queryset(self) -> QuerySet:
        return self.field.queryset


class _Offered:
    """`offer` says what there is: `listed` for pages, and with `find` how keys are looked up (None: among `listed`)."""

    iterator = _Iterator
    _listed: Callable[[], QuerySet] | None = None
    _find: Find | None = None
    _queryset: QuerySet | None
    widget: Any
    choices: Any

    def offer(self, listed: Callable[[], QuerySet], find: Find | None = None) -> None:
        self._listed, self._find, self._queryset = listed, find, None
        self.widget.choices = self.choices

    @property
    def queryset(self) -> Any:
        if self._queryset is None and self._listed is not None:
            self._queryset = self._listed()
        return self._queryset

    @queryset.setter
    def queryset(self, queryset: QuerySet | None) -> None:
        self._queryset = queryset


class OneField(_Offered, forms.ModelChoiceField):  # type: ignore[misc]
    def to_python(self, value: Any) -> Any:
        if self._find is None or value in self.empty_values:
            return super().to_python(value)
        key = numbers.key(str(value))
        found = self._find([key]) if key is not None else []
        if not found:
            facts = {"value": value}
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params=facts)
        return found[0]


class ManyField(_Offered, forms.ModelMultipleChoiceField):  # type: ignore[misc]
    def _check_values(self, value: Sequence[Any]) -> Any:
        if self._find is None:
            return super()._check_values(value)
        texts = {str(one) for one in value}
        keys = set(numbers.keys(texts))
        found = self._find(sorted(keys))
        if len(keys) < len(texts) or {one.pk for one in found} != keys:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found


_STAGE = compiled.Read(
    lambda job, stage: candidates.Stage.objects.filter(job=job, pk=stage),
    job=compiled.NUMBER, stage=compiled.NUMBER,
)  # fmt: skip
_PEOPLE = compiled.Read(
    lambda organization, people: (
        accounts.User.objects.filter(organization=organization).working().filter(pk__in=people)
    ),
    organization=compiled.NUMBER, people=compiled.NUMBERS,
)  # fmt: skip


def stage_of(job_id: int | None) -> Find:
    """A stage of that job."""
    return lambda keys: _STAGE.objects(job=job_id, stage=keys[0]) if job_id is not None else []


def people_of(organization_id: int) -> Find:
    """Whoever works in that company."""
    return lambda keys: _PEOPLE.objects(organization=organization_id, people=keys)
