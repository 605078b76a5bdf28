"""Addresses of zoom."""

app_name = "zoom"
urlpatterns: list = []
