"""Several applicants under one mail address (an agency's own, a family's): it says little about who is meant."""

from types import SimpleNamespace

import pytest

from mensetsu.candidates import importing, labels
from mensetsu.candidates.models import Candidate
from tests import story
from tests.candidates.taking import NOW, outcomes, register, upload

DESK = "tanaka@agency.example.jp"


def is_of_other(number: str, name: str) -> tuple[str, list[str]]:
    return ("refused", [f"応募者番号{number}は別の方（{name} 様）の番号です。"])


@pytest.mark.parametrize(
    ("there", "in_file"),
    [("Misaki.Sato@example.com", "misaki.sato@example.com"), ("misaki@example.com", "MISAKI@example.com")],
)
def test_capitals_of_an_address_make_nobody_new(people: SimpleNamespace, there: str, in_file: str) -> None:
    candidate = register(people, email=there)

    file = upload(people, f",佐藤 美咲,{in_file},\n")
    importing.take(file, by=people.baba, now=NOW)

    assert outcomes(file) == [("changed", [])]
    assert Candidate.objects.get() == candidate


def test_capitals_hide_nobody_who_has_the_address_too(people: SimpleNamespace) -> None:
    register(people, external_id="1", email=DESK)
    register(people, external_id="2", family_name="鈴木", given_name="一郎", email=DESK.title())

    assert outcomes(upload(people, f"1,高橋 美咲,{DESK},\n")) == [is_of_other("1", "佐藤 美咲")]


def two_of_an_agency(people: SimpleNamespace) -> None:
    register(people, external_id="1", email=DESK)
    register(people, external_id="2", family_name="鈴木", given_name="一郎", email=DESK)


def test_shifted_numbers_do_not_swap_people_of_one_address(people: SimpleNamespace) -> None:
    two_of_an_agency(people)

    file = upload(people, f"2,佐藤 美咲,{DESK},090-1234-5678\n1,鈴木 一郎,{DESK},090-8765-4321\n")

    assert outcomes(file) == [is_of_other("2", "鈴木 一郎"), is_of_other("1", "佐藤 美咲")]


@pytest.mark.parametrize("name", ["高橋 三郎", "高橋 美咲", "佐藤 三郎"])
def test_a_wrong_number_renames_nobody_whose_address_others_have_too(
    people: SimpleNamespace, name: str
) -> None:
    two_of_an_agency(people)

    assert outcomes(upload(people, f"1,{name},{DESK},\n")) == [is_of_other("1", "佐藤 美咲")]


def test_another_row_of_the_file_may_show_that_the_address_is_shared(people: SimpleNamespace) -> None:
    register(people, external_id="1", email=DESK)

    file = upload(people, f"1,佐藤 花,{DESK},\n2,田中 修,{DESK.upper()},\n")

    assert outcomes(file)[0] == is_of_other("1", "佐藤 美咲")


@pytest.mark.parametrize("name", ["高橋 三郎", "高橋三郎", "高橋"])
def test_number_and_mail_do_not_make_another_name_the_same_person(people: SimpleNamespace, name: str) -> None:
    register(people, external_id="1")

    assert outcomes(upload(people, f"1,{name},misaki@example.com,\n")) == [is_of_other("1", "佐藤 美咲")]


def test_two_who_have_no_given_name_do_not_agree_in_it(people: SimpleNamespace) -> None:
    register(people, external_id="1", given_name="")

    assert outcomes(upload(people, "1,高橋,misaki@example.com,\n")) == [is_of_other("1", "佐藤")]


@pytest.mark.parametrize("name", ["田中 美咲", "田中美咲", "佐藤 美紗希", "佐藤美紗希"])
def test_who_keeps_one_of_both_names_and_has_the_address_alone_is_changed(
    people: SimpleNamespace, name: str
) -> None:
    candidate = register(people, external_id="1")

    file = upload(people, f"1,{name},misaki@example.com,\n")
    importing.take(file, by=people.baba, now=NOW)

    assert outcomes(file) == [("changed", [])]
    assert Candidate.objects.get() == candidate
    assert Candidate.objects.get().full_name == name


def test_the_address_of_an_agencys_contact_says_nothing_about_an_applicant(people: SimpleNamespace) -> None:
    email = story.agency(people.company).email
    register(people, external_id="1", email=email)

    assert outcomes(upload(people, f"1,田中 美咲,{email},\n")) == [is_of_other("1", "佐藤 美咲")]


def test_the_other_companies_agencies_do_not_count(people: SimpleNamespace) -> None:
    email = story.agency(people.other).email
    register(people, external_id="1", email=email)

    assert outcomes(upload(people, f"1,田中 美咲,{email},\n")) == [("changed", [])]


def test_another_applicant_of_an_agency_is_new_and_told_to_share_the_address(people: SimpleNamespace) -> None:
    email = story.agency(people.company).email
    register(people, external_id="1", email=email)
    text = f"2,鈴木 一郎,{email.upper()},\n,田中 修,{email},\n1,佐藤 美咲,{email},\n"

    file = upload(people, text)
    importing.take(file, by=people.baba, now=NOW)

    assert outcomes(file) == [("new", []), ("new", []), ("same", [])]
    domain = email.partition("@")[2]
    assert [[labels.sentence(note) for note in line["notes"]] for line in file.trial["lines"]] == [
        [
            f"{email.upper().partition('@')[0]}@{domain}は佐藤 美咲 様と同じアドレスです。別の方として登録します。"
        ],
        [f"{email}は佐藤 美咲 様と同じアドレスです。別の方として登録します。"],
        [],
    ]
    assert [one["outcome"] for one in upload(people, text).trial["lines"]] == ["same"] * 3


@pytest.mark.parametrize("row", [",田中 修,{desk},", "3,田中 修,{desk},"])
def test_whose_address_two_have_already_a_third_may_have(people: SimpleNamespace, row: str) -> None:
    two_of_an_agency(people)

    assert outcomes(upload(people, row.format(desk=DESK) + "\n")) == [("new", [])]


def test_a_file_that_names_two_under_one_address_may_bring_them_both(people: SimpleNamespace) -> None:
    register(people, external_id="1", email=DESK)

    file = upload(people, f"2,鈴木 一郎,{DESK},\n3,田中 修,{DESK},\n")
    importing.take(file, by=people.baba, now=NOW)

    assert outcomes(file) == [("new", []), ("new", [])]
    assert Candidate.objects.count() == 3


def test_a_known_person_may_move_to_an_address_that_is_shared(people: SimpleNamespace) -> None:
    two_of_an_agency(people)
    register(people, external_id="3", family_name="田中", given_name="修", email="osamu@example.com")

    assert outcomes(upload(people, f"3,田中 修,{DESK},\n")) == [("changed", [])]
