"""At start-up: how the day of an interview tells its history, whose news is heard, what pages below may ask."""

from django.apps import AppConfig


class AttendingConfig(AppConfig):
    name = "mensetsu.attending"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.attending import my_page, my_views, receivers, sentences  # noqa: PLC0415
        from mensetsu.history import wording  # noqa: PLC0415
        from mensetsu.web import pages  # noqa: PLC0415

        wording.register(sentences.SENTENCES, words=sentences.WORDS)
        pages.offer(attending_card=my_page.lone_card, outcome_words=my_views.outcome_words)
        receivers.listen()
