"""Addresses of candidates."""

app_name = "candidates"
urlpatterns: list = []
