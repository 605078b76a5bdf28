"""The story of the demo, told through the product's own verbs: 株式会社サンプル recruits for four jobs, and a second
company beside it must never be seen. Everything is counted from today, so that the home page is always alive."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from demo import booking_story, linking, meeting_people, people
from demo.machine import Places
from mensetsu.accounts.models import Organization, Role, User
from mensetsu.candidates import models as candidates
from mensetsu.candidates import registering
from mensetsu.mail import samples

PASSWORD = "mensetsu-demo"
COMPANY, OTHER = "株式会社サンプル", "株式会社となり"
LOGINS = [
    ("aoki@sample.example.jp", "青木 葵       管理者 / administrator"),
    ("baba@sample.example.jp", "馬場 文       採用担当 / recruiter"),
    ("hanako@sample.example.jp", "山田 花子     採用担当 / recruiter (English, own Zoom)"),
    ("doi@sample.example.jp", "土井 大       面接官 / interviewer"),
    ("zoom@sample.example.jp", "Zoom担当者    (an account that only holds a Zoom link)"),
    ("chiba@tonari.example.jp", "千葉 千       another company's administrator"),
]
STAFF = [
    ("aoki", "青木", "葵", "アオキ", "アオイ", "Aoi Aoki", Role.ADMIN, "ja"),
    ("baba", "馬場", "文", "ババ", "アヤ", "Aya Baba", Role.RECRUITER, "ja"),
    ("hanako", "山田", "花子", "ヤマダ", "ハナコ", "Hanako Yamada", Role.RECRUITER, "en"),
    ("doi", "土井", "大", "ドイ", "ダイ", "Dai Doi", Role.INTERVIEWER, "ja"),
    ("endo", "遠藤", "恵", "エンドウ", "メグミ", "Megumi Endo", Role.INTERVIEWER, "ja"),
    ("osamu", "田中", "修", "タナカ", "オサム", "Osamu Tanaka", Role.INTERVIEWER, "ja"),
    ("kobayashi", "小林", "直子", "コバヤシ", "ナオコ", "Naoko Kobayashi", Role.INTERVIEWER, "en"),
    ("zoom", "Zoom担当者", "", "ズーム", "", "Zoom account", Role.RECRUITER, "ja"),
]  # fmt: skip
JOBS = [
    ("営業", "Sales", [("書類選考", "Screening"), ("一次面接", "First interview"), ("最終面接", "Final interview")]),
    ("エンジニア", "Engineer", [("カジュアル面談", "Casual talk"), ("一次面接", "First interview"),
                            ("技術面接", "Technical interview"), ("最終面接", "Final interview")]),
    ("経理", "Accounting", [("一次面接", "First interview"), ("最終面接", "Final interview")]),
    ("新卒総合職（2028年卒）", "Graduates 2028", [("説明会", "Briefing"), ("一次面接", "First interview"),
                                      ("二次面接", "Second interview"), ("最終面接", "Final interview")]),
]  # fmt: skip
AGENCIES = [
    ("株式会社ミライ人材", "第一営業部", "鈴木", "一郎", "suzuki@mirai.example.jp", "ja"),
    ("キャリアブリッジ・グローバルパートナーズ＆コンサルティング株式会社 東京支社", "", "Miller", "Anna",
     "anna@bridge.example.com", "en"),
    ("合同会社はたらく", "", "石川", "凛", "ishikawa@hataraku.example.jp", "ja"),
]  # fmt: skip
SOURCES = ["自社サイト", "求人サイト", "社員紹介", "合同説明会"]


def tell(places: Places) -> None:
    """All of it, once. The product's jobs run in this process, so that meetings and mails exist before the web does."""
    now = timezone.now()
    with transaction.atomic():
        company = found(COMPANY, now)
        staff = {name: hire(company, "sample.example.jp", name, *rest, now=now) for name, *rest in STAFF}
        openings = [open_job(company, number, *job) for number, job in enumerate(JOBS)]
        contacts = [meet_agency(company, *agency) for agency in AGENCIES]
        applicants = [
            apply(company, person, openings, contacts, staff, now) for person in people.applicants()
        ]
        tell_of_the_others(now)
    hosts = linking.link_accounts(staff, places)
    scene = {"company": company, "staff": staff, "applicants": applicants, "hosts": hosts, "now": now}
    meeting_people.tell(**scene)
    booking_story.tell(**scene)


def found(name: str, now: datetime) -> Organization:
    company = Organization.objects.create(
        name=name,
        name_en="Sample Corporation" if name == COMPANY else "Tonari Corporation",
        department="人事部",
        phone="03-1234-5000",
        office_hours="平日 9:00〜18:00",
        mail_from="saiyo@sample.example.jp" if name == COMPANY else "saiyo@tonari.example.jp",
        mail_reply_to="saiyo@sample.example.jp" if name == COMPANY else "",
        contact_name="山田 花子",
        contact_phone="03-1234-5678",
        created_at=now,
    )
    samples.install_samples(company, now=now)
    return company


def hire(
    company: Organization, domain: str, name: str, family: str, given: str, family_kana: str, given_kana: str,
    romaji: str, role: str, language: str, *, now: datetime,
) -> User:  # fmt: skip
    user = User(
        organization=company, email=f"{name}@{domain}", family_name=family, given_name=given,
        family_kana=family_kana, given_kana=given_kana, romaji=romaji, role=role, language=language,
        extension="内線 123" if role != Role.INTERVIEWER else "", created_at=now, joined_at=now,
    )  # fmt: skip
    user.set_password(PASSWORD)
    user.save()
    return user


def open_job(
    company: Organization, number: int, name: str, name_en: str, stages: list[tuple[str, str]]
) -> candidates.Job:
    job = candidates.Job.objects.create(organization=company, name=name, name_en=name_en, position=number)
    for position, (stage, stage_en) in enumerate(stages):
        candidates.Stage.objects.create(job=job, name=stage, name_en=stage_en, position=position)
    return job


def meet_agency(
    company: Organization, name: str, department: str, family: str, given: str, email: str, language: str
) -> candidates.AgencyContact:
    agency = candidates.Agency.objects.create(organization=company, name=name, phone="03-9876-5432")
    return candidates.AgencyContact.objects.create(
        agency=agency,
        department=department,
        family_name=family,
        given_name=given,
        email=email,
        language=language,
    )


def apply(
    company: Organization,
    person: people.Person,
    openings: list[candidates.Job],
    contacts: list[candidates.AgencyContact],
    staff: dict[str, User],
    now: datetime,
) -> candidates.Candidate:
    number = person.number
    job = openings[number % len(openings)]
    stages = list(job.stages.all())
    contact = contacts[number % 3] if number % 4 == 1 else None
    owner = staff[("baba", "hanako", "aoki")[number % 3]] if number % 5 else None
    values = {
        "external_id": f"A-{number:04d}",
        "family_name": person.family,
        "given_name": person.given,
        "family_kana": person.family_kana,
        "given_kana": person.given_kana,
        "romaji": person.romaji,
        "email": person.email,
        "phone": person.phone,
        "phone_e164": "+81" + person.phone.replace("-", "")[1:],
        "language": person.language,
        "job": job,
        "stage": stages[number % len(stages)],
        "agency": contact.agency if contact else None,
        "agency_contact": contact,
        "contact_route": ("agency", "both")[number % 2] if contact else "direct",
        "owner": owner,
        "source": "" if contact else SOURCES[number % len(SOURCES)],
        "graduation_year": 2028 if job.name.startswith("新卒") else None,
        "applied_on": today_of(now) - timedelta(days=number % 40),
    }
    applied = now - timedelta(days=number % 40, minutes=number)
    return registering.register(organization=company, values=values, by=owner, now=applied)


def tell_of_the_others(now: datetime) -> None:
    """The second company: one administrator, one applicant with the same name as ours."""
    other = found(OTHER, now)
    chiba = hire(
        other,
        "tonari.example.jp",
        "chiba",
        "千葉",
        "千",
        "チバ",
        "セン",
        "Sen Chiba",
        Role.ADMIN,
        "ja",
        now=now,
    )
    values = {
        "family_name": "佐藤",
        "given_name": "美咲",
        "email": "other@example.com",
        "contact_route": "direct",
    }
    registering.register(organization=other, values=values, by=chiba, now=now)


def today_of(now: datetime) -> date:
    return timezone.localtime(now).date()
