"""A page with every building block on it, only for tests, and what its forms post to."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from mensetsu.web import answers, forms

SEARCHED: list[str] = []
SAVED: list[str] = []

PAGE = (Path(__file__).parent / "gallery.html").read_text()


class GalleryForm(forms.Form):
    family_name = django_forms.CharField(label="姓", max_length=50, help_text="例：山田")
    kind = django_forms.ChoiceField(
        label="選考ステップ", choices=[("", "選択してください"), ("1", "一次面接")]
    )
    way = django_forms.ChoiceField(
        label="面接方法", choices=[("web", "WEB面接"), ("place", "対面")], widget=django_forms.RadioSelect
    )
    on = forms.DateField(label="日付")
    start = forms.TimeChoice(label="開始時刻")
    is_shared = django_forms.BooleanField(label="採用チームで共有", required=False)
    people = django_forms.MultipleChoiceField(
        label="面接官",
        choices=[("1", "田中 修"), ("2", "山田 花子")],
        widget=django_forms.CheckboxSelectMultiple,
        required=False,
    )
    body = django_forms.CharField(
        label="本文", required=False, widget=django_forms.Textarea(attrs={"rows": 4, "data-tags-here": ""})
    )


def _show(request: HttpRequest, form: GalleryForm, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "tags": ["{{応募者氏名}}", "{{面接日時}}"],
        "page": Paginator(range(90), 30).page(2),
        "soon": datetime(2026, 11, 24, 5, 0, tzinfo=UTC),
    }
    return HttpResponse(engines["jinja2"].from_string(PAGE).render(context, request), status=status)


def gallery(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _show(request, GalleryForm())
    if "slow" in request.GET:
        time.sleep(0.5)
        SAVED.append("slow")
        messages.success(request, "送信しました。")
        return answers.SeeOther(request, "/gallery/")
    form = GalleryForm(request.POST)
    if not form.is_valid():
        return _show(request, form, 422)
    SAVED.append(form.cleaned_data["family_name"])
    messages.success(request, "登録しました。")
    return answers.SeeOther(request, "/gallery/")


def search(request: HttpRequest) -> HttpResponse:
    SEARCHED.append(request.GET.get("q", ""))
    return HttpResponse(f'<p role="status">{len(SEARCHED)}件見つかりました</p>')


urlpatterns = [
    path("gallery/", gallery),
    path("gallery/search/", search),
    path("", include("config.urls")),
]
