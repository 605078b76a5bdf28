"""At start-up: how bookings tell their history."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "mensetsu.booking"
