"""The table of templates: purposes by receivers, with the gaps visible."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from mensetsu.accounts.permissions import recruiter_required
from mensetsu.mail import groups, samples
from mensetsu.mail.models import Purpose, Receiver, Template


@recruiter_required
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """Every text in use, where it belongs."""
    samples.ensure_samples(request.user.organization, timezone.now())
    by_case: dict[tuple[str, str], dict[str, list[Template]]] = {}
    for template in Template.objects.visible_to(request.user).in_use():
        languages = by_case.setdefault((template.purpose, template.receiver), {})
        languages.setdefault(template.language, []).append(template)
    rows = [_row(purpose, label, by_case) for purpose, label in Purpose.choices]
    return render(request, "mail/templates.html", {"rows": rows, "receivers": Receiver.choices})


def _row(
    purpose: str, label: Any, by_case: dict[tuple[str, str], dict[str, list[Template]]]
) -> dict[str, Any]:
    cells = [
        {
            "receiver": receiver,
            "label": word,
            "languages": by_case.get((purpose, receiver), {}),
            "is_needed": (purpose, receiver) not in groups.NOT_NEEDED and purpose != Purpose.OTHER,
        }
        for receiver, word in Receiver.choices
    ]
    return {"purpose": purpose, "label": label, "cells": cells}
