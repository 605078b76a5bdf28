"""Instances of a model from rows of the database, as Django would make them."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.signals import post_init, pre_init


class Maker:
    """Makes instances of a model from rows, as django.db.models.query.ModelIterable and RelatedPopulator do."""

    def __init__(self, info: dict[str, Any], columns: list[Any], alias: str) -> None:
        places = info["select_fields"]
        self.model, self.alias = info["model"], alias
        self.start, self.stop = places[0], places[-1] + 1
        self.names = [column.target.attname for column in columns[self.start : self.stop]]
        self.key = self.start + self.names.index(self.model._meta.pk.attname)
        self.is_plain = _is_plain(self.model)
        self.related = [
            (Maker(one, columns, alias), one["local_setter"], one["remote_setter"])
            for one in info.get("related_klass_infos", [])
        ]

    def made(self, row: Sequence[Any]) -> Any:
        if row[self.key] is None:
            return None
        values = row[self.start : self.stop]
        if self.is_plain:
            # What Model.__init__ comes to when nobody listens: it takes longer than reading the row.
            one = self.model.__new__(self.model)
            state = ModelState()
            state.adding, state.db = False, self.alias
            one.__dict__.update(zip(self.names, values, strict=True), _state=state)
        else:
            one = self.model.from_db(self.alias, self.names, values)
        for kind, tell_one, tell_other in self.related:
            other = kind.made(row)
            tell_one(one, other)
            if other is not None:
                tell_other(other, one)
        return one


def _is_plain(model: type[models.Model]) -> bool:
    is_ours = "__init__" in vars(model) or model.from_db.__func__ is not models.Model.from_db.__func__
    return not (is_ours or pre_init.has_listeners(model) or post_init.has_listeners(model))
