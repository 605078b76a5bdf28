"""The page on which a letter is written: what is shown beside the text, and what its buttons do to it."""

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, QueryDict

from mensetsu.accounts import models as accounts
from mensetsu.interviews import announcing, letter_checks, letter_words, tags
from mensetsu.interviews.announcing import Audience, Recipient, Text, Written
from mensetsu.interviews.letter_forms import LetterForm
from mensetsu.interviews.models import Interview
from mensetsu.mail import checks
from mensetsu.mail.models import Draft, Purpose, Template
from mensetsu.web import numbers

# Tags with a button of their own; the rest are under 「ほか」.
COMMON = ("applicant.name", "interview.when", "page.url", "meeting.url", "meeting.id", "meeting.passcode",
          "interviewer.page", "agency.contact", "signature")  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """What is on the table: the interview, what the letter is about, to which audience, written by whom."""

    interview: Interview
    purpose: str
    audience: Audience
    audiences: list[Audience]
    author: accounts.User
    now: datetime

    @property
    def about(self) -> str:
        return f"interview:{self.interview.pk}:{self.purpose}:{self.audience.key}"

    @property
    def language(self) -> str:
        return self.audience.language

    def form(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> LetterForm:
        return LetterForm(
            data, initial=initial, audience=self.audience, now=self.now, starts_at=self.interview.starts_at,
            home=self.interview.organization.zone,
        )  # fmt: skip

    def write(self, one: Recipient, text: Text) -> Written:
        written = announcing.write(
            self.interview, one, text, purpose=self.purpose, sender=self.author, now=self.now
        )
        again = letter_checks.told_already(self.interview, one, self.purpose)
        return replace(written, findings=[*written.findings, *again])


def desk(request: HttpRequest, interview: Interview, *, now: datetime) -> Desk:
    """Purpose and audience as the address says, else what things stand at. Unknown ones are 404."""
    purpose = request.GET.get("purpose") or announcing.purpose_now(interview)
    if purpose not in Purpose.values:
        raise Http404
    found = announcing.audiences(interview, purpose=purpose)
    wanted = request.GET.get("to")
    audience = next((one for one in found if one.key == wanted), found[0] if not wanted else None)
    if audience is None:
        raise Http404
    return Desk(interview, purpose, audience, found, request.user, now)


def template_of(desk: Desk, number: Any) -> Template | None:
    """The company's template of that number, if it is still in use."""
    key = numbers.key(str(number or ""))
    return Template.objects.visible_to(desk.author).in_use().filter(pk=key).first()


def saved_draft(desk: Desk) -> Draft | None:
    """What this author left unfinished for this letter."""
    return Draft.objects.filter(author=desk.author, about=desk.about, used_at=None).first()


def opening_form(desk: Desk, request: HttpRequest) -> tuple[LetterForm, Draft | None]:
    """The page as it opens: an unfinished draft, unless a template was asked for, else the fitting template."""
    wanted = template_of(desk, request.GET.get("template"))
    if wanted and (wanted.purpose, wanted.receiver) != (desk.purpose, desk.audience.receiver):
        wanted = None  # the purpose was changed and the template of the old one came along
    kept = None if wanted else saved_draft(desk)
    if kept is not None:
        announcing.ensure_links(desk.interview, desk.audience.recipients, now=desk.now)
        subject, body, people = kept.subject, kept.body, kept.recipients
        template_id = kept.template_id
    else:
        text = announcing.draft(
            desk.interview, purpose=desk.purpose, audience=desk.audience, sender=desk.author, now=desk.now,
            template=wanted,
        )  # fmt: skip
        subject, body = text.subject, text.body
        people = [one.key for one in desk.audience.proposed] or _only(desk.audience)
        template_id = text.template.pk if text.template else None
    initial = {
        "subject": subject, "body": body, "people": people, "template": template_id, "form_key": uuid.uuid4(),
    }  # fmt: skip
    return desk.form(initial=initial), kept


def _only(audience: Audience) -> list[str]:
    """An audience of one that somebody opened on purpose is meant."""
    return [audience.recipients[0].key] if len(audience.recipients) == 1 else []


def text_of(desk: Desk, form: LetterForm) -> Text:
    """The text as it stands in the form, sent or not."""
    return Text(
        str(form["subject"].value() or ""),
        str(form["body"].value() or "").replace("\r\n", "\n"),
        template_of(desk, form["template"].value()),
    )


def fixed(data: QueryDict) -> QueryDict:
    """〔直す〕: the form's values with one misspelled tag replaced."""
    wrong, _sign, right = data["fix"].rpartition("|")
    data = data.copy()
    for name in ("subject", "body"):
        data[name] = data.get(name, "").replace(wrong, "{{" + right + "}}") if wrong else data.get(name, "")
    return data


def fingerprint(written: list[Written]) -> str:
    """Of the final texts, the addresses and who has such a letter: what was confirmed is what is sent, or it is shown
    again."""
    digest = hashlib.sha256()
    known = told(written)
    for one in written:
        again = "again" if one.recipient.key in known else ""
        for piece in (one.recipient.email, one.letter.subject, one.letter.body, again):
            digest.update(piece.encode() + b"\x00")
    return digest.hexdigest()


def told(written: list[Written]) -> set[str]:
    """Whom the page shows to have such a letter already."""
    return {
        one.recipient.key
        for one in written
        if any(finding.code == "told_already" for finding in one.findings)
    }


def context(desk: Desk, form: LetterForm, *, draft: Draft | None = None) -> dict[str, Any]:
    """Everything the page shows."""
    text = text_of(desk, form)
    here = tags.existing(receiver=desk.audience.receiver, purpose=desk.purpose)
    common = [tag for key in COMMON for tag in here if tag.key == key]
    return {
        **preview_context(desk, form),
        "desk": desk,
        "interview": desk.interview,
        "candidate": desk.interview.candidate,
        "form": form,
        "draft": draft,
        "purposes": Purpose.choices,
        "templates": announcing.templates(
            desk.interview, purpose=desk.purpose, receiver=desk.audience.receiver, language=desk.language
        ),
        "template_id": text.template.pk if text.template else None,
        "common_tags": common,
        "other_tags": [tag for tag in here if tag not in common],
        "sender_address": desk.interview.organization.mail_from,
    }


def preview_context(desk: Desk, form: LetterForm) -> dict[str, Any]:
    """The letter to the first chosen recipient, and what is to be looked at."""
    keys = form["people"].value() or []
    people = form.chosen(keys) or list(desk.audience.recipients[:1])
    written = desk.write(people[0], text_of(desk, form))
    # That nothing is written yet needs no caution; who presses all the same hears it at the field.
    typed = [finding for finding in written.findings if finding.code not in ("empty_subject", "empty_body")]
    return {
        "desk": desk,
        "interview": desk.interview,
        "written": written,
        "others": len(people) - 1,
        "tag_names": tag_names(desk.language),
        "findings": findings_in_words([replace(written, findings=typed)]),
        "oob": False,
    }


def tag_names(language: str) -> dict[str, str]:
    """What a tag without a value is called in the preview."""
    return {tag.key: tag.name_in(language) for tag in tags.CATALOGUE}


def findings_in_words(written: list[Written]) -> list[dict[str, Any]]:
    """Each finding once, with its sentence; blocks first."""
    found: dict[str, dict[str, Any]] = {}
    for one in written:
        for finding in one.findings:
            sentence = letter_words.sentence(finding)
            found.setdefault(sentence, {"sentence": sentence, "finding": finding})
    levels = (checks.BLOCK, checks.WARN, checks.INFO)
    return sorted(found.values(), key=lambda line: levels.index(line["finding"].level))
