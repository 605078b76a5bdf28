"""The hardest applicant for a text: the longest names, signs that break careless programs, nothing optional. A text
that reads well with these reads well with everybody."""

from mensetsu.interviews import tags

_LONG = {
    "applicant.name": ("長曽我部 権左衛門之助髙﨑𠮷", "Wolfeschlegelsteinhausen-Bergerdorff Nguyễn Văn An"),
    "applicant.family_name": ("長曽我部", "Wolfeschlegelsteinhausen-Bergerdorff"),
    "applicant.job": (
        "グローバル事業開発本部 アジア太平洋地域統括 シニアマネージャー（候補）",
        "Senior Regional Business Development Manager, Asia Pacific and Japan (candidate)",
    ),
    "interview.stage": (
        "最終面接（役員・海外拠点責任者同席）",
        "Final interview with executives and site heads",
    ),
    "interview.when": (
        "2026年12月31日(木) 16:00〜17:30（GMT+1） = 日本時間 2027年1月1日(金・祝) 00:00〜01:30",
        "Thu, Dec 31, 2026, 16:00–17:30 CET = Fri, Jan 1, 2027, 00:00–01:30 JST",
    ),
    "interview.panel": (
        "長曽我部 権左衛門之助、田中 修、山田 花子、髙橋 﨑太郎、Nguyễn Văn An、単名",
        "Gonzaemonnosuke Chosokabe, Osamu Tanaka, Hanako Yamada, Sakitaro Takahashi, Nguyễn Văn An",
    ),
    "agency.name": (
        "株式会社とても長い名前の人材紹介グローバルエグゼクティブサーチ東日本営業本部",
        "The Very Long Named Global Executive Search and Placement Agency of Eastern Japan",
    ),
    "agency.contact": (
        "第一営業統括本部 首都圏エグゼクティブ紹介グループ\nシニアディレクター 小鳥遊 恵美子",
        "Executive Placement Group\nEmiko Takanashi",
    ),
}
# What small companies leave empty.
_EMPTY = ("company.department", "company.hours", "applicant.phone")


def values(*, receiver: str, language: str) -> dict[str, str | None]:
    """The values of the worst case; None where nothing was entered."""
    usual: dict[str, str | None] = dict(tags.samples(receiver=receiver, language=language))
    for key, (ja, en) in _LONG.items():
        if key in usual:
            usual[key] = ja if language == "ja" else en
    for key in _EMPTY:
        if key in usual:
            usual[key] = "" if tags.BY_KEY[key].is_optional else None
    return usual
