"""What the journeys to 「連携済み」 have in common."""

from typing import Any

from bs4 import BeautifulSoup
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

SETTINGS = "/settings/zoom/"
RETURN = "/settings/zoom/authorization/return"


def words(response: HttpResponse) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


def leave(browser: Client, **form: Any) -> str:
    """Zoom's address to which the press leads."""
    answer = browser.post(reverse("zoom:authorize"), form)
    assert answer.status_code == 303
    return answer["Location"]
