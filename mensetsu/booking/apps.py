"""At start-up: how bookings tell their history, and what letters about interviews may say of them."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    name = "mensetsu.booking"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.booking import agency_links, awaiting, inviting, placing, sentences  # noqa: PLC0415
        from mensetsu.history import wording  # noqa: PLC0415
        from mensetsu.interviews import attention, tag_sources  # noqa: PLC0415

        wording.register(sentences.SENTENCES)
        tag_sources.register(inviting.values_about)
        tag_sources.register(agency_links.values_about)
        attention.register(awaiting.read)
        placing.listen()
