"""How one bound form field is drawn: which kind of markup, with which ids its hint and error are tied to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from markupsafe import Markup, escape

_KINDS: list[tuple[type[forms.Widget], str]] = [
    (forms.CheckboxSelectMultiple, "group"),
    (forms.RadioSelect, "group"),
    (forms.CheckboxInput, "check"),
    (forms.HiddenInput, "hidden"),
]
_CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.Select, "select"),
    (forms.Textarea, "ta"),
    (forms.widgets.Input, "input"),
]


@dataclass(frozen=True)
class Control:
    """`kind`: field | group | check | hidden. `html` is the control itself, already tied to hint and errors."""

    kind: str
    html: Markup
    id: str
    hint: str
    hint_id: str
    error_id: str
    is_required: bool

    @property
    def described_by(self) -> str:
        return " ".join(i for i in (self.hint_id, self.error_id) if i)


def control(field: BoundField, hint: Any = "", wide: bool = False) -> Control:
    """The parts of a field's markup. `hint` replaces the field's help text."""
    kind = next((k for widget, k in _KINDS if isinstance(field.field.widget, widget)), "field")
    own_id = str(field.auto_id or field.html_name)
    hint = str(hint or field.help_text)
    hint_id = f"{own_id}_helptext" if hint else ""
    error_id = f"{own_id}_error" if field.errors else ""
    described_by = " ".join(i for i in (hint_id, error_id) if i)
    return Control(
        kind=kind,
        html=Markup(field.as_widget(attrs=_attributes(field, kind, described_by, wide))),  # noqa: S704
        id=own_id,
        hint=hint,
        hint_id=hint_id,
        error_id=error_id,
        is_required=field.field.required,
    )


def options(items: Iterable[tuple[Any, Any]], wanted: str, empty: str) -> Markup:
    """The options of a select, one a line: nothing chosen (`empty`), then the (value, text) of `items`.

    `wanted` is text, because it comes from an address. Written here, because a list has hundreds of them."""
    pairs = [(str(value), str(text).replace("\0", "")) for value, text in items]
    # Escaped in one go, with a sign between them that forms and PostgreSQL refuse.
    escaped = iter(str(escape("\0".join(part for pair in pairs for part in pair))).split("\0"))
    lines = [f'<option value="">{escape(empty)}</option>\n']
    for value, _text in pairs:
        chosen = " selected" if value == wanted else ""
        lines.append(f'<option value="{next(escaped)}"{chosen}>{next(escaped)}</option>\n')
    return Markup("".join(lines))  # noqa: S704 - escaped above


def target(field: BoundField) -> str:
    """The id an error summary links to: the control, or the first control of a group."""
    own_id = str(field.auto_id or field.html_name)
    return f"{own_id}_0" if isinstance(field.field.widget, forms.RadioSelect) else own_id


def _attributes(field: BoundField, kind: str, described_by: str, wide: bool) -> dict[str, Any]:
    if kind in ("group", "hidden"):
        return {}
    attributes: dict[str, Any] = {}
    if described_by:
        attributes["aria-describedby"] = described_by
    if kind == "field":
        names = [next((c for widget, c in _CLASSES if isinstance(field.field.widget, widget)), "")]
        names += field.field.widget.attrs.get("class", "").split() + (["u-full"] if wide else [])
        attributes["class"] = " ".join(dict.fromkeys(filter(None, names)))
    return attributes
