"""What people type is understood in any width; what is wrong is said per field."""

from datetime import date, time

import pytest
from django import forms as django_forms
from django.core.validators import RegexValidator
from django.utils import translation

from mensetsu.accounts.models import Organization
from mensetsu.web import forms


class Example(forms.Form):
    family_name = django_forms.CharField(label="姓", max_length=50)
    kind = django_forms.ChoiceField(label="面接方法", choices=[("web", "WEB面接")])
    email = forms.EmailField(label="メールアドレス", required=False)
    on = forms.DateField(label="日付", required=False)
    start = forms.TimeChoice(label="開始時刻", required=False)
    minutes = django_forms.IntegerField(label="所要時間", required=False, min_value=15, max_value=480)
    link = django_forms.URLField(label="URL", required=False, assume_scheme="https")
    memo = django_forms.CharField(label="社内メモ", required=False, widget=django_forms.Textarea)
    code = django_forms.CharField(
        label="番号", required=False, validators=[RegexValidator(r"^\d+$", "番号は数字です。")]
    )
    own = django_forms.CharField(label="独自", error_messages={"required": "独自の文です。"})


def _filled(**values: str) -> Example:
    return Example({"family_name": "佐藤", "kind": "web", "own": "x", **values})


def _error(name: str, value: str) -> str:
    return str(_filled(**{name: value}).errors.get(name, [""])[0])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("family_name", "", "姓を入力してください。"),
        ("family_name", "あ" * 63, "姓は50文字以内で入力してください（現在63文字）。"),
        ("kind", "", "面接方法を選択してください。"),
        ("kind", "other", "面接方法を一覧から選択してください。"),
        ("email", "taro@", "メールアドレスの形を確認してください。例：taro@example.jp"),
        ("on", "2026-11-31", "2026年11月31日はありません。日付を確認してください。"),
        ("on", "あした", "日付の形を確認してください。例：2026/11/24"),
        ("start", "25:00", "開始時刻を一覧から選択してください。"),
        ("start", "07:45", "開始時刻を一覧から選択してください。"),
        ("minutes", "長い", "所要時間は数字で入力してください。"),
        ("minutes", "5", "所要時間は15以上で入力してください。"),
        ("minutes", "500", "所要時間は480以下で入力してください。"),
        ("link", "https://", "URLの形を確認してください。例：https://example.jp/meeting"),
        ("code", "abc", "番号は数字です。"),
        ("own", "", "独自の文です。"),
    ],
)
def test_refusals_name_the_field(name: str, value: str, sentence: str) -> None:
    assert _error(name, value) == sentence


def test_no_form_of_ours_says_the_librarys_sentence() -> None:
    form = Example({})
    assert "このフィールド" not in str(form.errors)
    assert len(form.errors) == 3


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("Family name", "", "Enter family name."),
        ("Zoom host", "", "Enter Zoom host."),
        ("URL", "", "Enter URL."),
        ("Family name", "a" * 63, "Family name must be 50 characters or fewer (now 63)."),
    ],
)
def test_english_sentences(label: str, value: str, sentence: str) -> None:
    with translation.override("en"):
        form = _filled(family_name=value)
        form.fields["family_name"].label = label
        assert form.errors["family_name"] == [sentence]


@pytest.mark.parametrize(
    ("name", "value", "understood"),
    [
        ("email", " Ｔａｒｏ＠ＥＸＡＭＰＬＥ．ｃｏｍ　", "Taro@example.com"),
        ("on", "２０２６年１１月２４日", date(2026, 11, 24)),
        ("on", "2026/11/24", date(2026, 11, 24)),
        ("on", "2026ー1－4", date(2026, 1, 4)),
        ("on", "20261124", date(2026, 11, 24)),
        ("on", "2026-11-24", date(2026, 11, 24)),
        ("start", "１４：００", time(14, 0)),
        ("start", "9:15", time(9, 15)),
        ("start", "9時", time(9, 0)),
        ("start", "", None),
        ("minutes", "６０", 60),
        ("link", "ｚｏｏｍ．ｕｓ／ｊ／１", "https://zoom.us/j/1"),
        ("memo", "一行目\r\n二行目\r三行目", "一行目\n二行目\n三行目"),
    ],
)
def test_any_width_is_understood(name: str, value: str, understood: object) -> None:
    form = _filled(**{name: value})
    assert form.is_valid(), form.errors
    assert form.cleaned_data[name] == understood


@pytest.mark.parametrize("name", ["神谷", "塚本", "髙橋", "𠮷田", "株式会社㈱", "Ｔａｒｏ"])
def test_names_are_never_normalized(name: str) -> None:
    form = _filled(family_name=f"　{name} ")
    assert form.is_valid()
    assert form.cleaned_data["family_name"] == name


def test_a_time_outside_the_steps_can_be_kept() -> None:
    form = _filled(start="14:05")
    form.fields["start"].include(time(14, 5))
    assert form.is_valid()
    choices = [value for value, _label in form.fields["start"].choices]
    assert choices[0] == ""
    assert choices[1:] == sorted(choices[1:])
    assert choices.count("14:05") == 1
    # Other forms of the same class are not changed.
    assert not _filled(start="14:05").is_valid()


def test_times_go_from_eight_to_nine_by_quarters() -> None:
    choices = [value for value, _label in Example().fields["start"].choices][1:]
    assert (choices[0], choices[1], choices[-1], len(choices)) == ("08:00", "08:15", "21:00", 53)


def test_initial_values_are_shown_in_the_controls_form() -> None:
    form = Example(initial={"on": date(2026, 11, 24), "start": time(14, 0)})
    assert 'value="2026-11-24"' in str(form["on"])
    assert 'type="date"' in str(form["on"])
    assert '<option value="14:00" selected>' in str(form["start"])


class CompanyForm(forms.ModelForm):
    class Meta:
        model = Organization
        fields = ["name", "mail_from", "fiscal_year_first_month"]
        labels = {"name": "会社名", "mail_from": "差出人", "fiscal_year_first_month": "年度の開始月"}


def test_forms_of_models_speak_the_same() -> None:
    form = CompanyForm({"name": "", "mail_from": "ｓａｉｙｏ＠Example.JP", "fiscal_year_first_month": "１３"})
    assert form.errors["name"] == ["会社名を入力してください。"]
    assert form.errors["fiscal_year_first_month"] == ["年度の開始月は12以下で入力してください。"]
    assert form.cleaned_data["mail_from"] == "saiyo@example.jp"
