"""Addresses of interviews."""

from django.urls import path

from mensetsu.interviews import public_views

app_name = "interviews"
urlpatterns: list = []

# Holding it: the join page behind a token.
urlpatterns += [
    path("j/<str:token>/", public_views.join, name="join"),
    path("j/<str:token>/join/", public_views.enter, name="join_enter"),
    path("j/<str:token>/invite.ics", public_views.invitation, name="join_calendar"),
    path("j/<str:token>/requests/<str:kind>/", public_views.ask, name="join_ask"),
    path("j/<str:token>/requests/<str:kind>/sent/", public_views.sent, name="join_sent"),
]
