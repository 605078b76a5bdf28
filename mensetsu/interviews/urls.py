"""Addresses of interviews."""

from django.urls import path

from mensetsu.interviews import public_views

app_name = "interviews"
urlpatterns: list = []

# Holding it: the join page behind a token.
urlpatterns += [
    path("j/<str:token>/", public_views.join, name="join"),
]
