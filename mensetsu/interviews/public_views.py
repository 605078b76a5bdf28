"""What an applicant or an agency sees without a login: the join page behind its token."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from mensetsu.interviews import join_links


@login_not_required
def join(request: HttpRequest, token: str) -> HttpResponse:
    link = join_links.find(token)
    if link is None:
        raise Http404
    context = {"link": link, "interview": link.interview, "organization": link.interview.organization}
    return render(request, "interviews/join.html", context)
