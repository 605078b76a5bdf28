"""The applicants of the story: invented people with names as they really are, hard ones included."""

from dataclasses import dataclass
from itertools import count

FAMILIES = [
    ("佐藤", "サトウ", "Sato"), ("鈴木", "スズキ", "Suzuki"), ("髙橋", "タカハシ", "Takahashi"),
    ("田中", "タナカ", "Tanaka"), ("伊藤", "イトウ", "Ito"), ("渡邊", "ワタナベ", "Watanabe"),
    ("山本", "ヤマモト", "Yamamoto"), ("中村", "ナカムラ", "Nakamura"), ("小林", "コバヤシ", "Kobayashi"),
    ("加藤", "カトウ", "Kato"), ("吉田", "ヨシダ", "Yoshida"), ("山﨑", "ヤマザキ", "Yamazaki"),
    ("齋藤", "サイトウ", "Saito"), ("松本", "マツモト", "Matsumoto"), ("井上", "イノウエ", "Inoue"),
    ("木村", "キムラ", "Kimura"), ("林", "ハヤシ", "Hayashi"), ("清水", "シミズ", "Shimizu"),
    ("濵田", "ハマダ", "Hamada"), ("森", "モリ", "Mori"), ("池田", "イケダ", "Ikeda"),
    ("澤村", "サワムラ", "Sawamura"), ("廣瀬", "ヒロセ", "Hirose"), ("國分", "コクブン", "Kokubun"),
]  # fmt: skip
GIVENS = [
    ("美咲", "ミサキ", "Misaki"), ("健太郎", "ケンタロウ", "Kentaro"), ("陽", "ヨウ", "Yo"), ("蓮", "レン", "Ren"),
    ("葵", "アオイ", "Aoi"), ("結衣", "ユイ", "Yui"), ("大翔", "ヒロト", "Hiroto"), ("さくら", "サクラ", "Sakura"),
    ("翔太", "ショウタ", "Shota"), ("莉子", "リコ", "Riko"), ("湊", "ミナト", "Minato"), ("真央", "マオ", "Mao"),
    ("一郎", "イチロウ", "Ichiro"), ("花", "ハナ", "Hana"), ("拓海", "タクミ", "Takumi"),
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    number: int
    family: str
    given: str
    family_kana: str
    given_kana: str
    romaji: str
    language: str = "ja"

    @property
    def email(self) -> str:
        return f"applicant{self.number:03d}@example.com"

    @property
    def phone(self) -> str:
        return f"090-{5000 + self.number}-{1000 + self.number * 7}"


# First, so that they are seen: everybody whose name breaks forms, lists and mails elsewhere.
HARD = [
    ("佐藤", "美咲", "サトウ", "ミサキ", "Misaki Sato", "ja"),
    ("髙橋", "﨑太郎", "タカハシ", "サキタロウ", "Sakitaro Takahashi", "ja"),
    ("長曽我部", "権左衛門之助", "チョウソカベ", "ゴンザエモンノスケ", "Gonzaemonnosuke Chosokabe", "ja"),
    ("Nguyen", "Van An", "グエン", "ヴァン アン", "Nguyen Van An", "en"),
    ("単名", "", "タンメイ", "", "Tanmei", "ja"),
    ("サトー", "マシュー", "サトー", "マシュー", "Matthew Satoh", "en"),
]


def applicants(amount: int = 120) -> list[Person]:
    """`amount` people, the same ones every time; no two share both names."""
    numbers = count(1)
    people = [Person(next(numbers), *name) for name in HARD]
    for index in range(amount - len(people)):
        family = FAMILIES[index % len(FAMILIES)]
        given = GIVENS[(index % len(FAMILIES) + index // len(FAMILIES)) % len(GIVENS)]
        if (family[0], given[0]) == ("佐藤", "美咲"):
            given = ("美早紀", "ミサキ", "Misaki")
        people.append(
            Person(next(numbers), family[0], given[0], family[1], given[1], f"{given[2]} {family[2]}")
        )
    return people
