"""Who may be told about an interview: the applicant, the agency's contact, the interviewers, each in their language and
on their clock; and who of them should be. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.candidates.models import ContactRoute
from mensetsu.interviews import ledger
from mensetsu.interviews.models import Interview
from mensetsu.mail.models import Mail, Purpose, Receiver

CORRECTIONS = frozenset({Purpose.CHANGE, Purpose.WAY_CHANGE, Purpose.URL_CHANGE}) | ledger.ENDINGS


@dataclass(frozen=True)
class Recipient:
    """One person who may be told. `is_proposed`: ticked when the page opens. `note`: no_address, left or not_needed."""

    receiver: str
    name: str
    email: str
    language: str
    zone: ZoneInfo
    contact: candidates.AgencyContact | None = None
    interviewer: accounts.User | None = None
    is_proposed: bool = False
    note: str = ""
    candidate: candidates.Candidate | None = None

    def name_in(self, language: str) -> str:
        """For a colleague who reads that language; `name` is what the letter says to its reader."""
        person = self.candidate or self.interviewer
        return person.name_in(language) if person is not None else self.name

    @property
    def key(self) -> str:
        person = self.contact or self.interviewer
        return f"{self.receiver}-{person.pk}" if person else self.receiver


@dataclass(frozen=True)
class Audience:
    """Recipients who get one text: the same kind of person, the same language."""

    receiver: str
    language: str
    recipients: tuple[Recipient, ...]

    @property
    def key(self) -> str:
        return f"{self.receiver}-{self.language}"

    @property
    def proposed(self) -> tuple[Recipient, ...]:
        return tuple(one for one in self.recipients if one.is_proposed)


def recipients(interview: Interview, *, purpose: str) -> list[Recipient]:
    """Everybody who may be told, by 連絡方法; for a correction, those who hold old facts are proposed."""
    people = outside(interview) + [interviewer(row.user) for row in interview.interviewers.all()]
    if purpose in CORRECTIONS:
        people = _holding_old_facts(interview, people)
    return [_reachable(one) for one in people]


def outside(interview: Interview) -> list[Recipient]:
    """The applicant and the agency's contact; those are proposed to whom letters go by 連絡方法, address or not."""
    candidate = interview.candidate
    people = [
        Recipient(
            Receiver.CANDIDATE, candidate.name_in(candidate.language), candidate.email, candidate.language,
            candidate.zone, is_proposed=candidate.contact_route != ContactRoute.AGENCY,
            candidate=candidate,
        )
    ]  # fmt: skip
    if candidate.agency_contact is not None:
        goes_there = candidate.contact_route != ContactRoute.DIRECT
        people.append(_agency(candidate.agency_contact, is_proposed=goes_there))
    return people


def by_route(interview: Interview) -> list[Recipient]:
    """Those outside to whom letters go by 連絡方法; `note` says who cannot be reached."""
    return [noted(one) for one in outside(interview) if one.is_proposed]


def _agency(contact: candidates.AgencyContact, *, is_proposed: bool) -> Recipient:
    return Recipient(
        Receiver.AGENCY, contact.full_name, contact.email, contact.language, contact.zone, contact=contact,
        is_proposed=is_proposed,
    )  # fmt: skip


def interviewer(user: accounts.User) -> Recipient:
    """As a recipient. Never proposed: interviewers hear from the product by itself, a letter written to them by hand is
    an extra."""
    return Recipient(
        Receiver.INTERVIEWER,
        user.name_in(user.language),
        user.email,
        user.language,
        user.zone,
        interviewer=user,
    )


def _holding_old_facts(interview: Interview, people: list[Recipient]) -> list[Recipient]:
    told = ledger.read(interview)
    if not told:
        return people
    old = {key_of(one.mail): one.mail for one in ledger.outdated(interview)}
    known = {one.key for one in people}
    # A contact or an interviewer who was told and has been replaced since must hear of it, too.
    for key, letter in old.items():
        if key not in known and letter.contact is not None:
            people.append(_agency(letter.contact, is_proposed=True))
        elif key not in known and letter.interviewer is not None:
            people.append(interviewer(letter.interviewer))
    return [replace(one, is_proposed=one.key in old) for one in people]


def key_of(letter: Mail) -> str:
    """The key of the recipient to whom a letter went."""
    number = letter.contact_id or letter.interviewer_id
    return f"{letter.receiver}-{number}" if number else letter.receiver


def of_letter(letter: Mail) -> Recipient:
    """Whoever that letter was for, with the address it was for."""
    person = letter.contact or letter.interviewer
    zone = person.zone if person is not None else letter.candidate.zone
    return Recipient(
        letter.receiver, letter.to_name, letter.to_email, letter.language, zone, contact=letter.contact,
        interviewer=letter.interviewer,
    )  # fmt: skip


def acquaint(letters: Iterable[Mail], interview: Interview) -> None:
    """The interview's own people, who are loaded already, as the readers of these letters about it."""
    panel = {row.user_id: row.user for row in interview.interviewers.all()}
    for letter in letters:
        if letter.candidate_id == interview.candidate_id:
            letter.candidate = interview.candidate
        if letter.interviewer_id in panel:
            letter.interviewer = panel[letter.interviewer_id]


def _reachable(one: Recipient) -> Recipient:
    one = noted(one)
    return replace(one, is_proposed=False) if one.note else one


def noted(one: Recipient) -> Recipient:
    """With what keeps letters from them, if anything does."""
    if not one.email:
        return replace(one, note="no_address")
    if one.contact is not None and one.contact.left_at is not None:
        return replace(one, note="left")
    return one


def audiences(interview: Interview, *, purpose: str) -> list[Audience]:
    """The recipients by kind and language, those with somebody proposed first."""
    groups: dict[tuple[str, str], list[Recipient]] = {}
    for one in recipients(interview, purpose=purpose):
        groups.setdefault((one.receiver, one.language), []).append(one)
    found = [Audience(receiver, language, tuple(ones)) for (receiver, language), ones in groups.items()]
    return sorted(found, key=lambda audience: not audience.proposed)


def purpose_now(interview: Interview) -> str:
    """What a letter would be about, seen from what people know."""
    told = ledger.read(interview)
    if interview.canceled_at is not None:
        return ledger.ending(interview)
    if interview.withdrawn_at is not None:
        return Purpose.OTHER  # it was the applicant who said so
    if not told:
        return Purpose.CONFIRMATION
    return ledger.purpose(interview) if ledger.outdated(interview) else Purpose.OTHER
