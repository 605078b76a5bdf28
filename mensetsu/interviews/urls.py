"""Addresses of interviews."""

app_name = "interviews"
urlpatterns: list = []
