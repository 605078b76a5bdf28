"""The building blocks: what a page author writes, and the markup a reader's device gets."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory


class Example(forms.Form):
    family_name = forms.CharField(label="姓", max_length=5, help_text="例：山田")
    note = forms.CharField(label="備考", required=False, widget=forms.Textarea)
    way = forms.ChoiceField(
        label="方法", choices=[("web", "WEB面接"), ("place", "対面")], widget=forms.RadioSelect
    )
    is_shared = forms.BooleanField(label="共有", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture
def show() -> Callable[..., BeautifulSoup]:
    def render(source: str, **context: Any) -> BeautifulSoup:
        template = engines["jinja2"].from_string('{% import "web/kit.html" as kit %}' + source)
        return BeautifulSoup(template.render(context, context.pop("request", None)), "html.parser")

    return render


def test_field_orders_label_hint_error_control_and_ties_them(show: Callable[..., BeautifulSoup]) -> None:
    page = show("{{ kit.field(form.family_name) }}", form=Example({"family_name": "長曽我部権左衛門"}))
    parts = [tag.name + "." + (tag.get("class") or [""])[0] for tag in page.select(".field > *")]
    assert parts == ["label.label", "p.hint", "div.", "input.input"]
    described = page.input["aria-describedby"].split()
    assert described == ["id_family_name_helptext", "id_family_name_error"]
    assert all(page.find(id=i) for i in described)
    assert page.input["aria-invalid"] == "true"
    assert page.label["for"] == page.input["id"]


def test_optional_fields_say_so(show: Callable[..., BeautifulSoup]) -> None:
    page = show(
        "{{ kit.field(form.family_name) }}{{ kit.field(form.note, hint='短く', wide=true) }}", form=Example()
    )
    assert page.select_one(".req")
    assert page.select_one(".opt")
    assert page.textarea["class"] == ["ta", "u-full"]
    assert "aria-invalid" not in page.textarea.attrs


def test_choices_are_one_group_with_a_legend(show: Callable[..., BeautifulSoup]) -> None:
    page = show(
        "{{ kit.field(form.way) }}{{ kit.field(form.is_shared) }}{{ kit.field(form.key) }}", form=Example()
    )
    assert page.fieldset.legend.get_text().startswith("方法")
    assert len(page.fieldset.select("input[type=radio]")) == 2
    assert page.select_one("label.check[for=id_is_shared] input#id_is_shared")
    assert page.select_one("input[type=hidden]")


def test_summary_counts_and_links_every_error(show: Callable[..., BeautifulSoup]) -> None:
    form = Example({})
    form.add_error(None, "まとめの問題")
    page = show("{{ kit.errors(form) }}{{ kit.field(form.family_name) }}{{ kit.field(form.way) }}", form=form)
    banner = page.select_one("#errors")
    assert banner["role"] == "alert"
    assert banner["tabindex"] == "-1"
    assert len(banner.select("li")) == 3
    for link in banner.select("a"):
        assert page.find(id=link["href"][1:]), link


def test_summary_of_a_clean_form_is_nothing(show: Callable[..., BeautifulSoup]) -> None:
    assert show("{{ kit.errors(form) }}", form=Example()).get_text().strip() == ""


def test_text_is_escaped_everywhere(show: Callable[..., BeautifulSoup]) -> None:
    bad = "<script>x</script>"
    page = show(
        "{{ kit.button(t) }}{{ kit.link(t, '/') }}{{ kit.chip(t) }}{{ kit.copy(t, t) }}{{ kit.up(t, '/') }}"
        "{% call kit.banner('error', t) %}{{ t }}{% endcall %}{% call kit.note() %}{{ t }}{% endcall %}"
        "{% call kit.card(t) %}{{ t }}{% endcall %}{{ kit.empty(t) }}{{ kit.banner('info', t) }}",
        t=bad,
    )
    assert not page.find_all("script")
    assert page.select_one("[data-copy]")["data-copy"] == bad


def test_pager_keeps_the_filters(show: Callable[..., BeautifulSoup], rf: RequestFactory) -> None:
    request = rf.get("/candidates/", {"q": "佐藤", "page": "2"})
    page = show(
        "{{ kit.pager(p, request) }}{{ kit.found(p) }}", p=Paginator(range(60), 20).page(2), request=request
    )
    links = [a["href"] for a in page.select("a")]
    assert links == ["?q=%E4%BD%90%E8%97%A4&page=1", "?q=%E4%BD%90%E8%97%A4&page=3"]
