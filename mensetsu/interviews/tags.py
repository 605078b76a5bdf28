"""The catalogue of message tags (メッセージタグ): every name that a text may hold in {{…}}, and what it says.

A new tag is one entry here: a key that never changes, a name in each language, what it means, what it looks like, who
wrote its value (`OURS`: the company's own settings and our own words; `TYPED`: anybody else, so it is put on one line),
for whose letters and which purposes it exists, and the function that reads it from the facts.

Allow-lists, not filters: a tag that does not exist for a receiver cannot leak into their letter."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from mensetsu.accounts import models as accounts
from mensetsu.candidates import models as candidates
from mensetsu.interviews import fact_words
from mensetsu.interviews import facts as telling
from mensetsu.interviews.facts import Facts, attribute, given
from mensetsu.interviews.models import Interview
from mensetsu.mail import tags as grammar
from mensetsu.mail.models import Purpose, Receiver

OURS, TYPED = "ours", "typed"
EVERYBODY = frozenset(Receiver.values)
OUTSIDE = frozenset({Receiver.CANDIDATE, Receiver.AGENCY})
PANEL = frozenset({Receiver.INTERVIEWER})
AGENCIES = frozenset({Receiver.AGENCY})
ALWAYS = frozenset(Purpose.values)
MEETING = ALWAYS - {Purpose.CANCELLATION, Purpose.RECEIPT, Purpose.INVITATION, Purpose.DEADLINE}
MOVED = frozenset({Purpose.CHANGE, Purpose.URL_CHANGE, Purpose.CANCELLATION, Purpose.OTHER})
CHOICE = frozenset({Purpose.INVITATION, Purpose.DEADLINE, Purpose.CHANGE, Purpose.OTHER})


@dataclass(frozen=True)
class Tag:
    key: str
    ja: str
    en: str
    meaning: Any
    sample_ja: str
    sample_en: str
    value: Callable[[Facts], str | None]
    trust: str = TYPED
    receivers: frozenset[str] = EVERYBODY
    purposes: frozenset[str] = ALWAYS
    # Other names under which it is understood; HITO-Link's among them.
    aliases: tuple[str, ...] = ()
    # Where a missing value is entered: organization, applicant, interview, agency, sender or booking.
    source: str = "interview"
    # An empty value is no hole in the text.
    is_optional: bool = False
    # It is an address that exists only after the meeting has been issued.
    is_issued: bool = False

    def name_in(self, language: str) -> str:
        return self.ja if language == "ja" else self.en

    def sample_in(self, language: str) -> str:
        return self.sample_ja if language == "ja" else self.sample_en


@dataclass(frozen=True, slots=True)
class TagValue:
    """What a tag says here. `text` is None when there is nothing to say; `why` then is unset, pending or failed."""

    text: str | None
    why: str = ""


CATALOGUE: tuple[Tag, ...] = (
    # The applicant and what they applied for
    Tag("applicant.name", "応募者氏名", "Applicant name",
        _("The applicant's name, without an honorific."), "佐藤 美咲", "Misaki Sato",
        telling.candidate_name, source="applicant", aliases=("応募者名", "氏名")),
    Tag("applicant.family_name", "応募者姓", "Applicant family name",
        _("The applicant's family name."), "佐藤", "佐藤",
        attribute("candidate.family_name"), source="applicant"),
    Tag("applicant.phone", "応募者電話番号", "Applicant phone",
        _("The number to be called for an interview by phone. Not available in emails to interviewers."),
        "090-1234-5678", "090-1234-5678",
        attribute("candidate.phone"), receivers=OUTSIDE, source="applicant"),
    Tag("applicant.job", "職種名", "Position",
        _("The job that the applicant applied for."), "営業", "Sales",
        telling.job_name, source="applicant", aliases=("求人名", "応募職種")),
    # The interview
    Tag("interview.stage", "選考ステップ", "Stage",
        _("The selection stage of the interview."), "一次面接", "First interview",
        telling.stage_name, aliases=("選考段階", "面接名")),
    Tag("interview.when", "面接日時", "Interview time",
        _("Day with weekday, start and end; on both clocks when the recipient lives in another time zone."),
        "2026年11月24日(火) 14:00〜15:00", "Tue, Nov 24, 2026, 14:00–15:00 JST",
        telling.when, trust=OURS, aliases=("when_full", "面接日程", "面接予定日時")),
    Tag("interview.when_short", "面接日時短", "Interview time (short)",
        _("Day and start in short, for subjects."), "11/24(火) 14:00", "Nov 24 (Tue) 14:00 JST",
        telling.when_short, trust=OURS, aliases=("when_short",)),
    Tag("interview.duration", "所要時間", "Duration",
        _("The length of the interview."), "60分", "60 minutes", telling.duration, trust=OURS),
    Tag("interview.way", "面接方法", "Way of interviewing",
        _("Online with the service, in person, or by phone."), "WEB面接（Zoom）", "Online interview (Zoom)",
        telling.way_words, trust=OURS),
    Tag("interview.place", "面接場所", "Place",
        _("Where an interview in person takes place."), "東京都千代田区丸の内1-1-1 サンプルビル10階",
        "Sample Building 10F, 1-1-1 Marunouchi, Chiyoda-ku, Tokyo", attribute("place"), aliases=("会場",)),
    Tag("interview.way_and_place", "面接方法と場所", "Way and place",
        _("The way with what belongs to it: the place, the join URL or the number that is called."),
        "対面\n東京都千代田区丸の内1-1-1 サンプルビル10階",
        "In person\nSample Building 10F, 1-1-1 Marunouchi, Chiyoda-ku, Tokyo",
        fact_words.way_and_place, purposes=MEETING),
    Tag("interview.panel", "面接官一覧", "Interviewers",
        _("The names of all interviewers."), "田中 修、山田 花子", "Osamu Tanaka, Hanako Yamada",
        telling.panel_names),
    Tag("interview.days_left", "残り日数表現", "Days left",
        _("“tomorrow”, “today” or the date, as it is at the moment of sending."), "明日", "tomorrow",
        telling.days_left, trust=OURS),
    Tag("interview.told_when", "変更前日時", "Previous time",
        _("The time that this recipient was told last, before the change."),
        "2026年11月20日(金) 10:00〜11:00", "Fri, Nov 20, 2026, 10:00–11:00 JST",
        telling.told_when, trust=OURS, purposes=MOVED, aliases=("変更前面接日時",)),
    Tag("interview.told_when_short", "変更前日時短", "Previous time (short)",
        _("The previous time in short."), "11/20(金) 10:00", "Nov 20 (Fri) 10:00 JST",
        telling.told_when_short, trust=OURS, purposes=MOVED),
    Tag("interview.cancel_reason", "中止理由", "Reason for cancellation",
        _("The reason written when the interview was cancelled. Empty when none was given."),
        "社内の都合", "Internal reasons",
        attribute("cancel_reason"), receivers=PANEL, purposes=frozenset({Purpose.CANCELLATION}),
        is_optional=True),
    Tag("interview.given_back", "キャンセルの一文", "Who cancelled",
        _("One sentence: whose cancellation was received, the reader's own or the other side's."),
        "面接のキャンセルのお申し出を承りました。", "We have received your cancellation.",
        fact_words.given_back_sentence, receivers=OUTSIDE, purposes=frozenset({Purpose.RECEIPT}),
        aliases=("Who canceled",)),
    # The way in
    Tag("page.url", "応募者ページURL", "Applicant page URL",
        _("The recipient's own join page. It stays the same when the host or the meeting changes."),
        "https://mensetsu.example.jp/j/7h2k9mexample/", "https://mensetsu.example.jp/j/7h2k9mexample/",
        attribute("page_address"), trust=OURS, receivers=OUTSIDE, aliases=("参加用ページURL", "参加用ページ")),
    Tag("meeting.url", "ZoomミーティングURL", "Zoom meeting URL",
        _("The join URL of the Zoom meeting. Never the host's start URL."),
        "https://example.zoom.us/j/88412345678?pwd=example", "https://example.zoom.us/j/88412345678?pwd=example",
        lambda facts: facts.join_url if facts.zoom_id else None, trust=OURS, purposes=MEETING,
        aliases=("zoom_join_url", "Zoom URL", "ZoomミーティングのURL", "ミーティングURL"), is_issued=True),
    Tag("meeting.id", "ZoomミーティングID", "Zoom meeting ID",
        _("The number to enter in the Zoom app."), "884 1234 5678", "884 1234 5678",
        attribute("zoom_id"), trust=OURS, purposes=MEETING, aliases=("ミーティングID",), is_issued=True),
    Tag("meeting.passcode", "Zoomパスコード", "Zoom passcode",
        _("The passcode of the Zoom meeting."), "482913", "482913",
        attribute("passcode"), trust=OURS, purposes=MEETING,
        aliases=("パスコード", "Zoomミーティングパスコード"), is_issued=True),
    Tag("interview.url", "参加URL", "Join URL",
        _("The present join URL, whatever the service."), "https://meet.example.com/abc",
        "https://meet.example.com/abc", attribute("join_url"), purposes=MEETING, is_issued=True),
    Tag("interviewer.page", "面接官マイページURL", "Interviewer page URL",
        _("The page on which interviewers start and evaluate."),
        "https://mensetsu.example.jp/interviews/", "https://mensetsu.example.jp/interviews/",
        telling.my_page, trust=OURS, receivers=PANEL),
    # Recipients other than the applicant
    Tag("agency.name", "紹介会社名", "Agency name",
        _("The agency that introduced the applicant."), "株式会社ミライ人材", "Mirai Jinzai Inc.",
        telling.agency_name, receivers=AGENCIES, source="agency"),
    Tag("agency.contact", "紹介会社担当者氏名", "Agency contact name",
        _("Department on its own line, title and name of the contact."), "第一営業部\n鈴木 一郎", "Ichiro Suzuki",
        telling.agency_person, receivers=AGENCIES, source="agency"),
    Tag("agency.duty", "連絡分担の一文", "Who tells the applicant",
        _("One sentence, by how this applicant is contacted."),
        "お手数ですが、佐藤 美咲 様へのご共有をお願いいたします。", "Please pass this on to Misaki Sato.",
        fact_words.duty_sentence, receivers=AGENCIES),
    Tag("agency.page", "紹介会社ページURL", "Agency page URL",
        _("The contact's own page: the applicants they introduced, to choose and to propose dates."),
        "https://mensetsu.example.jp/a/5k3mexample/", "https://mensetsu.example.jp/a/5k3mexample/",
        given("agency.page"), trust=OURS, receivers=AGENCIES, source="agency"),
    Tag("interviewer.name", "面接官氏名", "Interviewer name",
        _("The interviewer to whom this email goes."), "田中 修", "Osamu Tanaka",
        telling.interviewer_name, receivers=PANEL),
    # The company and the sender
    Tag("company.name", "会社名", "Company",
        _("The name of your company."), "株式会社みほん", "Sample Inc.",
        telling.company, trust=OURS, source="organization", aliases=("企業名",)),
    Tag("company.department", "部署名", "Department",
        _("The department that recruits. May be empty."), "人事部", "人事部",
        attribute("organization.department"), trust=OURS, source="organization", is_optional=True),
    Tag("company.phone", "会社電話番号", "Company phone",
        _("The telephone number of your company."), "03-1234-5000", "03-1234-5000",
        attribute("organization.phone"), trust=OURS, source="organization"),
    Tag("company.hours", "受付時間", "Office hours",
        _("When the telephone is answered."), "平日9:00〜18:00", "Mon–Fri 9:00–18:00",
        attribute("organization.office_hours"), trust=OURS, source="organization"),
    Tag("contact.phone", "当日連絡先電話番号", "Contact phone on the day",
        _("Whom to call when the interview does not work on the day."), "03-1234-5678", "03-1234-5678",
        attribute("organization.contact_phone"), trust=OURS, source="organization",
        aliases=("contact_phone", "当日の連絡先電話番号")),
    Tag("contact.name", "当日連絡先氏名", "Contact name on the day",
        _("The name of that person."), "山田 花子", "Hanako Yamada",
        attribute("organization.contact_name"), trust=OURS, source="organization", aliases=("contact_name",)),
    Tag("sender.name", "送信者氏名", "Sender name",
        _("Whoever writes the email."), "山田 花子", "Hanako Yamada",
        telling.sender_name, trust=OURS, source="sender"),
    Tag("sender.family_name", "送信者姓", "Sender family name",
        _("The family name of whoever writes the email."), "山田", "Hanako Yamada",
        telling.sender_family, trust=OURS, source="sender"),
    Tag("sender.email", "送信者メール", "Sender email",
        _("The email address of whoever writes."), "yamada@example.jp", "yamada@example.jp",
        attribute("sender.email"), trust=OURS, source="sender"),
    Tag("sender.extension", "送信者内線", "Sender extension",
        _("The extension of whoever writes; the email address of those who have none."), "内線1234", "ext. 1234",
        telling.sender_extension, trust=OURS, receivers=PANEL, source="sender"),
    Tag("signature", "署名", "Signature",
        _("Company, department, sender, telephone and address."),
        "――――――――――――\n株式会社みほん 人事部\n山田 花子\n電話：03-1234-5000（平日9:00〜18:00）\n"
        "メール：yamada@example.jp",
        "--\nSample Inc.\nHanako Yamada\nPhone: 03-1234-5000\nEmail: yamada@example.jp",
        telling.signature, trust=OURS, source="sender"),
    # Deadlines and the choice of a date
    Tag("deadline.reply", "回答期限", "Reply deadline",
        _("By when an answer is asked for."), "11月20日(金) 17:00", "17:00 JST, Fri, Nov 20",
        lambda facts: given("deadline.reply")(facts) or telling.reply_deadline(facts), trust=OURS,
        source="booking"),
    Tag("deadline.reply_short", "回答期限短", "Reply deadline (short)",
        _("The day of that deadline in short."), "11/20(金)", "Nov 20 (Fri)",
        lambda facts: given("deadline.reply_short")(facts) or telling.reply_deadline_short(facts), trust=OURS,
        source="booking"),
    Tag("deadline.evaluation", "評価期限", "Evaluation deadline",
        _("The business day after the interview."), "11月25日(水)", "Wed, Nov 25",
        telling.evaluation_deadline, trust=OURS, receivers=PANEL),
    Tag("deadline.follow_up", "次の連絡期限", "Next contact by",
        _("Three business days after sending: until then you write again."), "11月25日(水)", "Wed, Nov 25",
        telling.follow_up_deadline, trust=OURS),
    Tag("booking.url", "日程選択URL", "Page to choose a date",
        _("The recipient's own page to choose a date."), "https://mensetsu.example.jp/b/4n8qexample/",
        "https://mensetsu.example.jp/b/4n8qexample/", given("booking.url"), trust=OURS, receivers=OUTSIDE,
        purposes=CHOICE, source="booking", aliases=("日程選択ページURL", "面接日程選択画面URL", "Booking page URL")),
    Tag("booking.slots", "候補日時一覧", "Dates to choose from",
        _("The dates to choose from, one per line."),
        "2026年11月26日(木) 16:00〜17:00\n2026年11月27日(金) 10:00〜11:00",
        "Thu, Nov 26, 2026, 16:00–17:00 JST\nFri, Nov 27, 2026, 10:00–11:00 JST",
        given("booking.slots"), trust=OURS, receivers=OUTSIDE, purposes=CHOICE, source="booking"),
)  # fmt: skip
BY_KEY: Mapping[str, Tag] = {tag.key: tag for tag in CATALOGUE}
NAMES = grammar.Names({tag.key: (tag.ja, tag.en, *tag.aliases) for tag in CATALOGUE})
# What only rooms above this one can say (tag_sources), or the caller.
BROUGHT = frozenset({"agency.page", "booking.url", "booking.slots", "deadline.reply", "deadline.reply_short"})
# The same tags with the English name first, for texts written in English.
NAMES_EN = grammar.Names({tag.key: (tag.en, tag.ja, *tag.aliases) for tag in CATALOGUE})


@cache
def existing(*, receiver: str, purpose: str) -> tuple[Tag, ...]:
    """The tags that may stand in a letter of that purpose to that receiver, in the order of the catalogue."""
    return tuple(tag for tag in CATALOGUE if receiver in tag.receivers and purpose in tag.purposes)


@cache
def names_for(*, receiver: str, purpose: str, language: str = "ja") -> grammar.Names:
    """The same as names, preferring those of the language."""
    names = NAMES if language == "ja" else NAMES_EN
    return names.only(tag.key for tag in existing(receiver=receiver, purpose=purpose))


def values_for(
    interview: Interview,
    *,
    receiver: str,
    language: str,
    zone: ZoneInfo,
    contact: candidates.AgencyContact | None = None,
    interviewer: accounts.User | None = None,
    sender: accounts.User | None,
    now: datetime,
    extra: Mapping[str, str] | None = None,
) -> dict[str, TagValue]:
    """What each tag that exists for this receiver says to this recipient, in their language and zone. Reads only.

    `extra` holds values that only the caller knows, by key (the page to choose a date)."""
    return of_facts(
        telling.gather(
            interview, receiver=receiver, language=language, zone=zone, contact=contact,
            interviewer=interviewer, sender=sender, now=now, extra=extra,
        )
    )  # fmt: skip


def of_facts(facts: Facts, keys: Collection[str] = BY_KEY) -> dict[str, TagValue]:
    """The same from facts, which need not be those of a saved interview; of these tags only."""
    wanted = CATALOGUE if keys is BY_KEY else [BY_KEY[key] for key in keys]
    return {tag.key: _value(tag, facts) for tag in wanted if facts.receiver in tag.receivers}


def _value(tag: Tag, facts: Facts) -> TagValue:
    text = tag.value(facts)
    if text:
        return TagValue(text if tag.trust == OURS else _on_few_lines(tag, text))
    if tag.is_optional:
        return TagValue("")
    if tag.is_issued and facts.url_state == "pending":
        return TagValue(None, "pending")
    if tag.is_issued and facts.url_state in ("failed", "lost", "needs_host"):
        return TagValue(None, "failed")
    return TagValue(None, "unset")


def _on_few_lines(tag: Tag, text: str) -> str:
    """What others typed cannot begin a line of its own, except where the tag is an address block by nature."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return ("\n" if "\n" in tag.sample_ja else " ").join(line for line in lines if line)


def samples(*, receiver: str, language: str) -> dict[str, str]:
    """Made-up values for previews of templates."""
    return {tag.key: tag.sample_in(language) for tag in CATALOGUE if receiver in tag.receivers}
