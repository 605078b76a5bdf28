"""Statements that Django writes once a connection and that run many times with other values: for the few that stand in
the way of every press, Django's compiler costs several times what the database does.

    _COMING = compiled.Read(
        lambda candidate, now: Interview.objects.upcoming(now).filter(candidate_id=candidate).values_list("pk"),
        candidate=compiled.NUMBER, now=compiled.MOMENT,
    )
    _COMING.rows(candidate=3, now=now)

The query stays a queryset beside its model, and Django writes its SQL for the database that is there. It is written
twice, with different values: what differs is where the values go, so nothing else that changes from time to time can
be frozen into it. Lists are filled up to a power of two by repeating their last value: few shapes, prepared once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import sql

from mensetsu.statements import making


class Kind(Enum):
    """What a value is. None is none of them: it makes another statement."""

    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    KEY = "key"


NUMBER, TEXT, MOMENT, DAY, KEY = Kind


@dataclass(frozen=True)
class ListOf:
    """Several values of one kind."""

    kind: Kind


NUMBERS, TEXTS = ListOf(NUMBER), ListOf(TEXT)

# Small enough for every column of numbers.
_EXAMPLES: dict[Kind, Callable[[int], Any]] = {
    NUMBER: lambda n: 20_000 + n,
    TEXT: lambda n: f"value {n}",
    MOMENT: lambda n: datetime(1901 + n // 1000, 1, 1, 0, n % 1000 // 60, n % 60, tzinfo=UTC),
    DAY: lambda n: date.fromordinal(700_000 + n),
    KEY: lambda n: UUID(int=n + 1),
}
_OTHER = 5_000


def _as_stored(kind: Kind, value: Any, here: Any) -> Any:
    """As the driver of this database wants it."""
    if value is None:
        raise TypeError("None makes another statement")
    if kind is MOMENT:
        return here.ops.adapt_datetimefield_value(value)
    if kind is DAY:
        return here.ops.adapt_datefield_value(value)
    if kind is KEY and not here.features.has_native_uuid_field:
        return value.hex
    return value


class _Statement(ABC):
    """One queryset with places for values, as SQL for each shape of its lists."""

    def __init__(self, build: Callable[..., Any], **kinds: Kind | ListOf) -> None:
        self._build, self._kinds = build, kinds

    def _written(self, values: Mapping[str, Any], here: Any) -> tuple[str, Any, list[Any]] | None:
        """The text, what to do with its rows, and its parameters; None when it cannot find anything."""
        if values.keys() != self._kinds.keys():
            raise TypeError(f"{sorted(values)} instead of {sorted(self._kinds)}")
        given: list[Any] = []
        shape: list[int] = []
        for name, kind in self._kinds.items():
            if isinstance(kind, ListOf):
                filled = _filled([one for one in values[name] if _may_be_in_a_row(one)])
                shape.append(len(filled))
                given += [_as_stored(kind.kind, one, here) for one in filled]
            elif not _may_be_in_a_row(values[name]):
                return None
            else:
                given.append(_as_stored(kind, values[name], here))
        known = vars(here).setdefault("_mensetsu_statements", {})
        key = (self, *shape)
        if key not in known:
            known[key] = self._compiled(shape, here)
        found = known[key]
        if found is None:
            return None
        text, use, places = found
        return text, use, [given[place] if is_place else place for is_place, place in places]

    def _compiled(self, shape: list[int], here: Any) -> tuple[str, Any, list[tuple[bool, Any]]] | None:
        try:
            text, params, use = self._with(self._examples(shape, 0), here)
            same, other_params, _use = self._with(self._examples(shape, _OTHER), here)
        except EmptyResultSet:
            return None
        if text != same:
            raise TypeError("the values make different statements")
        ones, others = (self._flat(self._examples(shape, first), here) for first in (0, _OTHER))
        place_of = {pair: place for place, pair in enumerate(zip(ones, others, strict=True))}
        places = []
        for one, other in zip(params, other_params, strict=True):
            place = place_of.get((one, other)) if one != other else None
            if place is None and one != other:
                raise TypeError(f"{one!r} is in this statement and is not one of its values")
            places.append((place is not None, one if place is None else place))
        if {place for is_place, place in places if is_place} != set(range(len(ones))):
            raise TypeError("a value is not in the statement")
        return text, use, places

    def _examples(self, shape: list[int], first: int) -> dict[str, Any]:
        lengths, number, made = iter(shape), first, {}
        for name, kind in self._kinds.items():
            if isinstance(kind, ListOf):
                length = next(lengths)
                made[name] = [_EXAMPLES[kind.kind](number + n) for n in range(length)]
                number += length
            else:
                made[name] = _EXAMPLES[kind](number)
                number += 1
        return made

    def _flat(self, examples: Mapping[str, Any], here: Any) -> list[Any]:
        flat = []
        for name, kind in self._kinds.items():
            values = examples[name] if isinstance(kind, ListOf) else [examples[name]]
            one = kind.kind if isinstance(kind, ListOf) else kind
            flat += [_as_stored(one, value, here) for value in values]
        return flat

    @abstractmethod
    def _with(self, examples: Mapping[str, Any], here: Any) -> tuple[str, Sequence[Any], Any]:
        """The text and its parameters with these values, and what to do with the rows."""


def _may_be_in_a_row(value: Any) -> bool:
    """Not a number that somebody made up and no column can hold."""
    return not isinstance(value, int) or abs(value) < 1 << 63


def _filled(values: Any) -> list[Any]:
    filled = list(values)
    if filled:
        filled += filled[-1:] * ((1 << (len(filled) - 1).bit_length()) - len(filled))
    return filled


class Read(_Statement):
    """A SELECT. `rows` for querysets with values_list, `objects` for models (also with select_related)."""

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What it finds, as tuples of its columns in their order."""
        return self._found(values)[0]

    def objects(self, **values: Any) -> list[Any]:
        """What it finds, as Django would make it."""
        rows, make = self._found(values)
        return [make(row) for row in rows]

    def _found(self, values: Mapping[str, Any]) -> tuple[list[Any], Callable[[Any], Any]]:
        here = connections[DEFAULT_DB_ALIAS]
        written = self._written(values, here)
        if written is None:
            return [], tuple
        text, (converters, make), parameters = written
        with here.cursor() as cursor:
            cursor.execute(text, parameters)
            found = cursor.fetchall()
        return _converted(found, converters, here) if converters else found, make

    def _with(self, examples: Mapping[str, Any], here: Any) -> tuple[str, Sequence[Any], Any]:
        built = self._build(**examples)
        compiler = built.query.get_compiler(connection=here)
        text, parameters = compiler.as_sql()
        columns = [column[0] for column in compiler.select[: compiler.col_count]]
        found = compiler.get_converters(columns).items()
        converters = [(place, convert, column) for place, (convert, column) in found]
        return text, parameters, (converters, _maker(compiler) if built._fields is None else tuple)


def _converted(
    rows: list[tuple[Any, ...]], converters: Sequence[tuple[int, Any, Any]], here: Any
) -> list[tuple[Any, ...]]:
    if not rows:
        return rows
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, converts, column in converters:
        for convert in converts:
            columns[place] = [convert(value, column, here) for value in columns[place]]
    return list(zip(*columns, strict=True))


def _maker(compiler: Any) -> Callable[[Any], Any]:
    """How Django makes a model and its related models of a row (ModelIterable)."""
    columns = [column[0] for column in compiler.select]
    kind = making.Maker(compiler.klass_info, columns, DEFAULT_DB_ALIAS)
    annotations = list(compiler.annotation_col_map.items())
    if not annotations:
        return kind.made

    def make(row: Any) -> Any:
        made = kind.made(row)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return make


class Change(_Statement):
    """An UPDATE: built as (queryset, columns). `run` answers how many rows it changed."""

    def run(self, **values: Any) -> int:
        here = connections[DEFAULT_DB_ALIAS]
        written = self._written(values, here)
        if written is None:
            return 0
        text, _use, parameters = written
        with transaction.mark_for_rollback_on_error(here.alias), here.cursor() as cursor:
            cursor.execute(text, parameters)
            return int(cursor.rowcount)

    def _with(self, examples: Mapping[str, Any], here: Any) -> tuple[str, Sequence[Any], Any]:
        rows, columns = self._build(**examples)
        query = rows.query.chain(sql.UpdateQuery)
        query.add_update_values(columns)
        text, parameters = query.get_compiler(connection=here).as_sql()
        return text, parameters, None


def insert(rows: Sequence[models.Model]) -> None:
    """Write these new rows of one model with one statement; afterwards they are as after `save`. Sends no signals."""
    if not rows:
        return
    here = connections[DEFAULT_DB_ALIAS]
    known = vars(here).setdefault("_mensetsu_inserts", {})
    model = type(rows[0])
    if model not in known:
        known[model] = _Table(model, here)
    known[model].write(rows, here)


class _Table:
    """How rows of one model are written. What a column mostly holds, its default, is prepared once."""

    def __init__(self, model: type[models.Model], here: Any) -> None:
        meta = model._meta
        fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
        self._has_key = len(fields) < len(meta.concrete_fields)
        quote = here.ops.quote_name
        names = ", ".join(quote(field.column) for field in fields)
        # Names of our own models, and no value.
        self._head = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES "  # noqa: S608
        self._row = "(" + ", ".join(["%s"] * len(fields)) + ")"
        self._tail = f" RETURNING {quote(meta.pk.column)}" if self._has_key else ""
        self._columns = [
            (field.attname, field, _as_is(field, here), *_usual(field, here)) for field in fields
        ]

    def write(self, rows: Sequence[models.Model], here: Any) -> None:
        text = self._head + ", ".join([self._row] * len(rows)) + self._tail
        values = [value for row in rows for value in self._values(row, here)]
        with transaction.mark_for_rollback_on_error(here.alias), here.cursor() as cursor:
            cursor.execute(text, values)
            keys = [key for (key,) in cursor.fetchall()] if self._has_key else [row.pk for row in rows]
        for row, key in zip(rows, keys, strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, here.alias

    def _values(self, row: models.Model, here: Any) -> list[Any]:
        held, values = vars(row), []
        for name, field, as_is, kind, usual, prepared in self._columns:
            value = held.get(name)
            if type(value) is kind and value == usual:
                values.append(prepared)
            elif type(value) is as_is:
                values.append(value)
            else:
                values.append(field.get_db_prep_save(field.pre_save(row, True), here))
        return values


def _usual(field: Any, here: Any) -> tuple[Any, Any, Any]:
    """The type of the default, the default, and how it is stored; for columns that work out what they hold: no type."""
    is_plain = type(field).pre_save in (models.Field.pre_save, models.DateTimeField.pre_save)
    if (
        callable(field.default)
        or getattr(field, "auto_now_add", False)
        or getattr(field, "auto_now", False)
        or not is_plain
    ):
        return object(), None, None
    usual = field.get_default()
    return type(usual), usual, field.get_db_prep_save(usual, here)


def _as_is(field: Any, here: Any) -> Any:
    """The type of values that this column stores as they are: texts, and numbers where the driver wants no others."""
    if type(field).pre_save is not models.Field.pre_save:
        return None
    if type(field) in _TEXTS:
        return str
    is_number = type(field) in _NUMBERS or (type(field) in _LINKS and type(field.target_field) in _NUMBERS)
    return int if is_number and type(field.get_db_prep_save(1, here)) is int else None


_TEXTS = (models.CharField, models.TextField, models.EmailField, models.URLField)
_NUMBERS = (models.BigAutoField, models.BigIntegerField, models.IntegerField, models.PositiveIntegerField,
            models.PositiveSmallIntegerField, models.SmallIntegerField)  # fmt: skip
_LINKS = (models.ForeignKey, models.OneToOneField)
