"""Addresses of mail."""

app_name = "mail"
urlpatterns: list = []
