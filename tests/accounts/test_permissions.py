"""What each role may do, as sentences. That every page has its guard is proved by the sweep in tests/house."""

from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from mensetsu.accounts import permissions
from mensetsu.accounts.models import User


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


def enter(guarded: Any, user: User) -> bool:
    request = RequestFactory().get("/")
    request.user = user
    try:
        return guarded(request).content == b"inside"
    except PermissionDenied:
        return False


@pytest.mark.parametrize(
    ("who", "recruiters_page", "administrators_page"),
    [("aoki", True, True), ("baba", True, False), ("doi", False, False)],
)
def test_who_enters(
    people: SimpleNamespace, who: str, recruiters_page: bool, administrators_page: bool
) -> None:
    user = getattr(people, who)

    assert enter(permissions.recruiter_required(page), user) is recruiters_page
    assert enter(permissions.admin_required(page), user) is administrators_page


def test_a_guard_never_opens_a_page_to_the_public() -> None:
    assert getattr(permissions.admin_required(page), "login_required", True) is True
    assert permissions.admin_required(login_not_required(page)).login_required is False


def test_the_refusal_names_whom_to_ask(people: SimpleNamespace, client_of: Any) -> None:
    answer = client_of(people.baba).get("/settings/staff/")

    said = BeautifulSoup(answer.content, "html.parser").main.get_text(" ", strip=True)
    assert answer.status_code == 403
    assert "株式会社サンプルの管理者に連絡してください。" in said


def test_colleagues_are_the_people_of_ones_own_company(people: SimpleNamespace) -> None:
    assert set(User.objects.visible_to(people.doi)) == {people.aoki, people.baba, people.doi, people.endo}
    assert set(User.objects.visible_to(people.chiba)) == {people.chiba}


def test_a_role_that_was_taken_counts_from_the_next_click(people: SimpleNamespace, client_of: Any) -> None:
    browser = client_of(people.aoki)
    assert browser.get("/settings/staff/").status_code == 200

    User.objects.filter(pk=people.aoki.pk).update(role="recruiter")

    assert browser.get("/settings/staff/").status_code == 403
