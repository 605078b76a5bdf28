"""At start-up: how bookings tell their history."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "mensetsu.booking"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.booking import sentences  # noqa: PLC0415
        from mensetsu.history import wording  # noqa: PLC0415

        wording.register(sentences.SENTENCES)
