"""At start-up: how interviews tell their history, and whose news they hear."""

from django.apps import AppConfig


class InterviewsConfig(AppConfig):
    name = "mensetsu.interviews"

    def ready(self) -> None:
        # Not before the models are loaded.
        from mensetsu.history import wording  # noqa: PLC0415
        from mensetsu.interviews import (  # noqa: PLC0415
            attention,
            coming,
            difference_page,
            lateness,
            notice_page,
            notifying,
            preflight_page,
            preflight_words,
            receivers,
            replanning,
            sentences,
        )
        from mensetsu.mail import lateness as mail_lateness  # noqa: PLC0415
        from mensetsu.web import pages  # noqa: PLC0415

        wording.register(sentences.SENTENCES, words=sentences.WORDS)
        wording.register(preflight_words.SENTENCES)
        attention.register(difference_page.to_do)
        attention.register(preflight_page.to_do)
        attention.register(notice_page.to_do)
        pages.offer(interviews_to_come=coming.of)
        receivers.listen()
        replanning.listen()
        notifying.listen()
        mail_lateness.register(lateness.untrue)
