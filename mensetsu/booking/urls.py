"""Addresses of bookings: pages for colleagues, and the public page behind a token."""

from django.urls import path

from mensetsu.booking import (
    agency_views,
    invite_views,
    offer_views,
    page_views,
    proposal_views,
    public_views,
)

app_name = "booking"
urlpatterns: list = []

# The public page behind a token.
urlpatterns += [
    path("b/<str:token>/", public_views.choose, name="choose"),
    path("b/<str:token>/change/", public_views.change, name="change"),
    path("b/<str:token>/cancellation/", public_views.cancel, name="cancel"),
    path("b/<str:token>/wishes/", public_views.wishes, name="wishes"),
]

# What recruiters do: pages, slots, invitations.
urlpatterns += [
    path("booking/", page_views.index, name="pages"),
    path("booking/new/", page_views.create, name="create"),
    path("booking/<int:page_id>/", page_views.detail, name="page"),
    path("booking/<int:page_id>/change/", page_views.edit, name="edit"),
    path("booking/<int:page_id>/closing/", page_views.close, name="close"),
    path("booking/<int:page_id>/slots/", page_views.add_slots, name="slots"),
    path("booking/<int:page_id>/slots/closing/", page_views.close_slots, name="close_slots"),
    path("booking/series/<int:series_id>/", page_views.series, name="series"),
    path("booking/<int:page_id>/invitations/", invite_views.from_page, name="invite"),
    path("candidates/<int:candidate_id>/booking/", invite_views.from_candidate, name="invite_candidate"),
    path("booking/invitations/<int:invitation_id>/", invite_views.invitation, name="invitation"),
    path("booking/invitations/<int:invitation_id>/<slug:what>/", invite_views.act, name="act"),
]

# Several dates for one applicant.
urlpatterns += [
    path("candidates/<int:candidate_id>/dates/", offer_views.create, name="offer_create"),
    path("interviews/<int:interview_id>/dates/", offer_views.move, name="offer_move"),
    path("booking/offers/<int:invitation_id>/", offer_views.offer, name="offer"),
    path("booking/offers/<int:invitation_id>/dates/", offer_views.replace, name="offer_dates"),
    path("booking/offers/<int:invitation_id>/<slug:what>/", offer_views.act, name="offer_act"),
]

# Agencies: what they proposed, the address of their page, and that page behind its token.
urlpatterns += [
    path("booking/proposals/", proposal_views.index, name="proposals"),
    path("booking/proposals/<int:proposal_id>/", proposal_views.detail, name="proposal"),
    path("booking/agencies/<int:contact_id>/", proposal_views.door, name="agency_door"),
    path("a/<str:token>/", agency_views.home, name="agency"),
    path("a/<str:token>/<int:candidate_id>/choice/", agency_views.choose, name="agency_choose"),
    path("a/<str:token>/<int:candidate_id>/interview/", agency_views.interview, name="agency_interview"),
    path("a/<str:token>/<int:candidate_id>/dates/", agency_views.propose, name="agency_propose"),
]
