"""What templates ask for dozens of times a page: words and addresses. Kept, and right in each language."""

from typing import Any

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils import translation
from markupsafe import Markup, escape

from mensetsu.web import addresses, controls


def said(source: str, **context: Any) -> str:
    return engines["jinja2"].from_string(source).render(context)


def test_each_language_hears_its_own_words() -> None:
    for _time in range(2):
        with translation.override("ja"):
            assert said('{{ _("Applicants") }}') == "応募者"
        with translation.override("en"):
            assert said('{{ _("Applicants") }}') == "Applicants"


def test_what_is_filled_in_is_escaped_and_filled_in_anew() -> None:
    source = '{{ _("%(what)s is here", what=what) }} {{ pgettext("person outside", "%(name)s", name=what) }}'
    with translation.override("en"):
        assert said(source, what="<b>") == "&lt;b&gt; is here &lt;b&gt;"
        assert said(source, what="A") == "A is here A"


def test_a_percent_sign_is_written_twice_in_words() -> None:
    with translation.override("en"):
        assert [said('{{ _("100%% of it") }}') for _time in range(2)] == ["100% of it", "100% of it"]
        with pytest.raises(KeyError):
            said('{{ _("%(what)s") }}')


def test_contexts_keep_words_apart() -> None:
    with translation.override("ja"):
        assert said('{{ pgettext("contact by", "Applicant") }}') == translation.pgettext(
            "contact by", "Applicant"
        )


def test_text_without_markup_stays_text() -> None:
    quiet = engines["jinja2"].env.overlay(autoescape=False)
    assert not isinstance(quiet.from_string('{% set word = _("Yes & no") %}{{ word }}').render(), Markup)
    assert quiet.from_string('{{ _("Yes & %(what)s", what="<b>") }}').render() == "Yes & <b>"


@pytest.mark.parametrize(
    ("name", "args"),
    [("home", ()), ("interviews:detail", (34,)), ("candidates:detail", (0,)), ("booking:act", (3, "remind")),
     ("booking:agency_choose", ("token%", 7)), ("interviews:detail", ("34",))],
)  # fmt: skip
def test_addresses_are_those_that_django_makes(name: str, args: tuple[Any, ...]) -> None:
    assert [addresses.page(name, *args) for _time in range(2)] == [reverse(name, args=args)] * 2


def test_an_address_that_does_not_exist_is_refused() -> None:
    for args in ((), (-1,), ("x",)):
        with pytest.raises(NoReverseMatch):
            addresses.page("interviews:detail", *args)


def test_a_number_that_is_no_number_in_the_address_is_asked_for_each_time() -> None:
    assert addresses.page("booking:choose", 34) == reverse("booking:choose", args=[34])


def test_under_another_prefix_everything_lies_elsewhere() -> None:
    assert addresses.page("home") == "/"
    try:
        set_script_prefix("/desk/")
        assert addresses.page("interviews:detail", 34) == "/desk/interviews/34/"
    finally:
        set_script_prefix("/")
    assert addresses.page("interviews:detail", 34) == "/interviews/34/"


def test_options_are_escaped_and_one_is_chosen() -> None:
    items = [(1, "A&B"), ("<2>", Markup("x")), (3, "")]
    assert controls.options(items, "1", "<all>") == (
        '<option value="">&lt;all&gt;</option>\n<option value="1" selected>A&amp;B</option>\n'
        '<option value="&lt;2&gt;">x</option>\n<option value="3"></option>\n'
    )
    assert (
        controls.options([(1, "a\0b")], "", "")
        == '<option value=""></option>\n<option value="1">ab</option>\n'
    )
    assert isinstance(controls.options([], "", ""), Markup)


def test_what_depends_on_nothing_is_part_of_the_compiled_template() -> None:
    env = engines["jinja2"].env
    with translation.override("ja"):
        code = env.compile('{{ _("Applicants") }} {{ url("home") }} {{ url(where) }}', raw=True)
    assert "応募者 / " in code
    assert "Applicants" not in code


def test_a_function_of_the_same_name_is_the_template_s_own() -> None:
    source = '{% macro url(name) %}mine: {{ name }}{% endmacro %}{{ url("home") }}'
    assert said(source) == "mine: home"


def test_an_address_that_does_not_exist_fails_where_it_is_reached() -> None:
    source = '{% if wanted %}{{ url("nowhere") }}{% endif %}'
    assert said(source, wanted=False) == ""
    with pytest.raises(NoReverseMatch):
        said(source, wanted=True)


def test_a_template_speaks_each_language_and_knows_its_place() -> None:
    template = engines["jinja2"].env.get_template
    with translation.override("en"):
        english = template("web/kit.html")
    with translation.override("ja"):
        assert template("web/kit.html") is not english
        try:
            set_script_prefix("/desk/")
            elsewhere = template("web/kit.html")
        finally:
            set_script_prefix("/")
        assert template("web/kit.html") is not elsewhere


@pytest.mark.parametrize("value", ["<b>&'\"", 3, None, Markup("<b>"), translation.gettext_lazy("Yes & no")])
def test_values_are_escaped_as_jinja_does(value: Any) -> None:
    assert said("{{ value }}", value=value) == str(escape(value))
    assert said("{% set it %}{{ value }}{% endset %}{{ it }}", value=value) == str(escape(value))
