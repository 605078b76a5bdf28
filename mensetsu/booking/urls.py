"""Addresses of bookings: pages for colleagues, and the public page behind a token."""

app_name = "booking"
urlpatterns: list = []
