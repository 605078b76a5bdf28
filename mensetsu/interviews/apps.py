"""At start-up: how interviews tell their history, and whose news they hear."""

from django.apps import AppConfig


class InterviewsConfig(AppConfig):
    name = "mensetsu.interviews"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.history import wording  # noqa: PLC0415
        from mensetsu.interviews import (  # noqa: PLC0415
            attending_receivers,
            attending_sentences,
            receivers,
            replanning,
            sentences,
        )

        wording.register(sentences.SENTENCES, words=sentences.WORDS)
        wording.register(attending_sentences.SENTENCES, words=attending_sentences.WORDS)
        receivers.listen()
        replanning.listen()
        attending_receivers.listen()
