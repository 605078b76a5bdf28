"""What only machines call goes straight to its view, and only what says that it may."""

from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

pytestmark = pytest.mark.django_db


@login_not_required
@csrf_exempt
def bell(request: HttpRequest) -> HttpResponse:
    match = request.resolver_match
    return HttpResponse(f"{hasattr(request, 'session')} {match.view_name if match else ''}")


@csrf_exempt
def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("seen")


@login_not_required
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("written")


@login_not_required
@csrf_exempt
def too_long(request: HttpRequest) -> HttpResponse:
    raise OverflowError("Python int too large to convert to SQLite INTEGER")


@login_not_required
@csrf_exempt
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("no luck")


urlpatterns = [
    path("webhooks/bell/", bell, name="bell"),
    path("webhooks/private/", private),
    path("webhooks/form/", form),
    path("webhooks/too-long/", too_long),
    path("webhooks/broken/", broken),
    path("elsewhere/", bell),
    path("", include("config.urls")),
]


@pytest.fixture
def client(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def test_the_layers_for_people_are_left_out(client: Client) -> None:
    answer = client.post("/webhooks/bell/")

    assert answer.content == b"False bell"
    assert client.post("/elsewhere/").content.startswith(b"True")
    # What is true of every answer is true of this one.
    assert {"Content-Security-Policy", "X-Request-Id", "X-Content-Type-Options"} <= set(answer.headers)


def test_a_view_that_wants_a_login_or_a_token_of_forms_gets_it(client: Client) -> None:
    assert client.post("/webhooks/private/").status_code == 302
    assert client.post("/webhooks/form/").status_code == 403


def test_an_address_that_nobody_knows_is_not_found(client: Client) -> None:
    assert client.post("/webhooks/nobody/").status_code == 404


def test_a_strange_host_is_refused(client: Client) -> None:
    assert client.post("/webhooks/bell/", headers={"host": "elsewhere.example"}).status_code == 400


def test_what_no_column_can_hold_is_the_callers_fault_and_all_else_is_ours(client: Client) -> None:
    assert client.post("/webhooks/too-long/").status_code == 400
    assert client.post("/webhooks/broken/").status_code == 500
