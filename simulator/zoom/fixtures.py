"""The people, companies and apps that exist after a reset. Their ids never change; README.md lists them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from . import presets
from .clock import parse_iso
from .state import Store

ACCOUNT_SAMPLE = "aC9vLk31QyyM5sWd0ePxGg"
ACCOUNT_OTHER = "aB7kTq02RzzN4uXf1ghQyw"
ACCOUNT_APPROVAL = "aP5mWs83TxxP6vYg2jkRzA"

CLIENT_ID = "SimClientId0123456789AB"
CLIENT_SECRET = "SimClientSecret0123456789ABCDEFGH"
SECRET_TOKEN = "sim_secret_token_0001"
SECOND_CLIENT_ID = "SimClientId0000000002CD"
SECOND_CLIENT_SECRET = "SimClientSecret0000000002ABCDEFGH"
SECOND_SECRET_TOKEN = "sim_secret_token_0002"
S2S_CLIENT_ID = "SimS2SClientId00000001"
S2S_CLIENT_SECRET = "SimS2SClientSecret0123456789ABCD"
S2S_SECRET_TOKEN = "sim_secret_token_s2s1"

SCOPES = [
    "meeting:delete:meeting",
    "meeting:read:list_meetings",
    "meeting:read:meeting",
    "meeting:read:participant",
    "meeting:update:meeting",
    "meeting:write:meeting",
    "user:read:settings",
    "user:read:user",
]
EVERY_SCOPE = sorted(
    [
        *SCOPES,
        "meeting:delete:registrant",
        "meeting:read:invitation",
        "meeting:read:list_past_instances",
        "meeting:read:list_past_participants",
        "meeting:read:list_registrants",
        "meeting:read:past_meeting",
        "meeting:update:registrant_status",
        "meeting:update:status",
        "meeting:write:invite_links",
        "meeting:write:registrant",
        "user:read:list_assistants",
        "user:read:list_schedulers",
        "user:read:list_users",
        "user:read:token",
        "user:read:zak",
    ]
)
EVENTS = [
    "meeting.created", "meeting.updated", "meeting.deleted", "meeting.started", "meeting.ended",
    "meeting.converted_to_webinar",
    "meeting.participant_joined", "meeting.participant_left", "meeting.participant_joined_waiting_room",
    "meeting.participant_left_waiting_room", "meeting.participant_admitted", "meeting.participant_jbh_waiting",
    "meeting.participant_jbh_waiting_left", "meeting.participant_jbh_joined", "user.updated", "user.deleted",
]  # fmt: skip

# The allow list of a fixture app: any port (with PKCE) and any path on the loopback address.
LOOPBACK = "http://127.0.0.1/"

# (account, mail domain): [(mailbox, id, last name, first name, shown name, type, role, PMI, department)]
# Type 1 is Basic, 2 Licensed.
PEOPLE: dict[tuple[str, str], list[tuple[Any, ...]]] = {
    (ACCOUNT_SAMPLE, "sample.example.jp"): [
        (
            "admin",
            "aD0mInAbCdEfGhIjKlMnOp",
            "佐藤",
            "管理",
            "佐藤 管理",
            2,
            "admin",
            4155550001,
            "情報システム部",
        ),
        (
            "recruit",
            "rC1tEaMaBcDeFgHiJkLmNo",
            "採用",
            "チーム",
            "採用チーム",
            2,
            "member",
            4155550002,
            "人事部",
        ),
        ("recruit2", "rC2sUbQwErTyUiOpAsDfGh", "採用", "サブ", "採用サブ", 2, "member", 4155550003, "人事部"),
        ("hanako", "h7Qm2tXcTq-Z0bN4uYpRkA", "山田", "花子", "山田 花子", 2, "member", 4155551234, "人事部"),
        ("osamu", "o5aMu1ZxCvBnMqWeRtYuIo", "田中", "修", "田中 修", 1, "member", 4155550005, "開発部"),
        ("kenji", "kEn9jIpLmKoNjIbHuVgYcF", "鈴木", "健二", "鈴木 健二", 2, "member", 4155550006, "開発部"),
        ("yuki", "yU8kIaZsXdCfVgBhNjMkLq", "高橋", "由紀", "高橋 由紀", 2, "member", 4155550007, "営業部"),
    ],
    (ACCOUNT_OTHER, "other.example.jp"): [
        ("admin", "bAdMiN0123456789abcdEF", "伊藤", "別子", "伊藤 別子", 1, "admin", 4155550101, ""),
        ("recruit", "bReC1u2i3t4e5r6A7b8C9d", "別", "採用", "別 採用", 1, "member", 4155550102, ""),
    ],
    (ACCOUNT_APPROVAL, "approval.example.jp"): [
        (
            "zoom-admin",
            "cAdMiNzYxWvUtSrQpOnMlK",
            "渡辺",
            "承認",
            "渡辺 承認",
            2,
            "admin",
            4155550201,
            "情報システム部",
        ),
        ("saiyo", "cSaIyO9876543210zYxWvU", "小林", "採用", "小林 採用", 2, "member", 4155550202, "人事部"),
    ],
}


def stable_id(kind: str, name: str) -> str:
    """A 22-character id in Zoom's alphabet that is the same for the same name."""
    digest = hashlib.sha256(f"{kind}:{name}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:22]


def install(store: Store) -> None:
    """Write the fixture state into an empty store."""
    with store.transaction():
        _accounts(store)
        for (account_id, domain), people in PEOPLE.items():
            for person in people:
                _person(store, account_id, domain, person)
        # Hanako may schedule for the recruiting team's account: Zoom's "scheduling privilege".
        store.insert("delegation", user_id="rC1tEaMaBcDeFgHiJkLmNo", assistant_id="h7Qm2tXcTq-Z0bN4uYpRkA")
        _apps(store)
        store.put("seeded", True)


def _accounts(store: Store) -> None:
    store.insert("account", id=ACCOUNT_SAMPLE, number=123456789, name="株式会社サンプル", plan="business")
    store.insert("account", id=ACCOUNT_OTHER, number=223456789, name="別の会社", plan="free")
    store.insert(
        "account",
        id=ACCOUNT_APPROVAL,
        number=323456789,
        name="承認必須株式会社",
        plan="business",
        preapproval_required=1,
    )


def _person(store: Store, account_id: str, domain: str, person: tuple[Any, ...]) -> None:
    mailbox, identity, last, first, shown, kind, role, pmi, dept = person
    add_user(
        store,
        account_id=account_id,
        email=f"{mailbox}@{domain}",
        id=identity,
        last_name=last,
        first_name=first,
        display_name=shown,
        type=kind,
        role=role,
        pmi=pmi,
        dept=dept,
        created_at=parse_iso("2024-04-01T00:00:00Z"),
    )


def add_user(store: Store, *, account_id: str, email: str, created_at: float, **given: Any) -> str:
    """Make a Zoom user; whatever is not given gets a plausible value. Returns the user's id."""
    identity = given.pop("id", None) or stable_id("user", email)
    seed = int(hashlib.sha256(email.encode()).hexdigest()[:12], 16)
    values = {
        "first_name": "太郎",
        "last_name": "新規",
        "type": 2,
        "role": "member",
        "timezone": "Asia/Tokyo",
        "language": "jp-JP",
        "pmi": 4_200_000_000 + seed % 99_999_999,
        "pmi_pwd": stable_id("pmi", email) + ".1",
        "settings": presets.USER_SETTINGS,
    } | given
    values.setdefault("display_name", f"{values['last_name']} {values['first_name']}")
    store.insert("user", id=identity, account_id=account_id, email=email, created_at=created_at, **values)
    return identity


def _apps(store: Store) -> None:
    common = {"developer": "株式会社サンプル", "account_id": ACCOUNT_SAMPLE, "events": EVENTS}
    pairs = [
        (CLIENT_ID, CLIENT_SECRET, SECRET_TOKEN, "Mensetsu"),
        (SECOND_CLIENT_ID, SECOND_CLIENT_SECRET, SECOND_SECRET_TOKEN, "Second test app"),
    ]
    for client_id, secret, token, name in pairs:
        store.insert(
            "app",
            client_id=client_id,
            client_secret=secret,
            secret_token=token,
            name=name,
            kind="user",
            distribution="published",
            scopes=SCOPES,
            redirects=[LOOPBACK],
            **common,
        )
    store.insert(
        "app",
        client_id=S2S_CLIENT_ID,
        client_secret=S2S_CLIENT_SECRET,
        secret_token=S2S_SECRET_TOKEN,
        name="Server-to-server app",
        kind="s2s",
        distribution="private",
        scopes=[f"{scope}:admin" for scope in EVERY_SCOPE],
        redirects=[],
        **common,
    )
